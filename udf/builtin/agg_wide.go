package builtin

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// wideAcc sums integers or Decimals of one scale exactly in 128 bits, and
// counts them. Its state is the sums as Decimal128(38, scale) and the counts.
type wideAcc struct {
	arg    arrow.DataType
	scale  int32
	finish func(w *wideAcc, lo, hi int) (arrow.Array, error)
	totals[decimal128.Num]
	short shortValues
	rows  *udf.RowCounts
}

// Share implements udf.Sharing.
func (w *wideAcc) Share(from udf.Accumulator) bool {
	o, ok := from.(*wideAcc)
	if ok = ok && arrow.TypeEqual(o.arg, w.arg); ok {
		w.from = &o.totals
	}
	return ok
}

// CountBy implements udf.RowCountUser.
func (w *wideAcc) CountBy(r *udf.RowCounts) { w.rows = r }

// Reset implements udf.Reusable.
func (w *wideAcc) Reset() { w.empty() }

func newWide(finish func(w *wideAcc, lo, hi int) (arrow.Array, error)) func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
	return func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
		w := &wideAcc{arg: args[0], finish: finish}
		if args[0].ID() == arrow.DECIMAL128 {
			_, w.scale = scaleOf(args[0])
		}
		return w, nil
	}
}

// decimalTotal is the type of a sum of Decimals.
func decimalTotal(args []arrow.DataType) (arrow.DataType, error) {
	_, s := scaleOf(args[0])
	return sqltype.Decimal(sqltype.MaxDecimalPrecision, s), nil
}

func wideState(args []arrow.DataType) []arrow.DataType {
	total, _ := decimalTotal(args) // a Decimal has a scale
	return types(total, tInt8)
}

func (w *wideAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	w.grow(n)
	switch w.arg.ID() {
	case arrow.INT16:
		addNarrow[int16](w, groups, args[0])
	case arrow.INT32:
		addNarrow[int32](w, groups, args[0])
	case arrow.INT64:
		addNarrow[int64](w, groups, args[0])
	default:
		vals, groups := dense[decimal128.Num](args[0], groups)
		w.rows.Add(w.counts[:n], groups)
		if few(groups, n) && sumShort(w.sums[:n], vals, groups) {
			return nil
		}
		return w.add(vals, groups)
	}
	return nil
}

// UpdateIndices implements udf.IndexedAccumulator.
func (w *wideAcc) UpdateIndices(groups []uint32, n int, dict arrow.Array, indices []int32) error {
	return updateIndexed(w, groups, n, dict, indices)
}

// UpdateBytes implements udf.IndexedAccumulator.
func (w *wideAcc) UpdateBytes(groups []uint32, n int, dict arrow.Array, indices []uint8) error {
	return updateIndexed(w, groups, n, dict, indices)
}

// UpdateWords implements udf.IndexedAccumulator.
func (w *wideAcc) UpdateWords(groups []uint32, n int, dict arrow.Array, indices []uint16) error {
	return updateIndexed(w, groups, n, dict, indices)
}

func updateIndexed[I index](w *wideAcc, groups []uint32, n int, dict arrow.Array, indices []I) error {
	if w.arg.ID() == arrow.DECIMAL128 && few(groups, n) && len(groups) <= shortRows {
		if short := w.short.load(dict); short != nil {
			w.grow(n)
			w.rows.Add(w.counts[:n], groups)
			sumShortAt(w.sums[:n], short, indices, groups)
			return nil
		}
	}
	plain, err := decodeFixed(dict, indices)
	if err != nil {
		return err
	}
	return w.Update(groups, n, []udf.Arg{column(plain)})
}

