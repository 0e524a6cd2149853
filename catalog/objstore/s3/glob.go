package s3

import (
	"context"
	"slices"
	"strings"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// Glob gives the objects that match pattern. A path without wildcards is an
// object or, failing that, the directory of the objects below it. Buckets have
// no wildcards.
func (s *Store) Glob(ctx context.Context, pattern string) ([]objstore.Info, error) {
	return s.GlobPruned(ctx, pattern, nil)
}

// GlobPruned is Glob without the objects of directories that keep, unless it is nil,
// says are not wanted.
func (s *Store) GlobPruned(ctx context.Context, pattern string, keep func(dir string) bool) ([]objstore.Info, error) {
	if bucket, _, _ := strings.Cut(strings.TrimPrefix(pattern, s.config.Scheme+"://"), "/"); objstore.HasMeta(bucket) {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "wildcards in the bucket's name of \"%s\" are not supported", pattern)
	}
	bucket, key, err := split(pattern)
	if err != nil {
		return nil, err
	}
	outline := objstore.OutlineOf(ctx)
	if outline != nil {
		outline.Directories = nil // of a try before
	}
	if !objstore.HasMeta(key) {
		return s.globPlain(ctx, pattern, bucket, key, outline, keep)
	}
	alternatives, err := objstore.ExpandBraces(key)
	if err != nil {
		return nil, err
	}
	found := map[string]objstore.Info{}
	if len(alternatives) > 1 {
		outline = nil
	}
	for _, alt := range alternatives {
		if strings.HasSuffix(alt, "/") {
			alt += objstore.AnyDirs
		}
		p, err := objstore.CompilePattern(alt)
		if err != nil {
			return nil, err
		}
		if err := s.match(ctx, bucket, p, outline, keep, found); err != nil {
			return nil, err
		}
	}
	return sorted(found), nil
}

// match adds the objects that match a pattern of keys.
func (s *Store) match(ctx context.Context, bucket string, p objstore.Pattern, outline *objstore.Outline, keep func(dir string) bool, found map[string]objstore.Info) error {
	prefix := p.Prefix()
	// The keys below other directories need not be listed if the only wildcards
	// are in the last part.
	last := p.Segments()[len(p.Segments())-1]
	deep := last == objstore.AnyDirs || strings.Count(prefix, "/") < len(p.Segments())-1
	var drawn *sketch
	if outline != nil {
		drawn = &sketch{outline, p.Match, p.MatchBelow}
	}
	return s.list(ctx, bucket, prefix, deep, keep, drawn, func(key string, info objstore.Info) {
		if p.Match(key) {
			found[key] = info
		}
	})
}

func (s *Store) globPlain(ctx context.Context, path, bucket, key string, outline *objstore.Outline, keep func(dir string) bool) ([]objstore.Info, error) {
	var missing error
	if key != "" && !strings.HasSuffix(key, "/") {
		info, err := s.find(ctx, path)
		if err == nil {
			return []objstore.Info{info}, nil
		}
		if sqlerr.Code(err) != sqlerr.UndefinedFile {
			return nil, err
		}
		missing = err
		key += "/"
	}
	found := map[string]objstore.Info{}
	exists := false
	wanted := keep
	if keep != nil {
		wanted = func(dir string) bool {
			exists = true
			return keep(dir)
		}
	}
	data := func(name string) bool {
		return !slices.ContainsFunc(strings.Split(strings.TrimPrefix(name, key), "/"), objstore.SkippedInDirectory)
	}
	var drawn *sketch
	if outline != nil {
		drawn = &sketch{outline, data, data}
	}
	err := s.list(ctx, bucket, key, true, wanted, drawn, func(name string, info objstore.Info) {
		if exists = true; data(name) {
			found[name] = info
		}
	})
	if err != nil {
		return nil, err
	}
	if !exists {
		if missing == nil {
			missing = sqlerr.New(sqlerr.UndefinedFile, "no files in \"%s\"", path)
		}
		return nil, missing
	}
	return sorted(found), nil
}

// list calls add for each object whose key starts with prefix; of those with a
// slash after it only if deep, and of those below a directory only if keep, which may be
// nil, says so. drawn, unless it is nil, asks for an outline. Keys that end in a slash are
// directories that some tools make, not data.
func (s *Store) list(ctx context.Context, bucket, prefix string, deep bool, keep func(dir string) bool, drawn *sketch, add func(key string, info objstore.Info)) error {
	a, err := s.access(ctx, s.config.Scheme+"://"+bucket+"/"+prefix)
	if err != nil {
		return err
	}
	l := listing{access: a, bucket: bucket, retry: &s.config.Retry, deep: deep, keep: keep, sketch: drawn, add: add}
	return l.run(ctx, prefix)
}

func sorted(found map[string]objstore.Info) []objstore.Info {
	out := make([]objstore.Info, 0, len(found))
	for _, info := range found {
		out = append(out, info)
	}
	slices.SortFunc(out, func(a, b objstore.Info) int { return strings.Compare(a.Path, b.Path) })
	return out
}
