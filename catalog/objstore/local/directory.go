package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"volley/catalog/objstore"
)

// Resolve gives the absolute, clean path without the links in it.
func (*Store) Resolve(ctx context.Context, path string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	abs, err := absolute(path)
	if err != nil {
		return "", err
	}
	resolved, err := objstore.ResolveLocal(abs)
	if err != nil {
		return "", fileError(err, "open", path, abs)
	}
	return resolved, nil
}

// MakeDirectory makes a directory and those above it that are missing.
func (*Store) MakeDirectory(ctx context.Context, path string) (func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	abs, err := absolute(path)
	if err != nil {
		return nil, err
	}
	var made []string // innermost first
	for dir := abs; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		made = append(made, dir)
	}
	if err := os.MkdirAll(abs, 0o777); err != nil {
		return nil, fileError(err, "create", path, abs)
	}
	return func() {
		for _, dir := range made {
			if os.Remove(dir) != nil { // not empty: others write there too
				return
			}
		}
	}, nil
}
