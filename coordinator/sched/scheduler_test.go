package sched_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/coordinator/sched"
	"volley/exec"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/worker"
)

func drain(ctx context.Context, q *sched.Query, each func(arrow.Record)) error {
	for {
		rec, err := q.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		each(rec)
	}
}

// Every shape of cluster gives the same rows in the same order, also when
// readers guess wrong.
func TestGatherKeepsOrder(t *testing.T) {
	for _, c := range []struct {
		name          string
		local, remote int
		options       map[string]string
	}{
		{"in process", 2, 0, nil},
		{"two workers", 0, 2, nil},
		{"both", 1, 2, nil},
		{"wrong guesses", 0, 2, map[string]string{"lie": "yes"}},
		{"wrong guesses that fail", 1, 1, map[string]string{"lie": "tear"}},
		{"wrong guesses in process", 2, 0, map[string]string{"lie": "yes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := newCluster(t, c.local, c.remote)
			options := map[string]string{"split": "10007", "batch": "300"}
			for k, v := range c.options {
				options[k] = v
			}
			got, err := cl.first(gatherPlan(table(20_000, options), 0), nil)
			if err != nil {
				t.Fatal(err)
			}
			checkOrdered(t, got, 20_000)
			discarded := slices.ContainsFunc(cl.sched.Tasks(), func(i sched.TaskInfo) bool { return i.State == "discarded" })
			if (c.options["lie"] == "yes") != discarded {
				t.Errorf("attempts were discarded: %v", discarded)
			}
		})
	}
}

func TestAggregateByHashExchange(t *testing.T) {
	for _, remote := range []int{0, 2} {
		cl := newCluster(t, 2-remote, remote)
		got, err := cl.first(groupPlan(table(5_000, map[string]string{"split": "5003"}), 3), nil)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		checkOrdered(t, got, 5_000)
	}
}

func TestRecordsWithoutColumns(t *testing.T) {
	for _, remote := range []int{0, 2} {
		cl := newCluster(t, 2-remote, remote)
		q, err := cl.start(t.Context(), gatherPlan(table(12_345, map[string]string{"split": "10007"})))
		if err != nil {
			t.Fatal(err)
		}
		var rows int64
		if err := drain(t.Context(), q, func(r arrow.Record) { rows += r.NumRows() }); err != nil {
			t.Fatal(err)
		}
		q.Close()
		if rows != 12_345 {
			t.Errorf("%d rows with %d remote workers", rows, remote)
		}
	}
}

// Where order does not matter, the root reads tasks as they finish, each once.
func TestUnorderedTakesEachTaskOnce(t *testing.T) {
	for _, remote := range []int{0, 2} {
		cl := newCluster(t, 2-remote, remote)
		plan := gatherPlan(table(5_000, map[string]string{"split": "5003", "slow": "100ms", "exact": "yes"}), 0)
		plan.Stages[1].Root.(*physical.ExchangeSource).Ordered = false
		waited := true
		for range 3 { // others may not run either while the first task sleeps
			got, err := cl.first(plan, nil)
			if err != nil {
				t.Fatal(err)
			}
			waited = slices.IsSorted(got)
			slices.Sort(got)
			checkOrdered(t, got, 5_000)
			if !waited {
				break
			}
		}
		if waited {
			t.Error("the root has waited for the first task")
		}
	}
}

