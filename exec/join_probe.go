package exec

import (
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
)

// probeCursor is where the join is in a probe batch.
type probeCursor struct {
	rec    arrow.Record
	groups []uint32
	null   []int32 // rows with a NULL key
	row    int     // row being paired
	match  int     // its next match
	hit    bool    // it had a pair already
	flags  bool    // only found is wanted
	found  kernel.Words
}

// pairs are candidate or output rows: left −1 and right −1 are NULLs.
type pairs struct{ left, right []int32 }

func (p *pairs) add(l, r int32) {
	p.left = append(p.left, l)
	p.right = append(p.right, r)
}

// step gives the next output rows of a probe batch, perhaps none; done after
// its last ones.
func (j *join) step(c *probeCursor) (rec arrow.Record, done bool, err error) {
	if c.flags && j.residual == nil {
		for i, g := range c.groups {
			if len(j.build.group(g)) > 0 {
				c.found.Set(i)
			}
		}
		rec, err = j.flagged(c)
		return rec, true, err
	}
	from := c.row
	cand, complete := c.candidates(j.build, j.task.rows)
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
		rec, err = j.flagged(c)
		return rec, true, err
	}
	out := j.withUnmatched(c, cand, pass, from)
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
// limit pairs; complete when the batch is done. c.row and c.match go on from
// there.
func (c *probeCursor) candidates(b *buildSide, limit int) (p pairs, complete bool) {
	p.left = make([]int32, 0, limit)
	p.right = make([]int32, 0, limit)
	for c.row < len(c.groups) {
		rows := b.group(c.groups[c.row])
		rest := rows[c.match:]
		if room := limit - len(p.left); len(rest) > room {
			for _, r := range rest[:room] {
				p.add(int32(c.row), r)
			}
			c.match += room
			return p, false
		}
		for _, r := range rest {
			p.add(int32(c.row), r)
		}
		c.row++
		c.match = 0
	}
	return p, true
}

// passing are the numbers of the candidates for which the residual holds.
func (j *join) passing(c *probeCursor, cand pairs) ([]int32, error) {
	all := make([]int32, len(cand.left))
	for i := range all {
		all[i] = int32(i)
	}
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

// withUnmatched is the passing pairs and, for left and full joins, each probe
// row that turned out to have none, in order. from is the row at which the
// candidates began.
func (j *join) withUnmatched(c *probeCursor, cand pairs, pass []int32, from int) pairs {
	outer := j.node.Kind == physical.LeftOuter || j.node.Kind == physical.FullOuter
	if !outer && j.residual == nil {
		return cand
	}
	var out pairs
	if !outer {
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
	for _, a := range left.Columns() {
		c, err := kernel.Take(a, p.left)
		if err != nil {
			return nil, err
		}
		cols = append(cols, c)
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
	for ; j.tail < j.build.len() && len(p.right) < j.task.rows; j.tail++ {
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
