package copyto

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"golang.org/x/sync/errgroup"

	"volley/sqlerr"
)

// lanes write several files at a time, each the records it gets.
type lanes struct {
	records  chan arrow.Record
	tasks    *errgroup.Group
	failed   <-chan struct{} // closed when a lane failed
	finished bool
	err      error
}

func newLanes(w *Writer, n int) *lanes {
	tasks, ctx := errgroup.WithContext(w.ctx)
	l := &lanes{records: make(chan arrow.Record), tasks: tasks, failed: ctx.Done()}
	for i := range n {
		tasks.Go(sqlerr.Guarded(func() error {
			p := &partition{w: w, n: i, step: n}
			held := NewHeld(w.ctx)
			defer held.Release()
			for rec := range l.records {
				if err := p.write(rec, nil); err != nil {
					return err
				}
				if err := held.Settle(p.buffered, p.flush); err != nil {
					return err
				}
			}
			return p.finish()
		}))
	}
	return l
}

func (l *lanes) write(rec arrow.Record) error {
	select {
	case l.records <- rec:
		return nil
	case <-l.failed:
		if err := l.finish(); err != nil {
			return err
		}
		return context.Canceled
	}
}

// finish ends all files and waits for them.
func (l *lanes) finish() error {
	if !l.finished {
		l.finished = true
		close(l.records)
		l.err = l.tasks.Wait()
	}
	return l.err
}
