package sched

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore/secret"
	"volley/exec"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/udf"
)

// QueryInfo says whose query it is and what its session means for execution.
type QueryInfo struct {
	ID      string // unique among all queries
	SQL     string
	User    string
	Session physical.Session
	// NoSpeculation: no task that runs is started a second time.
	NoSpeculation bool
}

// Query is a running query: the operator that gives the root stage's rows. It
// is used by one goroutine; Close ends the query wherever it runs.
type Query struct {
	s      *Scheduler
	info   QueryInfo
	plan   *physical.Plan
	inputs []stageInput
	ctx    context.Context
	cancel context.CancelCauseFunc
	root   exec.Operator
	reader *rootReader
	memory *exec.Memory // of the root stage
	record *record
	once   sync.Once
	place  sync.Once      // gives back what admission gave
	cpu    *exec.CPUShare // of the root stage
	spent  time.Duration  // likewise, once the query has ended
	files  map[int]ScanFiles
	// secrets are what the process knows when the query begins.
	secrets *secret.Set

	settled *queryState // state, kept after the end; its decisions are guarded by s.mu
	err     error       // that Next has given, io.EOF too

	// guarded by s.mu
	state   *queryState // nil when the root stage is all there is
	failure error
	changed chan struct{} // closed and made anew when there is news
}

// Run starts a plan and gives its rows. It waits until the query is admitted
// and, if the plan needs workers, until there is one. ctx is the query's life:
// when it ends, every task is stopped. The caller must Close the query.
func (s *Scheduler) Run(ctx context.Context, plan *physical.Plan, info QueryInfo) (*Query, error) {
	q := &Query{s: s, info: info, plan: plan, changed: make(chan struct{}), secrets: s.cfg.Secrets.Set()}
	q.ctx, q.cancel = context.WithCancelCause(ctx)
	q.record = &record{info: info, started: s.cfg.Now(), state: "queued"}
	s.mu.Lock()
	if s.closed || s.queries[info.ID] != nil {
		s.mu.Unlock()
		return nil, sqlerr.New(sqlerr.CannotConnectNow, "the scheduler is closed, or query %s runs already", info.ID)
	}
	s.queries[info.ID] = q
	s.mu.Unlock()
	if err := s.admission.enter(q.ctx, info.User); err != nil {
		q.finish(err)
		return nil, err
	}
	q.cpu = exec.StartCPU()
	if err := q.begin(); err != nil {
		err = q.reason(err)
		q.finish(err)
		q.Pause()
		return nil, err
	}
	return q, nil
}

// begin cuts the tables, builds the root operator, and hands the other stages
// to the machine. A panic on the way, such as a format's, is the query's error.
func (q *Query) begin() (err error) {
	s := q.s
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic when a query began", "query", q.info.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = sqlerr.Panic(p)
		}
		if err != nil {
			q.memory.Close()
		}
	}()
	slots := 1
	distributed := len(q.plan.Stages) > 1
	if distributed {
		if slots, err = s.awaitSlots(q.ctx); err != nil {
			return err
		}
	}
	q.inputs = make([]stageInput, len(q.plan.Stages))
	for i, st := range q.plan.Stages {
		if q.inputs[i], err = s.inputs(q.ctx, q.plan, st, slots, q.info.Session.SplitBytes); err != nil {
			return err
		}
	}
	q.files = q.scanned()
	var state *queryState
	if distributed {
		state = stages(q.info.ID, q.plan, q.inputs)
		state.noSpeculation, q.settled = q.info.NoSpeculation, state
	}
	q.memory = exec.NewMemory(s.cfg.Memory, q.info.Session.MemoryLimit)
	if state == nil || state.undecided == 0 {
		if err := q.build(); err != nil {
			return err
		}
	}
	s.event(func(m *machine, now time.Time) {
		q.record.state = "running"
		if state != nil && q.failure == nil {
			q.state = state
			m.begin(state, now)
		}
	})
	if state != nil {
		context.AfterFunc(q.ctx, q.stop)
	}
	return nil
}

// build makes the root operator.
func (q *Query) build() (err error) {
	s := q.s
	q.reader = newRootReader(q, q.settled)
	env := &exec.Env{
		Store: s.cfg.Store, Formats: s.cfg.Formats, Registry: s.cfg.Registry, SpillDir: s.cfg.SpillDir,
		Memory: q.memory, Exchange: q.reader, Shared: exec.NewShared(),
		Session: udf.SessionOf(q.ctx),
	}
	q.root, err = s.cfg.Build(env, q.rootFragment())
	return err
}

// awaitRoot waits until it is decided what the root stage does, and builds it.
func (q *Query) awaitRoot() (err error) {
	defer func() {
		if p := recover(); p != nil {
			q.s.log.Error("panic when a root stage was built", "query", q.info.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = sqlerr.Panic(p)
		}
	}()
	for {
		var changed chan struct{}
		decided := false
		q.s.event(func(*machine, time.Time) {
			changed, decided = q.changed, q.settled.undecided == 0
		})
		if decided {
			return q.build()
		}
		if err := q.reason(nil); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-q.ctx.Done():
			return q.reason(q.ctx.Err())
		}
	}
}

