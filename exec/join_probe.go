package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
)

// probeCursor is where the join is in a probe batch.
type probeCursor struct {
	rec    arrow.Record
	base   int64 // probe rows before this batch
	limit  int   // pairs at a time
	groups []uint32
	null   []int32       // rows with a NULL key
	keys   []arrow.Array // nil where only groups are wanted
	row    int           // row being paired
	match  int           // its next match
	hit    bool          // it had a pair already
	flags  bool          // only found is wanted
	found  kernel.Words
}

// pairs are candidate or output rows: left −1 and right −1 are NULLs.
type pairs struct{ left, right []int32 }

func (p *pairs) add(l, r int32) {
	p.left = append(p.left, l)
	p.right = append(p.right, r)
}

// leftWhole tells whether the pairs have each of n left rows once, in order, as
// foreign keys have.
func (p *pairs) leftWhole(n int) bool {
	if len(p.left) != n {
		return false
	}
	for i, l := range p.left {
		if int(l) != i {
			return false
		}
	}
	return true
}

// pairLimit is how many pairs of rec's rows make an output batch: fewer of wide
// rows, so that many matches of long values need no memory that is in no
// account.
func (j *join) pairLimit(rec arrow.Record) int {
	return j.task.rowsOf(rowWidth(rec) + j.build.width())
}

// step gives the next output rows of a probe batch, perhaps none; done after
// its last ones.
func (j *join) step(ctx context.Context, c *probeCursor) (rec arrow.Record, done bool, err error) {
	if c.flags && j.residual == nil {
		for i, g := range c.groups {
			if len(j.build.group(g)) > 0 {
				c.found.Set(i)
			}
		}
		rec, err = j.found(ctx, c)
		return rec, true, err
	}
	from := c.row
	cand, complete := j.candidates(c)
	pass, err := j.passing(c, cand)
	if err != nil {
		return nil, true, err
	}
	if c.flags {
		for _, k := range pass {
			c.found.Set(int(cand.left[k]))
		}
		if !complete {
			return nil, false, nil
		}
		rec, err = j.found(ctx, c)
		return rec, true, err
	}
	out := j.withUnmatched(c, cand, pass, from)
	if j.seen != nil {
		for _, l := range out.left {
			j.seen.set(c.base + int64(l))
		}
	}
	if j.matched != nil {
		for _, r := range out.right {
			if r >= 0 {
				j.matched.Set(int(r))
			}
		}
	}
	rec, err = j.output(c.rec, out)
	return rec, complete, err
}

// candidates pairs rows with the build rows of their group until there are
// c.limit pairs; complete when the batch is done. c.row and c.match go on from
// there. A row of the kept side of an outer join that can have no pair is paired
// with none. The pairs are valid until the next call.
func (j *join) candidates(c *probeCursor) (p pairs, complete bool) {
	keep := j.keepsProbe() && j.residual == nil
	if j.build.unique {
		j.cand = j.build.pairOne(c, j.cand, keep)
		return j.cand, c.row == len(c.groups)
	}
	p = pairs{left: j.cand.left[:0], right: j.cand.right[:0]}
	defer func() { j.cand = p }()
	for c.row < len(c.groups) {
		rows := j.build.group(c.groups[c.row])
		rest := rows[c.match:]
		room := c.limit - len(p.left)
		if len(rest) > room {
			for _, r := range rest[:room] {
				p.add(int32(c.row), r)
			}
			c.match += room
			return p, false
		}
		for _, r := range rest {
			p.add(int32(c.row), r)
		}
		if keep && len(rows) == 0 {
			if room == 0 {
				return p, false
			}
			p.add(int32(c.row), -1)
		}
		c.row++
		c.match = 0
	}
	return p, true
}

// keepsProbe: probe rows without a match are in the result.
func (j *join) keepsProbe() bool {
	return j.node.Kind == physical.LeftOuter || j.node.Kind == physical.FullOuter
}

