package csv

import (
	"context"
	"errors"
	"io"
	"sync"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqlerr"
)

const (
	// samplesAtOnce is how many samples are fetched at once.
	samplesAtOnce = 16
	// headParts is by how many requests the first sample is fetched. It is several times as
	// long as the others, so that a query would wait for it alone.
	headParts = 4
	headPart  = (headBytes + blockBytes) / headParts
)

// samples are what Infer will look at of remote files, fetched at once: it decides
// from one sample what to make of the next, and would wait for each of them.
type samples struct {
	store  objstore.Store
	cancel context.CancelFunc
	wg     sync.WaitGroup
	parts  map[string][]*samplePart // by path
}

// samplePart is a range of a file. bytes and err are set once done is closed.
type samplePart struct {
	objstore.Range
	file  catalog.FileInfo
	done  chan struct{}
	bytes []byte
	err   error
}

// fetchSamples begins to fetch the samples of the first file, and those of the others.
// nil: there are none to fetch.
func fetchSamples(ctx context.Context, store objstore.Store, o *options, first *catalog.FileInfo, others []catalog.FileInfo) *samples {
	if first == nil || objstore.Scheme(first.Path) == "" {
		return nil
	}
	s := &samples{store: store, parts: map[string][]*samplePart{}}
	ctx, s.cancel = context.WithCancel(ctx)
	var all []*samplePart
	add := func(f catalog.FileInfo, from, to int64) {
		p := &samplePart{Range: objstore.Range{Off: max(from, 0), End: min(to, f.Size)}, file: f, done: make(chan struct{})}
		if p.Off < p.End {
			s.parts[f.Path] = append(s.parts[f.Path], p)
			all = append(all, p)
		}
	}
	for at := int64(0); at < headBytes+blockBytes; at += headPart {
		add(*first, at, at+headPart)
	}
	for _, at := range samplePlaces(o, *first) {
		add(*first, at-1, at+2*placeBytes)
	}
	for _, f := range others {
		add(f, 0, placeBytes+blockBytes)
	}
	slots := make(chan struct{}, samplesAtOnce)
	s.wg.Go(func() {
		for _, p := range all {
			slots <- struct{}{}
			s.wg.Go(func() {
				defer func() { <-slots }()
				defer close(p.done)
				p.err = p.fetch(ctx, store)
			})
		}
	})
	return s
}

func (p *samplePart) fetch(ctx context.Context, store objstore.Store) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = sqlerr.Panic(p)
		}
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := p.file.Open(ctx, store)
	if err != nil {
		return err
	}
	buf := make([]byte, p.End-p.Off)
	n, err := r.ReadAt(ctx, buf, p.Off)
	if n == len(buf) {
		p.bytes, err = buf, nil
	}
	if closing := r.Close(); err == nil {
		err = closing
	}
	return err
}

// wrap gives the store with the samples read from memory.
func (s *samples) wrap() objstore.Store {
	return objstore.WrapReaders(s.store, func(r objstore.Reader) objstore.Reader {
		if parts := s.parts[r.Info().Path]; parts != nil {
			return &sampledReader{r, parts}
		}
		return r
	})
}

// close ends what is still being fetched.
func (s *samples) close() {
	s.cancel()
	s.wg.Wait()
}

// sampledReader is a reader of a file of which some ranges are at hand.
type sampledReader struct {
	objstore.Reader
	parts []*samplePart
}

func (r *sampledReader) Announce(ctx context.Context, ranges []objstore.Range) {
	objstore.Announce(ctx, r.Reader, ranges...)
}

// ReadAt waits for a sample that has the first byte.
func (r *sampledReader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	return objstore.ReadParts(r.Info(), p, off, func(p []byte, off int64) (int, error) {
		for _, x := range r.parts {
			if off < x.Off || off >= x.End {
				continue
			}
			select {
			case <-x.done:
			case <-ctx.Done():
				return 0, context.Cause(ctx)
			}
			switch {
			case x.err == nil:
				return copy(p, x.bytes[off-x.Off:]), nil
			case !errors.Is(x.err, io.EOF): // the store has tried often enough
				return 0, x.err
			}
		}
		n, err := r.Reader.ReadAt(ctx, p, off)
		if n == len(p) && err == io.EOF {
			err = nil
		}
		return n, err
	})
}
