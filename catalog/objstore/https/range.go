package https

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// rangeReader reads ranges of one version of an object.
type rangeReader struct {
	store *Store
	info  objstore.Info
}

func (r *rangeReader) Info() objstore.Info { return r.info }
func (r *rangeReader) Close() error        { return nil }

func (r *rangeReader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, sqlerr.New(sqlerr.IOError, "negative offset %d in \"%s\"", off, shown(r.info.Path))
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
	n, err := r.read(ctx, p[:want], off, stop)
	objstore.CountRequest(ctx, n)
	if err != nil {
		return n, failure(ctx, err, r.info.Path)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (r *rangeReader) read(ctx context.Context, p []byte, off int64, stop *stall) (int, error) {
	last := off + int64(len(p)) - 1
	header := map[string]string{"Range": fmt.Sprintf("bytes=%d-%d", off, last)}
	if tag, ok := strings.CutPrefix(r.info.Version, byETag); ok {
		header["If-Match"] = tag
	} else if t, ok := strings.CutPrefix(r.info.Version, byTime); ok {
		header["If-Unmodified-Since"] = t
	}
	resp, err := r.store.do(ctx, http.MethodGet, r.info.Path, header)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	whole := resp.StatusCode == http.StatusOK && off == 0 && int64(len(p)) == r.info.Size && resp.ContentLength == r.info.Size
	switch {
	case versionOf(resp.Header) != r.info.Version:
		return 0, changed(r.info.Path)
	case !whole && resp.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", off, last, r.info.Size):
		return 0, sqlerr.New(sqlerr.IOError, "server answered with another range of \"%s\" than asked for", shown(r.info.Path))
	}
	return fill(resp.Body, p, stop, r.info.Path)
}

// fill reads as many bytes as p has; fewer are no end of the object.
func fill(body io.Reader, p []byte, stop *stall, path string) (int, error) {
	n := 0
	for n < len(p) {
		m, err := body.Read(p[n:])
		if n += m; m > 0 {
			stop.progress()
		}
		if errors.Is(err, io.EOF) && n < len(p) {
			err = io.ErrUnexpectedEOF
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return n, passing("server sent %d of %d bytes of \"%s\"", n, len(p), shown(path))
		}
		if err != nil && n < len(p) {
			return n, err
		}
	}
	return n, nil
}

// errStalled is the cause of a request that was cancelled for want of progress.
var errStalled = errors.New("no data for too long")

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
