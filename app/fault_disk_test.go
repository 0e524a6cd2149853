package app

import (
	"syscall"
	"testing"
	"time"
)

// TestFaultDiskFull fills the disk of one worker's spill directory: the query
// that spills there ends with 53100, the others go on.
func TestFaultDiskFull(t *testing.T) {
	spill := t.TempDir()
	if err := syscall.Mount("tmpfs", spill, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(spill, syscall.MNT_DETACH) })
	file, dir := tableOf(t, 200000), t.TempDir()
	c := startFaults(t, 0)
	c.join(t, "--spill-dir", spill)
	c.await(t, 30*time.Second, 1)
	sorted := "SELECT count(*), max(t), sum(r) FROM (SELECT md5(n::text) AS t, row_number() OVER (PARTITION BY n % 2 ORDER BY md5(n::text)) AS r FROM '" + file + "') AS s"
	for range rounds(3) {
		best(t, 2*time.Second, "the error", func() time.Duration { // a second, and what a busy machine adds
			place := c.place(dir, "disk")
			other := c.ask(t, small, scanQuery(tableOf(t, 20000), place, 0))
			a := <-c.ask(t, "SET volley.memory = 4000000", sorted)
			if a.code() != "53100" {
				t.Fatalf("%v after %v, want 53100", a.err, a.took)
			}
			(<-other).want(t, scanAnswer)
			c.idle(t, idleWithin)
			var fs syscall.Statfs_t
			if err := syscall.Statfs(spill, &fs); err != nil || fs.Bfree < fs.Blocks-1 {
				t.Errorf("of %d blocks %d are free (%v): spill files are left", fs.Blocks, fs.Bfree, err)
			}
			(<-c.ask(t, small, scanQuery(file, place, 0))).want(t, "200000|20000100000\n")
			return a.took
		})
	}
}
