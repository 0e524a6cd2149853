package s3

import (
	"context"
	"errors"
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
	o, err := a.StatObject(ctx, bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return objstore.Info{}, a.explain(ctx, err, bucket, key)
	}
	return objstore.Info{Path: path, Size: o.Size, Version: versionOf(o, o.Size)}, nil
}

// explain finds out why a HEAD request failed: its answer has no body, so the
// server cannot say whether the bucket is missing or what is wrong with the
// credentials.
func (a *access) explain(ctx context.Context, err error, bucket, key string) error {
	switch status := minio.ToErrorResponse(err).StatusCode; status {
	case http.StatusNotFound, http.StatusForbidden, http.StatusBadRequest, http.StatusMovedPermanently:
		var opts minio.GetObjectOptions
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
// written by way of them; there the time, in seconds, and the size have to do.
func versionOf(o minio.ObjectInfo, size int64) string {
	if etag := strings.Trim(o.ETag, `"`); etag != "" {
		return etag
	}
	return untagged + o.LastModified.UTC().Format(time.RFC3339) + ", " + strconv.FormatInt(size, 10) + " bytes"
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
	return objstore.ReadParts(r.info, p, off, func(p []byte, off int64) (int, error) {
		ctx, stall := objstore.WithStall(ctx, r.stall)
		defer stall.Cancel()
		n, err := r.readRange(ctx, p, off, stall)
		objstore.CountRequest(ctx, n)
		return n, r.access.failure(ctx, err, r.bucket, r.key)
	})
}

// readRange fills p from off. The server must answer with just that range of
// the version opened.
func (r *reader) readRange(ctx context.Context, p []byte, off int64, stall *objstore.Stall) (int, error) {
	var opts minio.GetObjectOptions
	if err := opts.SetRange(off, off+int64(len(p))-1); err != nil {
		return 0, err
	}
	if !strings.HasPrefix(r.info.Version, untagged) {
		if err := opts.SetMatchETag(r.info.Version); err != nil {
			return 0, err
		}
	}
	if err := r.access.fresh(ctx); err != nil {
		return 0, err
	}
	body, o, header, err := r.access.GetObject(ctx, r.bucket, r.key, opts)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	// An answer with all of an object may have no range.
	got, size := header.Get("Content-Range"), o.Size
	if total, ok := objstore.SizeOfRange(got); ok {
		size = total
	} else if got != "" {
		size = r.info.Size // the server does not say
	}
	if versionOf(o, size) != r.info.Version {
		return 0, objstore.Changed(r.info.Path)
	}
	if !isRange(got, off, len(p)) && (got != "" || int64(len(p)) != r.info.Size) {
		return 0, sqlerr.New(sqlerr.IOError, "S3 answered with another range of \"%s\" than asked for", r.info.Path)
	}
	n, err := stall.Fill(body, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = objstore.Passing("S3 sent %d of %d bytes of \"%s\"", n, len(p), r.info.Path)
	}
	return n, err
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
