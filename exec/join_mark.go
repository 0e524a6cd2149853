package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// found takes the matches of a probe batch, which are all known now: it gives
// the output, or notes them while there are more blocks of the build side.
func (j *join) found(ctx context.Context, c *probeCursor) (arrow.Record, error) {
	if j.seen != nil {
		for _, r := range c.found.Rows() {
			j.seen.set(c.base + int64(r))
		}
		return nil, nil
	}
	return j.flagged(ctx, c)
}

// flagged is the output of semi, anti and mark joins for a probe batch whose
// matches are found.
func (j *join) flagged(ctx context.Context, c *probeCursor) (arrow.Record, error) {
	n := int(c.rec.NumRows())
	var unknown kernel.Words
	if j.node.NullAware && j.node.Kind != physical.Semi {
		var err error
		if unknown, err = j.unknown(ctx, c); err != nil {
			return nil, err
		}
	}
	switch j.node.Kind {
	case physical.Semi:
		return j.keep(c.rec, c.found)
	case physical.Anti:
		rows := c.found.Not(n)
		for i := range unknown {
			rows[i] &^= unknown[i]
		}
		return j.keep(c.rec, rows)
	}
	mark := kernel.Truth{True: c.found, False: c.found.Not(n), N: n}
	for i := range unknown {
		mark.False[i] &^= unknown[i]
	}
	cols := append(append([]arrow.Array(nil), c.rec.Columns()...), mark.Array())
	return kernel.Record(j.node.Out, cols, n), nil
}

func (j *join) keep(rec arrow.Record, rows kernel.Words) (arrow.Record, error) {
	if rows.Count() == int(rec.NumRows()) {
		return rec, nil
	}
	return kernel.TakeRecord(rec, rows.Rows())
}

// unknown are the probe rows without a match for which IN is NULL, not false:
// comparing with some build row (for which the residual holds) gives NULL and
// with none gives false in every key. That can only be when the probe row or
// the build row has a NULL key.
func (j *join) unknown(ctx context.Context, c *probeCursor) (kernel.Words, error) {
	n := int(c.rec.NumRows())
	out := make(kernel.Words, (n+63)/64)
	if j.whole != nil {
		return j.unknownOfWhole(c, out), nil
	}
	if j.build.len() == 0 {
		return out, nil
	}
	hasNull := make(kernel.Words, len(out))
	for _, r := range c.null {
		hasNull.Set(int(r))
	}
	var every []int32 // all build rows, made when a probe row needs them
	for i := range n {
		if c.found.Get(i) {
			continue
		}
		if ctx.Err() != nil { // each row may be compared with all of the build side
			return nil, context.Cause(ctx)
		}
		against := j.build.null
		if hasNull.Get(i) {
			if every == nil {
				every = allRows(j.build.len())
			}
			against = every
		}
		if len(against) == 0 {
			continue
		}
		if len(j.node.LeftKeys) == 1 && j.residual == nil {
			out.Set(i)
			continue
		}
		some, err := j.anyUndecided(c.rec, i, against)
		if err != nil {
			return nil, err
		}
		if some {
			out.Set(i)
		}
	}
	return out, nil
}

// unknownOfWhole is unknown for one key when the build side at hand is a part of
// the whole.
func (j *join) unknownOfWhole(c *probeCursor, out kernel.Words) kernel.Words {
	if j.whole.rows == 0 {
		return out
	}
	if j.whole.nulls {
		for i := range out {
			out[i] = ^c.found[i]
		}
		return out
	}
	for _, r := range c.null {
		out.Set(int(r))
	}
	return out
}

func allRows(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// anyUndecided tells whether some of the build rows compares with a probe row
// as NULL: no key differs, and the residual holds.
func (j *join) anyUndecided(left arrow.Record, row int, against []int32) (bool, error) {
	rightKeys, err := j.task.eval.CompileAll(j.node.RightKeys)
	if err != nil {
		return false, err
	}
	for lo := 0; lo < len(against); lo += j.task.rows {
		some := against[lo:min(lo+j.task.rows, len(against))]
		p := pairs{right: some, left: make([]int32, len(some))}
		for i := range p.left {
			p.left[i] = int32(row)
		}
		cols, err := j.pairColumns(left, p)
		if err != nil {
			return false, err
		}
		b := eval.Columns(cols, len(some))
		open := kernel.Ones(len(some))
		if j.residual != nil {
			rows, all, err := j.residual.Selected(b)
			if err != nil {
				return false, err
			}
			if !all {
				clear(open)
				for _, r := range rows {
					open.Set(int(r))
				}
			}
		}
		nl := int(left.NumCols())
		lk, err := evalAll(j.leftKeys, eval.Columns(cols[:nl], len(some)))
		if err != nil {
			return false, err
		}
		rk, err := evalAll(rightKeys, eval.Columns(cols[nl:], len(some)))
		if err != nil {
			return false, err
		}
		for k := range lk {
			for r := range some {
				if !lk[k].IsNull(r) && !rk[k].IsNull(r) && !rowkey.Equal(lk[k], r, rk[k], r) {
					open.Clear(r)
				}
			}
		}
		if open.Count() > 0 {
			return true, nil
		}
	}
	return false, nil
}