// decodeFixed is values[indices[i]] for what wideAcc adds.
func decodeFixed[I index](values arrow.Array, indices []I) (arrow.Array, error) {
	switch t := values.DataType(); t.ID() {
	case arrow.INT16:
		return pickFixed[int16](t, values, indices), nil
	case arrow.INT32:
		return pickFixed[int32](t, values, indices), nil
	case arrow.INT64:
		return pickFixed[int64](t, values, indices), nil
	case arrow.DECIMAL128:
		return pickFixed[decimal128.Num](t, values, indices), nil
	default:
		return nil, sqlerr.New(sqlerr.InternalError, "values of type %s are not summed in 128 bits", t)
	}
}

func pickFixed[T vector.Native, I index](t arrow.DataType, a arrow.Array, indices []I) arrow.Array {
	vals, out := values[T](a), make([]T, len(indices))
	for i, r := range indices {
		out[i] = vals[r]
	}
	return vector.FromFixed(t, out, vector.Validity{})
}

// addNarrow cannot overflow: that takes 2⁶³ rows.
func addNarrow[T integer](w *wideAcc, groups []uint32, arg udf.Arg) {
	vals, groups := dense[T](arg, groups)
	sums, counts := w.sums, w.counts
	for i, g := range groups {
		v := int64(vals[i])
		lo, carry := bits.Add64(sums[g].LowBits(), uint64(v), 0)
		sums[g] = decimal128.New(sums[g].HighBits()+v>>63+int64(carry), lo)
		counts[g]++
	}
}

func (w *wideAcc) add(vals []decimal128.Num, groups []uint32) error {
	var over int64
	sums := w.sums
	for i, g := range groups {
		x, y := sums[g], vals[i]
		t := x.Add(y)
		sums[g] = t
		over |= (x.HighBits() ^ t.HighBits()) & (y.HighBits() ^ t.HighBits())
	}
	if over < 0 {
		return errDecimalRange()
	}
	return nil
}

func (w *wideAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	w.grow(n)
	for i, c := range vector.Fixed[int64](states[1]) {
		w.counts[groups[i]] += c
	}
	return w.add(vector.Fixed[decimal128.Num](states[0]), groups)
}

func (w *wideAcc) State(lo, hi int) ([]arrow.Array, error) {
	w.grow(hi)
	return []arrow.Array{
		vector.FromFixed(sqltype.Decimal(sqltype.MaxDecimalPrecision, w.scale), clone(w.sums[lo:hi]), vector.Validity{}),
		vector.FromFixed(tInt8, clone(w.counts[lo:hi]), vector.Validity{}),
	}, nil
}

func (w *wideAcc) Result(lo, hi int) (arrow.Array, error) {
	w.grow(hi)
	return w.finish(w, lo, hi)
}

func (w *wideAcc) Bytes() int64 { return int64(cap(w.sums)) * 24 }

func sumWide(w *wideAcc, lo, hi int) (arrow.Array, error) {
	sums, v := clone(w.sums[lo:hi]), countValidity(w.counts[lo:hi])
	if w.arg.ID() != arrow.DECIMAL128 {
		out := make([]sqltype.Num, len(sums))
		for i, s := range sums {
			out[i] = sqltype.NumFromDecimal128(s, 0)
		}
		return storeNums(out, v)
	}
	for _, s := range sums {
		if !sqltype.DecimalFits(s, sqltype.MaxDecimalPrecision) {
			return nil, errDecimalRange()
		}
	}
	return vector.FromFixed(sqltype.Decimal(sqltype.MaxDecimalPrecision, w.scale), sums, v), nil
}

func avgWide(w *wideAcc, lo, hi int) (arrow.Array, error) {
	out := make([]sqltype.Num, hi-lo)
	for i := range out {
		if w.counts[lo+i] == 0 {
			continue
		}
		var err error
		out[i], err = sqltype.NumFromDecimal128(w.sums[lo+i], w.scale).Div(sqltype.NumFromInt64(w.counts[lo+i]))
		if err != nil {
			return nil, err
		}
	}
	return storeNums(out, countValidity(w.counts[lo:hi]))
}
