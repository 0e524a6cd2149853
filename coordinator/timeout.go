package coordinator

import (
	"context"
	"time"

	"volley/sqlerr"
)

// timeout gives the context of a statement under statement_timeout, of which part
// is spent already. Functions that the session evaluates end with it too.
func (s *Session) timeout(ctx context.Context, spent time.Duration) (context.Context, context.CancelFunc) {
	cancel := context.CancelFunc(nil)
	if ms := s.settings.integer("statement_timeout"); ms > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, time.Duration(ms)*time.Millisecond-spent,
			sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to statement timeout"))
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	s.running = ctx
	return ctx, cancel
}

// done is closed when the current statement is cancelled.
func (s *Session) done() <-chan struct{} {
	if s.running == nil {
		return nil
	}
	return s.running.Done()
}

// context is that of the current statement.
func (s *Session) context() context.Context {
	if s.running == nil {
		return context.Background()
	}
	return s.running
}

// timedOut gives the reason why a context ended, when that is why err came.
func timedOut(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if why := context.Cause(ctx); sqlerr.Code(why) != sqlerr.InternalError {
		return why
	}
	return err
}
