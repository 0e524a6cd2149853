package coordinator

import (
	"context"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/sqlerr"
)

// merging is one execution of MERGE. Nothing is changed before the query has ended: new
// rows are kept, on disk where memory is short, and of rows that change a bit each.
type merging struct {
	*changeRun
	m       *mutation
	changed []uint64 // by row of the target
	next    *memtable.Snapshot
	n       int64
}

// merge does with the rows that the query gives what MERGE says, and gives their number.
// Keys have to differ when all of it is done, as with UPDATE.
func (r *changeRun) merge(ctx context.Context, m *mutation) (int64, error) {
	if err := r.make(ctx, m.later); err != nil {
		return 0, err
	}
	g := &merging{changeRun: r, m: m, next: r.s.c.tables.NewSnapshot()}
	words := r.st.View().Snapshot(m.target.table).Rows()/64 + 1
	if err := r.memory.hold(8 * words); err != nil {
		return 0, err
	}
	g.changed = make([]uint64, words)
	err := r.p.each(ctx, m.bound, r.params, func(rec arrow.Record) error {
		held := r.memory.held
		defer r.memory.backTo(held)
		return g.batch(ctx, rec)
	})
	if err != nil {
		return 0, err
	}
	gone, err := g.changedRows()
	if err == nil && len(gone)+int(g.next.Rows()) > 0 {
		_, err = r.apply(ctx, m, memtable.Change{Delete: gone, Rows: g.next})
	}
	return g.n, err
}

// changedRows are the numbers of the rows that change, ascending.
func (g *merging) changedRows() ([]int64, error) {
	n := 0
	for _, word := range g.changed {
		n += bits.OnesCount64(word)
	}
	if err := g.memory.hold(int64(8 * n)); err != nil {
		return nil, err
	}
	rows := make([]int64, 0, n)
	for i, word := range g.changed {
		for ; word != 0; word &= word - 1 {
			rows = append(rows, int64(i*64+bits.TrailingZeros64(word)))
		}
	}
	return rows, nil
}

// change notes rows that change: 21000 for one that has changed already.
func (g *merging) change(rows []int64) error {
	for _, row := range rows {
		word, bit := &g.changed[row/64], uint64(1)<<(row%64)
		if *word&bit != 0 || g.st.Gone(g.m.target.table, row) {
			return sqlerr.New("21000", "MERGE command cannot affect row a second time").
				WithHint("Ensure that not more than one source row matches any one target row.")
		}
		*word |= bit
	}
	return nil
}

// mergeRows are rows of the query: columns of the target and then of the source, nil
// where no action reads them, and the numbers of the target's rows.
type mergeRows struct {
	numbers []int64
	cols    []arrow.Array
}

// take are some of the rows.
func (b mergeRows) take(rows []int32) (mergeRows, error) {
	if len(rows) == len(b.numbers) {
		return b, nil
	}
	out := mergeRows{pickRows(b.numbers, rows), slices.Clone(b.cols)}
	for i, c := range b.cols {
		if c == nil {
			continue
		}
		var err error
		if out.cols[i], err = kernel.Take(c, rows); err != nil {
			return out, err
		}
	}
	return out, nil
}

// batch does what is to be done with a batch of the query.
func (g *merging) batch(ctx context.Context, rec arrow.Record) error {
	if err := g.memory.hold(2 * kernel.RecordBytes(rec)); err != nil { // as it came, and taken apart
		return err
	}
	column, err := kernel.Decode(rec.Column(0))
	if err != nil {
		return err
	}
	numbers := column.(*array.Int64)
	width := len(g.m.target.columns)
	all := mergeRows{numbers: numbers.Int64Values(), cols: make([]arrow.Array, width, max(width, rec.Schema().NumFields()))}
	for i, at := range g.m.carried {
		for len(all.cols) <= at {
			all.cols = append(all.cols, nil)
		}
		if all.cols[at], err = kernel.Decode(rec.Column(i + 1)); err != nil {
			return err
		}
	}
	var matched, unmatched []int32
	for i := range int32(numbers.Len()) {
		if numbers.IsValid(int(i)) {
			matched = append(matched, i)
		} else {
			unmatched = append(unmatched, i)
		}
	}
	if err := g.actions(ctx, all, true, matched); err != nil {
		return err
	}
	return g.actions(ctx, all, false, unmatched)
}

// actions does with rows what the first WHEN says whose condition holds for each.
func (g *merging) actions(ctx context.Context, all mergeRows, matched bool, rows []int32) error {
	if len(rows) == 0 {
		return nil
	}
	rest, err := all.take(rows)
	if err != nil {
		return err
	}
	for i := range g.m.merge {
		a := &g.m.merge[i]
		if a.matched != matched {
			continue
		}
		n := len(rest.numbers)
		if a.cond == nil {
			return g.act(ctx, a, rest)
		}
		holds, err := a.cond.of(ctx, g.changeRun, g.seen(a, rest), n)
		if err != nil {
			return err
		}
		yes, no, err := divide(holds)
		if err != nil {
			return err
		}
		these, err := rest.take(yes)
		if err == nil && len(yes) > 0 {
			err = g.act(ctx, a, these)
		}
		if err != nil || len(no) == 0 {
			return err
		}
		if rest, err = rest.take(no); err != nil {
			return err
		}
	}
	return nil
}

// seen are the columns that the lists of an action are over.
func (g *merging) seen(a *mergeAction, rows mergeRows) []arrow.Array {
	if a.matched {
		return rows.cols
	}
	return rows.cols[len(g.m.target.columns):]
}

// act does with rows what one WHEN says.
func (g *merging) act(ctx context.Context, a *mergeAction, rows mergeRows) error {
	n := len(rows.numbers)
	if a.kind == "nothing" {
		return nil
	}
	g.n += int64(n)
	if a.matched {
		if err := g.change(rows.numbers); err != nil || a.kind == "delete" {
			return err
		}
	}
	var values []arrow.Array
	if a.values != nil {
		rec, err := a.values.of(ctx, g.changeRun, g.seen(a, rows), n)
		if err != nil {
			return err
		}
		values = rec.Columns()
		if a.parts != nil {
			if values, err = a.parts.columns(ctx, g.changeRun, values, n); err != nil {
				return err
			}
		}
	}
	table := g.m.target.table
	var rec arrow.Record
	var err error
	if a.kind == "insert" {
		rec, err = g.newRows(ctx, &mutation{target: g.m.target, columns: a.columns}, values, n)
	} else {
		rec, err = g.s.changedRows(ctx, table, rows.cols[:len(g.m.target.columns)], a.columns, values, n)
	}
	if err != nil {
		return err
	}
	return g.next.Append(rec)
}