// A killed worker costs time and never an answer.
func TestWorkerKilled(t *testing.T) {
	for name, plan := range map[string]func() ([]int64, *cluster, error){
		"scan": func() ([]int64, *cluster, error) {
			cl := newCluster(t, 0, 3)
			got, err := cl.first(gatherPlan(table(20_000, map[string]string{"split": "10007", "batch": "100", "delay": "5ms"}), 0), cl.killer(1))
			return got, cl, err
		},
		"aggregate": func() ([]int64, *cluster, error) {
			cl := newCluster(t, 0, 3)
			go func() { // when its first output is there
				finished := func(i sched.TaskInfo) bool { return i.Worker == "w1" && i.State == "finished" }
				for t.Context().Err() == nil && !slices.ContainsFunc(cl.sched.Tasks(), finished) {
					time.Sleep(time.Millisecond)
				}
				cl.nodes[1].kill()
			}()
			got, err := cl.first(groupPlan(table(20_000, map[string]string{"split": "10007", "batch": "100", "delay": "5ms"}), 4), nil)
			slices.Sort(got)
			return got, cl, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, cl, err := plan()
			if err != nil {
				t.Fatal(err)
			}
			checkOrdered(t, got, 20_000)
			lost := func(i sched.TaskInfo) bool { return i.State == "lost" || i.State == "discarded" }
			if !slices.ContainsFunc(cl.sched.Tasks(), lost) {
				t.Error("nothing was lost: the kill came too late to prove anything")
			}
		})
	}
}

// killer kills a worker when the first rows arrive.
func (c *cluster) killer(i int) func(int64) {
	killed := false
	return func(int64) {
		if !killed {
			killed = true
			c.nodes[i].kill()
		}
	}
}

