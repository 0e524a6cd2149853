package csv

import (
	"context"
	"errors"
	"fmt"
	"io"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqlerr"
)

// source gives the bytes of a file as UTF-8, decompressed, in order. It is used
// by one goroutine.
type source interface {
	// read fills p; fewer bytes than that only together with io.EOF.
	read(ctx context.Context, p []byte) (int, error)
	// announce says that what comes before the byte end of the file will be read,
	// and the rest of the record there.
	announce(ctx context.Context, end int64)
	close() error
}

// recordGuess is how long a record may be that is fetched with the split that it
// begins in.
const recordGuess = 256 << 10

// openSource opens a file at offset, which must be 0 unless splittable.
func openSource(ctx context.Context, store objstore.Store, o *options, file catalog.FileInfo, offset int64) (source, error) {
	r, err := file.Open(ctx, store)
	if err != nil {
		return nil, err
	}
	if v := r.Info().Version; file.Version != "" && v != file.Version {
		_ = r.Close()
		return nil, sqlerr.New(sqlerr.IOError, "file %q has changed since the query was planned", file.Path)
	}
	if splittable(o, file.Path) {
		return &plainSource{r: r, offset: offset, size: r.Info().Size}, nil
	}
	s, err := newStream(ctx, r, o, file.Path)
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	return s, nil
}

// splittable tells whether a file can be read from any byte on.
func splittable(o *options, path string) bool {
	return compressionOf(o, path) == "none" && o.encoding == "utf-8"
}

// plainSource reads the bytes as they are.
type plainSource struct {
	r            objstore.Reader
	offset, size int64
}

func (s *plainSource) read(ctx context.Context, p []byte) (int, error) {
	n := min(int64(len(p)), s.size-s.offset)
	if n <= 0 {
		return 0, io.EOF
	}
	m, err := s.r.ReadAt(ctx, p[:n], s.offset)
	s.offset += int64(m)
	if errors.Is(err, io.EOF) && int64(m) < n {
		err = sqlerr.New(sqlerr.IOError, "file %q is shorter than its %d bytes", s.r.Info().Path, s.size)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return m, err
	}
	if s.offset >= s.size {
		return m, io.EOF
	}
	return m, nil
}

func (s *plainSource) announce(ctx context.Context, end int64) {
	objstore.Announce(ctx, s.r, objstore.Range{Off: s.offset, End: min(s.size, end+recordGuess)})
}

func (s *plainSource) close() error { return s.r.Close() }

// streamSource reads through decoders, which may panic on malformed input.
type streamSource struct {
	path   string
	raw    *sequential
	r      io.Reader
	closer func()
}

func newStream(ctx context.Context, file objstore.Reader, o *options, path string) (_ *streamSource, err error) {
	s := &streamSource{path: path, raw: &sequential{ctx: ctx, r: file, size: file.Info().Size}, closer: func() {}}
	defer s.recovered(&err)
	s.r, s.closer, err = decompress(s.raw, compressionOf(o, path))
	if err == nil {
		s.r = transcode(s.r, o.encoding)
	}
	return s, s.fault(err)
}

func (s *streamSource) read(ctx context.Context, p []byte) (n int, err error) {
	defer s.recovered(&err)
	s.raw.ctx = ctx
	for n < len(p) {
		m, err := s.r.Read(p[n:])
		n += m
		if err != nil {
			return n, s.fault(err)
		}
	}
	return n, nil
}

// announce announces all of the file.
func (s *streamSource) announce(ctx context.Context, _ int64) {
	objstore.Announce(ctx, s.raw.r, objstore.Range{Off: s.raw.offset, End: s.raw.size})
}

func (s *streamSource) recovered(err *error) {
	if r := recover(); r != nil {
		*err = s.fault(fmt.Errorf("malformed stream: %v", r))
	}
}

// fault gives err the file's name. The storage's own errors stay as they are;
// any other one means that the content cannot be decoded.
func (s *streamSource) fault(err error) error {
	m := (*misencoded)(nil)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return err
	case errors.As(err, &m):
		return sqlerr.Find(m.err).WithFile(s.path, m.line, "").WithHint(encodingHint)
	case s.raw.err != nil:
		return s.raw.err
	case sqlerr.Code(err) == sqlerr.FeatureNotSupported:
		return sqlerr.Find(err).WithFile(s.path, 0, "")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return sqlerr.New(sqlerr.BadCopyFileFormat, "compressed file is truncated").WithFile(s.path, 0, "")
	}
	return sqlerr.Wrap(err, sqlerr.BadCopyFileFormat, "cannot decode file").WithFile(s.path, 0, "")
}

func (s *streamSource) close() error {
	s.closer()
	return s.raw.r.Close()
}

// sequential is an objstore.Reader as an io.Reader, with the context of the
// call that is under way.
type sequential struct {
	ctx          context.Context
	r            objstore.Reader
	offset, size int64
	err          error // the first error of the storage
}

func (s *sequential) Read(p []byte) (int, error) {
	n := min(int64(len(p)), s.size-s.offset)
	if n <= 0 {
		return 0, io.EOF
	}
	m, err := s.r.ReadAt(s.ctx, p[:n], s.offset)
	s.offset += int64(m)
	if errors.Is(err, io.EOF) && int64(m) == n {
		err = nil
	}
	if err != nil {
		s.err = err
	}
	return m, err
}
