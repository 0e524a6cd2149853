package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// nullRule says what a null-aware join must know to tell whether IN is NULL for a
// row without a match.
type nullRule uint8

const (
	// nullsIgnored: the join is not null-aware.
	nullsIgnored nullRule = iota
	// nullsCounted: one key is compared and nothing else: whether there are build rows,
	// and some with NULL.
	nullsCounted
	// nullsWithin: the build rows with the keys that must be equal.
	nullsWithin
	// nullsApart: the build rows with a NULL key; for a probe row with one all of them.
	nullsApart
)

func nullRuleOf(n *physical.Join) nullRule {
	switch {
	case !n.NullAware || n.Kind == physical.Semi:
		return nullsIgnored
	case n.EqualKeys > 0:
		return nullsWithin
	case len(n.LeftKeys) == 1 && n.Residual == nil:
		return nullsCounted
	}
	return nullsApart
}

// inKeys is how many keys IN compares; those after them must be equal.
func (j *join) inKeys() int { return len(j.node.LeftKeys) - j.node.EqualKeys }

// cutKeys are those by whose hash the sides can be cut.
func cutKeys[T any](n *physical.Join, keys []T) []T {
	if n.NullAware && n.EqualKeys > 0 {
		return keys[len(keys)-n.EqualKeys:]
	}
	return keys
}

// unequal are the rows for which a key that must be equal is NULL.
func (j *join) unequal(keys []arrow.Array, n int) []int32 {
	in := j.inKeys()
	var nullEqual []bool
	if in < len(j.node.NullEqual) {
		nullEqual = j.node.NullEqual[in:]
	}
	return nullKeys(keys[in:], nullEqual, n)
}

// unknown are the probe rows without a match for which IN is NULL, not false:
// comparing with some build row (for which the residual holds) gives NULL and
// with none gives false in every key. That can only be when the probe row or
// the build row has a NULL key.
func (j *join) unknown(ctx context.Context, c *probeCursor) (kernel.Words, error) {
	switch {
	case j.rule == nullsIgnored:
		return nil, nil
	case j.rule != nullsCounted:
		return j.undecided(ctx, c)
	case j.whole != nil:
		return j.unknownByCount(*j.whole, c), nil
	}
	return j.unknownByCount(buildCount{rows: int64(j.build.len()), nulls: len(j.build.null) > 0}, c), nil
}

// unknownByCount is unknown for one key.
func (j *join) unknownByCount(whole buildCount, c *probeCursor) kernel.Words {
	n := int(c.rec.NumRows())
	switch {
	case whole.rows == 0:
		return make(kernel.Words, (n+63)/64)
	case whole.nulls:
		return c.found.Not(n)
	}
	return kernel.WordsOf(c.null, n)
}

// undecided is unknown by comparison with the build rows at hand. Rows are taken by
// which of their keys are NULL, and looked up in each class of build rows by the keys
// that both have.
func (j *join) undecided(ctx context.Context, c *probeCursor) (kernel.Words, error) {
	n := int(c.rec.NumRows())
	out := make(kernel.Words, (n+63)/64)
	classes, err := j.build.nulls.of(ctx, j)
	if err != nil || len(classes) == 0 {
		return out, err
	}
	if j.patterns == nil {
		j.patterns = newNullPatterns(j.inKeys())
	}
	skip := kernel.WordsOf(j.unequal(c.keys, n), n)
	for i := range skip {
		skip[i] |= c.found[i]
	}
	by := j.patterns.by(j.patterns.of(c.keys[:j.inKeys()], n), skip)
	for p, rows := range by {
		set := j.patterns.sets[p]
		for _, class := range classes {
			if len(rows) == 0 || !slices.Contains(set, true) && !slices.Contains(class.null, true) {
				continue
			}
			if err := j.compare(ctx, c, rows, class, j.comparable(set, class.null), out); err != nil {
				return nil, err
			}
			rows = slices.DeleteFunc(rows, func(r int32) bool { return out.Get(int(r)) })
		}
	}
	return out, nil
}

// comparable are the keys that are NULL in neither of two rows, and those that must
// be equal.
func (j *join) comparable(left, right []bool) []int {
	var out []int
	for k := range left {
		if !left[k] && !right[k] {
			out = append(out, k)
		}
	}
	for k := len(left); k < len(j.leftKeys); k++ {
		out = append(out, k)
	}
	return out
}

