package window

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/udf"
)

// Paged makes the aggregate's column of a paged partition with frames f; ordered
// tells whether there is an ORDER BY, filtered whether there is a FILTER.
func (a *Aggregate) Paged(d *Disk, f expr.Frame, literal []bool, ordered, filtered bool) (Column, error) {
	running := f.Start.Kind == expr.UnboundedPreceding && f.Exclude == expr.NoOthers
	if running && !a.Resumable && (f.End.Kind == expr.UnboundedFollowing || f.Unit != expr.Rows && f.End.Kind == expr.CurrentRow && !ordered) {
		acc, err := a.New()
		return &wholeColumn{agg: a, acc: acc}, err
	}
	p, err := newPages(d, a.ArgTypes, literal)
	if err != nil {
		return nil, err
	}
	s := seenPages{pages: p}
	if filtered {
		s.passed = &rankedBits{}
	}
	if running {
		if !a.Carries {
			return &steppedColumn{seenPages: s, agg: a}, nil
		}
		return &runningColumn{seenPages: s, agg: a, scanned: -1}, nil
	}
	return &movingColumn{seenPages: s, agg: a}, nil
}

// wholeColumn is an aggregate over the partition: one value.
type wholeColumn struct {
	agg    *Aggregate
	acc    udf.Accumulator
	result arrow.Array
}

func (c *wholeColumn) Add(args []udf.Arg, rows []int32, all bool, n int) error {
	if !all {
		var err error
		if args, err = takeArgs(args, rows); err != nil {
			return err
		}
		n = len(rows)
	}
	return update(c.acc, make([]uint32, n), 1, args)
}

func (c *wholeColumn) Finish() error {
	err := c.agg.grown(c.acc, 1)
	if err == nil {
		c.result, err = c.acc.Result(0, 1)
	}
	c.acc = nil
	return err
}

func (c *wholeColumn) Next(in *Input) (arrow.Array, error) {
	return kernel.Repeat(c.result, in.Layout.Rows())
}

func (c *wholeColumn) Bytes() int64 {
	if c.acc == nil {
		return kernel.Bytes(c.result)
	}
	return c.acc.Bytes()
}

// seenPages are the arguments of the rows that pass a FILTER.
type seenPages struct {
	pages  *pages
	passed *rankedBits // nil: all do
}

// Add implements Column.
func (s *seenPages) Add(args []udf.Arg, rows []int32, all bool, n int) error {
	if s.passed != nil {
		s.passed.add(rows, all, n)
	}
	if all {
		return s.pages.add(args, n)
	}
	args, err := takeArgs(args, rows)
	if err != nil {
		return err
	}
	return s.pages.add(args, len(rows))
}

func (s *seenPages) finish() error {
	if s.passed != nil {
		s.passed.finish()
	}
	return s.pages.finish()
}

// Bytes implements Column.
func (s *seenPages) Bytes() int64 {
	if s.passed == nil {
		return s.pages.bytes()
	}
	return s.pages.bytes() + s.passed.bytes()
}

// runningColumn is an aggregate over frames that begin with the partition, whose
// scans carry: pages are scanned as far as frames reach.
type runningColumn struct {
	seenPages
	agg     *Aggregate
	before  arrow.Array // the result before the first row
	scanned int32       // last page scanned
	results arrow.Array // after each of its rows
}

func (c *runningColumn) Finish() error {
	err := c.finish()
	if err == nil {
		c.before, err = c.agg.empty(c.agg.Carry.States)
	}
	return err
}

func (c *runningColumn) Next(in *Input) (arrow.Array, error) {
	x := &input{Input: in, passed: c.passed}
	out := kernel.NewChunks(in.Type)
	at := make([]int32, in.Layout.Rows())
	number := func(i int) int32 { // the page with the last row of row i's frame
		if end := x.seen(in.Frames.hi[i]); end > 0 {
			at[i] = (end - 1) % c.pages.size()
			return (end - 1) / c.pages.size()
		}
		return -1
	}
	for lo := 0; lo < len(at); {
		n := number(lo)
		hi := lo + 1
		for hi < len(at) && number(hi) == n {
			hi++
		}
		results := c.before
		for c.scanned < n {
			if err := c.scanPage(c.scanned + 1); err != nil {
				return nil, err
			}
		}
		if n >= 0 {
			results = c.results
		}
		part, err := kernel.Take(results, at[lo:hi])
		if err == nil {
			err = out.Append(part)
		}
		if err != nil {
			return nil, err
		}
		lo = hi
	}
	return out.Slice(0, len(at))
}

// scanPage makes the results of a page, the one behind the last one.
func (c *runningColumn) scanPage(i int32) error {
	pg, err := c.pages.page(i)
	if err != nil {
		return err
	}
	n := c.pages.pageRows(i)
	c.results, c.agg.Carry, err = c.agg.resume(make([]uint32, n), pg.args)
	c.scanned = i
	return err
}

func (c *runningColumn) Bytes() int64 {
	n := c.seenPages.Bytes()
	if c.results != nil {
		n += kernel.Bytes(c.results)
	}
	return n
}

