package main

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"volley/catalog/objstore"
	"volley/catalog/objstore/s3"
)

// ceiling is how many bytes a second so many readers get over the link who do nothing
// with them: link and server take processors of the same machine, so that no query can
// have more.
func ceiling(pattern string, readers int) (float64, error) {
	const piece = 8 << 20
	ctx := context.Background()
	store := s3.New(s3.Config{})
	objects, err := store.Glob(ctx, pattern)
	if err != nil {
		return 0, err
	}
	type part struct {
		object objstore.Info
		off    int64
	}
	var parts []part
	for _, o := range objects {
		for off := int64(0); off < o.Size; off += piece {
			parts = append(parts, part{o, off})
		}
	}
	var next, bytes atomic.Int64
	began := time.Now()
	var group errgroup.Group
	for range readers {
		group.Go(func() error {
			buf := make([]byte, piece)
			for {
				i := int(next.Add(1)) - 1
				if i >= len(parts) {
					return nil
				}
				p := parts[i]
				r, err := store.OpenVersion(ctx, p.object)
				if err != nil {
					return err
				}
				n, err := r.ReadAt(ctx, buf[:min(piece, p.object.Size-p.off)], p.off)
				if err != nil {
					return err
				}
				bytes.Add(int64(n))
			}
		})
	}
	err = group.Wait()
	return float64(bytes.Load()) / time.Since(began).Seconds(), err
}
