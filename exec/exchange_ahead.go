package exec

import (
	"context"
	"time"
)

// openAhead is how many pieces are opened while the one before them is read, so
// that the way to their workers costs its time once and not for every piece.
const openAhead = 4

// opening is a piece that is being opened.
type opening struct {
	done chan struct{} // closed when op and err are set
	op   Operator
	err  error
}

// ahead opens the pieces of an exchange source in their order, some of them before
// they are asked for. It is used by one goroutine.
type ahead struct {
	task   *task
	stats  *OperatorStats
	pieces []outputPiece // not yet opened
	depth  int
	queue  []*opening
	ctx    context.Context // of what is opened, until close
	cancel context.CancelFunc
}

// newAhead: ctx is the task's. What a root stage reads is fetched ahead by its
// exchange, which also chooses among the pieces.
func (t *task) newAhead(ctx context.Context, pieces []outputPiece, stats *OperatorStats) *ahead {
	a := &ahead{task: t, stats: stats, pieces: pieces, depth: openAhead}
	if _, ok := t.env.Exchange.(SourceLister); ok {
		a.depth = 0
	}
	a.ctx, a.cancel = context.WithCancel(ctx)
	return a
}

// empty tells whether every piece has been given.
func (a *ahead) empty() bool { return len(a.pieces)+len(a.queue) == 0 }

// next gives the next piece; until it is open, the operator waits.
func (a *ahead) next(ctx context.Context) (Operator, error) {
	if a.depth == 0 {
		p := a.pieces[0]
		a.pieces = a.pieces[1:]
		return a.task.open(ctx, p, a.stats)
	}
	for len(a.queue) <= a.depth && len(a.pieces) > 0 {
		a.start(a.pieces[0])
		a.pieces = a.pieces[1:]
	}
	o := a.queue[0]
	a.queue = a.queue[1:]
	start := time.Now()
	<-o.done // an exchange watches the context
	a.stats.WaitNanos += int64(time.Since(start))
	return o.op, o.err
}

func (a *ahead) start(p outputPiece) {
	o := &opening{done: make(chan struct{})}
	a.queue = append(a.queue, o)
	go func() {
		defer close(o.done)
		defer func() {
			if r := recover(); r != nil {
				o.err = panicError(a.task.env, a.task.frag.Task, r)
			}
		}()
		o.op, o.err = a.task.env.Exchange.Open(a.ctx, p.source, p.partition)
	}()
}

// close closes what was opened and not given; what was given must have been
// closed before.
func (a *ahead) close() error {
	a.cancel()
	var err error
	for _, o := range a.queue {
		if <-o.done; o.op != nil {
			if e := o.op.Close(); err == nil {
				err = e
			}
		}
	}
	a.queue, a.pieces = nil, nil
	return err
}
