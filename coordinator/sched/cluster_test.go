package sched_test

import (
	"cmp"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"go.uber.org/goleak"

	"volley/catalog"
	"volley/coordinator/sched"
	"volley/exec"
	"volley/flight"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/builtin"
	"volley/worker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var registry = func() *udf.Registry {
	r := udf.NewRegistry()
	if err := builtin.Register(r); err != nil {
		panic(err)
	}
	return r
}()

// cluster is a scheduler and workers in one process that talk over real Flight
// connections on loopback; or, with slots of its own, without any.
type cluster struct {
	t      testing.TB
	sched  *sched.Scheduler
	format *digits
	local  *worker.Worker
	server *flight.Server
	nodes  []*node
	memory *exec.Memory // of the coordinator and each worker; nil: unlimited
}

// node is a worker as a process would be.
type node struct {
	worker *worker.Worker
	server *flight.Server
	agent  *worker.Agent
	pool   *flight.Pool
	stop   context.CancelFunc
	ended  chan error
}

const secret = "s3cret"

func newCluster(t testing.TB, local, remote int, change ...func(*sched.Config)) *cluster {
	t.Helper()
	return newClusterAt(t, "", local, remote, change...)
}

func newClusterAt(t testing.TB, address string, local, remote int, change ...func(*sched.Config)) *cluster {
	t.Helper()
	c := &cluster{t: t, format: &digits{}}
	pool := flight.NewPool(secret, nil)
	cfg := sched.Config{
		Formats: c.formats(), Registry: registry, SpillDir: t.TempDir(),
		Exchange: &worker.Remote{Pool: pool, Whole: true, SpillDir: t.TempDir()},
		Version:  "1.0", Functions: "f",
	}
	for _, f := range change {
		f(&cfg)
	}
	c.sched = sched.New(cfg)
	sc := flight.ServerConfig{Secret: secret, Control: c.sched.Control}
	if local > 0 {
		c.local = worker.New(worker.Config{ID: "local", Slots: local, Formats: c.formats(), Registry: registry, SpillDir: t.TempDir(), Remote: &worker.Remote{Pool: pool}})
		c.sched.AddLocal(c.local, "")
		sc.Open = c.local.Records
	}
	server, err := flight.Listen(cmp.Or(address, "127.0.0.1:0"), sc)
	if err != nil {
		t.Fatal(err)
	}
	c.server = server
	for i := range remote {
		c.add(fmt.Sprintf("w%d", i), 1)
	}
	if err := c.sched.WaitWorkers(t.Context(), remote+min(local, 1)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.sched.Close()
		for _, n := range c.nodes {
			n.kill()
		}
		server.Close()
		pool.Close()
	})
	return c
}

func (c *cluster) formats() map[string]catalog.Format {
	return map[string]catalog.Format{"digits": c.format}
}

// add starts a worker and connects it.
func (c *cluster) add(id string, slots int, change ...func(*worker.AgentConfig)) *node {
	c.t.Helper()
	n := &node{pool: flight.NewPool(secret, nil), ended: make(chan error, 1)}
	n.worker = worker.New(worker.Config{ID: id, Slots: slots, Formats: c.formats(), Registry: registry, SpillDir: c.t.TempDir(), Remote: &worker.Remote{Pool: n.pool}, Memory: c.memory})
	var err error
	if n.server, err = flight.Listen("127.0.0.1:0", flight.ServerConfig{Secret: secret, Open: n.worker.Records}); err != nil {
		c.t.Fatal(err)
	}
	cfg := worker.AgentConfig{Coordinator: c.server.Addr(), Address: n.server.Addr(), Version: "1.0", Functions: "f", Pool: n.pool, Retry: 50 * time.Millisecond}
	for _, f := range change {
		f(&cfg)
	}
	n.agent = worker.NewAgent(n.worker, cfg)
	ctx, stop := context.WithCancel(context.Background())
	n.stop = stop
	go func() { n.ended <- n.agent.Run(ctx) }()
	c.nodes = append(c.nodes, n)
	return n
}

// kill ends a worker the way SIGKILL does, as far as others can see.
func (n *node) kill() {
	n.server.Close()
	n.stop()
	n.pool.Close()
	if n.ended != nil {
		<-n.ended
		n.ended = nil
	}
}

// table is a digits table of n rows.
func table(rows int64, options map[string]string) *catalog.TableDef {
	if options == nil {
		options = map[string]string{}
	}
	return &catalog.TableDef{Format: "digits", Options: options, Schema: digitSchema, Files: []catalog.FileInfo{{Path: "/digits", Size: rows * rowBytes}}}
}