func TestSilentWorkerIsLost(t *testing.T) {
	cl := newCluster(t, 0, 1, func(c *sched.Config) { c.HeartbeatLoss = 700 * time.Millisecond })
	cl.add("silent", 1, func(c *worker.AgentConfig) { c.Beat = time.Hour })
	if err := cl.sched.WaitWorkers(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	got, err := cl.first(gatherPlan(table(2_000, map[string]string{"split": "5003", "batch": "10", "delay": "20ms"}), 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	checkOrdered(t, got, 2_000)
	if !slices.ContainsFunc(cl.sched.Tasks(), func(i sched.TaskInfo) bool { return i.Worker == "silent" && i.State == "lost" }) {
		t.Error("no task of the silent worker was lost")
	}
}

func TestRefusedWorker(t *testing.T) {
	cl := newCluster(t, 1, 0)
	for name, change := range map[string]func(*worker.AgentConfig){
		`version 2.0, the coordinator has 1.0`: func(c *worker.AgentConfig) { c.Version = "2.0" },
		`functions g, the coordinator has f`:   func(c *worker.AgentConfig) { c.Functions = "g" },
		"secret": func(c *worker.AgentConfig) {
			c.Pool.Close()
			c.Pool = cl.wrongSecret()
		},
	} {
		n := cl.add("odd", 1, change)
		err := <-n.ended
		n.ended = nil
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("the worker's error is %v, not about %q", err, name)
		}
	}
	if n := len(cl.sched.Workers()); n != 1 {
		t.Errorf("%d workers", n)
	}
}

// An error of the query ends it at once, and arrives as it was made.
func TestErrorsKeepTheirKind(t *testing.T) {
	for _, remote := range []int{0, 2} {
		cl := newCluster(t, 2-remote, remote)
		_, err := cl.first(gatherPlan(table(20_000, map[string]string{"split": "10007", "fail": "15000"}), 0), nil)
		e := sqlerr.Find(err)
		if e == nil || e.Code != sqlerr.InvalidText || e.File != "digits" || e.Line != 15001 || e.Column != "n" || e.Worker == "" {
			t.Errorf("error is %#v", e)
		}
		got, err := cl.first(gatherPlan(table(1_000, nil), 0), nil)
		if err != nil {
			t.Fatal(err)
		}
		checkOrdered(t, got, 1_000)
		if got := cl.sched.Queries(); got[0].State != "failed" || got[1].State != "finished" || got[1].Rows != 1000 {
			t.Errorf("queries are %+v", got)
		}
	}
}

// A client that has enough, or cancels, stops everything everywhere.
func TestCloseAndCancelStopTasks(t *testing.T) {
	for _, remote := range []int{0, 2} {
		cl := newCluster(t, 2-remote, remote)
		slow := map[string]string{"split": "1003", "batch": "1", "delay": "10ms"}
		ctx, cancel := context.WithCancel(t.Context())
		q, err := cl.start(ctx, gatherPlan(table(100_000, slow), 0))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(50*time.Millisecond, cancel)
		if err := drain(t.Context(), q, func(arrow.Record) {}); sqlerr.Code(err) != sqlerr.QueryCanceled {
			t.Errorf("error is %v", err)
		}
		q.Close()
		cl.checkIdle(t)

		q, err = cl.start(t.Context(), gatherPlan(table(100_000, slow), 0))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.Next(t.Context()); err != nil {
			t.Error(err)
		}
		q.Close()
		cl.checkIdle(t)
		if got := cl.sched.Queries(); got[0].State != "canceled" || got[1].State != "finished" {
			t.Errorf("states are %s and %s", got[0].State, got[1].State)
		}
	}
}

// checkIdle waits until no worker runs or keeps anything.
func (c *cluster) checkIdle(t *testing.T) {
	t.Helper()
	busy := func() bool {
		for _, w := range c.sched.Workers() {
			if w.Running > 0 {
				return true
			}
		}
		for _, n := range c.nodes {
			if n.worker.Busy() {
				return true
			}
		}
		return c.local != nil && c.local.Busy()
	}
	for deadline := time.Now().Add(10 * time.Second); busy(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a worker is still busy")
		}
	}
}

func TestNoWorkers(t *testing.T) {
	cl := newCluster(t, 0, 0, func(c *sched.Config) { c.NoWorkerGrace = 50 * time.Millisecond })
	_, err := cl.first(gatherPlan(table(10, nil), 0), nil)
	if sqlerr.Code(err) != sqlerr.CannotConnectNow {
		t.Errorf("error is %v", err)
	}
	cl.add("late", 1)
	if err := cl.sched.WaitWorkers(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	got, err := cl.first(gatherPlan(table(10, nil), 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	checkOrdered(t, got, 10)
}

// A small table with costly rows keeps every worker busy.
func TestCostlyUsesEveryWorker(t *testing.T) {
	cl := newCluster(t, 0, 3)
	plan := gatherPlan(table(1_000, map[string]string{"batch": "10", "delay": "1ms"}), 0)
	plan.Stages[0].Costly = true
	got, err := cl.first(plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkOrdered(t, got, 1_000)
	used := map[string]bool{}
	for _, i := range cl.sched.Tasks() {
		used[i.Worker] = true
	}
	if len(used) != 3 {
		t.Errorf("only %v have worked", used)
	}
}

func TestDrain(t *testing.T) {
	cl := newCluster(t, 0, 2)
	var drained chan error
	got, err := cl.first(gatherPlan(table(5_000, map[string]string{"split": "5003", "batch": "100", "delay": "10ms"}), 0), func(int64) {
		if drained == nil {
			drained = make(chan error, 1)
			go func() { drained <- cl.nodes[0].agent.Drain(context.Background()) }()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	checkOrdered(t, got, 5_000)
	if err := <-drained; err != nil {
		t.Error(err)
	}
	for _, i := range cl.sched.Tasks() {
		if i.State != "finished" {
			t.Errorf("task is %+v", i)
		}
	}
}

// TestDrainOfAnIdleWorker: a worker that has nothing to finish leaves too, and is not lost.
func TestDrainOfAnIdleWorker(t *testing.T) {
	cl := newCluster(t, 1, 0)
	const rounds = 20
	for i := range rounds {
		n := cl.add(fmt.Sprintf("idle%d", i), 1)
		if err := cl.sched.WaitWorkers(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		for !n.agent.Registered() {
			time.Sleep(time.Millisecond)
		}
		if err := n.agent.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		n.kill()
		for len(cl.sched.Workers()) > 1 {
			time.Sleep(time.Millisecond)
		}
	}
	if l := cl.sched.Losses(); l.Left != rounds || l.Workers != 0 {
		t.Errorf("%d have left, %d were lost", l.Left, l.Workers)
	}
}

func TestAdmission(t *testing.T) {
	cl := newCluster(t, 1, 0, func(c *sched.Config) { c.MaxRunning, c.MaxWaiting = 1, 1 })
	q, err := cl.start(t.Context(), gatherPlan(table(10, nil), 0))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 2)
	for _, id := range []string{"second", "third"} { // one of them waits, whichever comes first
		go func() {
			again, err := cl.sched.Run(t.Context(), gatherPlan(table(10, nil), 0), sched.QueryInfo{ID: id})
			if err == nil {
				err = drain(t.Context(), again, func(arrow.Record) {})
				again.Close()
			}
			ended <- err
		}()
	}
	if err := <-ended; sqlerr.Code(err) != sqlerr.TooManyConnections {
		t.Errorf("error is %v", err)
	}
	q.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Workers find a coordinator that has been started again.
func TestCoordinatorRestarts(t *testing.T) {
	cl := newCluster(t, 0, 2)
	q, err := cl.start(t.Context(), gatherPlan(table(20_000, map[string]string{"split": "1003", "batch": "1", "delay": "10ms"}), 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	cl.sched.Close()
	cl.server.Close()
	if _, err := q.Next(t.Context()); sqlerr.Code(err) != sqlerr.AdminShutdown {
		t.Errorf("error is %v", err)
	}
	q.Close()
	again := newClusterAt(t, cl.server.Addr(), 0, 0)
	if err := again.sched.WaitWorkers(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	got, err := again.first(gatherPlan(table(5_000, map[string]string{"split": "5003"}), 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	checkOrdered(t, got, 5_000)
	cl.checkIdle(t)
}

// A plan that cannot travel fails its query and nothing else: the workers stay.
func TestPlanThatCannotTravel(t *testing.T) {
	cl := newCluster(t, 0, 1)
	plan := gatherPlan(table(10, nil), 0)
	durations := array.NewDurationBuilder(memory.DefaultAllocator, &arrow.DurationType{Unit: arrow.Second})
	durations.Append(1)
	plan.Stages[0].Root = &physical.Project{Input: plan.Stages[0].Root, Exprs: []expr.Expr{&expr.Literal{Value: durations.NewArray()}}, Names: []string{"d"}}
	if _, err := cl.first(plan, nil); err == nil || !strings.Contains(err.Error(), "could not encode task") {
		t.Errorf("error is %v", err)
	}
	got, err := cl.first(gatherPlan(table(10, nil), 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	checkOrdered(t, got, 10)
	for _, w := range cl.sched.Workers() {
		if w.Finished != 1 {
			t.Errorf("the worker was lost: %+v", w)
		}
	}
}

// A format that panics costs its query, and no place among the running ones.
func TestPanicAtBegin(t *testing.T) {
	cl := newCluster(t, 1, 0, func(c *sched.Config) { c.MaxRunning, c.MaxWaiting = 1, 1 })
	for range 3 {
		if _, err := cl.first(gatherPlan(table(10, map[string]string{"panic": "yes"}), 0), nil); sqlerr.Code(err) != sqlerr.InternalError {
			t.Errorf("error is %v", err)
		}
	}
	if _, err := cl.first(gatherPlan(table(10, nil), 0), nil); err != nil {
		t.Error(err)
	}
}

// BenchmarkShortQuery is what the scheduler adds to a query that does nothing.
func BenchmarkShortQuery(b *testing.B) {
	cl := newCluster(b, 2, 0)
	for b.Loop() {
		if _, err := cl.first(gatherPlan(table(1, nil), 0), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// A query that cannot begin gives back what it has taken.
func TestFailedBeginGivesMemoryBack(t *testing.T) {
	account := exec.NewMemory(nil, 1<<20)
	c := newCluster(t, 1, 0, func(cfg *sched.Config) {
		cfg.Memory = account
		cfg.Build = func(env *exec.Env, _ *physical.Fragment) (exec.Operator, error) {
			if err := env.Memory.Reserve(1000); err != nil {
				return nil, err
			}
			return nil, errors.New("no operator")
		}
	})
	if _, err := c.start(t.Context(), gatherPlan(table(10, nil), 0)); err == nil {
		t.Fatal("no error")
	}
	if used := account.Used(); used != 0 {
		t.Errorf("%d bytes are taken", used)
	}
}
