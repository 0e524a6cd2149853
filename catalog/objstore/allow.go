package objstore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"volley/sqlerr"
)

// Allow limits s to what lies below roots: local directories or files, and
// s3://bucket/prefix. Links are followed before a path is compared, so neither
// ".." nor a link leads out, and the store below is given the path that was
// compared. Whether a file outside exists is not told.
func Allow(s Store, roots []string) (Store, error) {
	a := &allowing{store: s}
	for _, root := range roots {
		if Scheme(root) != "" && Scheme(root) != "file" {
			a.remote = append(a.remote, normalizeRemote(root))
			continue
		}
		local, err := ResolveLocal(strings.TrimPrefix(root, "file://"))
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InvalidParameterValue, "could not resolve the allowed path \"%s\"", root)
		}
		a.local = append(a.local, local)
	}
	return a, nil
}

// AllowsRemote tells of paths with a scheme whether they are below one of the roots,
// as Allow does, for stores that are led elsewhere by what they reach.
func AllowsRemote(roots []string) func(path string) bool {
	a := &allowing{}
	for _, root := range roots {
		if s := Scheme(root); s != "" && s != "file" {
			a.remote = append(a.remote, normalizeRemote(root))
		}
	}
	return func(path string) bool { return a.allowsRemote(path, path) }
}

type allowing struct {
	store  Store
	local  []string // absolute, clean, without links
	remote []string // scheme://bucket/prefix
}

func denied(path string) error {
	return sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied for path \"%s\"", path).
		WithHint("Files outside of the directories given by --allow-path cannot be read or written.")
}

// check gives the path to use in place of path, or an error.
func (a *allowing) check(path string) (string, error) {
	if strings.IndexByte(path, 0) >= 0 {
		return "", denied(path)
	}
	if s := Scheme(path); s != "" && s != "file" {
		if !a.allowsRemote(path, path) {
			return "", denied(path)
		}
		return path, nil
	}
	resolved, err := ResolveLocal(strings.TrimPrefix(path, "file://"))
	if err != nil || !a.allowsLocal(resolved) {
		return "", denied(path)
	}
	return resolved, nil
}

func (a *allowing) allowsLocal(resolved string) bool {
	for _, root := range a.local {
		if within(root, resolved) {
			return true
		}
	}
	return false
}

// within tells whether path is root or lies below it; both are clean.
func within(root, path string) bool {
	rest, ok := strings.CutPrefix(path, root)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(root, "/"))
}

// allowsRemote compares the fixed part of a remote path or pattern.
func (a *allowing) allowsRemote(path, fixed string) bool {
	// Object keys have no "..", but servers that keep objects as files do.
	for _, part := range strings.Split(path, "/") {
		if part == ".." || part == "." {
			return false
		}
	}
	fixed = normalizeRemote(fixed)
	for _, root := range a.remote {
		if within(root, fixed) {
			return true
		}
	}
	return false
}

// normalizeRemote brings the scheme to lower case and drops slashes at the end.
func normalizeRemote(path string) string {
	scheme, rest, _ := strings.Cut(path, "://")
	return strings.ToLower(scheme) + "://" + strings.TrimRight(rest, "/")
}

// ResolveLocal makes a path absolute and follows the links in as much of it as
// exists. Of a link to nothing the target is what counts.
func ResolveLocal(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for range 40 { // as many links as Linux follows
		resolved, err := filepath.EvalSymlinks(abs)
		if err == nil {
			return resolved, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		dir, err := ResolveLocal(filepath.Dir(abs))
		if err != nil {
			return "", err
		}
		abs = filepath.Join(dir, filepath.Base(abs))
		target, err := os.Readlink(abs)
		if err != nil {
			return abs, nil //nolint:nilerr // not a link
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		abs = filepath.Clean(target)
	}
	return "", fs.ErrInvalid
}

// Glob lists what matches pattern. The part of the pattern before its first
// wildcard must be allowed, and so must everything that is found.
func (a *allowing) Glob(ctx context.Context, pattern string) ([]Info, error) {
	return a.GlobPruned(ctx, pattern, nil)
}

// GlobPruned lists as Glob does.
func (a *allowing) GlobPruned(ctx context.Context, pattern string, keep func(dir string) bool) ([]Info, error) {
	if !HasMeta(pattern) {
		path, err := a.check(pattern)
		if err != nil {
			return nil, err
		}
		return a.glob(ctx, path, keep)
	}
	alternatives, err := ExpandBraces(pattern)
	if err != nil {
		return nil, err
	}
	for _, alt := range alternatives {
		if err := a.checkPattern(alt, pattern); err != nil {
			return nil, err
		}
	}
	return a.glob(ctx, pattern, keep)
}

// checkPattern checks the fixed part of a pattern; as is what the user wrote.
func (a *allowing) checkPattern(pattern, as string) error {
	if s := Scheme(pattern); s != "" && s != "file" {
		fixed := pattern
		if i := strings.IndexAny(pattern, "*?["); i >= 0 {
			// Whole directories: s3://b/a* must not pass for the root s3://b/ab.
			fixed = pattern[:strings.LastIndexByte(pattern[:i], '/')+1]
		}
		if !a.allowsRemote(pattern, fixed) {
			return denied(as)
		}
		return nil
	}
	abs, err := filepath.Abs(strings.TrimPrefix(pattern, "file://"))
	if err != nil {
		return denied(as)
	}
	if i := strings.IndexAny(abs, "*?["); i >= 0 {
		abs = abs[:strings.LastIndexByte(abs[:i], '/')+1]
	}
	if _, err := a.check(abs); err != nil {
		return denied(as)
	}
	return nil
}

// glob lists and checks what was found: a link may lead outside.
func (a *allowing) glob(ctx context.Context, pattern string, keep func(dir string) bool) ([]Info, error) {
	infos, err := GlobPruned(ctx, a.store, pattern, keep)
	if err != nil {
		return nil, err
	}
	for _, info := range infos {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := a.check(info.Path); err != nil {
			return nil, denied(info.Path)
		}
	}
	return infos, nil
}

// Resolve resolves an allowed path.
func (a *allowing) Resolve(ctx context.Context, path string) (string, error) {
	p, err := a.check(path)
	if err != nil {
		return "", err
	}
	return a.store.Resolve(ctx, p)
}

// Open opens an allowed object.
func (a *allowing) Open(ctx context.Context, path string) (Reader, error) {
	p, err := a.check(path)
	if err != nil {
		return nil, err
	}
	return a.store.Open(ctx, p)
}

// Create creates an allowed object.
func (a *allowing) Create(ctx context.Context, path string) (Writer, error) {
	p, err := a.check(path)
	if err != nil {
		return nil, err
	}
	return a.store.Create(ctx, p)
}

// MakeDirectory makes an allowed directory.
func (a *allowing) MakeDirectory(ctx context.Context, path string) (func(), error) {
	p, err := a.check(path)
	if err != nil {
		return nil, err
	}
	return a.store.MakeDirectory(ctx, p)
}

// Remove removes an allowed object.
func (a *allowing) Remove(ctx context.Context, path string) error {
	p, err := a.check(path)
	if err != nil {
		return err
	}
	return a.store.Remove(ctx, p)
}
