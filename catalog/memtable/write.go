package memtable

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
)

// Change is what a statement does to a table.
type Change struct {
	// Delete are numbers of rows in the transaction's current rows, ascending.
	Delete []int64
	// Insert are records of the table's schema that Table.Conform gave. They
	// come after the rows that stay.
	Insert []arrow.Record
	// Rows are more of them, which come last and fail where their key exists; nil for none.
	Rows *Snapshot
	// SkipDuplicates leaves out rows whose key exists, instead of failing.
	SkipDuplicates bool
	// Arbiters are the unique constraints that SkipDuplicates is about; none is all.
	Arbiters []string
}

// Apply carries out a change and gives the records of Insert that are inserted. Unique constraints
// hold at the end of the change, so that UPDATE may exchange keys. A failed
// change leaves no trace.
func (tx *Tx) Apply(ctx context.Context, t *Table, c Change) (inserted []arrow.Record, err error) {
	if err := tx.Lock(ctx, t); err != nil {
		return nil, err
	}
	if err := tx.ready(ctx, t); err != nil {
		return nil, err
	}
	cur := t.current()
	log, logged := &tx.log, tx.log.Size()
	if len(t.keys) > 0 {
		if c.Insert, err = tx.changeKeys(ctx, t, cur, c); err != nil {
			log.revert(logged)
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
	if err == nil && c.Rows != nil {
		next, err = next.joined(ctx, c.Rows)
	}
	if err != nil {
		log.revert(logged)
		return nil, err
	}
	tx.swap(t, next)
	if log.Size() > logged {
		tx.undo = append(tx.undo, func() { log.revert(logged) })
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
		tx.undo = append(tx.undo, k.clear(tx.store.format))
	}
	tx.swap(t, tx.store.format.empty())
	return nil
}

// changeKeys brings a table's indexes up to date, notes what it does, also when it fails, and
// gives the rows that are really inserted.
func (tx *Tx) changeKeys(ctx context.Context, t *Table, cur *Snapshot, c Change) (insert []arrow.Record, err error) {
	keys := tx.keysOf(t, t.Definition())
	err = cur.pickEach(ctx, c.Delete, func(rec arrow.Record) error { return keys.remove(ctx, rec, &tx.log) })
	if err != nil {
		return nil, err
	}
	for _, rec := range c.Insert {
		if rec, err = keys.add(ctx, rec, c, &tx.log); err != nil {
			return nil, err
		}
		if rec != nil {
			insert = append(insert, rec)
		}
	}
	if c.Rows != nil {
		err = c.Rows.Each(ctx, func(rec arrow.Record) error {
			_, err := keys.add(ctx, rec, Change{}, &tx.log)
			return err
		})
	}
	return insert, err
}

// all are the columns of the keys of every index of the table.
func (m keyMaker) all(ctx context.Context, rec arrow.Record) (cols []KeyColumns, err error) {
	cols = make([]KeyColumns, len(m.table.keys))
	for n, k := range m.table.keys {
		if cols[n], err = m.columns(ctx, k, rec); err != nil {
			return nil, err
		}
	}
	return cols, nil
}

// remove takes the keys of rows out of the indexes.
func (m keyMaker) remove(ctx context.Context, rec arrow.Record, log *keyLog) error {
	cols, err := m.all(ctx, rec)
	if err != nil {
		return err
	}
	for i := range int(rec.NumRows()) {
		if i%askEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for n, k := range m.table.keys {
			key, ok := k.key(&cols[n], i)
			if !ok {
				continue
			}
			if err := k.remove(key); err != nil {
				return err
			}
			if err := log.note(k, key, false); err != nil {
				k.restore(key, true)
				return err
			}
		}
	}
	return nil
}

// add adds the keys of new rows to the indexes, and gives those rows that are really
// inserted, nil for none.
func (m keyMaker) add(ctx context.Context, rec arrow.Record, c Change, log *keyLog) (arrow.Record, error) {
	keys := m.table.keys
	cols, err := m.all(ctx, rec)
	if err != nil {
		return nil, err
	}
	arbiters := make([]bool, len(keys))
	for n, k := range keys {
		arbiters[n] = c.SkipDuplicates && (len(c.Arbiters) == 0 || slices.Contains(c.Arbiters, k.Name))
	}
	kept := make([]int, 0, rec.NumRows())
	for i := range int(rec.NumRows()) {
		if i%askEvery == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		hit, err := duplicate(keys, cols, i, arbiters)
		if err != nil {
			return nil, err
		}
		if hit >= 0 {
			if arbiters[hit] {
				continue
			}
			return nil, keys[hit].violated(&cols[hit], i)
		}
		for n, k := range keys {
			key, ok := k.key(&cols[n], i)
			if !ok {
				continue
			}
			if err := k.add(key); err != nil {
				return nil, err
			}
			if err := log.note(k, key, true); err != nil {
				k.restore(key, false)
				return nil, err
			}
		}
		kept = append(kept, i)
	}
	return rowsOf(rec, kept)
}

// duplicate is the first index that has the row's key already and does not wait for the
// statement's end, −1 for none; arbiters come before the others.
func duplicate(keys []*keyIndex, cols []KeyColumns, row int, arbiters []bool) (hit int, err error) {
	hit = -1
	for n, k := range keys {
		if hit >= 0 && !arbiters[n] || k.Deferrable {
			continue
		}
		key, ok := k.key(&cols[n], row)
		if !ok {
			continue
		}
		found, err := k.has(key)
		if err != nil {
			return -1, err
		}
		if found {
			if hit = n; arbiters[n] {
				return n, nil
			}
		}
	}
	return hit, nil
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
