package memtable

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// KeyColumns are the columns of an index's keys for the rows of one record.
type KeyColumns struct {
	Columns []arrow.Array
	// Place is where in Columns each row of the record is, −1 for one that the index's
	// condition leaves out; nil: each is in its own place.
	Place []int32
}

func (c *KeyColumns) place(row int) int {
	if c.Place == nil {
		return row
	}
	return int(c.Place[row])
}

// KeyFunc computes the columns of an index that has expressions or a condition, which this
// package only keeps as text. The index is one of def, which is the table's definition or
// is to become it; rec has the table's columns. It is called once a record.
type KeyFunc func(ctx context.Context, t *Table, def *Definition, index string, rec arrow.Record) (KeyColumns, error)

// ComputeKeys says how the transaction computes keys; without it those of such indexes are
// an error.
func (tx *Tx) ComputeKeys(f KeyFunc) { tx.computed = f }

// keyMaker makes the columns of keys of a table.
type keyMaker struct {
	computed KeyFunc
	table    *Table
	def      *Definition
}

func (tx *Tx) keysOf(t *Table, def *Definition) keyMaker { return keyMaker{tx.computed, t, def} }

// columns are those of an index's keys.
func (m keyMaker) columns(ctx context.Context, k *keyIndex, rec arrow.Record) (KeyColumns, error) {
	switch {
	case !k.IsComputed():
		return k.plainColumns(rec), nil
	case m.computed == nil:
		return KeyColumns{}, sqlerr.New(sqlerr.InternalError, "the keys of \"%s\" cannot be computed here", k.Name)
	}
	return m.computed(ctx, m.table, m.def, k.Name, rec)
}

// plainColumns are the columns of keys that need no computing.
func (k *keyIndex) plainColumns(rec arrow.Record) KeyColumns {
	cols := make([]arrow.Array, len(k.Columns))
	for i, c := range k.Columns {
		cols[i] = rec.Column(c)
	}
	return KeyColumns{Columns: cols}
}

// ready fills those indexes of a locked table that were not when the store was opened, for
// want of whoever computes their keys.
func (tx *Tx) ready(ctx context.Context, t *Table) error {
	for _, k := range t.keys {
		if !k.unfilled {
			continue
		}
		if err := k.fill(ctx, tx.keysOf(t, t.Definition()), t.current(), true); err != nil {
			k.keys = tx.store.format.newKeys()
			return err
		}
		k.unfilled = false
	}
	return nil
}
