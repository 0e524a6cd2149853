package memtable

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
)

// Conflicts finds, for each row of rec, the row of the transaction's current
// rows that has the same key of one of some unique constraints: its number, −1 for none. It
// ends before the first row that has a key of one before it. The table must be locked.
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
			n, err := tx.conflicts(ctx, t, k, rec, out)
			if err != nil {
				return nil, err
			}
			out = out[:n]
		}
	}
	return out, nil
}

// conflicts is Conflicts for one constraint, and gives how many rows it is about; rows that
// have a conflict already keep it.
func (tx *Tx) conflicts(ctx context.Context, t *Table, k *keyIndex, rec arrow.Record, out []int64) (n int, err error) {
	keys := tx.keysOf(t, t.Definition())
	cols, err := keys.columns(ctx, k, rec)
	if err != nil {
		return 0, err
	}
	seen := make(map[string]struct{}, len(out))
	wanted := map[string]int{} // row of rec by key, of those that a row has
	for ; n < len(out); n++ {
		key, ok := k.key(&cols, n)
		if !ok {
			continue
		}
		if _, twice := seen[string(key)]; twice {
			break
		}
		seen[string(key)] = struct{}{}
		if out[n] >= 0 {
			continue
		}
		found, err := k.has(key)
		if err != nil {
			return 0, err
		}
		if found {
			wanted[string(key)] = n
		}
	}
	if len(wanted) == 0 {
		return n, nil
	}
	return n, k.find(ctx, keys, t.current(), wanted, func(row int, at int64) { out[row] = at })
}
