package memtable

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
)

// errFound ends a search.
var errFound = errors.New("all are found")

// Conflicts finds, for each row of rec, the row of the transaction's current
// rows that has the same key of one of some unique constraints: its number, −1 for none. A
// key that two rows of rec have is error 21000. The table must be locked.
func (tx *Tx) Conflicts(ctx context.Context, t *Table, constraints []string, rec arrow.Record) ([]int64, error) {
	out := make([]int64, rec.NumRows())
	for i := range out {
		out[i] = -1
	}
	if err := tx.ready(ctx, t); err != nil {
		return nil, err
	}
	for _, k := range t.keys {
		if slices.Contains(constraints, k.Name) {
			if err := tx.conflicts(ctx, t, k, rec, out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// conflicts is Conflicts for one constraint; rows that have a conflict already keep it.
func (tx *Tx) conflicts(ctx context.Context, t *Table, k *keyIndex, rec arrow.Record, out []int64) error {
	keys := tx.keysOf(t, t.Definition())
	cols, err := keys.columns(ctx, k, rec)
	if err != nil {
		return err
	}
	wanted := make(map[string]int, rec.NumRows()) // row of rec by key
	present := 0
	for i := range int(rec.NumRows()) {
		key, ok := k.key(&cols, i)
		if !ok || out[i] >= 0 {
			continue
		}
		if _, twice := wanted[string(key)]; twice {
			return affectedTwice()
		}
		wanted[string(key)] = i
		found, err := k.has(key)
		if err != nil {
			return err
		}
		if found {
			present++
		}
	}
	err = t.current().each(ctx, func(held arrow.Record, start int64) error {
		if present == 0 {
			return errFound
		}
		cols, err := keys.columns(ctx, k, held)
		if err != nil {
			return err
		}
		for i := 0; i < int(held.NumRows()) && present > 0; i++ {
			if key, ok := k.key(&cols, i); ok {
				if row, hit := wanted[string(key)]; hit {
					out[row] = start + int64(i)
					present--
				}
			}
		}
		return nil
	})
	if err == errFound {
		err = nil
	}
	return err
}
