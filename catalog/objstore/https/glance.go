package https

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"volley/catalog/objstore"
)

// glance reads the end of an object, which tells its size and version too. false: the server
// did not answer with that, or not so that other ranges could be read later.
func (s *Store) glance(ctx context.Context, path string, g *objstore.Glance) (o object, found bool) {
	g.Of, g.End = objstore.Info{}, nil // of a try before
	ctx, stall := objstore.WithStall(ctx, s.config.Stall)
	defer stall.Cancel()
	resp, err := s.do(ctx, http.MethodGet, path, map[string]string{"Range": "bytes=-" + strconv.FormatInt(g.Len, 10)})
	if err != nil {
		return o, false
	}
	defer resp.Body.Close()
	size, ok := objstore.SizeOfRange(resp.Header.Get("Content-Range"))
	n := min(size, g.Len)
	o = object{info: objstore.Info{Path: path, Size: size, Version: versionOf(resp.Header, size)}, ranges: true}
	if !ok || resp.StatusCode != http.StatusPartialContent || o.info.Version == "" ||
		!strings.HasPrefix(resp.Header.Get("Content-Range"), "bytes "+strconv.FormatInt(size-n, 10)+"-") {
		return o, false
	}
	end := make([]byte, n)
	got, err := stall.Fill(resp.Body, end)
	objstore.CountRequest(ctx, got)
	if err != nil {
		return o, false
	}
	g.Of, g.End = o.info, end
	return o, true
}
