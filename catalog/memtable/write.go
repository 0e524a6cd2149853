package memtable

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
)

// Change is what a statement does to a table.
type Change struct {
	// Delete are numbers of rows in the transaction's current rows, ascending.
	Delete []int64
	// Insert are records of the table's schema that Table.Conform gave. They
	// come after the rows that stay.
	Insert []arrow.Record
	// SkipDuplicates leaves out rows whose key exists, instead of failing.
	SkipDuplicates bool
	// Arbiter is the unique constraint that SkipDuplicates is about; "" is all.
	Arbiter string
}

// keyChange is a key that was added to an index or removed from it.
type keyChange struct {
	index *keyIndex
	key   string
	added bool
}

// Apply carries out a change and gives the records inserted. Unique constraints
// hold at the end of the change, so that UPDATE may exchange keys. A failed
// change leaves no trace.
func (tx *Tx) Apply(ctx context.Context, t *Table, c Change) (inserted []arrow.Record, err error) {
	if err := tx.Lock(ctx, t); err != nil {
		return nil, err
	}
	cur := t.current()
	var keys []keyChange
	if len(t.keys) > 0 {
		if keys, c.Insert, err = t.changeKeys(ctx, cur, c); err != nil {
			revert(keys)
			return nil, err
		}
	}
	next := cur
	if len(c.Delete) > 0 {
		next, err = cur.without(ctx, c.Delete)
	}
	if err == nil && len(c.Insert) > 0 {
		next, err = next.with(ctx, c.Insert)
	}
	if err != nil {
		revert(keys)
		return nil, err
	}
	tx.swap(t, next)
	if len(keys) > 0 {
		tx.undo = append(tx.undo, func() { revert(keys) })
	}
	return c.Insert, nil
}

// Rows are rows of the transaction's current rows, by number, ascending.
func (tx *Tx) Rows(ctx context.Context, t *Table, rows []int64) ([]arrow.Record, error) {
	return t.current().pick(ctx, rows)
}

// Truncate removes every row.
func (tx *Tx) Truncate(ctx context.Context, t *Table) error {
	if err := tx.Lock(ctx, t); err != nil {
		return err
	}
	for _, k := range t.keys {
		before, extra := k.keys, k.extra
		k.keys, k.extra = map[string]struct{}{}, map[string]int{}
		tx.undo = append(tx.undo, func() { k.keys, k.extra = before, extra })
	}
	tx.swap(t, tx.store.format.empty())
	return nil
}

func revert(keys []keyChange) {
	for i := len(keys) - 1; i >= 0; i-- {
		c := keys[i]
		if c.added {
			c.index.remove(c.key)
		} else {
			c.index.add(c.key)
		}
	}
}

// changeKeys brings the indexes up to date and gives what it did, also when it
// fails, and the rows that are really inserted.
func (t *Table) changeKeys(ctx context.Context, cur *Snapshot, c Change) (done []keyChange, insert []arrow.Record, err error) {
	gone, err := cur.pick(ctx, c.Delete)
	if err != nil {
		return nil, nil, err
	}
	for _, rec := range gone {
		for i := range int(rec.NumRows()) {
			if i%askEvery == 0 && ctx.Err() != nil {
				return done, nil, context.Cause(ctx)
			}
			for _, k := range t.keys {
				if key, ok := k.key(rec, i); ok {
					own := string(key)
					k.remove(own)
					done = append(done, keyChange{k, own, false})
				}
			}
		}
	}
	for _, rec := range c.Insert {
		kept := make([]int, 0, rec.NumRows())
		for i := range int(rec.NumRows()) {
			if i%askEvery == 0 && ctx.Err() != nil {
				return done, nil, context.Cause(ctx)
			}
			if hit := t.duplicate(rec, i, c.Arbiter); hit != nil {
				if c.SkipDuplicates && (c.Arbiter == "" || c.Arbiter == hit.Name) {
					continue
				}
				return done, nil, hit.violated(rec, i)
			}
			for _, k := range t.keys {
				if key, ok := k.key(rec, i); ok {
					own := string(key)
					k.add(own)
					done = append(done, keyChange{k, own, true})
				}
			}
			kept = append(kept, i)
		}
		if rec, err = rowsOf(rec, kept); err != nil {
			return done, nil, err
		}
		if rec != nil {
			insert = append(insert, rec)
		}
	}
	return done, insert, nil
}

// duplicate is the first index that has the row's key already and does not wait for the
// statement's end; the arbiter comes before the others.
func (t *Table) duplicate(rec arrow.Record, row int, arbiter string) (hit *keyIndex) {
	for _, k := range t.keys {
		if hit != nil && k.Name != arbiter || k.Deferrable {
			continue
		}
		if key, ok := k.key(rec, row); ok {
			if _, dup := k.keys[string(key)]; dup {
				hit = k
			}
		}
	}
	return hit
}

// rowsOf is the given rows of a record, ascending; nil for none.
func rowsOf(rec arrow.Record, rows []int) (arrow.Record, error) {
	if len(rows) == int(rec.NumRows()) {
		return rec, nil
	}
	var parts []arrow.Record
	for i := 0; i < len(rows); {
		lo := rows[i]
		for i++; i < len(rows) && rows[i] == rows[i-1]+1; i++ {
		}
		parts = append(parts, slice(rec, int64(lo), int64(rows[i-1]+1)))
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return concat(parts)
}
