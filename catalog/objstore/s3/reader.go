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
	return s.OpenVersion(ctx, info)
}

// OpenVersion opens an object without asking for it.
func (s *Store) OpenVersion(ctx context.Context, info objstore.Info) (objstore.Reader, error) {
	bucket, key, err := splitObject(info.Path)
	if err != nil {
		return nil, err
	}
	a, err := s.access(ctx, info.Path)
	if err != nil {
		return nil, err
	}
	return &reader{access: a, stall: s.config.Stall, info: info, bucket: bucket, key: key}, nil
}

func (s *Store) stat(ctx context.Context, path string) (objstore.Info, error) {
	bucket, key, err := splitObject(path)
	if err != nil {
		return objstore.Info{}, err
	}
	a, err := s.access(ctx, path)
	if err != nil {
		return objstore.Info{}, err
	}
	o, err := a.StatObject(ctx, bucket, key, a.get())
	if err != nil {
		return objstore.Info{}, a.explain(ctx, err, bucket, key)
	}
	return objstore.Info{Path: path, Size: o.Size, Version: versionOf(o)}, nil
}

// explain finds out why a HEAD request failed: its answer has no body, so the
// server cannot say whether the bucket is missing or what is wrong with the
// credentials.
func (a *access) explain(ctx context.Context, err error, bucket, key string) error {
	switch status := minio.ToErrorResponse(err).StatusCode; status {
	case http.StatusNotFound, http.StatusForbidden, http.StatusBadRequest, http.StatusMovedPermanently:
		opts := a.get()
		if rangeErr := opts.SetRange(0, 1); rangeErr != nil {
			return a.failure(ctx, err, bucket, key)
		}
		body, _, _, getErr := a.GetObject(ctx, bucket, key, opts)
		if getErr == nil {
			body.Close() // made meanwhile, or may be read but not asked about
			break
		}
		if minio.ToErrorResponse(getErr).StatusCode == status {
			err = getErr
		}
	}
	return a.failure(ctx, err, bucket, key)
}

// versionOf is an object's ETag. Some servers have none for files that were not
// written by way of them; there the time has to do.
func versionOf(o minio.ObjectInfo) string {
	if etag := strings.Trim(o.ETag, `"`); etag != "" {
		return etag
	}
	return untagged + o.LastModified.UTC().Format(time.RFC3339)
}

const untagged = "modified "

// reader reads ranges of one version of an object, each by its own request.
type reader struct {
	access      *access
	stall       time.Duration
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
	ctx, stop := withStall(ctx, r.stall)
	defer stop.cancel()
	n, err := r.readRange(ctx, p[:want], off, stop)
	objstore.CountRequest(ctx, n)
	if err != nil {
		return n, r.access.failure(ctx, err, r.bucket, r.key)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// readRange fills p from off. The server must answer with just that range of
// the version opened.
func (r *reader) readRange(ctx context.Context, p []byte, off int64, stall *stall) (int, error) {
	opts := r.access.get()
	if err := opts.SetRange(off, off+int64(len(p))-1); err != nil {
		return 0, err
	}
	if !strings.HasPrefix(r.info.Version, untagged) {
		if err := opts.SetMatchETag(r.info.Version); err != nil {
			return 0, err
		}
	}
	body, o, header, err := r.access.GetObject(ctx, r.bucket, r.key, opts)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if versionOf(o) != r.info.Version {
		return 0, changed(r.info.Path)
	}
	// An answer with all of an object may have no range.
	if got := header.Get("Content-Range"); !isRange(got, off, len(p)) && (got != "" || int64(len(p)) != r.info.Size) {
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
