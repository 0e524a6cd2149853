package sched

import (
	"context"
	"slices"
	"sync"

	"volley/sqlerr"
)

// admission lets a number of queries run at once; some more wait in line, and
// the rest are refused. A place that becomes free goes to the user who has the
// fewest queries running, and among that user's to the one that has waited
// longest: somebody with a hundred queries delays the others by one.
type admission struct {
	running, waiting int // limits

	mu     sync.Mutex
	active map[string]int // running queries, by user
	places int            // running queries of all
	line   []*waiter      // in order of arrival
}

// waiter is a query in line.
type waiter struct {
	user     string
	admitted chan struct{} // closed when it may run
}

func newAdmission(running, waiting int) *admission {
	return &admission{running: running, waiting: waiting, active: map[string]int{}}
}

// enter waits for a place; the caller must leave in the end.
func (a *admission) enter(ctx context.Context, user string) error {
	a.mu.Lock()
	if a.places < a.running {
		a.take(user)
		a.mu.Unlock()
		return nil
	}
	if len(a.line) >= a.waiting {
		a.mu.Unlock()
		return sqlerr.New(sqlerr.TooManyConnections, "too many queries: %d run and %d wait", a.running, a.waiting).
			WithHint("Try again later, or raise the limit of running queries.")
	}
	w := &waiter{user: user, admitted: make(chan struct{})}
	a.line = append(a.line, w)
	a.mu.Unlock()
	select {
	case <-w.admitted:
		return nil
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.Index(a.line, w); i >= 0 {
		a.line = slices.Delete(a.line, i, i+1)
	} else { // it was admitted at the same moment
		a.give(user)
	}
	return canceled(ctx)
}

// count is how many queries have a place, and how many wait for one.
func (a *admission) count() (running, waiting int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.places, len(a.line)
}

// leave gives a place back.
func (a *admission) leave(user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.give(user)
}

func (a *admission) take(user string) {
	a.places++
	a.active[user]++
}

// give takes a place from a user and admits the next query.
func (a *admission) give(user string) {
	a.places--
	if a.active[user]--; a.active[user] == 0 {
		delete(a.active, user)
	}
	if len(a.line) == 0 || a.places >= a.running {
		return
	}
	next := 0
	for i, w := range a.line {
		if a.active[w.user] < a.active[a.line[next].user] {
			next = i
		}
	}
	w := a.line[next]
	a.line = slices.Delete(a.line, next, next+1)
	a.take(w.user)
	close(w.admitted)
}
