package objstore

import "context"

// WrapReaders gives s with each Reader that it opens, by whatever way, replaced by
// what wrap makes of it.
func WrapReaders(s Store, wrap func(Reader) Reader) Store { return &opening{s, wrap} }

type opening struct {
	Store
	wrap func(Reader) Reader
}

func (s *opening) Open(ctx context.Context, path string) (Reader, error) {
	return s.opened(s.Store.Open(ctx, path))
}

// OpenVersion opens an object as Open does.
func (s *opening) OpenVersion(ctx context.Context, info Info) (Reader, error) {
	return s.opened(OpenVersion(ctx, s.Store, info))
}

func (s *opening) opened(r Reader, err error) (Reader, error) {
	if err != nil {
		return nil, err
	}
	return s.wrap(r), nil
}
