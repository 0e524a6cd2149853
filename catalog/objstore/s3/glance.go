package s3

import (
	"context"

	"github.com/minio/minio-go/v7"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// find gives what is known of an object, and its end where the context asks for that.
func (s *Store) find(ctx context.Context, path string) (objstore.Info, error) {
	if g := objstore.GlanceOf(ctx); g != nil {
		found, err := s.glance(ctx, path, g)
		if found || sqlerr.Code(err) == sqlerr.UndefinedFile {
			return g.Of, err
		}
	}
	return s.stat(ctx, path)
}

// glance reads the end of an object, which tells its size and version too. false: the server
// did not answer with that, for an empty object for one.
func (s *Store) glance(ctx context.Context, path string, g *objstore.Glance) (found bool, err error) {
	g.Of, g.End = objstore.Info{}, nil // of a try before
	bucket, key, err := splitObject(path)
	if err != nil {
		return false, err
	}
	a, err := s.access(ctx, path)
	if err != nil {
		return false, err
	}
	ctx, stall := objstore.WithStall(ctx, s.config.Stall)
	defer stall.Cancel()
	var opts minio.GetObjectOptions
	if err := opts.SetRange(0, -g.Len); err != nil {
		return false, err
	}
	if err := a.fresh(ctx); err != nil {
		return false, err
	}
	body, o, header, err := a.GetObject(ctx, bucket, key, opts)
	if err != nil {
		return false, a.failure(ctx, err, bucket, key)
	}
	defer body.Close()
	size, ok := objstore.SizeOfRange(header.Get("Content-Range"))
	n := int(min(size, g.Len))
	if !ok || !isRange(header.Get("Content-Range"), size-int64(n), n) {
		return false, nil
	}
	end := make([]byte, n)
	got, err := stall.Fill(body, end)
	objstore.CountRequest(ctx, got)
	if err != nil {
		return false, a.failure(ctx, err, bucket, key)
	}
	g.Of, g.End = objstore.Info{Path: path, Size: size, Version: versionOf(o, size)}, end
	return true, nil
}
