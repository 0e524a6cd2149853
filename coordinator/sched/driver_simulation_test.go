package sched

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/zeebo/xxh3"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/exec"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

// The whole Scheduler, with its lock, timers and goroutines, runs in a bubble of
// simulated time against workers that exist only in this test. Everything random
// comes from the seed and from who asks, so that a seed replays.

var numbers = arrow.NewSchema([]arrow.Field{{Name: "n", Type: sqltype.Int64}}, nil)

// simCluster is the workers and what they keep.
type simCluster struct {
	t     *testing.T
	seed  uint64
	sched *Scheduler
	group sync.WaitGroup

	mu      sync.Mutex
	nodes   map[string]*simNode
	joined  int
	kills   int
	faults  int // failed and lost attempts that workers reported
	doubles int // messages that came twice
}

// simNode is a worker: an endpoint of the scheduler, and its outputs.
type simNode struct {
	c     *simCluster
	state *workerState

	mu      sync.Mutex
	dead    bool
	outputs map[physical.TaskID][]int64
	dropped map[string]bool
}

// random is the random source of one thing that happens.
func (c *simCluster) random(who string) *rand.Rand {
	return rand.New(rand.NewPCG(c.seed, xxh3.HashString(who)))
}

func pause(r *rand.Rand, most time.Duration) { time.Sleep(time.Duration(r.Int64N(int64(most)))) }

func (c *simCluster) join() {
	c.mu.Lock()
	c.joined++
	id := fmt.Sprint("w", c.joined)
	n := &simNode{c: c, outputs: map[physical.TaskID][]int64{}, dropped: map[string]bool{}}
	n.state = &workerState{id: id, address: id, slots: 1 + int(c.random(id).Uint32()%3), hash: xxh3.HashString(id)}
	c.nodes[id] = n
	c.mu.Unlock()
	c.sched.join(n.state, n)
	c.group.Go(func() { // signs of life, some of them late
		for r := c.random(id + " beats"); !n.ended(); pause(r, time.Second) {
			c.sched.event(func(m *machine, now time.Time) { m.heard(n.state, now) })
		}
	})
}

func (n *simNode) ended() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dead
}

// kill ends a worker. Half of the time its connection breaks, else only its
// silence tells.
func (c *simCluster) kill(r *rand.Rand) {
	c.mu.Lock()
	n := c.nodes[fmt.Sprint("w", 1+r.IntN(c.joined))]
	c.mu.Unlock()
	n.mu.Lock()
	dead := n.dead
	n.dead = true
	n.mu.Unlock()
	if dead {
		return
	}
	c.mu.Lock()
	c.kills++
	c.mu.Unlock()
	if r.IntN(2) == 0 {
		c.sched.event(func(m *machine, now time.Time) { m.lose(n.state, "killed", now) })
	}
	pause(r, 2*time.Second)
	c.join()
}

func (n *simNode) start(frag *physical.Fragment) { n.c.group.Go(func() { n.run(frag) }) }

// run runs an attempt; its result comes late, and sometimes twice.
func (n *simNode) run(frag *physical.Fragment) {
	r := n.c.random(frag.Task.String() + n.state.id)
	pause(r, 300*time.Millisecond)
	if r.IntN(20) == 0 {
		pause(r, 20*time.Second) // a straggler
	}
	values, err := n.compute(r, frag)
	n.mu.Lock()
	if n.dead || n.dropped[frag.Task.Query] {
		n.mu.Unlock()
		return
	}
	if err == nil {
		n.outputs[frag.Task] = values
	}
	n.mu.Unlock()
	if err != nil {
		n.c.mu.Lock()
		n.c.faults++
		n.c.mu.Unlock()
	}
	times := 1
	if r.IntN(8) == 0 {
		times = 2
		n.c.mu.Lock()
		n.c.doubles++
		n.c.mu.Unlock()
	}
	for range times {
		pause(r, 100*time.Millisecond)
		if n.ended() {
			return
		}
		n.c.sched.result(n.state, frag.Task, exec.Report{Rows: int64(len(values)), Bytes: int64(8 * len(values))}, err)
	}
}

// compute is a task's output: a scan task gives ten numbers, another one those
// of its partition.
func (n *simNode) compute(r *rand.Rand, frag *physical.Fragment) (out []int64, err error) {
	if r.IntN(25) == 0 {
		e := sqlerr.New(sqlerr.IOError, "simulated")
		e.Retryable = true
		return nil, e
	}
	for _, splits := range frag.Splits {
		for _, s := range splits {
			for i := range int64(10) {
				out = append(out, 10*s.Start+i)
			}
		}
	}
	for _, list := range frag.Sources {
		for _, src := range list {
			pause(r, 20*time.Millisecond)
			values, err := n.c.output(src)
			if err != nil {
				return nil, err
			}
			for _, v := range values {
				if int(v)%simPartitions == frag.Partition {
					out = append(out, v)
				}
			}
		}
	}
	return out, nil
}

// output is what a worker keeps of a task, if it still does.
func (c *simCluster) output(src physical.Source) ([]int64, error) {
	c.mu.Lock()
	n := c.nodes[src.Worker]
	c.mu.Unlock()
	n.mu.Lock()
	defer n.mu.Unlock()
	values, ok := n.outputs[src.Task]
	if n.dead || !ok {
		return nil, &exec.LostSource{Source: src, Err: fmt.Errorf("dead %v, there %v", n.dead, ok)}
	}
	return values, nil
}

func (n *simNode) free(task physical.TaskID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.outputs, task)
}

