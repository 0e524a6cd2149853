package secret

import (
	"context"
	"slices"
)

// Set is a number of secrets that does not change. A nil one is empty.
type Set struct{ list []*Secret }

// NewSet makes a set of secrets, which must not be changed any more.
func NewSet(list []*Secret) *Set {
	if len(list) == 0 {
		return nil
	}
	return &Set{list}
}

// List gives the secrets.
func (s *Set) List() []*Secret {
	if s == nil {
		return nil
	}
	return s.list
}

// Find gives the secret for a path, nil for none, and how long its scope is. Of equal
// scopes the name that comes first counts.
func (s *Set) Find(path string) (found *Secret, scope int) {
	scope = -1
	for _, candidate := range s.List() {
		n := candidate.matches(path)
		if n > scope || n >= 0 && n == scope && candidate.Name < found.Name {
			found, scope = candidate, n
		}
	}
	return found, scope
}

// For gives those secrets of the set that the paths need.
func (s *Set) For(each func(yield func(path string) bool)) *Set {
	if s == nil {
		return nil
	}
	var needed []*Secret
	for path := range each {
		if found, _ := s.Find(path); found != nil && !slices.Contains(needed, found) {
			needed = append(needed, found)
		}
	}
	return NewSet(needed)
}

type contextKey struct{}

// With has stores use the secrets for calls with the context, before those of their
// own process.
func With(ctx context.Context, s *Set) context.Context {
	if s == nil {
		return ctx
	}
	return context.WithValue(ctx, contextKey{}, s)
}

// Find gives the secret for a path: of the context's and of the process's own the one
// with the longer scope, the context's if both are the same. nil: there is none.
func Find(ctx context.Context, own *Keeper, path string) *Secret {
	given, _ := ctx.Value(contextKey{}).(*Set)
	first, length := given.Find(path)
	second, other := own.Set().Find(path)
	if other > length {
		return second
	}
	return first
}
