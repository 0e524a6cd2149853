package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"volley/catalog/objstore"
)

// Glob gives the regular files that match pattern, in byte order of their
// absolute paths and each once. Wildcards do not match names that begin with a
// dot, and ** does not follow links to directories. A name with wildcard
// characters in it that exists as it is stands for itself.
func (s *Store) Glob(ctx context.Context, pattern string) ([]objstore.Info, error) {
	return s.GlobPruned(ctx, pattern, nil)
}

// GlobPruned is Glob that does not look into directories that keep, unless it is nil,
// says are not wanted.
func (s *Store) GlobPruned(ctx context.Context, pattern string, keep func(dir string) bool) ([]objstore.Info, error) {
	w := walker{ctx: ctx, found: map[string]objstore.Info{}, keep: keep}
	if !objstore.HasMeta(pattern) || exists(pattern) {
		return w.plain(pattern)
	}
	alternatives, err := objstore.ExpandBraces(pattern)
	if err != nil {
		return nil, err
	}
	for _, alt := range alternatives {
		abs, err := absolute(alt)
		if err != nil {
			return nil, err
		}
		p, err := objstore.CompilePattern(abs)
		if err != nil {
			return nil, err
		}
		w.wholeDirectories = strings.HasSuffix(alt, "/")
		if err := w.match("/", p.Segments()[1:]); err != nil {
			return nil, err
		}
	}
	return w.sorted(), nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// plain is what a path without wildcards stands for.
func (w *walker) plain(path string) ([]objstore.Info, error) {
	abs, err := absolute(path)
	if err != nil {
		return nil, err
	}
	st, err := os.Stat(abs)
	if err != nil {
		return nil, fileError(err, "open", path, abs)
	}
	if !st.IsDir() {
		if err := mustBeRegular(st, path); err != nil {
			return nil, err
		}
		return []objstore.Info{infoOf(abs, st)}, nil
	}
	if err := w.directory(abs); err != nil {
		return nil, err
	}
	return w.sorted(), nil
}

// walker collects the files of a glob.
type walker struct {
	ctx              context.Context
	found            map[string]objstore.Info
	wholeDirectories bool // the pattern ends in /: directories stand for the files in them
	// keep tells which directories are looked into; nil: all.
	keep func(dir string) bool
}

func (w *walker) wants(dir string) bool { return w.keep == nil || w.keep(dir) }

// match adds the files below dir that match segments.
func (w *walker) match(dir string, segments []string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if len(segments) == 0 {
		return w.leaf(dir)
	}
	s := segments[0]
	if !objstore.HasMeta(s) {
		return w.match(filepath.Join(dir, s), segments[1:])
	}
	entries, err := readDir(w.ctx, dir)
	if err != nil {
		return err
	}
	if s != objstore.AnyDirs {
		for _, e := range entries {
			if objstore.MatchSegment(s, e.Name()) && (!e.IsDir() || w.wants(filepath.Join(dir, e.Name()))) {
				if err := w.match(filepath.Join(dir, e.Name()), segments[1:]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if len(segments) > 1 { // ** as no directory at all
		if err := w.match(dir, segments[1:]); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		name := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			if w.wants(name) {
				err = w.match(name, segments)
			}
		case len(segments) == 1:
			err = w.leaf(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaf adds a file that matched the whole pattern, if it is one.
func (w *walker) leaf(name string) error {
	st, err := os.Stat(name)
	switch {
	// A fixed segment, a link to nothing or to itself, or gone meanwhile.
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ELOOP):
		return nil
	case err != nil:
		return ignoreNotDirectory(err, name)
	case st.Mode().IsRegular() && !w.wholeDirectories:
		w.found[name] = infoOf(name, st)
	case st.IsDir() && w.wholeDirectories:
		return w.directory(name)
	}
	return nil
}

// directory adds all data files below dir.
func (w *walker) directory(dir string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, err := readDir(w.ctx, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if objstore.SkippedInDirectory(e.Name()) {
			continue
		}
		name := filepath.Join(dir, e.Name())
		if e.IsDir() {
			if !w.wants(name) {
				continue
			}
			if err := w.directory(name); err != nil {
				return err
			}
			continue
		}
		st, err := os.Stat(name)
		if err == nil && st.Mode().IsRegular() {
			w.found[name] = infoOf(name, st)
		}
	}
	return nil
}

func (w *walker) sorted() []objstore.Info {
	out := make([]objstore.Info, 0, len(w.found))
	for _, info := range w.found {
		out = append(out, info)
	}
	slices.SortFunc(out, func(a, b objstore.Info) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// dirEntries is how many entries of a directory are read between two looks at
// the context.
const dirEntries = 4096

// readDir gives the entries of dir, in any order; what is no directory has none.
func readDir(ctx context.Context, dir string) (entries []fs.DirEntry, err error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, ignoreNotDirectory(err, dir)
	}
	defer f.Close()
	for {
		some, err := f.ReadDir(dirEntries)
		entries = append(entries, some...)
		switch {
		case errors.Is(err, io.EOF):
			return entries, nil
		case err != nil:
			return entries, ignoreNotDirectory(err, dir)
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
	}
}

func ignoreNotDirectory(err error, name string) error {
	if err == nil {
		return nil
	}
	if st, statErr := os.Stat(filepath.Dir(name)); statErr == nil && !st.IsDir() {
		return nil
	}
	if st, statErr := os.Stat(name); statErr == nil && !st.IsDir() {
		return nil
	}
	return fileError(err, "list", name, name)
}
