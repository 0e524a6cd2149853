package s3

import (
	"context"
	"errors"
	"time"

	"volley/catalog/objstore/secret"
)

// maxAccesses bounds how many connections with different settings are kept.
const maxAccesses = 64

// connection is an access that is being made, or has been.
type connection struct {
	made   chan struct{} // closed when access or err is there
	access *access
	err    error
}

// access gives the client for a path. The first call with its settings makes it: that
// may have to ask a service for credentials, for which only calls with the same settings
// wait, each no longer than its own context. A failure is not kept.
func (s *Store) access(ctx context.Context, path string) (*access, error) {
	settings := secret.Find(ctx, s.config.Secrets, path)
	identity, err := identityOf(settings)
	if err != nil {
		return nil, err
	}
	for {
		c, mine := s.connection(identity)
		if mine {
			s.make(ctx, c, identity, settings)
		}
		select {
		case <-c.made:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		switch {
		case c.err == nil:
			return c.access, c.access.fresh(ctx)
		case mine || !errors.Is(c.err, context.Canceled) && !errors.Is(c.err, context.DeadlineExceeded):
			return nil, c.err
		}
		// Whoever made it was cancelled, which is none of this call's business.
	}
}

// connection gives the one for settings, and whether the caller has to make it.
func (s *Store) connection(identity string) (c *connection, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c = s.connections[identity]
	if c != nil && !c.over() {
		return c, false
	}
	if len(s.connections) >= maxAccesses {
		clear(s.connections) // readers keep theirs
	}
	c = &connection{made: make(chan struct{})}
	s.connections[identity] = c
	return c, true
}

// over tells whether a connection is to be made anew.
func (c *connection) over() bool {
	select {
	case <-c.made:
		return c.access != nil && !c.access.until.IsZero() && time.Now().After(c.access.until)
	default:
		return false
	}
}

// make makes a connection.
func (s *Store) make(ctx context.Context, c *connection, identity string, settings *secret.Secret) {
	c.err = context.Canceled // what others see of a panic
	defer func() {
		if c.err != nil {
			s.mu.Lock()
			if s.connections[identity] == c {
				delete(s.connections, identity)
			}
			s.mu.Unlock()
		}
		close(c.made)
	}()
	c.access, c.err = s.connect(ctx, settings)
}
