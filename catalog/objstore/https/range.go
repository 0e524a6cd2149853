package https

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

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
	return objstore.ReadParts(r.info, p, off, func(p []byte, off int64) (int, error) {
		ctx, stall := objstore.WithStall(ctx, r.store.config.Stall)
		defer stall.Cancel()
		n, err := r.read(ctx, p, off, stall)
		objstore.CountRequest(ctx, n)
		return n, failure(ctx, err, r.info.Path)
	})
}

func (r *rangeReader) read(ctx context.Context, p []byte, off int64, stall *objstore.Stall) (int, error) {
	last := off + int64(len(p)) - 1
	header := map[string]string{"Range": fmt.Sprintf("bytes=%d-%d", off, last)}
	if tag, ok := strings.CutPrefix(r.info.Version, byETag); ok {
		header["If-Match"] = tag
	} else if v, ok := strings.CutPrefix(r.info.Version, byTime); ok {
		_, header["If-Unmodified-Since"], _ = strings.Cut(v, " ")
	}
	resp, err := r.store.do(ctx, http.MethodGet, r.info.Path, header)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	got := resp.Header.Get("Content-Range")
	size, ok := objstore.SizeOfRange(got)
	if !ok {
		size = resp.ContentLength
	}
	whole := resp.StatusCode == http.StatusOK && off == 0 && int64(len(p)) == r.info.Size && resp.ContentLength == r.info.Size
	switch {
	case versionOf(resp.Header, size) != r.info.Version:
		return 0, objstore.Changed(shown(r.info.Path))
	case !whole && got != fmt.Sprintf("bytes %d-%d/%d", off, last, r.info.Size):
		return 0, sqlerr.New(sqlerr.IOError, "server answered with another range of \"%s\" than asked for", shown(r.info.Path))
	}
	n, err := stall.Fill(resp.Body, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = objstore.Passing("server sent %d of %d bytes of \"%s\"", n, len(p), shown(r.info.Path))
	}
	return n, err
}
