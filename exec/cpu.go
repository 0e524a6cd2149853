package exec

import "sync"

// cpuMeter shares the process's CPU time out among those that run in it: what
// was used between two events (somebody starts or stops) belongs in equal parts
// to those who ran then. So the sum over all of them is what the process used
// while any ran, the garbage collector's work included, whichever threads that
// was on.
type cpuMeter struct {
	mu      sync.Mutex
	running int
	last    int64 // CPU time of the process at the last event, in ns
	share   int64 // CPU time that each of those running had had by then
}

// processCPU is the meter of this process.
var processCPU cpuMeter

// CPUShare is somebody's running account of CPU time.
type CPUShare struct {
	meter *cpuMeter
	since int64 // meter.share when it started
}

// StartCPU begins an account of the calling work's share of the process's CPU
// time.
func StartCPU() *CPUShare { return processCPU.start(cpuTime) }

// start begins an account at the time that now gives.
func (m *cpuMeter) start(now func() int64) *CPUShare {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance(now())
	m.running++
	return &CPUShare{meter: m, since: m.share}
}

// advance gives the time since the last event to those who run.
func (m *cpuMeter) advance(now int64) {
	if m.running > 0 {
		m.share += (now - m.last) / int64(m.running)
	}
	m.last = now
}

// Stop ends the account and gives its CPU time in ns; 0 when it has ended
// before, or where a process cannot tell.
func (c *CPUShare) Stop() int64 { return c.stop(cpuTime) }

func (c *CPUShare) stop(now func() int64) int64 {
	m := c.meter
	if m == nil {
		return 0
	}
	c.meter = nil
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance(now())
	m.running--
	return m.share - c.since
}
