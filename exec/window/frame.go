package window

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/sqlerr"
)

// Frames are the frames of all rows of a chunk: row i's is the rows from lo[i] to
// hi[i]−1 but for what Exclude takes out. A frame with hi ≤ lo is empty.
type Frames struct {
	lo, hi  []int32
	exclude expr.Exclusion
	// whole: every frame is its partition. running: every frame begins with it.
	whole, running bool
}

// Offsets are the values of a frame's offsets, of length 1 each; nil for a bound
// without.
type Offsets struct{ Start, End arrow.Array }

// NewFrames places the frames of a chunk. r is for RANGE with offsets, nil
// otherwise. Errors are PostgreSQL's 22004 and 22013.
func NewFrames(l *Layout, f expr.Frame, o Offsets, r *RangeKeys) (*Frames, error) {
	n := l.Rows()
	out := &Frames{exclude: f.Exclude}
	unbounded := f.Start.Kind == expr.UnboundedPreceding
	all := f.End.Kind == expr.UnboundedFollowing ||
		f.Unit != expr.Rows && f.End.Kind == expr.CurrentRow && len(l.peers) == len(l.parts)
	out.running = unbounded && f.Exclude == expr.NoOthers
	out.whole = out.running && all
	if n == 0 {
		return out, nil
	}
	out.lo, out.hi = make([]int32, n), make([]int32, n)
	if err := r.check(o); err != nil {
		return nil, err
	}
	if err := out.place(l, f, o, r, true); err != nil {
		return nil, err
	}
	return out, out.place(l, f, o, r, false)
}

// place fills lo (start) or hi.
func (f *Frames) place(l *Layout, frame expr.Frame, o Offsets, r *RangeKeys, start bool) error {
	bound, dst, offset, extra := frame.Start, f.lo, o.Start, int64(0)
	if !start { // the end is the first row behind the bound
		bound, dst, offset, extra = frame.End, f.hi, o.End, 1
	}
	k := int64(0)
	switch bound.Kind {
	case expr.UnboundedPreceding:
		for i := range dst {
			dst[i], _ = l.part(i)
		}
		return nil
	case expr.UnboundedFollowing:
		for i := range dst {
			_, dst[i] = l.part(i)
		}
		return nil
	case expr.Preceding, expr.Following:
		var err error
		if offset.IsNull(0) {
			return sqlerr.New(sqlerr.NullNotAllowed, "frame %s offset must not be null", sideName(start))
		}
		if frame.Unit == expr.Range {
			return r.place(l, dst, offset, bound.Kind == expr.Preceding, start)
		}
		if k, err = count(offset, start); err != nil {
			return err
		}
		if bound.Kind == expr.Preceding {
			k = -k
		}
	}
	if frame.Unit == expr.Rows {
		placeRows(l, dst, k, extra)
	} else {
		placeGroups(l, dst, k, extra)
	}
	return nil
}

func sideName(start bool) string {
	if start {
		return "starting"
	}
	return "ending"
}

// count is an offset in rows or groups, cut to what 32 bits of rows can need.
func count(a arrow.Array, start bool) (int64, error) {
	v, ok := a.(*array.Int64)
	if !ok {
		return 0, sqlerr.New(sqlerr.InternalError, "frame offset of type %s", a.DataType())
	}
	if v.Value(0) < 0 {
		return 0, sqlerr.New(sqlerr.InvalidFrameOffset, "frame %s offset must not be negative", sideName(start))
	}
	return min(v.Value(0), math.MaxInt32), nil
}

func placeRows(l *Layout, dst []int32, k, extra int64) {
	for i := range dst {
		lo, hi := l.part(i)
		dst[i] = int32(min(max(int64(i)+k+extra, int64(lo)), int64(hi)))
	}
}

func placeGroups(l *Layout, dst []int32, k, extra int64) {
	for i := range dst {
		lo, hi := l.part(i)
		first, last := int64(l.peerOf[lo]), int64(l.peerOf[hi-1])
		switch g := int64(l.peerOf[i]) + k + extra; {
		case g <= first:
			dst[i] = lo
		case g > last:
			dst[i] = hi
		default:
			dst[i] = l.peers[g]
		}
	}
}

// span is a part of a frame: rows lo to hi−1.
type span struct{ lo, hi int32 }

// spans is the parts of row i's frame in order, empty ones left out.
func (f *Frames) spans(l *Layout, i int, dst []span) []span {
	lo, hi := f.lo[i], f.hi[i]
	row := int32(i)
	add := func(a, b int32) {
		if a = max(a, lo); a < min(b, hi) {
			dst = append(dst, span{a, min(b, hi)})
		}
	}
	switch f.exclude {
	case expr.NoOthers:
		add(lo, hi)
	case expr.ExcludeCurrentRow:
		add(lo, row)
		add(row+1, hi)
	case expr.ExcludeGroup:
		first, end := l.peersOf(i)
		add(lo, first)
		add(end, hi)
	case expr.ExcludeTies:
		first, end := l.peersOf(i)
		add(lo, first)
		add(row, row+1)
		add(end, hi)
	}
	return dst
}
