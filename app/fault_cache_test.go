package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"volley/catalog/objstore/s3"
	"volley/catalog/objstore/s3/s3test"
)

// TestFaultCache kills a worker with SIGKILL while it writes a file of its cache: the
// query has its answer, the next process on that cache drops what was half written,
// and what lies there torn, and answers too.
func TestFaultCache(t *testing.T) {
	store := s3test.Start(t)
	store.Setenv(t)
	store.MakeBucket(t, "kept")
	t.Setenv("VOLLEY_ALLOW_PATH", "s3://kept/")
	direct := s3.New(s3.Config{})
	const files, rows = 6, 500_000
	var text strings.Builder
	text.WriteString("n\n")
	for n := range rows {
		fmt.Fprintf(&text, "%d\n", n)
	}
	want := fmt.Sprintf("%d|%d", files*rows, files*rows*(rows-1)/2)
	c := startServer(t, "coordinator")
	c.worker(t, "--id", "steady", "--cache-dir", t.TempDir())
	conn := c.connect(t, 1)
	ask := func(prefix string) (string, error) {
		var count, sum int64
		err := conn.QueryRow(context.Background(), "SELECT count(*), sum(n)::bigint FROM '"+prefix+"*.csv'").Scan(&count, &sum)
		return fmt.Sprintf("%d|%d", count, sum), err
	}
	dir, half := t.TempDir(), 0
	const most = 60 // kills that come too late
	for round := 0; half < rounds(1) && round < most; round++ {
		prefix := fmt.Sprintf("s3://kept/%d/", round)
		for i := range files {
			w, err := direct.Create(context.Background(), fmt.Sprintf("%s%d.csv", prefix, i))
			if err != nil {
				t.Fatal(err)
			}
			if _, err = w.Write([]byte(text.String())); err == nil {
				err = w.Commit()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		victim := c.worker(t, "--id", fmt.Sprint("victim-", round), "--cache-dir", dir)
		awaitWorkers(t, c, 2)
		type answer struct {
			text string
			err  error
		}
		answers := make(chan answer, 1)
		go func() {
			text, err := ask(prefix)
			answers <- answer{text, err}
		}()
		for len(answers) == 0 {
			if len(unfinished(t, dir)) == 0 {
				time.Sleep(100 * time.Microsecond) // a file is written in milliseconds
				continue
			}
			if err := victim.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			if len(unfinished(t, dir)) > 0 {
				break
			}
			if err := victim.cmd.Process.Signal(syscall.SIGCONT); err != nil { // it was written meanwhile
				t.Fatal(err)
			}
		}
		victim.signal(t, syscall.SIGKILL, 10*time.Second)
		if a := <-answers; a.err != nil || a.text != want {
			t.Fatalf("a worker was killed: %s, %v, want %s", a.text, a.err, want)
		}
		left := unfinished(t, dir)
		half += min(len(left), 1)
		tearEntries(t, dir)
		victim = c.worker(t, "--id", fmt.Sprint("heir-", round), "--cache-dir", dir)
		awaitWorkers(t, c, 2)
		if now := unfinished(t, dir); len(now) > 0 {
			t.Errorf("the next process left %v of %v", now, left)
		}
		for range 2 {
			if got, err := ask(prefix); err != nil || got != want {
				t.Fatalf("after the restart: %s, %v, want %s", got, err, want)
			}
		}
		victim.signal(t, syscall.SIGTERM, 30*time.Second)
		awaitWorkers(t, c, 1)
	}
	if half == 0 {
		t.Errorf("%d kills, and none while a file was written", most)
	}
}

func awaitWorkers(t *testing.T, c *cluster, n int) {
	t.Helper()
	conn := c.connect(t, 0)
	eventually(t, 30*time.Second, fmt.Sprint(n, " workers are active"), func() bool {
		have := 0
		if err := conn.QueryRow(context.Background(), "SELECT count(*) FROM volley.workers WHERE state = 'active'").Scan(&have); err != nil {
			t.Fatal(err)
		}
		return have == n
	})
	_ = conn.Close(context.Background())
}

// unfinished are the files that a cache was writing.
func unfinished(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "writing-*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// tearEntries does to some entries of a cache what a crash of the machine may.
func tearEntries(t *testing.T, dir string) {
	t.Helper()
	entries, err := filepath.Glob(filepath.Join(dir, "*", "*-*"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range entries {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		switch i % 3 {
		case 0:
			err = os.Truncate(name, info.Size()/2)
		case 1: // the length is there and the end is not
			if err = os.Truncate(name, info.Size()/2); err == nil {
				err = os.Truncate(name, info.Size())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
