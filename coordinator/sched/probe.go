package sched

import (
	"errors"
	"io"
	"time"

	"volley/catalog"
	"volley/planner/physical"
)

// probe reads a split to its end, without columns, to learn where its last
// record ends (see chain.go).
func (s *Scheduler) probe(q *Query, task physical.TaskID, split catalog.Split) {
	s.mu.Lock()
	st := q.settled.stages[task.Stage].spec
	s.mu.Unlock()
	end, err := q.splitEnd(st, split)
	s.event(func(m *machine, now time.Time) {
		if q.state != nil && !q.state.ended {
			m.probed(q.state, task.Stage, task.Task, end, err, now)
		}
	})
}

func (q *Query) splitEnd(st *physical.Stage, split catalog.Split) (int64, error) {
	var spec catalog.ScanSpec
	for _, scan := range scans(st.Root) {
		if scan.ID == st.Scan {
			spec = scan.Spec
		}
	}
	spec.Projection, spec.Pruning, spec.Limit = nil, nil, 0
	r, err := q.s.cfg.Formats[spec.Format].Open(q.ctx, q.s.cfg.Store, &spec, split)
	if err != nil {
		return -1, err
	}
	defer r.Close()
	for {
		if _, err := r.Next(q.ctx); errors.Is(err, io.EOF) {
			return r.Bounds().End, nil
		} else if err != nil {
			return -1, err
		}
	}
}
