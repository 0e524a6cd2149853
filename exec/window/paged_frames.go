package window

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/udf"
)

// PagedFrames places the frames of a paged partition, batch after batch. As the
// bounds only move forward, each side is a cursor over the groups of peers.
type PagedFrames struct {
	part   *Paged
	frame  expr.Frame
	keys   *pages // of RANGE with offsets; nil: there are none
	cursor [2]pagedSide
}

// pagedSide is where one side's cursor is.
type pagedSide struct {
	at    int32 // first row of the group it is at, or the number of rows
	group int64 // that group's number
	bound int32 // of the last group placed
}

// NewPagedFrames makes the frames of p; key is the type of the ORDER BY key of
// RANGE with offsets, nil for other frames.
func NewPagedFrames(d *Disk, p *Paged, f expr.Frame, key arrow.DataType) (*PagedFrames, error) {
	c := &PagedFrames{part: p, frame: f}
	if key == nil {
		return c, nil
	}
	var err error
	c.keys, err = newPages(d, []arrow.DataType{key}, []bool{false})
	return c, err
}

// Add adds rows' keys, which only RANGE with offsets needs.
func (c *PagedFrames) Add(key arrow.Array) error {
	return c.keys.add([]udf.Arg{{Array: key}}, key.Len())
}

// Finish ends the partition.
func (c *PagedFrames) Finish() error {
	if c.keys == nil {
		return nil
	}
	return c.keys.finish()
}

// Bytes is the memory held.
func (c *PagedFrames) Bytes() int64 {
	if c.keys == nil {
		return 0
	}
	return c.keys.bytes()
}

// Batch places the frames of the next batch, whose keys are r's.
func (c *PagedFrames) Batch(l *Layout, o Offsets, r *RangeKeys) (*Frames, error) {
	n := l.Rows()
	f := &Frames{lo: make([]int32, n), hi: make([]int32, n), exclude: c.frame.Exclude}
	if err := r.check(o); err != nil {
		return nil, err
	}
	for i, s := range sidesOf(c.frame, o) {
		if err := c.place(l, f, s, &c.cursor[i], r); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (c *PagedFrames) place(l *Layout, f *Frames, s side, at *pagedSide, r *RangeKeys) error {
	switch {
	case s.Kind == expr.UnboundedPreceding || s.Kind == expr.UnboundedFollowing || s.unit == expr.Rows:
		return f.place(l, s, nil)
	case s.byKey():
		if err := s.check(); err != nil {
			return err
		}
		return c.placeRange(l, f.side(s), s, at, r)
	}
	if err := s.check(); err != nil {
		return err
	}
	k, err := s.steps()
	if err != nil {
		return err
	}
	dst := f.side(s)
	for i := range dst {
		dst[i] = at.inGroups(c.part, int64(l.firstPeer+l.peerOf[i])+k)
	}
	return nil
}

// inGroups is where the group of a number begins.
func (s *pagedSide) inGroups(p *Paged, group int64) int32 {
	if group <= 0 {
		return 0
	}
	for n := int32(p.Rows()); s.group < group && s.at < n; s.group++ {
		s.at = p.nextPeers(s.at)
	}
	return s.at
}

// placeRange is RangeKeys.place where the keys that bounds are sought in are in
// pages.
func (c *PagedFrames) placeRange(l *Layout, dst []int32, s side, at *pagedSide, r *RangeKeys) error {
	n := int32(c.part.Rows())
	var w *rangeWindow
	for g := range len(l.peers) - 1 {
		base := l.peers[g]
		if base >= l.first { // else the bound is known from the batch before
			for ; at.at < n; at.at = c.part.nextPeers(at.at) {
				if w == nil || at.at >= w.end {
					var err error
					if w, err = c.window(at.at, s, r); err != nil {
						return err
					}
				}
				if w.stops(base-l.first, at.at, s.start) {
					break
				}
			}
			at.bound = at.at
		}
		for row := max(base, l.first); row < min(l.peers[g+1], l.first+int32(len(dst))); row++ {
			dst[row-l.first] = at.bound
		}
	}
	return nil
}

// rangeWindow compares the keys of a batch, put before those of a page, with
// these.
type rangeWindow struct {
	keys       RangeKeys
	in         inRange
	nulls      kernel.Words // of the keys that are not NULL; nil: all
	batch      int32        // rows of the batch
	begin, end int32        // rows of the page
}

// window is the batch's keys and the page with row at.
func (c *PagedFrames) window(at int32, s side, r *RangeKeys) (*rangeWindow, error) {
	number := at / c.keys.size()
	pg, err := c.keys.page(number)
	if err != nil {
		return nil, err
	}
	w := &rangeWindow{keys: *r, batch: int32(r.Key.Len()), begin: number * c.keys.size()}
	w.end = w.begin + c.keys.size()
	if w.keys.Key, err = kernel.Concat([]arrow.Array{r.Key, pg.args[0].Array}); err != nil {
		return nil, err
	}
	sub, less := s.Kind == expr.Preceding, !s.start
	if r.Desc {
		sub, less = !sub, !less
	}
	w.nulls = kernel.Valid(w.keys.Key)
	w.in, err = w.keys.inRange(s.offset, sub, less)
	return w, err
}

// stops tells whether the bound of row base of the batch goes no further than row
// v of the partition.
func (w *rangeWindow) stops(base, v int32, start bool) bool {
	v += w.batch - w.begin
	return w.keys.stops(w.in, v, base, w.isNull(v), w.isNull(base), start)
}

func (w *rangeWindow) isNull(row int32) bool { return w.nulls != nil && !w.nulls.Get(int(row)) }
