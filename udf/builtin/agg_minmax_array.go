package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// rowExtremeAcc is min (sign 1) or max (sign −1) of arrays: the best row of
// each group, in the chunk it came in.
type rowExtremeAcc struct {
	t      arrow.DataType
	sign   int
	chunks []arrow.Array
	rows   int
	best   []chunkRow // by group; row −1: none yet
	size   int64
}

type chunkRow struct{ chunk, row int32 }

func registerArrayExtremes(b *registrar) {
	for name, sign := range map[string]int{"min": 1, "max": -1} {
		b.aggregate(udf.Aggregate{
			Name: name, Params: types(udf.AnyArray), ReturnFor: firstType,
			State: func(args []arrow.DataType) []arrow.DataType { return args },
			New: func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
				return &rowExtremeAcc{t: args[0], sign: sign}, nil
			},
		})
	}
}

func (e *rowExtremeAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	e.grow(n)
	vals, err := expand(args[0], len(groups))
	if err != nil {
		return err
	}
	orders := make([]order, len(e.chunks)+1)
	chunk := int32(len(e.chunks))
	var kept []int32 // rows of vals that were the best when they came
	for i, g := range groups {
		if vals.IsNull(i) {
			continue
		}
		if b := e.best[g]; b.row >= 0 {
			against, row := vals, b.row
			if b.chunk < chunk {
				against = e.chunks[b.chunk]
			} else {
				row = kept[b.row]
			}
			if orders[b.chunk] == nil {
				if orders[b.chunk], err = valueOrder(vals, against); err != nil {
					return err
				}
			}
			if e.sign*orders[b.chunk](i, int(row)) > 0 {
				continue
			}
		}
		e.best[g] = chunkRow{chunk, int32(len(kept))}
		kept = append(kept, int32(i))
	}
	if len(kept) == 0 {
		return nil
	}
	return e.keep(vals, kept, n)
}

// keep adds rows as a new chunk; when most rows have been replaced by better
// ones, only the best stay.
func (e *rowExtremeAcc) keep(vals arrow.Array, rows []int32, n int) error {
	taken, err := vector.Take(vals, rows)
	if err != nil {
		return err
	}
	e.add(taken)
	if len(e.chunks) < 16 && e.rows <= 4*n+1024 {
		return nil
	}
	all, err := e.Result(0, len(e.best))
	if err != nil {
		return err
	}
	e.chunks, e.rows, e.size = nil, 0, 0
	e.add(all)
	for g := range e.best {
		if e.best[g].row >= 0 {
			e.best[g] = chunkRow{0, int32(g)}
		}
	}
	return nil
}

func (e *rowExtremeAcc) add(a arrow.Array) {
	e.chunks = append(e.chunks, a)
	e.rows += a.Len()
	e.size += arrayBytes(a.Data())
}

func (e *rowExtremeAcc) grow(n int) {
	for len(e.best) < n {
		e.best = append(e.best, chunkRow{row: -1})
	}
}

func (e *rowExtremeAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	return e.Update(groups, n, []udf.Arg{column(states[0])})
}

func (e *rowExtremeAcc) State(lo, hi int) ([]arrow.Array, error) { return one(e.Result(lo, hi)) }

func (e *rowExtremeAcc) Result(lo, hi int) (arrow.Array, error) {
	e.grow(hi)
	store := rowStore{t: e.t}
	bases := make([]int32, len(e.chunks))
	for i, c := range e.chunks {
		bases[i] = int32(store.rows)
		store.append(c)
	}
	all, err := store.all()
	if err != nil {
		return nil, err
	}
	rows := make([]int32, hi-lo)
	for i := range rows {
		rows[i] = -1
		if b := e.best[lo+i]; b.row >= 0 {
			rows[i] = bases[b.chunk] + b.row
		}
	}
	return vector.Take(all, rows)
}

func (e *rowExtremeAcc) Bytes() int64 { return e.size + int64(cap(e.best))*8 }
