package exec

import "testing"

// What the process uses is shared out among those who run, and nothing of it
// twice.
func TestCPUIsSharedOut(t *testing.T) {
	m := &cpuMeter{}
	at := func(now int64) func() int64 { return func() int64 { return now } }
	start := func(now int64) *CPUShare { return m.start(at(now)) }
	stop := func(c *CPUShare, now int64) int64 { return c.stop(at(now)) }
	a := start(100)
	b := start(200) // 100 were a's alone
	c := start(200)
	gotA := stop(a, 500) // 100 of 300
	gotB := stop(b, 600) // 100 and 50 of 100
	d := start(650)      // 50 were c's alone
	gotC, gotD := stop(c, 650), stop(d, 700)
	if gotA != 200 || gotB != 150 || gotC != 200 || gotD != 50 {
		t.Errorf("got %d, %d, %d, %d", gotA, gotB, gotC, gotD)
	}
	if again := stop(a, 900); again != 0 {
		t.Errorf("%d ns after the end", again)
	}
	if sum := gotA + gotB + gotC + gotD; sum != 600 {
		t.Errorf("%d of 600 ns were shared out", sum)
	}
}