func (n *simNode) cancel(task physical.TaskID) { n.free(task) }

func (n *simNode) drop(query string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dropped[query] = true
	clear(n.outputs)
}

func (n *simNode) gone(string) {}
func (n *simNode) close()      {}

// Open is the root's way to an output.
func (c *simCluster) Open(ctx context.Context, src physical.Source, _ int) (exec.Operator, error) {
	pause(c.random("root "+src.Task.String()), 50*time.Millisecond)
	values, err := c.output(src)
	if err != nil {
		return nil, err
	}
	return &valueReader{values: values}, nil
}

// valueReader gives numbers as one batch.
type valueReader struct {
	values []int64
	done   bool
}

func (v *valueReader) Schema() *arrow.Schema { return numbers }
func (v *valueReader) Close() error          { return nil }
func (v *valueReader) Next(context.Context) (arrow.Record, error) {
	if v.done || len(v.values) == 0 {
		return nil, io.EOF
	}
	v.done = true
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.AppendValues(v.values, nil)
	return array.NewRecord(numbers, []arrow.Array{b.NewArray()}, int64(len(v.values))), nil
}

// simFormat is a table of simSplits splits.
type simFormat struct{ catalog.Format }

const (
	simSplits     = 24
	simPartitions = 4
)

func (simFormat) Splits(context.Context, objstore.Store, *catalog.TableDef, *catalog.ScanSpec, catalog.SplitTarget) ([]catalog.Split, error) {
	out := make([]catalog.Split, simSplits)
	for i := range out {
		out[i] = catalog.Split{Index: i, File: catalog.FileInfo{Path: fmt.Sprint("f", i)}, Start: int64(i), End: int64(i) + 1, Exact: true, Bytes: 1 << 30}
	}
	return out, nil
}

// simPlan is scan → hash exchange → a task a partition → root.
func simPlan() *physical.Plan {
	scan := &physical.Scan{ID: 0, Spec: catalog.ScanSpec{Format: "sim", Schema: numbers}, Rows: -1}
	read := func(stage int) physical.Node { return &physical.ExchangeSource{Stage: stage, Limit: -1, Out: numbers} }
	return &physical.Plan{
		Defs: map[int]*catalog.TableDef{0: {}}, BroadcastBytes: 1,
		Stages: []*physical.Stage{
			{ID: 0, Root: scan, Scan: 0, Output: physical.Partitioning{Kind: physical.Hash, Count: simPartitions}},
			{ID: 1, Root: read(0), Scan: -1, Tasks: simPartitions, Output: physical.Partitioning{Kind: physical.Gather, Count: 1}},
			{ID: 2, Root: read(1), Scan: -1, Tasks: 1, Output: physical.Partitioning{Kind: physical.Gather, Count: 1}},
		},
	}
}

// TestSchedulerSimulation: whatever workers and messages do, every number comes
// exactly once.
func TestSchedulerSimulation(t *testing.T) {
	kills, faults, doubles, attempts := 0, 0, 0, 0
	for _, seed := range seeds(1000) {
		synctest.Test(t, func(t *testing.T) {
			c := &simCluster{t: t, seed: seed, nodes: map[string]*simNode{}}
			c.sched = New(Config{
				Formats: map[string]catalog.Format{"sim": simFormat{}}, Exchange: c, MaxAttempts: 12, HeartbeatLoss: 3 * time.Second, NoWorkerGrace: 30 * time.Second,
			})
			defer c.end()
			r := c.random("faults")
			for range 2 + r.IntN(4) {
				c.join()
			}
			for i := range r.IntN(5) {
				c.group.Go(func() {
					r := c.random(fmt.Sprint("kill ", i))
					pause(r, 5*time.Second)
					c.kill(r)
				})
			}
			got, err := c.query()
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			slices.Sort(got)
			if len(got) != 10*simSplits || got[0] != 0 || len(slices.Compact(got)) != 10*simSplits {
				t.Fatalf("seed %d: %d numbers, %d of them different", seed, len(got), len(slices.Compact(got)))
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			kills, faults, doubles, attempts = kills+c.kills, faults+c.faults, doubles+c.doubles, attempts+len(c.sched.Tasks())
		})
		if t.Failed() {
			t.Fatalf("seed %d; -sim.seed %[1]d runs it alone", seed)
		}
	}
	tasks := (simSplits + simPartitions) * len(seeds(1000))
	if *oneSeed < 0 && (kills < 100 || faults < 100 || doubles < 100 || attempts < tasks+500) {
		t.Errorf("too few faults to mean anything: %d kills, %d failures, %d doubles, %d attempts of %d tasks", kills, faults, doubles, attempts, tasks)
	}
}

func (c *simCluster) query() (got []int64, err error) {
	q, err := c.sched.Run(c.t.Context(), simPlan(), QueryInfo{ID: "q"})
	if err != nil {
		return nil, err
	}
	defer q.Close()
	for {
		rec, err := q.Next(c.t.Context())
		if err == io.EOF {
			return got, nil
		}
		if err != nil {
			return nil, err
		}
		got = append(got, rec.Column(0).(*array.Int64).Int64Values()...)
	}
}

// end stops all workers, so that no goroutine of the bubble is left.
func (c *simCluster) end() {
	time.Sleep(time.Minute) // what was on its way has arrived
	c.mu.Lock()
	for _, n := range c.nodes {
		n.mu.Lock()
		n.dead = true
		n.mu.Unlock()
	}
	c.mu.Unlock()
	_ = c.sched.Close()
	c.group.Wait()
}