// pairOne is candidates where a row has one match at the most. It uses the
// memory of scratch.
func (b *buildSide) pairOne(c *probeCursor, scratch pairs, keep bool) pairs {
	groups := c.groups[c.row:]
	groups = groups[:min(len(groups), c.limit)]
	if cap(scratch.left) < len(groups) {
		scratch = pairs{left: make([]int32, len(groups)), right: make([]int32, len(groups))}
	}
	left, right := scratch.left[:len(groups)], scratch.right[:len(groups)]
	n := 0
	for i, g := range groups {
		r := int32(-1)
		if int(g) < len(b.rows) { // not rowkey.NoGroup
			r = b.rows[g]
		}
		left[n], right[n] = int32(c.row+i), r
		if keep || r >= 0 {
			n++
		}
	}
	c.row += len(groups)
	return pairs{left: left[:n], right: right[:n]}
}

// passing are the numbers of the candidates for which the residual holds.
func (j *join) passing(c *probeCursor, cand pairs) ([]int32, error) {
	all := j.numbered(len(cand.left))
	if j.residual == nil || len(all) == 0 {
		return all, nil
	}
	cols, err := j.pairColumns(c.rec, cand)
	if err != nil {
		return nil, err
	}
	rows, every, err := j.residual.Selected(eval.Columns(cols, len(all)))
	if every {
		rows = all
	}
	return rows, err
}

// numbered is the numbers below n.
func (j *join) numbered(n int) []int32 {
	for i := len(j.numbers); i < n; i++ {
		j.numbers = append(j.numbers, int32(i))
	}
	return j.numbers[:n]
}

// withUnmatched is the passing pairs and, where the residual decides, each probe
// row of a left or full join that turned out to have none, in order. from is the
// row at which the candidates began.
func (j *join) withUnmatched(c *probeCursor, cand pairs, pass []int32, from int) pairs {
	if j.residual == nil {
		return cand
	}
	out := pairs{left: make([]int32, 0, len(pass)), right: make([]int32, 0, len(pass))}
	if !j.keepsProbe() {
		for _, k := range pass {
			out.add(cand.left[k], cand.right[k])
		}
		return out
	}
	k := 0
	for row := from; row < len(c.groups) && row <= c.row; row++ {
		hit := row == from && c.hit
		for ; k < len(pass) && int(cand.left[pass[k]]) == row; k++ {
			out.add(int32(row), cand.right[pass[k]])
			hit = true
		}
		if row == c.row { // not finished
			c.hit = hit
			break
		}
		if !hit {
			out.add(int32(row), -1)
		}
		c.hit = false
	}
	return out
}

// pairColumns are left then right columns of pairs.
func (j *join) pairColumns(left arrow.Record, p pairs) ([]arrow.Array, error) {
	cols := make([]arrow.Array, 0, int(left.NumCols()+j.build.rec.NumCols()))
	if p.leftWhole(int(left.NumRows())) {
		cols = append(cols, left.Columns()...)
	} else {
		for _, a := range left.Columns() {
			c, err := kernel.Take(a, p.left)
			if err != nil {
				return nil, err
			}
			cols = append(cols, c)
		}
	}
	for _, a := range j.build.rec.Columns() {
		c, err := kernel.Take(a, p.right)
		if err != nil {
			return nil, err
		}
		cols = append(cols, c)
	}
	return cols, nil
}

func (j *join) output(left arrow.Record, p pairs) (arrow.Record, error) {
	if len(p.left) == 0 {
		return nil, nil
	}
	cols, err := j.pairColumns(left, p)
	if err != nil {
		return nil, err
	}
	return kernel.Record(j.node.Out, cols, len(p.left)), nil
}

// unmatchedBuild gives the build rows without a match after the probe side.
func (j *join) unmatchedBuild() (arrow.Record, error) {
	if j.matched == nil {
		return nil, io.EOF
	}
	var p pairs
	limit := j.task.rowsOf(j.build.width())
	for ; j.tail < j.build.len() && len(p.right) < limit; j.tail++ {
		if !j.matched.Get(j.tail) {
			p.add(-1, int32(j.tail))
		}
	}
	if len(p.right) == 0 {
		return nil, io.EOF
	}
	left := j.probe.Schema()
	cols := make([]arrow.Array, 0, j.node.Out.NumFields())
	for _, f := range left.Fields() {
		cols = append(cols, kernel.Nulls(f.Type, len(p.right)))
	}
	for _, a := range j.build.rec.Columns() {
		c, err := kernel.Take(a, p.right)
		if err != nil {
			return nil, err
		}
		cols = append(cols, c)
	}
	return kernel.Record(j.node.Out, cols, len(p.right)), nil
}
