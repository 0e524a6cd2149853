package sched

import (
	"errors"
	"io"
	"sync/atomic"
	"time"

	"volley/exec"
	"volley/sqlerr"
)

// WorkerInfo is a registered worker.
type WorkerInfo struct {
	ID       string
	Address  string // of its Flight server; "" for this process
	State    string // "active", "draining", or "quarantined": others could not reach it
	Version  string
	Threads  int
	LastSeen time.Time
	Running  int   // tasks
	Finished int64 // tasks, since it registered
}

// QueryStatus is a query that waits, runs or has ended.
type QueryStatus struct {
	QueryInfo
	State   string // "queued", "running", "finished", "failed" or "canceled"
	Started time.Time
	Elapsed time.Duration
	Rows    int64 // given to the client so far
	Error   error
}

// TaskInfo is one attempt of one task.
type TaskInfo struct {
	Query                string
	Stage, Task, Attempt int
	Worker               string
	// State is "running", "finished", "failed", "lost" (with its worker),
	// "canceled" or "discarded" (it began at a wrong record boundary, or its
	// output was lost).
	State       string
	Rows, Bytes int64
	Elapsed     time.Duration
}

// StageStats sums up a stage for EXPLAIN ANALYZE.
type StageStats struct {
	Stage       int
	Tasks       int
	Attempts    int // more than Tasks when some ran again
	Rows, Bytes int64
	Workers     map[string]int // finished tasks by worker
	Slowest     time.Duration  // task
	Median      time.Duration  // task
	// MostRows and MiddleRows are the rows of the task that gave most and of the
	// median one.
	MostRows, MiddleRows int64
	Operators            []exec.OperatorStats // summed over the tasks; PeakBytes is the largest
	CPU                  time.Duration        // of all tasks; see exec.Report
	// Memory is the most that the query held in one process when a task ended.
	Memory map[string]int64 // by worker
	// Largest and Middle are the bytes of the output's largest partition and of
	// the median one; 0 for an output that is not cut.
	Largest, Middle int64
	Scans           map[int]ScanFiles // by Scan.ID
}

// ScanFiles are how many files a table has, and how many of them a scan reads.
type ScanFiles struct{ Files, Read int }

// record is what is kept of a query. Guarded by s.mu, but for rows.
type record struct {
	info    QueryInfo
	state   string
	started time.Time
	elapsed time.Duration
	rows    atomic.Int64
	err     error
	ended   bool
	tasks   []TaskInfo   // once the query's tasks have ended
	stages  []StageStats // likewise
}

// finish notes the outcome once.
func (r *record) finish(q *Query, err error) {
	if r.ended {
		return
	}
	r.ended = true
	r.elapsed = q.s.cfg.Now().Sub(r.started)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		r.state = "finished"
	case sqlerr.Code(err) == sqlerr.QueryCanceled:
		r.state, r.err = "canceled", err
	default:
		r.state, r.err = "failed", err
	}
	s := q.s
	s.history = append(s.history, r)
	if over := len(s.history) - s.cfg.History; over > 0 {
		s.history = append([]*record(nil), s.history[over:]...)
	}
}

// snapshot keeps the attempts and sums of a query that is about to end.
func (r *record) snapshot(q *Query, now time.Time) {
	r.tasks, r.stages = q.state.infos(now), q.state.stats()
	for i := range r.tasks {
		if r.tasks[i].State == "running" {
			r.tasks[i].State = "canceled"
		}
	}
}

// Workers lists the registered workers in the order in which they came.
func (s *Scheduler) Workers() []WorkerInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	var out []WorkerInfo
	for _, w := range s.machine.workers {
		i := WorkerInfo{ID: w.id, Address: w.address, State: "active", Version: w.version, Threads: w.slots, LastSeen: w.lastSeen, Running: len(w.attempts), Finished: w.completed}
		if w.local {
			i.LastSeen = now
		}
		switch {
		case w.draining:
			i.State = "draining"
		case !w.quarantined.IsZero():
			i.State = "quarantined"
		}
		out = append(out, i)
	}
	return out
}

// Queries lists running queries and the last ended ones, oldest first.
func (s *Scheduler) Queries() []QueryStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []QueryStatus
	add := func(r *record) {
		st := QueryStatus{QueryInfo: r.info, State: r.state, Started: r.started, Elapsed: r.elapsed, Rows: r.rows.Load(), Error: r.err}
		if !r.ended {
			st.Elapsed = s.cfg.Now().Sub(r.started)
		}
		out = append(out, st)
	}
	for _, r := range s.history {
		add(r)
	}
	for _, q := range s.running() {
		add(q.record)
	}
	return out
}

// Tasks lists the attempts of running queries and the last ended ones.
func (s *Scheduler) Tasks() []TaskInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []TaskInfo
	for _, r := range s.history {
		out = append(out, r.tasks...)
	}
	for _, q := range s.running() {
		if q.state != nil {
			out = append(out, q.state.infos(s.cfg.Now())...)
		}
	}
	return out
}

// Stats sums up the query's stages so far, the root last. It may be called by
// who calls Next, and once more after Close.
func (q *Query) Stats() []StageStats {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	out := q.record.stages
	if q.state != nil && !q.state.ended {
		out = q.state.stats()
	}
	root := StageStats{
		Stage: q.rootID(), Tasks: 1, Attempts: 1, Rows: q.record.rows.Load(), Operators: exec.Stats(q.root),
		CPU: q.spent, Memory: map[string]int64{"": q.memory.Peak()},
	}
	out = append(out[:len(out):len(out)], root)
	for i := range out {
		out[i].Scans = q.files
	}
	return out
}
