package window

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// fanout of the tree; a power of two.
const fanout = 16

// tree holds partial states over aligned blocks of rows (a segment tree, after
// Leis et al., "Efficient Processing of Window Functions in Analytical SQL
// Queries", 2015). levels[k] has the states of blocks of fanout^(k+1) rows; the
// rows themselves are below levels[0]. A frame is at most 2·fanout nodes of each
// level:
//
//	rows      ...xx|................|................|x....
//	levels[0]      [      ][      ] ...              between the ragged ends
type tree struct {
	levels [][]arrow.Array
	sizes  []int
	bytes  int64
}

// buildTree makes the levels bottom up.
func (a *Aggregate) buildTree(x *input) (*tree, error) {
	t := &tree{}
	n := x.count()
	for n > fanout {
		acc, err := a.New()
		if err != nil {
			return nil, err
		}
		groups := make([]uint32, n)
		for i := range groups {
			groups[i] = uint32(i / fanout)
		}
		blocks := (n + fanout - 1) / fanout
		if len(t.levels) == 0 {
			err = acc.Update(groups, blocks, x.args)
		} else {
			err = acc.Merge(groups, blocks, t.levels[len(t.levels)-1])
		}
		if err != nil {
			return nil, err
		}
		if err := a.grown(acc, blocks); err != nil {
			return nil, err
		}
		states, err := acc.State(0, blocks)
		if err != nil {
			return nil, err
		}
		size := int64(0)
		for _, s := range states {
			size += kernel.Bytes(s)
		}
		if err := a.Reserve(size); err != nil {
			return nil, err
		}
		t.bytes += size
		t.levels, t.sizes = append(t.levels, states), append(t.sizes, blocks)
		n = blocks
	}
	return t, nil
}

// nodeList is nodes of one level for groups, in the order in which they are
// merged.
type nodeList struct {
	groups []uint32
	nodes  []int32
}

func (l *nodeList) add(group uint32, lo, hi int32) {
	for n := lo; n < hi; n++ {
		l.groups, l.nodes = append(l.groups, group), append(l.nodes, n)
	}
}

// query is the nodes of a batch of frames: at the left ends from the rows up,
// then at the right ends down to the rows. Index 0 is the rows.
type query struct{ left, right []nodeList }

// cover adds the nodes of span s.
func (q *query) cover(group uint32, s span) {
	lo, hi := s.lo, s.hi
	for k := 0; ; k++ {
		from, to := (lo+fanout-1)/fanout, hi/fanout
		if k == len(q.left)-1 || from >= to {
			q.left[k].add(group, lo, hi)
			return
		}
		q.left[k].add(group, lo, from*fanout)
		q.right[k].add(group, to*fanout, hi)
		lo, hi = from, to
	}
}

func (q *query) reset() {
	for k := range q.left {
		q.left[k].groups, q.left[k].nodes = q.left[k].groups[:0], q.left[k].nodes[:0]
		q.right[k].groups, q.right[k].nodes = q.right[k].groups[:0], q.right[k].nodes[:0]
	}
}

// byTree computes frames by merging nodes of a tree.
func (a *Aggregate) byTree(x *input, f *frames) (arrow.Array, error) {
	t, err := a.buildTree(x)
	if err != nil {
		return nil, err
	}
	results := kernel.NewChunks(x.Type)
	q := &query{left: make([]nodeList, len(t.levels)+1), right: make([]nodeList, len(t.levels)+1)}
	for lo := 0; lo < len(f.ends); lo += frameBatch {
		if err := a.stopped(); err != nil {
			return nil, err
		}
		r, err := a.treeBatch(x, f, t, q, lo, min(lo+frameBatch, len(f.ends)))
		if err != nil {
			return nil, err
		}
		if err := results.Append(r); err != nil {
			return nil, err
		}
	}
	if err := a.Reserve(-t.bytes); err != nil {
		return nil, err
	}
	return results.Slice(0, len(f.ends))
}

// treeBatch computes frames lo to hi−1. Spans are merged one after the other,
// for aggregates that depend on the order of rows.
func (a *Aggregate) treeBatch(x *input, f *frames, t *tree, q *query, lo, hi int) (arrow.Array, error) {
	acc, err := a.New()
	if err != nil {
		return nil, err
	}
	n := hi - lo
	merge := func(k int, l *nodeList) error {
		if len(l.nodes) == 0 {
			return nil
		}
		if k == 0 {
			args, err := takeArgs(x.args, l.nodes)
			if err != nil {
				return err
			}
			return acc.Update(l.groups, n, args)
		}
		states := make([]arrow.Array, len(t.levels[k-1]))
		for i, s := range t.levels[k-1] {
			var err error
			if states[i], err = kernel.Take(s, l.nodes); err != nil {
				return err
			}
		}
		return acc.Merge(l.groups, n, states)
	}
	for part, more := 0, true; more; part++ {
		more = false
		q.reset()
		for i := lo; i < hi; i++ {
			if spans := f.spansOf(i); part < len(spans) {
				q.cover(uint32(i-lo), spans[part])
				more = true
			}
		}
		for k := range q.left {
			if err := merge(k, &q.left[k]); err != nil {
				return nil, err
			}
		}
		for k := len(q.right) - 1; k >= 0; k-- {
			if err := merge(k, &q.right[k]); err != nil {
				return nil, err
			}
		}
	}
	if err := a.grown(acc, n); err != nil {
		return nil, err
	}
	return acc.Result(0, n)
}
