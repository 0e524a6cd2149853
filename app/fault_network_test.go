package app

import (
	"testing"
	"time"
)

// netCluster is a cluster all of whose connections go through proxies.
type netCluster struct {
	*faultCluster
	control map[string]*proxy // worker → coordinator
	outputs map[string]*proxy // everybody → worker
}

func startNetwork(t *testing.T, workers int) *netCluster {
	t.Helper()
	c := &netCluster{faultCluster: startFaults(t, 0), control: map[string]*proxy{}, outputs: map[string]*proxy{}}
	for range workers {
		flight := freeAddress(t)
		control, outputs := startProxy(t, c.flight), startProxy(t, flight)
		id := c.join(t, "--coordinator", control.address(), "--flight", flight, "--advertise", outputs.address())
		c.control[id], c.outputs[id] = control, outputs
	}
	c.await(t, 30*time.Second, workers)
	return c
}

func (c *netCluster) each(f func(p *proxy)) {
	for id := range c.workers {
		f(c.control[id])
		f(c.outputs[id])
	}
}

func (c *netCluster) held() (n int64) {
	c.each(func(p *proxy) { n += p.held.Load() })
	return n
}

// TestFaultCut cuts the network in each direction between a worker and the
// coordinator, and between two workers: the query ends with the answer, and
// never hangs.
func TestFaultCut(t *testing.T) {
	t.Parallel() // it mostly waits
	file, dir := tableOf(t, 20000), t.TempDir()
	c := startNetwork(t, 3)
	up, down := cut{up: true}, cut{}
	from := func(pid int, up bool) cut { return cut{pid: pid, up: up} }
	ways := []wayToCut{
		{"worker and coordinator", func(x, _ string) {
			c.control[x].cut(up, down)
			c.outputs[x].cut(from(c.cmd.Process.Pid, true), from(c.cmd.Process.Pid, false))
		}},
		{"worker to coordinator", func(x, _ string) {
			c.control[x].cut(up)
			c.outputs[x].cut(from(c.cmd.Process.Pid, false))
		}},
		{"coordinator to worker", func(x, _ string) {
			c.control[x].cut(down)
			c.outputs[x].cut(from(c.cmd.Process.Pid, true))
		}},
		{"two workers", func(x, y string) {
			px, py := c.workers[x].cmd.Process.Pid, c.workers[y].cmd.Process.Pid
			c.outputs[x].cut(from(py, true), from(py, false))
			c.outputs[y].cut(from(px, true), from(px, false))
		}},
		{"one worker to another", func(x, y string) {
			px, py := c.workers[x].cmd.Process.Pid, c.workers[y].cmd.Process.Pid
			c.outputs[x].cut(from(py, false))
			c.outputs[y].cut(from(px, true))
		}},
		{"a worker and everybody", func(x, _ string) {
			c.control[x].cut(up, down)
			c.outputs[x].cut(up, down)
			for id := range c.workers {
				if px := c.workers[x].cmd.Process.Pid; id != x {
					c.outputs[id].cut(from(px, true), from(px, false))
				}
			}
		}},
	}
	heal := func() { c.each(func(p *proxy) { p.cut() }) }
	c.cutInTurn(t, "cut", ways, func() float64 { return float64(c.held()) }, heal, file, dir)
	c.idle(t, idleWithin)
}

// TestFaultDelay delays every byte by 100 ms each way.
func TestFaultDelay(t *testing.T) {
	file := tableOf(t, 6000)
	c := startNetwork(t, 3)
	settings := "SET volley.split_bytes = 1500; SET volley.broadcast_bytes = -1"
	sql := "SELECT count(*), sum(s) FROM (SELECT n % 100 AS g, sum(slow(n)) AS s FROM '" + file + "' GROUP BY 1) AS t"
	clean := <-c.ask(t, settings, sql)
	clean.want(t, "100|18003000\n")
	c.each(func(p *proxy) { p.set(100*time.Millisecond, 0, 0, false) })
	for range rounds(1) {
		delayed := int64(0)
		best(t, 3*clean.took, "the delayed query", func() time.Duration {
			a := <-c.ask(t, settings, sql)
			a.want(t, "100|18003000\n")
			c.each(func(p *proxy) { delayed += p.delayed.Load() })
			t.Logf("clean %v, delayed %v, %d bytes", clean.took, a.took, delayed)
			return a.took
		})
		if delayed == 0 {
			t.Error("nothing was delayed")
		}
	}
}

// TestFaultBrokenStreams breaks off connections in the middle of outputs, by
// their end or by a reset, with bytes lost.
func TestFaultBrokenStreams(t *testing.T) {
	file := tableOf(t, 20000)
	c := startNetwork(t, 3)
	sql := "SELECT md5(string_agg(t, '' ORDER BY t)), count(*) FROM (SELECT n, md5(n::text) || min(md5((n + 1)::text)) AS t FROM '" + file + "' GROUP BY n) AS s"
	clean := <-c.ask(t, small, sql)
	if clean.err != nil {
		t.Fatal(clean.err)
	}
	for round := range rounds(5) {
		broken := int64(0)
		c.each(func(p *proxy) { broken -= p.broken.Load() })
		for id := range c.workers {
			c.outputs[id].set(0, 3, 10_000+7_000*(round%8), round%2 == 0)
		}
		a := <-c.ask(t, small, sql)
		c.each(func(p *proxy) { p.set(0, 0, 0, false) })
		a.want(t, clean.rows)
		if c.each(func(p *proxy) { broken += p.broken.Load() }); broken < 3 {
			t.Errorf("only %d connections were broken", broken)
		}
		c.await(t, time.Minute, 3)
	}
}
