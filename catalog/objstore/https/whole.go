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
}

// find gives one of a version, which has a reader more then; nil for none.
func (w *wholes) find(path, version string) *whole {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, o := range w.list {
		if o.info.Path == path && o.info.Version == version {
			w.list = append(append(w.list[:i:i], w.list[i+1:]...), o)
			o.readers++
			return o
		}
	}
	return nil
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
		if o := s.wholes.find(path, version); o != nil {
			return o, nil
		}
	}
	o, err := s.download(ctx, path)
	if err != nil {
		return nil, err
	}
	if version != "" && o.info.Version != version {
		_ = o.file.Close()
		return nil, changed(path)
	}
	if same := s.wholes.find(path, o.info.Version); same != nil {
		_ = o.file.Close()
		return same, nil
	}
	s.wholes.add(o)
	return o, nil
}

func (s *Store) download(ctx context.Context, path string) (_ *whole, err error) {
	ctx, stop := withStall(ctx, s.config.Stall)
	defer stop.cancel()
	resp, err := s.do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	f, err := os.CreateTemp("", "volley-https-*")
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not keep \"%s\"", shown(path))
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	if err := os.Remove(f.Name()); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not keep \"%s\"", shown(path))
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), &progressReader{io.LimitReader(resp.Body, s.config.MaxWhole+1), stop})
	objstore.CountRequest(ctx, int(n))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, passing("server sent %d of %d bytes of \"%s\"", n, resp.ContentLength, shown(path))
	case err != nil:
		return nil, failure(ctx, err, path)
	case n > s.config.MaxWhole:
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "\"%s\" is larger than %d bytes, and its server gives no parts of it", shown(path), s.config.MaxWhole)
	}
	return &whole{info: objstore.Info{Path: path, Size: n, Version: byBytes + hex.EncodeToString(sum.Sum(nil))}, file: f}, nil
}

type progressReader struct {
	io.Reader
	stall *stall
}

func (r *progressReader) Read(p []byte) (int, error) {
	r.stall.progress()
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
