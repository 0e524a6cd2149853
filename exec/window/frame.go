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
	for _, s := range sidesOf(f, o) {
		if err := out.place(l, s, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// side is the start or the end of frames.
type side struct {
	expr.Bound
	unit   expr.FrameUnit
	offset arrow.Array // of length 1; nil: none
	start  bool
}

func sidesOf(f expr.Frame, o Offsets) [2]side {
	return [2]side{{f.Start, f.Unit, o.Start, true}, {f.End, f.Unit, o.End, false}}
}

// distant tells whether it lies at an offset from the current row.
func (s side) distant() bool { return s.Kind == expr.Preceding || s.Kind == expr.Following }

// byKey tells whether the offset is one of the ORDER BY key.
func (s side) byKey() bool { return s.unit == expr.Range && s.distant() }

// check refuses an offset that is NULL.
func (s side) check() error {
	if s.distant() && s.offset.IsNull(0) {
		return sqlerr.New(sqlerr.NullNotAllowed, "frame %s offset must not be null", sideName(s.start))
	}
	return nil
}

// steps is how many rows or groups behind the current one the bound is. That of
// an end is the first row behind the frame.
func (s side) steps() (int64, error) {
	extra := int64(1)
	if s.start {
		extra = 0
	}
	if !s.distant() {
		return extra, nil
	}
	k, err := count(s.offset, s.start)
	if s.Kind == expr.Preceding {
		k = -k
	}
	return k + extra, err
}

// side is where the bounds of s are kept.
func (f *Frames) side(s side) []int32 {
	if s.start {
		return f.lo
	}
	return f.hi
}

// place fills in one side.
func (f *Frames) place(l *Layout, s side, r *RangeKeys) error {
	dst := f.side(s)
	if f.unbounded(l, s) {
		return nil
	}
	if err := s.check(); err != nil {
		return err
	}
	if s.byKey() {
		return r.place(l, dst, s.offset, s.Kind == expr.Preceding, s.start)
	}
	k, err := s.steps()
	if err != nil {
		return err
	}
	if s.unit == expr.Rows {
		placeRows(l, dst, k)
	} else {
		placeGroups(l, dst, k)
	}
	return nil
}

// unbounded fills in a side that is the partition's, and tells whether it is.
func (f *Frames) unbounded(l *Layout, s side) bool {
	dst := f.side(s)
	switch s.Kind {
	case expr.UnboundedPreceding:
		for i := range dst {
			dst[i], _ = l.part(i)
		}
	case expr.UnboundedFollowing:
		for i := range dst {
			_, dst[i] = l.part(i)
		}
	default:
		return false
	}
	return true
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

func placeRows(l *Layout, dst []int32, k int64) {
	for i := range dst {
		lo, hi := l.part(i)
		dst[i] = int32(min(max(int64(l.row(i))+k, int64(lo)), int64(hi)))
	}
}

func placeGroups(l *Layout, dst []int32, k int64) {
	for i := range dst {
		lo, hi := l.part(i)
		first, last := int64(l.peerOf[lo]), int64(l.peerOf[hi-1])
		switch g := int64(l.peerOf[i]) + k; {
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
	row := l.row(i)
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
