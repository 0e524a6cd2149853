package memtable

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v15/arrow"
)

// errFound ends a search.
var errFound = errors.New("all are found")

// Conflicts finds, for each row of rec, the row of the transaction's current
// rows that has the same key of a unique constraint: its number, −1 for none. A
// key that two rows of rec have is error 21000. The table must be locked.
func (tx *Tx) Conflicts(ctx context.Context, t *Table, constraint string, rec arrow.Record) ([]int64, error) {
	out := make([]int64, rec.NumRows())
	for i := range out {
		out[i] = -1
	}
	var k *keyIndex
	for _, index := range t.keys {
		if index.Name == constraint {
			k = index
		}
	}
	if k == nil {
		return out, nil
	}
	wanted := make(map[string]int, rec.NumRows()) // row of rec by key
	present := 0
	for i := range int(rec.NumRows()) {
		key, ok := k.key(rec, i)
		if !ok {
			continue
		}
		if _, twice := wanted[string(key)]; twice {
			return nil, affectedTwice()
		}
		wanted[string(key)] = i
		found, err := k.has(key)
		if err != nil {
			return nil, err
		}
		if found {
			present++
		}
	}
	err := t.current().each(ctx, func(held arrow.Record, start int64) error {
		for i := 0; i < int(held.NumRows()) && present > 0; i++ {
			if key, ok := k.key(held, i); ok {
				if row, hit := wanted[string(key)]; hit {
					out[row] = start + int64(i)
					present--
				}
			}
		}
		if present == 0 {
			return errFound
		}
		return nil
	})
	if err == errFound {
		err = nil
	}
	return out, err
}