// movingColumn is an aggregate over any frames: states of pages, and of blocks of
// pages, are in memory; those below, and rows, are read where frames end.
type movingColumn struct {
	seenPages
	agg   *Aggregate
	shape *shape          // nil: states cannot be merged
	top   [][]arrow.Array // states from the level on at which a node is a page
	bytes int64           // of top
}

func (c *movingColumn) Finish() error {
	if err := c.finish(); err != nil {
		return err
	}
	if c.agg.State == nil || c.pages.rows == 0 {
		return nil
	}
	c.shape = newShape([]int32{int32(c.pages.rows)})
	if c.shape.depth[0] < c.pages.levels {
		return nil
	}
	states := make([][]arrow.Array, len(c.agg.State))
	for i := range c.pages.count() {
		pg, err := c.tree(int32(i))
		if err != nil {
			return err
		}
		for k, s := range pg.levels[c.pages.levels-1] {
			states[k] = append(states[k], s)
			c.bytes += kernel.Bytes(s)
		}
	}
	level := make([]arrow.Array, len(states))
	for k, parts := range states {
		var err error
		if level[k], err = kernel.Concat(parts); err != nil {
			return err
		}
	}
	for {
		c.top = append(c.top, level)
		if len(c.top)+c.pages.levels > c.shape.depth[0] {
			return nil
		}
		var err error
		if level, err = c.above(level); err != nil {
			return err
		}
		for _, s := range level {
			c.bytes += kernel.Bytes(s)
		}
	}
}

// tree gives a page with the levels of its tree, from level 1 to the one at which
// it is a node, or to the highest there is.
func (c *movingColumn) tree(i int32) (*page, error) {
	pg, err := c.pages.page(i)
	if err != nil || pg.levels != nil {
		return pg, err
	}
	n := c.pages.pageRows(i)
	acc, err := c.agg.New()
	if err != nil {
		return nil, err
	}
	if err := update(acc, blocks(n), blocksOf(n), pg.args); err != nil {
		return nil, err
	}
	level, err := c.agg.states(acc, blocksOf(n))
	if err != nil {
		return nil, err
	}
	levels := [][]arrow.Array{level}
	for len(levels) < min(c.pages.levels, c.shape.depth[0]) {
		if level, err = c.above(level); err != nil {
			return nil, err
		}
		levels = append(levels, level)
	}
	for _, level := range levels {
		for _, s := range level {
			pg.bytes += kernel.Bytes(s)
		}
	}
	pg.levels = levels
	return pg, nil
}

// above is the states of the blocks of a level.
func (c *movingColumn) above(level []arrow.Array) ([]arrow.Array, error) {
	acc, err := c.agg.New()
	if err != nil {
		return nil, err
	}
	n := level[0].Len()
	if err := merge(acc, blocks(n), blocksOf(n), level); err != nil {
		return nil, err
	}
	return c.agg.states(acc, blocksOf(n))
}

// blocks is the block of each of n nodes, and blocksOf their number.
func blocks(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i / fanout)
	}
	return out
}

func blocksOf(n int) int { return (n + fanout - 1) / fanout }

func (c *movingColumn) Next(in *Input) (arrow.Array, error) {
	f := distinctFrames(&input{Input: in, passed: c.passed})
	s := c.shape
	if !f.long {
		s = nil
	}
	return c.agg.overFrames(in, f, s, c)
}

// add implements nodes. Those of one page are merged together.
func (c *movingColumn) add(acc udf.Accumulator, n, level int, l *nodeList) error {
	switch {
	case level == 0:
		return c.addRows(acc, n, l)
	case level >= c.pages.levels:
		states, err := takeAll(c.top[level-c.pages.levels], l.nodes)
		if err != nil {
			return err
		}
		return merge(acc, l.groups, n, states)
	}
	size := c.pages.size() // nodes of a page at this level
	for range level {
		size /= fanout
	}
	var within []int32
	for lo := 0; lo < len(l.nodes); {
		number := l.nodes[lo] / size
		within = within[:0]
		hi := lo
		for ; hi < len(l.nodes) && l.nodes[hi]/size == number; hi++ {
			within = append(within, l.nodes[hi]%size)
		}
		pg, err := c.tree(number)
		if err != nil {
			return err
		}
		states, err := takeAll(pg.levels[level-1], within)
		if err != nil {
			return err
		}
		if err := merge(acc, l.groups[lo:hi], n, states); err != nil {
			return err
		}
		lo = hi
	}
	return nil
}

// addRows adds rows, some at a time.
func (c *movingColumn) addRows(acc udf.Accumulator, n int, l *nodeList) error {
	for lo := 0; lo < len(l.nodes); lo += pagedRows {
		hi := min(lo+pagedRows, len(l.nodes))
		args, err := c.pages.take(l.nodes[lo:hi])
		if err != nil {
			return err
		}
		if err := update(acc, l.groups[lo:hi], n, args); err != nil {
			return err
		}
	}
	return nil
}

// pagedRows is how many rows are taken from pages at once.
const pagedRows = 1 << 13

func (c *movingColumn) Bytes() int64 { return c.seenPages.Bytes() + c.bytes }
