package objstore

import "context"

// VersionOpener is a Store that can open an object of which all is known without
// asking for it. That it is another one by now shows when it is read.
type VersionOpener interface {
	OpenVersion(ctx context.Context, info Info) (Reader, error)
}

// OpenVersion opens the version of an object that Glob gave. A store that cannot
// tell may give another one: its Info says which.
func OpenVersion(ctx context.Context, s Store, info Info) (Reader, error) {
	if o, ok := s.(VersionOpener); ok && info.Version != "" {
		return o.OpenVersion(ctx, info)
	}
	return s.Open(ctx, info.Path)
}

// OpenVersion opens an allowed object.
func (a *allowing) OpenVersion(ctx context.Context, info Info) (_ Reader, err error) {
	if info.Path, err = a.check(info.Path); err != nil {
		return nil, err
	}
	return OpenVersion(ctx, a.store, info)
}

// OpenVersion opens in the store that the path belongs to.
func (m *Mux) OpenVersion(ctx context.Context, info Info) (Reader, error) {
	s, p, err := m.route(info.Path)
	if err != nil {
		return nil, err
	}
	info.Path = p
	return OpenVersion(ctx, s, info)
}

func (s *counting) OpenVersion(ctx context.Context, info Info) (Reader, error) {
	s.c.Opens.Add(1)
	r, err := OpenVersion(ctx, s.store, info)
	if err != nil {
		return nil, err
	}
	return &countingReader{r, s.c}, nil
}

func (s *retrying) OpenVersion(ctx context.Context, info Info) (Reader, error) {
	return s.open(ctx, func() (Reader, error) { return OpenVersion(ctx, s.store, info) })
}
