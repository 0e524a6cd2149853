package https

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"syscall"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// keptWholes is how many objects that nobody reads are kept, for the next split of
// the same object.
const keptWholes = 4

// whole is an object that was read from its beginning to its end, in a file that has
// no name any more.
type whole struct {
	info    objstore.Info
	file    *os.File
	readers int
}

// wholes are those of a store: the ones being read, and some that were.
type wholes struct {
	mu   sync.Mutex
	list []*whole // those used last are at the end
	// begun are those being read, by path and version, to be closed when they have been.
	begun map[string]chan struct{}
}

// find gives one of a version, which has a reader more then; nil for none.
func (w *wholes) find(path, version string) *whole {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.found(path, version)
}

// found is find under the lock.
func (w *wholes) found(path, version string) *whole {
	for i, o := range w.list {
		if o.info.Path == path && o.info.Version == version {
			w.list = append(append(w.list[:i:i], w.list[i+1:]...), o)
			o.readers++
			return o
		}
	}
	return nil
}

// findOrBegin is find that waits for whoever reads that version. If it gives none the
// caller is to read it, and to call done then.
func (w *wholes) findOrBegin(ctx context.Context, path, version string) (_ *whole, done func(), err error) {
	key := path + "\x00" + version
	for {
		w.mu.Lock()
		o, begun := w.found(path, version), w.begun[key]
		if o == nil && begun == nil {
			if w.begun == nil {
				w.begun = map[string]chan struct{}{}
			}
			begun = make(chan struct{})
			w.begun[key] = begun
			w.mu.Unlock()
			return nil, func() {
				w.mu.Lock()
				defer w.mu.Unlock()
				delete(w.begun, key)
				close(begun)
			}, nil
		}
		w.mu.Unlock()
		if o != nil {
			return o, nil, nil
		}
		select {
		case <-begun:
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		}
	}
}

func (w *wholes) add(o *whole) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.readers = 1
	w.list = append(w.list, o)
}

// release takes a reader away, and closes the oldest that nobody reads.
func (w *wholes) release(o *whole) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.readers--
	idle := 0
	for i := len(w.list) - 1; i >= 0; i-- {
		if old := w.list[i]; old.readers == 0 {
			if idle++; idle > keptWholes {
				_ = old.file.Close()
				w.list = append(w.list[:i], w.list[i+1:]...)
			}
		}
	}
}

// whole reads an object; with a version only if it still has it.
func (s *Store) whole(ctx context.Context, path, version string) (*whole, error) {
	if version != "" {
		o, done, err := s.wholes.findOrBegin(ctx, path, version)
		if o != nil || err != nil {
			return o, err
		}
		defer done()
	}
	o, err := s.download(ctx, path)
	if err != nil {
		return nil, err
	}
	if version != "" && o.info.Version != version {
		_ = o.file.Close()
		return nil, objstore.Changed(shown(path))
	}
	if same := s.wholes.find(path, o.info.Version); same != nil {
		_ = o.file.Close()
		return same, nil
	}
	s.wholes.add(o)
	return o, nil
}

func (s *Store) download(ctx context.Context, path string) (_ *whole, err error) {
	ctx, stall := objstore.WithStall(ctx, s.config.Stall)
	defer stall.Cancel()
	resp, err := s.do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	f, err := os.CreateTemp("", "volley-https-*")
	if err != nil {
		return nil, cannotKeep(err, path)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	if err := os.Remove(f.Name()); err != nil {
		return nil, cannotKeep(err, path)
	}
	sum := sha256.New()
	kept := &keptFile{Writer: f}
	n, err := io.Copy(io.MultiWriter(kept, sum), &progressReader{io.LimitReader(resp.Body, s.config.MaxWhole+1), stall})
	objstore.CountRequest(ctx, int(n))
	switch {
	case kept.err != nil:
		return nil, cannotKeep(kept.err, path)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, objstore.Passing("server sent %d of %d bytes of \"%s\"", n, resp.ContentLength, shown(path))
	case err != nil:
		return nil, failure(ctx, err, path)
	case n > s.config.MaxWhole:
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "\"%s\" is larger than %d bytes, and its server gives no parts of it", shown(path), s.config.MaxWhole)
	}
	return &whole{info: objstore.Info{Path: path, Size: n, Version: byBytes + hex.EncodeToString(sum.Sum(nil))}, file: f}, nil
}

// cannotKeep is the error of the file that an object is read into.
func cannotKeep(err error, path string) error {
	code := sqlerr.IOError
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		code = sqlerr.DiskFull
	}
	return sqlerr.Wrap(err, code, "could not keep \"%s\"", shown(path))
}

// keptFile is a file that keeps the error of writing to it, which is not the server's.
type keptFile struct {
	io.Writer
	err error
}

func (f *keptFile) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	f.err = err
	return n, err
}

type progressReader struct {
	io.Reader
	stall *objstore.Stall
}

func (r *progressReader) Read(p []byte) (int, error) {
	r.stall.Progress()
	return r.Reader.Read(p)
}

// wholeReader reads a whole.
type wholeReader struct {
	store *Store
	whole *whole
	once  sync.Once
}

func (r *wholeReader) Info() objstore.Info { return r.whole.info }

func (r *wholeReader) ReadAt(_ context.Context, p []byte, off int64) (int, error) {
	n, err := r.whole.file.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		err = sqlerr.Wrap(err, sqlerr.IOError, "could not read what was kept of \"%s\"", shown(r.whole.info.Path))
	}
	return n, err
}

// Close lets go of the file.
func (r *wholeReader) Close() error {
	r.once.Do(func() { r.store.wholes.release(r.whole) })
	return nil
}
