package window

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/udf"
)

const (
	// shortFrame is the average number of rows up to which frames are computed
	// row by row, which also adds floating-point numbers in PostgreSQL's order.
	shortFrame = 32
	// pairBatch is how many (frame, row) pairs, and frameBatch how many frames,
	// are given to an accumulator at once.
	pairBatch  = 1 << 16
	frameBatch = 1 << 13
)

// frames are the distinct frames of a chunk over the rows an aggregate sees.
// Frame f is the spans from ends[f−1] to ends[f]−1.
type frames struct {
	spans []span
	ends  []int32
	of    []int32 // by row of the chunk: its frame
	rows  int64   // of all frames
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
			last = append(last[:0], kept...)
			for _, s := range kept {
				f.rows += int64(s.hi - s.lo)
			}
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

// moving is an aggregate over any frames.
func (a *Aggregate) moving(x *input) (arrow.Array, error) {
	f := distinctFrames(x)
	size := int64(12*len(f.spans) + 8*len(f.of))
	if err := a.Reserve(size); err != nil {
		return nil, err
	}
	compute := a.direct
	if a.State != nil && f.rows > shortFrame*int64(len(f.ends)) {
		compute = a.byTree
	}
	results, err := compute(x, f)
	if err == nil {
		results, err = kernel.Take(results, f.of)
	}
	if released := a.Reserve(-size); err == nil {
		err = released
	}
	return results, err
}

// direct adds the rows of every frame one by one.
func (a *Aggregate) direct(x *input, f *frames) (arrow.Array, error) {
	results := kernel.NewChunks(x.Type)
	for lo := 0; lo < len(f.ends); lo += frameBatch {
		hi := min(lo+frameBatch, len(f.ends))
		acc, err := a.New()
		if err != nil {
			return nil, err
		}
		p := pairs{acc: acc, args: x.args, n: hi - lo, stopped: a.stopped}
		for i := lo; i < hi; i++ {
			for _, s := range f.spansOf(i) {
				for r := s.lo; r < s.hi; r++ {
					if err := p.add(uint32(i-lo), r); err != nil {
						return nil, err
					}
				}
			}
		}
		if err := p.flush(); err != nil {
			return nil, err
		}
		if err := a.grown(acc, hi-lo); err != nil {
			return nil, err
		}
		r, err := acc.Result(0, hi-lo)
		if err != nil {
			return nil, err
		}
		if err := results.Append(r); err != nil {
			return nil, err
		}
	}
	return results.Slice(0, len(f.ends))
}

// pairs collects rows for groups and gives them to an accumulator in batches.
type pairs struct {
	acc     udf.Accumulator
	args    []udf.Arg
	n       int // groups
	stopped func() error
	groups  []uint32
	rows    []int32
}

func (p *pairs) add(group uint32, row int32) error {
	p.groups, p.rows = append(p.groups, group), append(p.rows, row)
	if len(p.rows) < pairBatch {
		return nil
	}
	return p.flush()
}

func (p *pairs) flush() error {
	if err := p.stopped(); err != nil {
		return err
	}
	if len(p.rows) == 0 {
		return nil
	}
	args, err := takeArgs(p.args, p.rows)
	if err != nil {
		return err
	}
	err = p.acc.Update(p.groups, p.n, args)
	p.groups, p.rows = p.groups[:0], p.rows[:0]
	return err
}
