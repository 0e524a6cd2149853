package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

const writeBuffer = 256 << 10 // bytes

// Create starts a file. Its directory must exist. A target that is a device or
// a FIFO is written to directly, since it cannot be replaced.
func (*Store) Create(ctx context.Context, path string) (objstore.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	abs, err := absolute(path)
	if err != nil {
		return nil, err
	}
	// The file behind a link is replaced, not the link.
	if target, err := filepath.EvalSymlinks(abs); err == nil {
		abs = target
	}
	mode := fs.FileMode(0o666)
	st, err := os.Stat(abs)
	switch {
	case err == nil && st.IsDir():
		return nil, sqlerr.New(sqlerr.WrongObjectType, "could not create file \"%s\": it is a directory", path)
	case err == nil && !st.Mode().IsRegular():
		return createDirect(path, abs)
	case err == nil:
		mode = st.Mode().Perm()
	}
	f, err := createTemp(abs, mode)
	if err != nil {
		return nil, createError(err, path, abs)
	}
	return &writer{ctx: ctx, f: f, buf: bufio.NewWriterSize(f, writeBuffer), path: path, target: abs, sync: syncDirectory}, nil
}

func createDirect(path, abs string) (objstore.Writer, error) {
	f, err := os.OpenFile(abs, os.O_WRONLY, 0)
	if err != nil {
		return nil, createError(err, path, abs)
	}
	return &writer{ctx: context.Background(), f: f, buf: bufio.NewWriterSize(f, writeBuffer), path: path}, nil
}

// createTemp makes a hidden file beside target; unlike os.CreateTemp it leaves
// the permissions to the umask.
func createTemp(target string, mode fs.FileMode) (*os.File, error) {
	dir, base := filepath.Split(target)
	if len(base) > 200 {
		base = base[:200] // leave room for the rest under the limit of 255
	}
	name := fmt.Sprintf("%s.%s.%016x.tmp", dir, base, rand.Uint64())
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

func createError(err error, path, abs string) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return sqlerr.New(sqlerr.UndefinedFile, "could not create file \"%s\": no such directory", path).
			WithHint("The directory \"%s\" does not exist; the nearest one that does is \"%s\".",
				filepath.Dir(abs), nearestDirectory(abs))
	}
	return fileError(err, "create", path, abs)
}

// writer writes to a temporary file, or to the target itself when target is "".
type writer struct {
	ctx    context.Context
	f      *os.File // nil once committed or closed
	buf    *bufio.Writer
	path   string // as the user named it
	target string
	// suspended is the name of the temporary file while it is not open.
	suspended string
	keepOld   bool
	sync      func(dir string) error
	old       string // a second name of what target had, once committed; "": nothing
}

// Suspend closes the temporary file until it is written to again, or committed.
func (w *writer) Suspend() error {
	if w.f == nil || w.target == "" || w.suspended != "" {
		return nil
	}
	if err := w.buf.Flush(); err != nil {
		return fileError(err, "write", w.path, w.target)
	}
	w.suspended, w.buf = w.f.Name(), nil
	return fileError(w.f.Close(), "write", w.path, w.target)
}

// resume opens the temporary file again.
func (w *writer) resume() error {
	if w.suspended == "" {
		return nil
	}
	f, err := os.OpenFile(w.suspended, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fileError(err, "write", w.path, w.target)
	}
	w.f, w.buf, w.suspended = f, bufio.NewWriterSize(f, writeBuffer), ""
	return nil
}

func (w *writer) Write(p []byte) (int, error) {
	if w.f == nil {
		return 0, sqlerr.New(sqlerr.IOError, "write to closed file \"%s\"", w.path)
	}
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	if err := w.resume(); err != nil {
		return 0, err
	}
	n, err := w.buf.Write(p)
	return n, fileError(err, "write", w.path, w.target)
}

// Commit makes the file durable and visible.
func (w *writer) Commit() error {
	if w.f == nil {
		return sqlerr.New(sqlerr.IOError, "commit of closed file \"%s\"", w.path)
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if err := w.resume(); err != nil {
		return err
	}
	if err := w.buf.Flush(); err != nil {
		return fileError(err, "write", w.path, w.target)
	}
	f := w.f
	if w.target == "" {
		w.f = nil
		return fileError(f.Close(), "write", w.path, w.path)
	}
	if err := f.Sync(); err != nil {
		return fileError(err, "write", w.path, w.target)
	}
	if err := w.saveOld(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), w.target); err != nil {
		w.Forget()
		return fileError(err, "create", w.path, w.target)
	}
	w.f = nil
	err := fileError(f.Close(), "write", w.path, w.target)
	if err == nil {
		err = w.sync(filepath.Dir(w.target))
	}
	if err != nil && w.keepOld { // all or nothing
		_ = w.Restore()
	}
	return err
}

// Close discards a file that was not committed.
func (w *writer) Close() error {
	if w.f == nil {
		return nil
	}
	f := w.f
	w.f = nil
	var err error
	if w.suspended == "" {
		err = f.Close()
	}
	if w.target != "" {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return fileError(err, "discard", w.path, w.target)
}

// syncDirectory makes a rename durable. File systems that cannot sync a
// directory are none the worse for it.
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	if err := d.Sync(); err != nil && errors.Is(err, syscall.EIO) {
		return fileError(err, "sync", dir, dir)
	}
	return nil
}
