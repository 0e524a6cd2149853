package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/physical"
)

// found takes the matches of a probe batch, which are all known now: it gives
// the output, or notes them while there are more blocks of the build side.
func (j *join) found(ctx context.Context, c *probeCursor) (arrow.Record, error) {
	if j.seen != nil {
		for _, r := range c.found.Rows() {
			j.seen.set(c.base + int64(r))
		}
		if j.unsure == nil {
			return nil, nil
		}
	}
	unknown, err := j.unknown(ctx, c)
	if err != nil {
		return nil, err
	}
	if j.seen != nil {
		for _, r := range unknown.Rows() {
			j.unsure.set(c.base + int64(r))
		}
		return nil, nil
	}
	return j.flagged(c, unknown)
}

// flagged is the output of semi, anti and mark joins for a probe batch whose
// matches are found, and those of its other rows for which IN is NULL.
func (j *join) flagged(c *probeCursor, unknown kernel.Words) (arrow.Record, error) {
	n := int(c.rec.NumRows())
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