// rootFragment is the root stage as one task. What its sources are is not known
// yet: the reader finds out as their stages are settled and they are confirmed.
func (q *Query) rootFragment() *physical.Fragment {
	root := q.plan.Root()
	f := &physical.Fragment{
		Task: physical.TaskID{Query: q.info.ID, Stage: q.rootID()}, Root: root.Root, Output: root.Output,
		Splits: q.inputs[len(q.inputs)-1].whole, Sources: map[int][]physical.Source{}, Session: q.info.Session,
	}
	if q.settled != nil {
		f.Root = q.settled.root
	}
	return f
}

// fragment is all that a worker needs for an attempt. Called under s.mu.
func (q *Query) fragment(a *attempt) *physical.Fragment {
	stage := a.task.stage
	st := stage.spec
	f := &physical.Fragment{
		Task: a.id, Root: st.Root, Output: st.Output, Session: q.info.Session,
		Splits: map[int][]catalog.Split{}, Sources: map[int][]physical.Source{},
	}
	for id, splits := range stage.whole {
		f.Splits[id] = splits
	}
	if stage.split {
		f.Splits[st.Scan] = a.splits
	} else if f.Partition = a.task.number; a.task.endPartition > 0 {
		f.Partition, f.PartitionEnd = a.task.firstPartition, a.task.endPartition
	}
	for _, p := range stage.producers {
		list := make([]physical.Source, len(p.tasks))
		for i, t := range p.tasks {
			list[i] = t.winner.source()
		}
		f.Sources[p.id] = a.task.of(p, list)
	}
	f.Secrets = q.secrets.For(func(yield func(string) bool) {
		for _, splits := range f.Splits {
			for i := range splits {
				if !yield(splits[i].File.Path) {
					return
				}
			}
		}
	})
	return f
}

func (a *attempt) source() physical.Source {
	return physical.Source{Task: a.id, Worker: a.worker.id, Address: a.worker.address}
}

// Reserve takes memory of the query for what is kept of its result, until it is
// closed: 53200 when there is not so much.
func (q *Query) Reserve(n int64) error { return q.memory.Reserve(n) }

// Schema is that of the root stage.
func (q *Query) Schema() *arrow.Schema { return q.plan.Root().Root.Schema() }

// Next gives the next batch of the result. When ctx ends, the query ends.
func (q *Query) Next(ctx context.Context) (arrow.Record, error) {
	if q.err != nil {
		return nil, q.err
	}
	unwatch := context.AfterFunc(ctx, func() { q.cancel(canceled(ctx)) })
	defer unwatch()
	rec, err := q.next()
	if err == nil {
		q.record.rows.Add(rec.NumRows())
		return rec, nil
	}
	if !errors.Is(err, io.EOF) {
		err = q.reason(err)
	}
	q.err = err
	q.finish(err)
	return nil, err
}

func (q *Query) next() (arrow.Record, error) {
	if q.root == nil {
		if err := q.awaitRoot(); err != nil {
			return nil, err
		}
	}
	return q.root.Next(q.ctx)
}

// reason is why the query failed, which is seldom what the root operator saw.
func (q *Query) reason(err error) error {
	q.s.mu.Lock()
	failure := q.failure
	q.s.mu.Unlock()
	switch {
	case failure != nil:
		return failure
	case q.ctx.Err() != nil:
		return canceled(q.ctx)
	}
	return err
}

// Close ends the query: everything of it stops, on every worker.
func (q *Query) Close() error {
	if q.err == nil {
		q.err = sqlerr.New(sqlerr.InvalidCursorName, "the query is closed")
	}
	q.finish(q.reason(nil))
	q.once.Do(func() {
		if q.root != nil {
			q.root.Close()
		}
		if q.reader != nil {
			q.reader.close()
		}
		q.memory.Close()
	})
	q.Pause()
	return nil
}

// Pause gives back the query's place among those that run at once, for good: its
// reader takes the rest of its rows when it likes, or never, and nobody must wait
// for that.
func (q *Query) Pause() { q.place.Do(func() { q.s.admission.leave(q.info.User) }) }

// finish writes the query's outcome down and stops what still runs; the first
// call counts. nil and io.EOF are success.
func (q *Query) finish(err error) {
	q.s.mu.Lock()
	if q.cpu != nil {
		q.spent += time.Duration(q.cpu.Stop())
	}
	q.record.finish(q, err)
	q.s.mu.Unlock()
	q.cancel(sqlerr.New(sqlerr.QueryCanceled, "the query has ended"))
	q.stop()
}

// stop ends the query in the machine.
func (q *Query) stop() {
	q.s.event(func(m *machine, now time.Time) {
		if q.state != nil && !q.state.ended {
			q.record.snapshot(q, now)
			m.close(q.state, now)
		}
		if q.record.ended {
			delete(q.s.queries, q.info.ID)
		}
	})
}

// fail notes why the query fails and wakes the root. Called under s.mu.
func (q *Query) fail(err error) {
	if q.failure == nil {
		q.failure = err
	}
	q.cancel(err)
	q.news()
}

// news wakes whoever waits for the query's state to change. Called under s.mu.
func (q *Query) news() {
	close(q.changed)
	q.changed = make(chan struct{})
}
