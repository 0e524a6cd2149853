package window

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/udf"
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
//
// Blocks are counted from the beginning of each partition, so that results do not
// depend on what else is in the chunk.
type tree struct {
	shape  *shape // nil: there are rows alone
	args   []udf.Arg
	levels [][]arrow.Array
	bytes  int64
}

// shape is where the nodes of each partition are. Level 0 is the rows.
type shape struct {
	sizes [][]int32 // by level and partition: how many nodes it has
	bases [][]int32 // by level and partition: the first of them
	total []int     // by level
	depth []int     // by partition: its highest level
}

// newShape is the shape of trees over partitions of rows rows each.
func newShape(rows []int32) *shape {
	s := &shape{depth: make([]int, len(rows))}
	for sizes, level := rows, 1; ; level++ {
		bases, total := make([]int32, len(sizes)), 0
		for p, n := range sizes {
			bases[p], total = int32(total), total+int(n)
		}
		s.sizes, s.bases, s.total = append(s.sizes, sizes), append(s.bases, bases), append(s.total, total)
		above, more := make([]int32, len(sizes)), false
		for p, n := range sizes {
			if n > fanout {
				above[p], s.depth[p], more = (n+fanout-1)/fanout, level, true
			}
		}
		if !more {
			return s
		}
		sizes = above
	}
}

// parents is the nodes of a level that have a node above them, nil for all, and
// for each of these the number of that node.
func (s *shape) parents(level int) (nodes []int32, above []uint32) {
	all := true
	above = make([]uint32, 0, s.total[level])
	for p, n := range s.sizes[level] {
		if s.depth[p] <= level {
			all = all && n == 0
			continue
		}
		for i := range n {
			above = append(above, uint32(s.bases[level+1][p]+i/fanout))
		}
	}
	if all {
		return nil, above
	}
	for p, n := range s.sizes[level] {
		for i := range n {
			if s.depth[p] > level {
				nodes = append(nodes, s.bases[level][p]+i)
			}
		}
	}
	return nodes, above
}

// buildTree makes the levels bottom up, or none.
func (a *Aggregate) buildTree(x *input, levels bool) (*tree, error) {
	t := &tree{args: x.args}
	if !levels {
		return t, nil
	}
	sizes := make([]int32, x.Layout.Partitions())
	for p := range sizes {
		sizes[p] = x.seen(x.Layout.parts[p+1]) - x.seen(x.Layout.parts[p])
	}
	t.shape = newShape(sizes)
	for level := 1; level < len(t.shape.total); level++ {
		if err := a.stopped(); err != nil {
			return nil, err
		}
		nodes, above := t.shape.parents(level - 1)
		states, err := a.level(t, nodes, above, t.shape.total[level])
		if err != nil {
			return nil, err
		}
		size := int64(0)
		for _, s := range states {
			size += kernel.Bytes(s)
		}
		if err := x.reserve(size); err != nil {
			return nil, err
		}
		t.bytes += size
		t.levels = append(t.levels, states)
	}
	return t, nil
}

// level is the states of n nodes above the highest level so far, of which nodes
// (nil: all) belong to above.
func (a *Aggregate) level(t *tree, nodes []int32, above []uint32, n int) ([]arrow.Array, error) {
	acc, err := a.New()
	if err != nil {
		return nil, err
	}
	if len(t.levels) == 0 {
		args := t.args
		if nodes != nil {
			if args, err = takeArgs(args, nodes); err != nil {
				return nil, err
			}
		}
		err = update(acc, above, n, args)
	} else {
		states := t.levels[len(t.levels)-1]
		if nodes != nil {
			if states, err = takeAll(states, nodes); err != nil {
				return nil, err
			}
		}
		err = merge(acc, above, n, states)
	}
	if err != nil {
		return nil, err
	}
	return a.states(acc, n)
}

// states is those of all n groups of acc.
func (a *Aggregate) states(acc udf.Accumulator, n int) ([]arrow.Array, error) {
	if err := a.grown(acc, n); err != nil {
		return nil, err
	}
	return acc.State(0, n)
}

// add implements nodes.
func (t *tree) add(acc udf.Accumulator, n, level int, l *nodeList) error {
	if level == 0 {
		args, err := takeArgs(t.args, l.nodes)
		if err != nil {
			return err
		}
		return update(acc, l.groups, n, args)
	}
	states, err := takeAll(t.levels[level-1], l.nodes)
	if err != nil {
		return err
	}
	return merge(acc, l.groups, n, states)
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

func (l *nodeList) reset() { l.groups, l.nodes = l.groups[:0], l.nodes[:0] }

// query is the nodes of a batch of frames: at the left ends from the rows up,
// then at the right ends down to the rows. Index 0 is the rows.
type query struct {
	shape       *shape
	left, right []nodeList
}

func newQuery(s *shape) *query {
	if s == nil {
		return nil
	}
	return &query{shape: s, left: make([]nodeList, len(s.total)), right: make([]nodeList, len(s.total))}
}

// cover adds the nodes of span s of a partition, rows alone if it is of a short
// frame.
func (q *query) cover(group uint32, s span, part int32, short bool) {
	if short {
		q.left[0].add(group, s.lo, s.hi)
		return
	}
	lo, hi := s.lo-q.shape.bases[0][part], s.hi-q.shape.bases[0][part]
	for k := 0; ; k++ {
		base := q.shape.bases[k][part]
		from, to := (lo+fanout-1)/fanout, hi/fanout
		if k == q.shape.depth[part] || from >= to {
			q.left[k].add(group, base+lo, base+hi)
			return
		}
		q.left[k].add(group, base+lo, base+from*fanout)
		q.right[k].add(group, base+to*fanout, base+hi)
		lo, hi = from, to
	}
}

func (q *query) reset() {
	for k := range q.left {
		q.left[k].reset()
		q.right[k].reset()
	}
}

// byTree merges the nodes of frames lo to hi−1. Spans are merged one after the
// other, for aggregates that depend on the order of rows.
func (a *Aggregate) byTree(acc udf.Accumulator, f *frames, q *query, from nodes, lo, hi int) error {
	add := func(level int, l *nodeList) error {
		if len(l.nodes) == 0 {
			return nil
		}
		return from.add(acc, hi-lo, level, l)
	}
	for part, more := 0, true; more; part++ {
		more = false
		q.reset()
		for i := lo; i < hi; i++ {
			if spans := f.spansOf(i); part < len(spans) {
				q.cover(uint32(i-lo), spans[part], f.parts[i], short(spans))
				more = true
			}
		}
		for k := range q.left {
			if err := add(k, &q.left[k]); err != nil {
				return err
			}
		}
		for k := len(q.right) - 1; k >= 0; k-- {
			if err := add(k, &q.right[k]); err != nil {
				return err
			}
		}
	}
	return nil
}
