package https

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// object is what a server says of one.
type object struct {
	info   objstore.Info
	ranges bool // the server gives parts of it
}

// Kinds of versions, by their first byte.
const (
	byETag  = "E"
	byTime  = "T" // Last-Modified
	byBytes = "S" // checksum of an object that had to be read whole
)

// versionOf is what tells an answer's object from a later one, "" for nothing. Weak
// tags are for pages that read alike, which is not enough.
func versionOf(h http.Header) string {
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return byETag + tag
	}
	if t := h.Get("Last-Modified"); t != "" {
		return byTime + t
	}
	return ""
}

// stat asks for an object's size and version. Servers that do not answer HEAD, or not
// with a size, are asked for the first byte.
func (s *Store) stat(ctx context.Context, path string) (object, error) {
	o := object{info: objstore.Info{Path: path}}
	ctx, stop := withStall(ctx, s.config.Stall)
	defer stop.cancel()
	resp, err := s.do(ctx, http.MethodHead, path, nil)
	if err == nil {
		resp.Body.Close()
		o.info.Size, o.info.Version = resp.ContentLength, versionOf(resp.Header)
		if o.ranges = resp.Header.Get("Accept-Ranges") == "bytes"; o.ranges && o.info.Size >= 0 && o.info.Version != "" {
			return o, nil
		}
	} else if e := (*sqlerr.Error)(nil); errors.As(err, &e) && (e.Retryable || e.Code == sqlerr.UndefinedFile) {
		return o, err
	}
	if resp, err = s.do(ctx, http.MethodGet, path, map[string]string{"Range": "bytes=0-0"}); err != nil {
		if sqlerr.Code(err) != sqlerr.DataCorrupted { // an empty object has no first byte
			return o, err
		}
		return s.statWhole(ctx, path)
	}
	resp.Body.Close()
	size, ok := sizeOf(resp.Header.Get("Content-Range"))
	o.info.Version = versionOf(resp.Header)
	if o.ranges = resp.StatusCode == http.StatusPartialContent && ok; o.ranges && o.info.Version != "" {
		o.info.Size = size
		return o, nil
	}
	// Without ranges, or without a word of which version a range is of.
	return s.statWhole(ctx, path)
}

func (s *Store) statWhole(ctx context.Context, path string) (object, error) {
	w, err := s.whole(ctx, path, "")
	if err != nil {
		return object{}, err
	}
	defer s.wholes.release(w)
	return object{info: w.info}, nil
}

// sizeOf is the size in a Content-Range, "bytes 0-0/1234".
func sizeOf(header string) (int64, bool) {
	_, text, _ := strings.Cut(header, "/")
	size, err := strconv.ParseInt(text, 10, 64)
	return size, err == nil && strings.HasPrefix(header, "bytes ")
}

// Open asks for an object; of one without ranges all is read.
func (s *Store) Open(ctx context.Context, path string) (objstore.Reader, error) {
	o, err := s.stat(ctx, path)
	if err != nil {
		return nil, err
	}
	return s.OpenVersion(ctx, o.info)
}

// OpenVersion opens an object that stat has found.
func (s *Store) OpenVersion(ctx context.Context, info objstore.Info) (objstore.Reader, error) {
	if strings.HasPrefix(info.Version, byBytes) {
		w, err := s.whole(ctx, info.Path, info.Version)
		if err != nil {
			return nil, err
		}
		return &wholeReader{store: s, whole: w}, nil
	}
	return &rangeReader{s, info}, nil
}
