package s3

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// Open asks for an object's size and version; no data is read yet.
func (s *Store) Open(ctx context.Context, path string) (objstore.Reader, error) {
	info, err := s.stat(ctx, path)
	if err != nil {
		return nil, err
	}
	bucket, key, err := splitObject(path)
	if err != nil {
		return nil, err
	}
	return &reader{store: s, info: info, bucket: bucket, key: key}, nil
}

func (s *Store) stat(ctx context.Context, path string) (objstore.Info, error) {
	bucket, key, err := splitObject(path)
	if err != nil {
		return objstore.Info{}, err
	}
	core, err := s.client(ctx)
	if err != nil {
		return objstore.Info{}, err
	}
	o, err := core.StatObject(ctx, bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return objstore.Info{}, s.explain(ctx, core, err, bucket, key)
	}
	return objstore.Info{Path: path, Size: o.Size, Version: unquote(o.ETag)}, nil
}

// explain finds out why a HEAD request failed: its answer has no body, so the
// server cannot say whether the bucket is missing or what is wrong with the
// credentials.
func (s *Store) explain(ctx context.Context, core *minio.Core, err error, bucket, key string) error {
	switch status := minio.ToErrorResponse(err).StatusCode; status {
	case http.StatusNotFound, http.StatusForbidden, http.StatusBadRequest, http.StatusMovedPermanently:
		var opts minio.GetObjectOptions
		if rangeErr := opts.SetRange(0, 1); rangeErr != nil {
			return s.failure(ctx, err, bucket, key)
		}
		body, _, _, getErr := core.GetObject(ctx, bucket, key, opts)
		if getErr == nil {
			body.Close() // made meanwhile, or may be read but not asked about
			break
		}
		if minio.ToErrorResponse(getErr).StatusCode == status {
			err = getErr
		}
	}
	return s.failure(ctx, err, bucket, key)
}

func unquote(etag string) string { return strings.Trim(etag, `"`) }

// reader reads ranges of one version of an object, each by its own request.
type reader struct {
	store       *Store
	info        objstore.Info
	bucket, key string
}

func (r *reader) Info() objstore.Info { return r.info }
func (r *reader) Close() error        { return nil }

func (r *reader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, sqlerr.New(sqlerr.IOError, "negative offset %d in \"%s\"", off, r.info.Path)
	}
	want := min(int64(len(p)), r.info.Size-off)
	if want <= 0 {
		if len(p) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	ctx, stop := withStall(ctx, r.store.config.Stall)
	defer stop.cancel()
	n, err := r.readRange(ctx, p[:want], off, stop)
	if err != nil {
		return n, r.store.failure(ctx, err, r.bucket, r.key)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// readRange fills p from off. The server must answer with just that range of
// the version opened.
func (r *reader) readRange(ctx context.Context, p []byte, off int64, stall *stall) (int, error) {
	core, err := r.store.client(ctx)
	if err != nil {
		return 0, err
	}
	var opts minio.GetObjectOptions
	if err := opts.SetRange(off, off+int64(len(p))-1); err != nil {
		return 0, err
	}
	if err := opts.SetMatchETag(r.info.Version); err != nil {
		return 0, err
	}
	body, o, header, err := core.GetObject(ctx, r.bucket, r.key, opts)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if unquote(o.ETag) != r.info.Version {
		return 0, changed(r.info.Path)
	}
	if got := header.Get("Content-Range"); !isRange(got, off, len(p)) && int64(len(p)) != r.info.Size {
		return 0, sqlerr.New(sqlerr.IOError, "S3 answered with another range of \"%s\" than asked for", r.info.Path)
	}
	n := 0
	for n < len(p) {
		m, err := body.Read(p[n:])
		if n += m; m > 0 {
			stall.progress()
		}
		if err == io.EOF && n < len(p) {
			return n, passing("S3 sent %d of %d bytes of \"%s\"", n, len(p), r.info.Path)
		}
		if err != nil && err != io.EOF {
			return n, err
		}
	}
	return n, nil
}

// isRange tells whether a Content-Range is "bytes off-end/size".
func isRange(header string, off int64, n int) bool {
	spec, ok := strings.CutPrefix(header, "bytes ")
	if !ok {
		return false
	}
	spec, _, _ = strings.Cut(spec, "/")
	return spec == strconv.FormatInt(off, 10)+"-"+strconv.FormatInt(off+int64(n)-1, 10)
}

// stall cancels a context when progress is not called for too long.
type stall struct {
	timer *time.Timer
	limit time.Duration
	stop  context.CancelCauseFunc
}

func withStall(ctx context.Context, limit time.Duration) (context.Context, *stall) {
	ctx, stop := context.WithCancelCause(ctx)
	return ctx, &stall{time.AfterFunc(limit, func() { stop(errStalled) }), limit, stop}
}

func (s *stall) progress() { s.timer.Reset(s.limit) }

func (s *stall) cancel() {
	s.timer.Stop()
	s.stop(nil)
}
