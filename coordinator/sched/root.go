package sched

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec"
	"volley/planner/physical"
)

// fetchAhead is how many outputs of other processes are fetched while the root
// still reads the one before, unless they are larger than fetchAheadBytes; one is
// in any case.
const (
	fetchAhead      = 8
	fetchAheadBytes = 16 << 20
)

// rootReader is the root stage's exec.ExchangeReader. Open waits for a producer
// task to be confirmed. Where order does not matter, it opens whichever one is.
// Outputs are freed on their workers once they are read, or fetched whole.
type rootReader struct {
	q     *Query
	any   map[int]bool // by stage: tasks may be taken in any order
	state *queryState  // guarded by s.mu

	mu      sync.Mutex
	fetches map[physical.TaskID]*fetch
	taken   map[int]map[int]bool // by stage and task, where any
	closed  bool
}

// fetch is an output on its way from another process.
type fetch struct {
	done chan struct{} // closed when op and err are set
	op   exec.Operator
	err  error
}

func newRootReader(q *Query, state *queryState) *rootReader {
	r := &rootReader{q: q, state: state, any: map[int]bool{}, fetches: map[physical.TaskID]*fetch{}, taken: map[int]map[int]bool{}}
	root := q.plan.Root().Root
	if state != nil {
		root = state.root
	}
	for _, src := range sources(root) {
		// two sources of one stage could not tell which tasks each has had
		r.any[src.Stage] = !src.Ordered && src.Merge == nil && state.stages[src.Stage].root == 1
		r.taken[src.Stage] = map[int]bool{}
	}
	return r
}

// Sources waits until it is settled how many tasks a stage has, and gives them.
func (r *rootReader) Sources(ctx context.Context, stage int) ([]physical.Source, error) {
	st := r.state.stages[stage]
	for {
		var changed chan struct{}
		tasks := -1
		r.q.s.event(func(*machine, time.Time) {
			if changed = r.q.changed; st.settled && r.q.failure == nil && !r.state.ended {
				tasks = len(st.tasks)
			}
		})
		if tasks >= 0 {
			out := make([]physical.Source, tasks)
			for i := range out {
				out[i].Task = physical.TaskID{Query: r.q.info.ID, Stage: stage, Task: i, Attempt: -1}
			}
			return out, nil
		}
		if err := r.q.reason(nil); err != nil {
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, r.q.reason(ctx.Err())
		}
	}
}

// Open waits for the producer task and opens its output. An output that turns
// out to be lost is made again, and waited for.
func (r *rootReader) Open(ctx context.Context, src physical.Source, partition int) (exec.Operator, error) {
	if r.state.stages[src.Task.Stage].spec.Output.Kind == physical.Hash {
		partition = physical.AllPartitions // see place.go
	}
	for {
		found, local, next, err := r.await(ctx, src.Task.Stage, src.Task.Task)
		if err != nil {
			return nil, err
		}
		var op exec.Operator
		if local != nil {
			op, err = local.Open(found.Task, partition)
		} else {
			f := r.fetch(found, partition)
			for _, n := range next {
				r.fetch(n, partition)
			}
			op, err = r.collect(ctx, found.Task, f)
		}
		var lost *exec.LostSource
		if errors.As(err, &lost) {
			r.q.s.event(func(m *machine, now time.Time) {
				if !m.cutOff(nil, r.state, found, lost.Err, now) {
					m.unreachable(r.state, found, lost.Err)
				}
				m.assign(now)
			})
			continue
		}
		if err != nil {
			return nil, err
		}
		if r.any[src.Task.Stage] {
			r.taken[src.Task.Stage][found.Task.Task] = true
		}
		t := &taken{Operator: op, r: r, task: found.Task}
		if local == nil {
			t.free() // it is here now
		}
		return t, nil
	}
}

// await waits until the task, or any task that was not taken, is confirmed. It
// gives the output's place, the worker if it is of this process, and outputs
// elsewhere that will be wanted next.
func (r *rootReader) await(ctx context.Context, stage, task int) (src physical.Source, local LocalWorker, next []physical.Source, err error) {
	s := r.q.s
	st := r.state.stages[stage]
	for {
		var changed chan struct{}
		found := false
		s.event(func(m *machine, now time.Time) {
			if changed = r.q.changed; r.q.failure != nil || r.state.ended {
				return
			}
			for i, t := range st.tasks {
				if !t.confirmed || !r.wants(stage, task, i) {
					continue
				}
				src, found = t.winner.source(), true
				if e, ok := s.endpoints[t.winner.worker].(*localEndpoint); ok {
					local = e.worker
				}
				next = r.ahead(st, i)
				return
			}
			if r.any[stage] {
				task = len(st.tasks) - 1
			}
			m.demand(st, task, now)
			changed = r.q.changed
		})
		if found {
			return src, local, next, nil
		}
		if err := r.q.reason(nil); err != nil {
			return src, nil, nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return src, nil, nil, r.q.reason(ctx.Err())
		}
	}
}

// wants tells whether task i will do for a reader that asks for a task.
func (r *rootReader) wants(stage, task, i int) bool {
	if r.any[stage] {
		return !r.taken[stage][i]
	}
	return i == task
}

// ahead are the outputs of other processes that follow task n. Under s.mu.
func (r *rootReader) ahead(st *stageState, n int) []physical.Source {
	var next []physical.Source
	size := int64(0)
	for _, t := range st.tasks[n+1 : min(n+1+fetchAhead, len(st.tasks))] {
		if t.confirmed && t.read < st.root && !t.winner.worker.local {
			if size += t.winner.report.Bytes; size > fetchAheadBytes && len(next) > 0 {
				break
			}
			next = append(next, t.winner.source())
		}
	}
	return next
}

// fetch starts to fetch an output unless that has been done.
func (r *rootReader) fetch(src physical.Source, partition int) *fetch {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.fetches[src.Task]; f != nil {
		return f
	}
	f := &fetch{done: make(chan struct{})}
	r.fetches[src.Task] = f
	if r.closed {
		f.err = context.Canceled
		close(f.done)
		return f
	}
	r.q.s.group.Go(func() {
		defer close(f.done)
		f.op, f.err = r.q.s.cfg.Exchange.Open(r.q.ctx, src, partition)
	})
	return f
}

// collect waits for a fetch and takes its outcome.
func (r *rootReader) collect(ctx context.Context, task physical.TaskID, f *fetch) (exec.Operator, error) {
	select {
	case <-f.done:
		r.mu.Lock()
		delete(r.fetches, task)
		r.mu.Unlock()
		return f.op, f.err
	case <-ctx.Done():
		return nil, r.q.reason(ctx.Err())
	}
}

// close drops what was fetched and never read.
func (r *rootReader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, f := range r.fetches {
		<-f.done // the query's context has ended, so this does not take long
		if f.op != nil {
			f.op.Close()
		}
	}
}

// taken is an output being read by the root. It is freed on its worker at its
// end, and at the latest when it is closed.
type taken struct {
	exec.Operator
	r    *rootReader
	task physical.TaskID
	once sync.Once
}

// Next gives the next batch of the output.
func (t *taken) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := t.Operator.Next(ctx)
	if errors.Is(err, io.EOF) {
		t.free()
	}
	return rec, err
}

// Close frees the output.
func (t *taken) Close() error {
	t.free()
	return t.Operator.Close()
}

func (t *taken) free() {
	t.once.Do(func() {
		t.r.q.s.event(func(m *machine, now time.Time) {
			if !t.r.state.ended {
				m.consumed(t.r.state, t.task.Stage, t.task.Task, now)
			}
		})
	})
}
