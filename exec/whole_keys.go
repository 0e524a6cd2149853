package exec

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/rowkey"
	"volley/planner/expr"
	"volley/planner/physical"
)

// keyPrefix is how many bytes of a row's key its run has where the rest can be made
// from the row: copying long keys, and writing them beside the texts that they are
// made of, takes longer than comparing the few that begin alike.
var keyPrefix = 256 // a variable for tests

// wholeKeys makes the keys of single rows again, of columns alone: they are the same
// whenever they are made. A nil one stands for keys that runs have whole.
type wholeKeys struct {
	keys sortKeys
	err  error // of making one
}

func newWholeKeys(keys []physical.SortKey, compiled sortKeys) *wholeKeys {
	for _, k := range keys {
		if _, ok := k.Expr.(*expr.Column); !ok {
			return nil
		}
	}
	return &wholeKeys{keys: compiled}
}

// of is the key of a row.
func (w *wholeKeys) of(rec arrow.Record, row int) []byte {
	cols, err := evalAll(w.keys.exprs, eval.NewBatch(sliceRecord(rec, int64(row), int64(row)+1)))
	if err != nil {
		w.err = err
		return nil
	}
	var k rowkey.Keys
	k.Append(cols, w.keys.orders, 1)
	return k.Key(0)
}

// failed is why a key could not be made.
func (w *wholeKeys) failed() error {
	if w == nil {
		return nil
	}
	return w.err
}

// take is the keys of some rows as a run has them.
func (w *wholeKeys) take(k *rowkey.Keys, rows []int32) rowkey.Keys {
	return k.TakePrefixes(rows, w.most())
}

// most is how many bytes of a key runs have.
func (w *wholeKeys) most() int {
	if w == nil {
		return math.MaxInt
	}
	return keyPrefix
}

// bytes is how many bytes of keys a run has of them.
func (w *wholeKeys) bytes(k *rowkey.Keys) int64 {
	if w == nil {
		return k.Bytes()
	}
	return min(k.Bytes(), int64(k.Len()*keyPrefix))
}