func scanOf(def *catalog.TableDef, columns ...int) *physical.Scan {
	return &physical.Scan{ID: 7, Spec: catalog.ScanSpec{Table: "digits", Format: "digits", Options: def.Options, Schema: def.Schema, Projection: columns}, Rows: -1}
}

// gatherPlan is SELECT n FROM table, in order.
func gatherPlan(def *catalog.TableDef, columns ...int) *physical.Plan {
	scan := scanOf(def, columns...)
	return &physical.Plan{
		Stages: []*physical.Stage{
			{ID: 0, Root: scan, Output: physical.Partitioning{Kind: physical.Gather, Count: 1}, Scan: 7},
			{ID: 1, Root: &physical.ExchangeSource{Stage: 0, Ordered: true, Out: scan.Schema()}, Scan: -1, Tasks: 1, Output: physical.Partitioning{Count: 1}},
		},
		Defs: map[int]*catalog.TableDef{7: def}, Names: []string{"n"},
	}
}

// groupPlan is SELECT n, count(*) FROM table GROUP BY n: partial aggregation,
// exchange by hash, final aggregation.
func groupPlan(def *catalog.TableDef, partitions int) *physical.Plan {
	scan := scanOf(def, 0)
	fields := []arrow.Field{{Name: "n", Type: sqltype.Int64, Nullable: true}, {Name: "count", Type: sqltype.Int64, Nullable: true}}
	out := arrow.NewSchema(fields, nil)
	key := &expr.Column{Index: 0, Name: "n", Type: sqltype.Int64}
	call := physical.AggCall{Func: "count", Type: sqltype.Int64}
	final := call
	final.Args = []expr.Expr{&expr.Column{Index: 1, Name: "count", Type: sqltype.Int64}}
	return &physical.Plan{
		Stages: []*physical.Stage{
			{
				ID: 0, Scan: 7, Output: physical.Partitioning{Kind: physical.Hash, Keys: []expr.Expr{key}, Count: partitions},
				Root: &physical.Aggregate{Input: scan, Mode: physical.Partial, Keys: []expr.Expr{key}, Aggs: []physical.AggCall{call}, Out: out},
			},
			{
				ID: 1, Scan: -1, Tasks: partitions, Output: physical.Partitioning{Kind: physical.Gather, Count: 1},
				Root: &physical.Aggregate{Input: &physical.ExchangeSource{Stage: 0, Out: out}, Mode: physical.Final, Keys: []expr.Expr{key}, Aggs: []physical.AggCall{final}, Out: out},
			},
			{ID: 2, Root: &physical.ExchangeSource{Stage: 1, Out: out}, Scan: -1, Tasks: 1, Output: physical.Partitioning{Count: 1}},
		},
		Defs: map[int]*catalog.TableDef{7: def}, Names: []string{"n", "count"},
	}
}

var queryID int

// start runs a plan under a fresh ID.
func (c *cluster) start(ctx context.Context, plan *physical.Plan) (*sched.Query, error) {
	queryID++
	return c.sched.Run(ctx, plan, sched.QueryInfo{ID: fmt.Sprintf("q%d", queryID), SQL: "test"})
}

// first reads the first column of all rows; columns: -1 when there is none.
func (c *cluster) first(plan *physical.Plan, each func(rows int64)) ([]int64, error) {
	c.t.Helper()
	return c.firstIn(c.t.Context(), plan, each)
}

func (c *cluster) firstIn(ctx context.Context, plan *physical.Plan, each func(rows int64)) ([]int64, error) {
	q, err := c.start(ctx, plan)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	var out []int64
	err = drain(ctx, q, func(rec arrow.Record) {
		out = append(out, rec.Column(0).(*array.Int64).Int64Values()...)
		if each != nil {
			each(int64(len(out)))
		}
	})
	return out, err
}

func checkOrdered(t *testing.T, got []int64, rows int64) {
	t.Helper()
	if int64(len(got)) != rows {
		t.Fatalf("%d rows, not %d", len(got), rows)
	}
	for i, v := range got {
		if v != int64(i) {
			t.Fatalf("row %d is %d", i, v)
		}
	}
}

// wrongSecret is a pool of somebody who does not know the cluster's secret.
func (c *cluster) wrongSecret() *flight.Pool {
	p := flight.NewPool("wrong", nil)
	c.t.Cleanup(func() { p.Close() })
	return p
}
