package objstore

import (
	"context"
	"strings"

	"volley/sqlerr"
)

// Mux routes each path to a store by its scheme. Paths without a scheme, and
// those of scheme file, go to the local store.
type Mux struct {
	local   Store
	schemes map[string]Store
}

// NewMux makes a multiplexer over a local store and others by scheme ("s3").
func NewMux(local Store, schemes map[string]Store) *Mux {
	return &Mux{local, schemes}
}

var _ Store = (*Mux)(nil)

// Scheme gives the scheme of a path in lower case, "" when it has none.
func Scheme(path string) string {
	i := strings.Index(path, "://")
	if i < 1 {
		return ""
	}
	for j := range i {
		switch c := path[j] | 0x20; {
		case c >= 'a' && c <= 'z':
		case j > 0 && (path[j] >= '0' && path[j] <= '9' || path[j] == '+' || path[j] == '-' || path[j] == '.'):
		default:
			return ""
		}
	}
	return strings.ToLower(path[:i])
}

func (m *Mux) route(path string) (Store, string, error) {
	switch s := Scheme(path); s {
	case "":
		return m.local, path, nil
	case "file":
		return m.local, path[len("file://"):], nil
	default:
		if store := m.schemes[s]; store != nil {
			return store, path, nil
		}
		return nil, "", sqlerr.New(sqlerr.FeatureNotSupported, "unsupported scheme \"%s\" in location \"%s\"", s, path).
			WithHint("Use a local path, s3://bucket/key, gs://bucket/key or https://host/path.")
	}
}

// Glob lists in the store that pattern belongs to.
func (m *Mux) Glob(ctx context.Context, pattern string) ([]Info, error) {
	s, p, err := m.route(pattern)
	if err != nil {
		return nil, err
	}
	return s.Glob(ctx, p)
}

// Resolve resolves in the store that path belongs to.
func (m *Mux) Resolve(ctx context.Context, path string) (string, error) {
	s, p, err := m.route(path)
	if err != nil {
		return "", err
	}
	return s.Resolve(ctx, p)
}

// Open opens in the store that path belongs to.
func (m *Mux) Open(ctx context.Context, path string) (Reader, error) {
	s, p, err := m.route(path)
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, p)
}

// Create creates in the store that path belongs to.
func (m *Mux) Create(ctx context.Context, path string) (Writer, error) {
	s, p, err := m.route(path)
	if err != nil {
		return nil, err
	}
	return s.Create(ctx, p)
}

// MakeDirectory makes a directory in the store that path belongs to.
func (m *Mux) MakeDirectory(ctx context.Context, path string) (func(), error) {
	s, p, err := m.route(path)
	if err != nil {
		return nil, err
	}
	return s.MakeDirectory(ctx, p)
}

// Remove removes from the store that path belongs to.
func (m *Mux) Remove(ctx context.Context, path string) error {
	s, p, err := m.route(path)
	if err != nil {
		return err
	}
	return s.Remove(ctx, p)
}
