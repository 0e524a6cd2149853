package sched

import (
	"context"

	"volley/sqlerr"
)

// admission lets a number of queries run at once; some more wait in line, and
// the rest are refused.
type admission struct {
	running chan struct{} // one element for each running query
	present chan struct{} // one for each running or waiting query
}

func newAdmission(running, waiting int) *admission {
	return &admission{running: make(chan struct{}, running), present: make(chan struct{}, running+waiting)}
}

// enter waits for a place; the caller must leave in the end.
func (a *admission) enter(ctx context.Context) error {
	select {
	case a.present <- struct{}{}:
	default:
		return sqlerr.New(sqlerr.TooManyConnections, "too many queries: %d run and %d wait", cap(a.running), cap(a.present)-cap(a.running)).
			WithHint("Try again later, or raise the limit of running queries.")
	}
	select {
	case a.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-a.present
		return canceled(ctx)
	}
}

func (a *admission) leave() {
	<-a.running
	<-a.present
}
