package flight

import (
	"context"
	"time"

	"volley/sqlerr"
)

const (
	// quiet is how long a stream may bring nothing before its server is asked
	// whether it lives.
	quiet = 2 * time.Second
	// pingTimeout is how long it may take to answer that.
	pingTimeout = 3 * time.Second
)

// watch ends a stream whose server neither sends nor answers: one that is
// stopped, or that a cut network hides. TCP alone would notice the first never
// and the second after minutes. An output that is slow to come is no reason, as
// long as its server answers.
func (p *Pool) watch(ctx context.Context, cancel context.CancelCauseFunc, address string) *watchdog {
	w := &watchdog{ctx: ctx, cancel: cancel}
	w.timer = time.AfterFunc(time.Hour, func() { w.check(p, address) })
	w.timer.Reset(quiet)
	return w
}

// watchdog watches one stream until it is closed.
type watchdog struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

// check asks the server, and ends the stream unless it answers.
func (w *watchdog) check(p *Pool, address string) {
	if w.ctx.Err() != nil {
		return
	}
	ping, stop := context.WithTimeout(w.ctx, pingTimeout)
	defer stop()
	if err := p.Ping(ping, address); err != nil && w.ctx.Err() == nil {
		e := sqlerr.New(sqlerr.ConnectionFailure, "connection failure: no answer from %s for %s", address, pingTimeout)
		e.Retryable, e.Cause = true, err
		w.cancel(e)
		return
	}
	w.timer.Reset(quiet)
}

// heard notes that something has come.
func (w *watchdog) heard() { w.timer.Reset(quiet) }

// close ends the stream and the watch.
func (w *watchdog) close() {
	w.cancel(nil)
	w.timer.Stop()
}

// reason is why the stream ended, when the watchdog knows better than err.
func (w *watchdog) reason(err error) error {
	if cause := context.Cause(w.ctx); cause != nil && sqlerr.Code(cause) == sqlerr.ConnectionFailure {
		return cause
	}
	return err
}
