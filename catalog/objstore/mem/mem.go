// Package mem is an object store in memory: the twin of the real ones for
// tests. It takes any path; "mem://name" is how the multiplexer routes to it.
package mem

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// Store holds objects by path. Make it by New.
type Store struct {
	mu      sync.RWMutex
	objects map[string]object
	version int
}

type object struct {
	data    []byte
	version string
}

// New makes an empty store.
func New() *Store { return &Store{objects: map[string]object{}} }

var _ objstore.Store = (*Store)(nil)

// Put stores data, which must not be changed any more, as the object path.
func (s *Store) Put(path string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.objects[path] = object{data, fmt.Sprint(s.version)}
}

// Get gives the bytes of an object.
func (s *Store) Get(path string) ([]byte, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, ok := s.objects[path]
	return o.data, ok
}

// Glob matches the names of the objects. A name that ends in a slash, or is
// followed by one in other names, is a directory.
func (s *Store) Glob(ctx context.Context, pattern string) ([]objstore.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	match, err := matcher(pattern)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []objstore.Info{}
	if o, ok := s.objects[pattern]; ok {
		return append(out, info(pattern, o)), nil
	}
	for name, o := range s.objects {
		if match(name) {
			out = append(out, info(name, o))
		}
	}
	if len(out) == 0 && !objstore.HasMeta(pattern) {
		return nil, missing(pattern)
	}
	slices.SortFunc(out, func(a, b objstore.Info) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

func matcher(pattern string) (func(name string) bool, error) {
	if !objstore.HasMeta(pattern) {
		dir := strings.TrimSuffix(pattern, "/") + "/"
		return func(name string) bool { return inDirectory(dir, name) }, nil
	}
	alternatives, err := objstore.ExpandBraces(pattern)
	if err != nil {
		return nil, err
	}
	patterns := make([]objstore.Pattern, len(alternatives))
	for i, alt := range alternatives {
		if patterns[i], err = objstore.CompilePattern(alt); err != nil {
			return nil, err
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(patterns, func(p objstore.Pattern) bool { return p.Match(name) })
	}, nil
}

func inDirectory(dir, name string) bool {
	rest, ok := strings.CutPrefix(name, dir)
	return ok && !slices.ContainsFunc(strings.Split(rest, "/"), objstore.SkippedInDirectory)
}

// Resolve gives the path itself: names are compared byte by byte.
func (*Store) Resolve(ctx context.Context, path string) (string, error) { return path, ctx.Err() }

// Open gives a reader of the object as it is now.
func (s *Store) Open(ctx context.Context, path string) (objstore.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, ok := s.objects[path]
	if !ok {
		return nil, missing(path)
	}
	return &reader{info: info(path, o), data: o.data}, nil
}

// MakeDirectory makes nothing: names are all there is.
func (*Store) MakeDirectory(ctx context.Context, _ string) (func(), error) {
	return func() {}, ctx.Err()
}

// Create starts an object.
func (s *Store) Create(ctx context.Context, path string) (objstore.Writer, error) {
	return &writer{store: s, path: path}, ctx.Err()
}

// Remove deletes an object.
func (s *Store) Remove(ctx context.Context, path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, path)
	return ctx.Err()
}

func info(path string, o object) objstore.Info {
	return objstore.Info{Path: path, Size: int64(len(o.data)), Version: o.version}
}

func missing(path string) error {
	return sqlerr.New(sqlerr.UndefinedFile, "no such file: \"%s\"", path)
}

type reader struct {
	info objstore.Info
	data []byte
}

func (r *reader) Info() objstore.Info { return r.info }

func (r *reader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, sqlerr.New(sqlerr.IOError, "negative offset %d in \"%s\"", off, r.info.Path)
	}
	if off >= int64(len(r.data)) {
		return 0, io.EOF
	}
	n := copy(p, r.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (r *reader) Close() error { return nil }

type writer struct {
	store *Store
	path  string
	buf   bytes.Buffer
	done  bool
	old   *object // what the path had before Commit
}

func (w *writer) Write(p []byte) (int, error) {
	if w.done {
		return 0, sqlerr.New(sqlerr.IOError, "write to closed object \"%s\"", w.path)
	}
	return w.buf.Write(p)
}

func (w *writer) Commit() error {
	if w.done {
		return sqlerr.New(sqlerr.IOError, "commit of closed object \"%s\"", w.path)
	}
	w.done = true
	w.store.mu.RLock()
	if o, ok := w.store.objects[w.path]; ok {
		w.old = &o
	}
	w.store.mu.RUnlock()
	w.store.Put(w.path, w.buf.Bytes())
	return nil
}

// KeepOld does nothing: Commit keeps what the path had.
func (w *writer) KeepOld() {}

// Restore undoes Commit.
func (w *writer) Restore() error {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if w.old == nil {
		delete(w.store.objects, w.path)
	} else {
		w.store.objects[w.path] = *w.old
	}
	return nil
}

// Forget lets go of what the path had.
func (w *writer) Forget() { w.old = nil }

func (w *writer) Close() error {
	w.done = true
	return nil
}
