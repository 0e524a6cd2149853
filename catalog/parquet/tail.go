package parquet

import (
	"context"
	"slices"

	"volley/catalog/objstore"
)

// tailReader is a reader of a remote file of which the end is known from reading
// its footer: page indexes and Bloom filters are mostly there, and all of a small
// file.
type tailReader struct {
	objstore.Reader
	tail []byte
	at   int64 // offset of tail
}

// withTail gives r with the end of the file that f was read with.
func (f *footer) withTail(r objstore.Reader) objstore.Reader {
	if f.tail == nil {
		return r
	}
	return &tailReader{r, f.tail, f.size - int64(len(f.tail))}
}

func (r *tailReader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if from := off - r.at; from >= 0 && from+int64(len(p)) <= int64(len(r.tail)) {
		return copy(p, r.tail[from:]), nil
	}
	return r.Reader.ReadAt(ctx, p, off)
}

// Announce announces what is not at hand.
func (r *tailReader) Announce(ctx context.Context, ranges []objstore.Range) {
	ranges = slices.DeleteFunc(slices.Clone(ranges), func(x objstore.Range) bool { return x.Off >= r.at })
	objstore.Announce(ctx, r.Reader, ranges...)
}
