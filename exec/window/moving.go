package window

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/udf"
)

const (
	// shortFrame is the number of rows up to which a frame is computed row by row,
	// which also adds floating-point numbers in PostgreSQL's order.
	shortFrame = 32
	// pairBatch is how many (frame, row) pairs, and frameBatch how many frames,
	// are given to an accumulator at once.
	pairBatch  = 1 << 16
	frameBatch = 1 << 13
	// Of frames whose results may be large, firstFrames are computed first, then
	// frameGrowth times as many each time, up to batchBytes.
	firstFrames = 16
	frameGrowth = 8
	batchBytes  = 1 << 20
)

// frames are the distinct frames of a chunk over the rows an aggregate sees.
// Frame f is the spans from ends[f−1] to ends[f]−1.
type frames struct {
	spans []span
	ends  []int32
	parts []int32 // by frame: its partition
	of    []int32 // by row of the chunk: its frame
	long  bool    // some have more than shortFrame rows
}

// distinctFrames numbers the frames; neighbours often have the same one.
func distinctFrames(x *input) *frames {
	n := x.Layout.Rows()
	f := &frames{of: make([]int32, n)}
	var spans, last []span
	for i := range n {
		spans = x.Frames.spans(x.Layout, i, spans[:0])
		kept := spans[:0]
		for _, s := range spans {
			if s = (span{x.seen(s.lo), x.seen(s.hi)}); s.lo < s.hi {
				kept = append(kept, s)
			}
		}
		if i == 0 || !slices.Equal(kept, last) {
			f.spans = append(f.spans, kept...)
			f.ends = append(f.ends, int32(len(f.spans)))
			f.parts = append(f.parts, x.Layout.partOf[i])
			last = append(last[:0], kept...)
			f.long = f.long || !short(kept)
		}
		f.of[i] = int32(len(f.ends) - 1)
	}
	return f
}

// spansOf is frame i.
func (f *frames) spansOf(i int) []span {
	lo := int32(0)
	if i > 0 {
		lo = f.ends[i-1]
	}
	return f.spans[lo:f.ends[i]]
}

// short tells whether a frame is computed row by row.
func short(spans []span) bool {
	rows := int32(0)
	for _, s := range spans {
		rows += s.hi - s.lo
	}
	return rows <= shortFrame
}

// moving is an aggregate over any frames.
func (a *Aggregate) moving(x *input) (arrow.Array, error) {
	f := distinctFrames(x)
	size := int64(12*len(f.spans) + 12*len(f.of))
	if err := x.reserve(size); err != nil {
		return nil, err
	}
	t, err := a.buildTree(x, a.State != nil && f.long)
	if err != nil {
		return nil, err
	}
	column, err := a.overFrames(x.Input, f, t.shape, t)
	if err == nil {
		err = x.reserve(-size - t.bytes)
	}
	return column, err
}

// nodes are what frames are put together from.
type nodes interface {
	// add gives nodes of a level to acc, which has n groups: rows at level 0,
	// above it states of blocks of fanout^level rows.
	add(acc udf.Accumulator, n, level int, l *nodeList) error
}

// overFrames is the column over all frames; s is nil where there is no tree. Frames
// whose results are lists or texts are computed few at a time at first, then as many
// as take batchBytes.
func (a *Aggregate) overFrames(in *Input, f *frames, s *shape, from nodes) (arrow.Array, error) {
	results := newGrowing(in)
	q := newQuery(s)
	step := frameBatch
	if !results.fixed {
		step = firstFrames
	}
	for lo, hi := 0, 0; lo < len(f.ends); lo = hi {
		if err := a.stopped(); err != nil {
			return nil, err
		}
		hi = min(lo+step, len(f.ends))
		acc, err := a.New()
		if err != nil {
			return nil, err
		}
		if s == nil {
			err = a.direct(acc, f, from, lo, hi)
		} else {
			err = a.byTree(acc, f, q, from, lo, hi)
		}
		if err != nil {
			return nil, err
		}
		if err := a.grown(acc, hi-lo); err != nil {
			return nil, err
		}
		r, err := acc.Result(0, hi-lo)
		if err != nil {
			return nil, err
		}
		if !results.fixed {
			width := (acc.Bytes()+kernel.Bytes(r))/int64(hi-lo) + 1
			step = int(max(min(int64(step)*frameGrowth, frameBatch, batchBytes/width), 1))
		}
		if err := results.append(r); err != nil {
			return nil, err
		}
	}
	return results.take(f.of)
}

// direct adds the rows of frames lo to hi−1 one by one.
func (a *Aggregate) direct(acc udf.Accumulator, f *frames, from nodes, lo, hi int) error {
	var rows nodeList
	flush := func() error {
		if err := a.stopped(); err != nil {
			return err
		}
		err := from.add(acc, hi-lo, 0, &rows)
		rows.reset()
		return err
	}
	for i := lo; i < hi; i++ {
		for _, s := range f.spansOf(i) {
			for s.lo < s.hi { // in pieces, of which an accumulator gets some at once
				end := min(s.hi, s.lo+int32(pairBatch-len(rows.nodes)))
				rows.add(uint32(i-lo), s.lo, end)
				if s.lo = end; len(rows.nodes) == pairBatch {
					if err := flush(); err != nil {
						return err
					}
				}
			}
		}
	}
	return flush()
}
