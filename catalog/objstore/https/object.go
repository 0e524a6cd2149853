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
	byTime  = "T" // size and Last-Modified
	byBytes = "S" // checksum of an object that had to be read whole
)

// versionOf is what tells an answer's object of a size from a later one, "" for
// nothing. Weak tags are for pages that read alike, which is not enough; times are in
// seconds.
func versionOf(h http.Header, size int64) string {
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return byETag + tag
	}
	if t := h.Get("Last-Modified"); t != "" {
		return byTime + strconv.FormatInt(size, 10) + " " + t
	}
	return ""
}

// stat asks for an object's size and version. Servers that do not answer HEAD, or not
// with a size, are asked for the first byte.
func (s *Store) stat(ctx context.Context, path string) (object, error) {
	o := object{info: objstore.Info{Path: path}}
	whole := ctx // reading all of an object may take longer than its first byte
	ctx, stall := objstore.WithStall(ctx, s.config.Stall)
	defer stall.Cancel()
	resp, err := s.do(ctx, http.MethodHead, path, nil)
	if err == nil {
		resp.Body.Close()
		o.info.Size, o.info.Version = resp.ContentLength, versionOf(resp.Header, resp.ContentLength)
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
		return s.statWhole(whole, path)
	}
	resp.Body.Close()
	size, ok := objstore.SizeOfRange(resp.Header.Get("Content-Range"))
	o.info.Version = versionOf(resp.Header, size)
	if o.ranges = resp.StatusCode == http.StatusPartialContent && ok; o.ranges && o.info.Version != "" {
		o.info.Size = size
		return o, nil
	}
	// Without ranges, or without a word of which version a range is of.
	return s.statWhole(whole, path)
}

func (s *Store) statWhole(ctx context.Context, path string) (object, error) {
	w, err := s.whole(ctx, path, "")
	if err != nil {
		return object{}, err
	}
	defer s.wholes.release(w)
	return object{info: w.info}, nil
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
