// Package local is the object store over the local file system.
//
// Paths are absolute, or relative to the process's working directory; those it
// gives are absolute and clean. A new file is written beside its target and
// renamed when it is committed, so that readers see all of it or nothing.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// Store is the local file system. The zero value is ready.
type Store struct{}

// New makes the store.
func New() *Store { return &Store{} }

var _ objstore.Store = (*Store)(nil)

// Open opens a regular file for ranged reads.
func (*Store) Open(ctx context.Context, path string) (objstore.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	abs, err := absolute(path)
	if err != nil {
		return nil, err
	}
	// A FIFO would block in open, so the kind is looked at first.
	if st, err := os.Stat(abs); err != nil {
		return nil, fileError(err, "open", path, abs)
	} else if err := mustBeRegular(st, path); err != nil {
		return nil, err
	}
	f, err := os.Open(abs)
	if err != nil {
		return nil, fileError(err, "open", path, abs)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fileError(err, "read", path, abs)
	}
	return &reader{f: f, info: infoOf(abs, st)}, nil
}

// Remove deletes a file; a missing one is no error, a directory is.
func (*Store) Remove(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	abs, err := absolute(path)
	if err != nil {
		return err
	}
	if st, err := os.Lstat(abs); err == nil && st.IsDir() {
		return sqlerr.New(sqlerr.WrongObjectType, "\"%s\" is a directory", path)
	}
	if err := os.Remove(abs); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileError(err, "remove", path, abs)
	}
	return nil
}

func mustBeRegular(st fs.FileInfo, path string) error {
	switch {
	case st.Mode().IsRegular():
		return nil
	case st.IsDir():
		return sqlerr.New(sqlerr.WrongObjectType, "\"%s\" is a directory", path)
	default:
		return sqlerr.New(sqlerr.WrongObjectType, "\"%s\" is not a regular file", path)
	}
}

// reader reads by pread, so concurrent reads need no lock.
type reader struct {
	f    *os.File
	info objstore.Info
}

func (r *reader) Info() objstore.Info { return r.info }

func (r *reader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.f.ReadAt(p, off)
	if err == nil {
		return n, nil
	}
	if err != io.EOF {
		return n, fileError(err, "read", r.info.Path, r.info.Path)
	}
	if off+int64(n) < r.info.Size {
		return n, sqlerr.New(sqlerr.DataCorrupted,
			"file \"%s\" became shorter while it was read", r.info.Path)
	}
	return n, io.EOF
}

func (r *reader) Close() error {
	if err := r.f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fileError(err, "close", r.info.Path, r.info.Path)
	}
	return nil
}

// infoOf describes a file. Its version changes with the modification time, the
// size and the inode (a file replaced by rename).
func infoOf(abs string, st fs.FileInfo) objstore.Info {
	var inode uint64
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		inode = sys.Ino
	}
	return objstore.Info{
		Path:    abs,
		Size:    st.Size(),
		Version: fmt.Sprintf("%x-%x-%x", st.ModTime().UnixNano(), st.Size(), inode),
	}
}

// absolute gives the clean absolute form of path.
func absolute(path string) (string, error) {
	if path == "" {
		return "", sqlerr.New(sqlerr.UndefinedFile, "no such file: \"\"")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", sqlerr.Wrap(err, sqlerr.IOError, "could not resolve \"%s\"", path)
	}
	return abs, nil
}
