package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/bitutil"

	"volley/udf"
	"volley/udf/vector"
)

func registerArrayComparison(b *registrar) {
	orderedBy(b, udf.AnyArray, valueComparison)
	orderedBy(b, udf.AnyRecord, valueComparison)
	two := types(udf.AnyArray, udf.AnyArray)
	b.strict("@>", two, tBool, overlap(func(l, r elements) bool { return r.all(l) }))
	b.strict("<@", two, tBool, overlap(func(l, r elements) bool { return l.all(r) }))
	b.strict("&&", two, tBool, overlap(func(l, r elements) bool { return l.any(r) }))
}

// valueComparison is the kernel of a relation between arrays or rows.
func valueComparison(r relation) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		bits, v := make([]byte, bitutil.BytesForBits(int64(n))), valid(args, n)
		compare, err := valueOrder(args[0].Array, args[1].Array)
		if err != nil {
			return nil, err
		}
		for i := range n {
			if v.Valid(i) && r.holds(compare(rowOf(args[0], i), rowOf(args[1], i))) {
				bits[i>>3] |= 1 << (i & 7)
			}
		}
		return vector.FromBits(bits, n, v), nil
	}
}

// rowOf is the row of an argument that goes with row i of the batch.
func rowOf(a udf.Arg, i int) int {
	if a.Const {
		return 0
	}
	return i
}

// elements are those of one array: rows lo to hi−1 of values.
type elements struct {
	values arrow.Array
	lo, hi int
	equal  func(mine, other int) bool
}

// has tells whether an element of e equals x's element j, which a NULL never
// does.
func (e elements) has(x elements, j int) bool {
	for i := e.lo; i < e.hi; i++ {
		if e.values.IsValid(i) && e.equal(i, j) {
			return true
		}
	}
	return false
}

// all tells whether every element of e is one of x.
func (e elements) all(x elements) bool {
	for i := e.lo; i < e.hi; i++ {
		if e.values.IsNull(i) || !x.has(e, i) {
			return false
		}
	}
	return true
}

// any tells whether some element of e is one of x.
func (e elements) any(x elements) bool {
	for i := e.lo; i < e.hi; i++ {
		if e.values.IsValid(i) && x.has(e, i) {
			return true
		}
	}
	return false
}

func overlap(test func(l, r elements) bool) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		bits, v := make([]byte, bitutil.BytesForBits(int64(n))), valid(args, n)
		a, b := vector.Elements(args[0].Array), vector.Elements(args[1].Array)
		compare, err := valueOrder(a.Values, b.Values)
		if err != nil {
			return nil, err
		}
		l := elements{values: a.Values, equal: func(i, j int) bool { return compare(i, j) == 0 }}
		r := elements{values: b.Values, equal: func(i, j int) bool { return compare(j, i) == 0 }}
		for i := range n {
			if !v.Valid(i) {
				continue
			}
			l.lo, l.hi = a.Row(rowOf(args[0], i))
			r.lo, r.hi = b.Row(rowOf(args[1], i))
			if test(l, r) {
				bits[i>>3] |= 1 << (i & 7)
			}
		}
		return vector.FromBits(bits, n, v), nil
	}
}