// compare sets the probe rows for which a row of a class has the same keys, and the
// residual holds.
func (j *join) compare(ctx context.Context, c *probeCursor, rows []int32, class *nullClass, columns []int, out kernel.Words) error {
	t, err := j.build.nulls.table(ctx, j, class, columns)
	if err != nil {
		return err
	}
	groups := make([]uint32, len(rows))
	if t.table != nil {
		keys, err := takeKeys(c.keys, columns, rows)
		if err != nil {
			return err
		}
		t.table.NewProbe().Find(keys, len(rows), groups)
	}
	if j.residual == nil && t.table != nil {
		for i, g := range groups {
			if g != rowkey.NoGroup {
				out.Set(int(rows[i]))
			}
		}
		return nil
	}
	p := pairs{}
	test := func() error {
		if ctx.Err() != nil { // each row may be compared with all of the build side
			return context.Cause(ctx)
		}
		err := j.testPairs(c, p, t, out)
		p.left, p.right = p.left[:0], p.right[:0]
		return err
	}
	for i, row := range rows {
		with := t.of(groups[i])
		for len(with) > 0 && !out.Get(int(row)) {
			some := min(len(with), c.limit-len(p.left))
			for _, r := range with[:some] {
				p.add(row, r)
			}
			if with = with[some:]; len(p.left) >= c.limit {
				if err := test(); err != nil {
					return err
				}
			}
		}
	}
	return test()
}

// testPairs sets the left rows of pairs that have the same keys, which those of a
// table have, and for which the residual holds.
func (j *join) testPairs(c *probeCursor, p pairs, t *nullTable, out kernel.Words) error {
	if len(p.left) == 0 {
		return nil
	}
	cols, err := j.pairColumns(c.rec, p)
	if err != nil {
		return err
	}
	hold := j.numbered(len(p.left))
	if j.residual != nil {
		rows, all, err := j.residual.Selected(eval.Columns(cols, len(p.left)))
		if err != nil {
			return err
		}
		if !all {
			hold = rows
		}
	}
	var right []arrow.Array
	if t.table == nil {
		programs, err := j.rightPrograms()
		if err != nil {
			return err
		}
		if right, err = evalAll(programs, eval.Columns(cols[c.rec.NumCols():], len(p.left))); err != nil {
			return err
		}
	}
	for _, k := range hold {
		l := p.left[k]
		if right == nil || sameKeys(c.keys, int(l), right, int(k), t.keys) {
			out.Set(int(l))
		}
	}
	return nil
}

// rightPrograms are the keys of the build side.
func (j *join) rightPrograms() ([]*eval.Program, error) {
	if j.rightKeys == nil {
		var err error
		if j.rightKeys, err = j.task.eval.CompileAll(j.node.RightKeys); err != nil {
			return nil, err
		}
	}
	return j.rightKeys, nil
}

// sameKeys tells whether two rows are equal in the keys of these columns.
func sameKeys(left []arrow.Array, l int, right []arrow.Array, r int, columns []int) bool {
	for _, k := range columns {
		if !rowkey.Equal(left[k], l, right[k], r) {
			return false
		}
	}
	return true
}

// setApart takes the rows with a NULL key out of a record, for which more than the
// partition at hand is needed.
func setApart(rec arrow.Record, keys []arrow.Array, to *keptRows) (rest arrow.Record, err error) {
	n := int(rec.NumRows())
	null := nullKeys(keys, nil, n)
	if len(null) == 0 {
		return rec, nil
	}
	apart, err := kernel.TakeRecord(rec, null)
	if err == nil {
		err = to.add(apart)
	}
	if err != nil {
		return nil, err
	}
	return kernel.TakeRecord(rec, kernel.WordsOf(null, n).Not(n).Rows())
}

// withoutApart sets rows with a NULL key apart.
func (j *join) withoutApart(rec arrow.Record, keys []arrow.Array) (arrow.Record, []arrow.Array, error) {
	rest, err := setApart(rec, keys, j.apart)
	if err != nil || rest == rec {
		return rec, keys, err
	}
	keys, err = evalAll(j.leftKeys, eval.NewBatch(rest))
	return rest, keys, err
}
