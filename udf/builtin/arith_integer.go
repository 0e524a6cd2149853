package builtin

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

type integer interface{ int16 | int32 | int64 }

// arithLoop computes dst[i] from a[i] and b[i], wrapping around, and tells
// whether any row failed.
type arithLoop[T any] func(dst, a, b []T) (failed bool)

func errDivisionByZero() error { return sqlerr.New(sqlerr.DivisionByZero, "division by zero") }

func errIntRange[T integer]() error {
	switch any(*new(T)).(type) {
	case int16:
		return sqlerr.New(sqlerr.NumericOutOfRange, "smallint out of range")
	case int32:
		return sqlerr.New(sqlerr.NumericOutOfRange, "integer out of range")
	}
	return sqlerr.New(sqlerr.NumericOutOfRange, "bigint out of range")
}

// arith makes a kernel from a loop; why says what is wrong with one row's
// operands, for rows that failed.
func arith[T vector.Native](t arrow.DataType, loop arithLoop[T], why func(a, b T) error) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b := load[T](args[0]), load[T](args[1])
		v := valid(args, n)
		out := make([]T, n)
		failed := false
		vector.Blocks(a, b, n, func(lo int, x, y []T) {
			if loop(out[lo:lo+len(x)], x, y) {
				failed = true
			}
		})
		if failed {
			if err := firstError(v, n, func(i int) error { return why(a.At(i), b.At(i)) }); err != nil {
				return nil, err
			}
		}
		return vector.FromFixed(t, out, v), nil
	}
}

// rowCheck asks the loop itself about one row.
func rowCheck[T integer](loop arithLoop[T]) func(a, b T) error {
	return func(a, b T) error {
		if loop(make([]T, 1), []T{a}, []T{b}) {
			return errIntRange[T]()
		}
		return nil
	}
}

func addInts[T integer](dst, a, b []T) bool {
	var over T
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		x, y := a[i], b[i]
		s := x + y
		dst[i] = s
		over |= (x ^ s) & (y ^ s)
	}
	return over < 0
}

func subInts[T integer](dst, a, b []T) bool {
	var over T
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		x, y := a[i], b[i]
		s := x - y
		dst[i] = s
		over |= (x ^ y) & (x ^ s)
	}
	return over < 0
}

func mulNarrow[T int16 | int32](dst, a, b []T) bool {
	var over int64
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		p := int64(a[i]) * int64(b[i])
		dst[i] = T(p)
		over |= p ^ int64(T(p))
	}
	return over != 0
}

func mulInt8(dst, a, b []int64) bool {
	var over int64
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		x, y := a[i], b[i]
		hi, lo := bits.Mul64(uint64(x), uint64(y))
		high := int64(hi) - (x >> 63 & y) - (y >> 63 & x) // of the signed product
		dst[i] = int64(lo)
		over |= high ^ int64(lo)>>63
	}
	return over != 0
}

func divInts[T integer](dst, a, b []T) bool {
	failed := false
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		x, y := a[i], b[i]
		switch y {
		case 0:
			failed = true
		case -1:
			dst[i] = -x
			failed = failed || x < 0 && -x < 0
		default:
			dst[i] = x / y
		}
	}
	return failed
}

func modInts[T integer](dst, a, b []T) bool {
	failed := false
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		switch y := b[i]; y {
		case 0:
			failed = true
		case -1: // MinInt % −1 is 0
		default:
			dst[i] = a[i] % y
		}
	}
	return failed
}

func whyDiv[T integer](a, b T) error {
	switch {
	case b == 0:
		return errDivisionByZero()
	case b == -1 && a < 0 && -a < 0:
		return errIntRange[T]()
	}
	return nil
}

func whyMod[T integer](_, b T) error {
	if b == 0 {
		return errDivisionByZero()
	}
	return nil
}

func registerIntegers[T integer](b *registrar, t arrow.DataType, mul arithLoop[T]) {
	two := types(t, t)
	b.strict("+", two, t, arith(t, addInts[T], rowCheck(addInts[T])))
	b.strict("-", two, t, arith(t, subInts[T], rowCheck(subInts[T])))
	b.strict("*", two, t, arith(t, mul, rowCheck(mul)))
	b.strict("/", two, t, arith(t, divInts[T], whyDiv[T]))
	b.strict("%", two, t, arith(t, modInts[T], whyMod[T]))
	b.strict("mod", two, t, arith(t, modInts[T], whyMod[T]))
	b.strict("-", types(t), t, map1(t, negInt[T]))
	b.strict("+", types(t), t, identity)
	b.strict("abs", types(t), t, map1(t, absInt[T]))
	b.strict("@", types(t), t, map1(t, absInt[T]))
}

func negInt[T integer](x T) (T, error) {
	if x < 0 && -x < 0 {
		return 0, errIntRange[T]()
	}
	return -x, nil
}

func absInt[T integer](x T) (T, error) {
	if x < 0 {
		return negInt(x)
	}
	return x, nil
}

// identity is unary plus.
func identity(_ *udf.Context, args []udf.Arg, _ int) (arrow.Array, error) { return args[0].Array, nil }
