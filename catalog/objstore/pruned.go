package objstore

import "context"

// PrunedGlobber is a Store that saves requests where objects are not wanted.
type PrunedGlobber interface {
	// GlobPruned is Glob that may leave out what is below directories, paths without a
	// slash at their end, that keep says are not wanted. keep is called by one
	// goroutine at a time.
	GlobPruned(ctx context.Context, pattern string, keep func(dir string) bool) ([]Info, error)
}

// GlobPruned lists what matches pattern. A store that saves nothing by keep, which may
// be nil, does not ask it.
func GlobPruned(ctx context.Context, s Store, pattern string, keep func(dir string) bool) ([]Info, error) {
	if p, ok := s.(PrunedGlobber); ok && keep != nil {
		return p.GlobPruned(ctx, pattern, keep)
	}
	return s.Glob(ctx, pattern)
}

// GlobPruned lists in the store that pattern belongs to.
func (m *Mux) GlobPruned(ctx context.Context, pattern string, keep func(dir string) bool) ([]Info, error) {
	s, p, err := m.route(pattern)
	if err != nil {
		return nil, err
	}
	return GlobPruned(ctx, s, p, keep)
}

func (s *opening) GlobPruned(ctx context.Context, pattern string, keep func(dir string) bool) ([]Info, error) {
	return GlobPruned(ctx, s.Store, pattern, keep)
}

func (s *retrying) GlobPruned(ctx context.Context, pattern string, keep func(dir string) bool) (infos []Info, err error) {
	err = s.policy.Do(ctx, func() (err error) {
		infos, err = GlobPruned(ctx, s.store, pattern, keep)
		return err
	})
	return infos, err
}
