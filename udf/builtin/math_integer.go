package builtin

import (
	"math"
	"math/big"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

// registerIntegerMath adds gcd, lcm, factorial, div and the bit operators.
func registerIntegerMath(b *registrar) {
	registerBits[int16](b, tInt2)
	registerBits[int32](b, tInt4)
	registerBits[int64](b, tInt8)
	registerDivisors[int32](b, tInt4)
	registerDivisors[int64](b, tInt8)
	b.strict("factorial", types(tInt8), tNumeric, map1(tNumeric, factorial))
	b.strict("width_bucket", types(tFloat8, tFloat8, tFloat8, tInt4), tInt4, map4(tInt4, widthBucket))
	b.strict("gcd", types(tNumeric, tNumeric), tNumeric, map2(tNumeric, gcdNumeric))
	b.strict("lcm", types(tNumeric, tNumeric), tNumeric, map2(tNumeric, lcmNumeric))
}

func registerBits[T integer](b *registrar, t arrow.DataType) {
	two := types(t, t)
	b.strict("&", two, t, pure2(t, func(x, y T) T { return x & y }))
	b.strict("|", two, t, pure2(t, func(x, y T) T { return x | y }))
	b.strict("#", two, t, pure2(t, func(x, y T) T { return x ^ y }))
	b.strict("xor", two, t, pure2(t, func(x, y T) T { return x ^ y }))
	b.strict("~", types(t), t, pure1(t, func(x T) T { return ^x }))
	// As on the machines PostgreSQL runs on, only the count's low bits matter.
	mask := int32(31)
	if t == tInt8 {
		mask = 63
	}
	b.strict("<<", types(t, tInt4), t, pure2(t, func(x T, n int32) T {
		if t == tInt2 {
			return T(int32(x) << (n & mask))
		}
		return x << (n & mask)
	}))
	b.strict(">>", types(t, tInt4), t, pure2(t, func(x T, n int32) T { return x >> (n & mask) }))
}

func registerDivisors[T integer](b *registrar, t arrow.DataType) {
	gcd := func(x, y T) T { // of the negative values, which MinInt has too
		x, y = min(x, -x), min(y, -y)
		for y != 0 {
			if y == -1 {
				return -1
			}
			x, y = y, x%y
		}
		return x
	}
	b.strict("gcd", types(t, t), t, map2(t, func(x, y T) (T, error) { return negInt(gcd(x, y)) }))
	b.strict("lcm", types(t, t), t, map2(t, func(x, y T) (T, error) {
		if x == 0 || y == 0 {
			return 0, nil
		}
		g, err := negInt(gcd(x, y))
		if err != nil {
			return 0, err
		}
		q := x / g
		p := q * y
		if p/y != q || q == -1 && y == -y {
			return 0, errIntRange[T]()
		}
		return absInt(p)
	}))
}

// factorialLimit is the first n whose n! numeric cannot hold.
const factorialLimit = 32178

func factorial(n int64) (num, error) {
	switch {
	case n < 0:
		return num{}, sqlerr.New(sqlerr.NumericOutOfRange, "factorial of a negative number is undefined")
	case n >= factorialLimit:
		return num{}, sqlerr.New(sqlerr.NumericOutOfRange, "value overflows numeric format")
	}
	return sqltype.ParseNum([]byte(new(big.Int).MulRange(1, n).String()))
}

func gcdNumeric(a, b num) (num, error) {
	if a.IsNaN() || b.IsNaN() || a.IsInf() || b.IsInf() {
		return sqltype.NaN(), nil
	}
	a, b = a.Abs(), b.Abs()
	scale := max(a.Scale(), b.Scale())
	for !b.IsZero() {
		r, err := a.Mod(b)
		if err != nil {
			return r, err
		}
		a, b = b, r
	}
	return a.Round(scale), nil
}

func lcmNumeric(a, b num) (num, error) {
	if a.IsNaN() || b.IsNaN() || a.IsInf() || b.IsInf() {
		return sqltype.NaN(), nil
	}
	scale := max(a.Scale(), b.Scale())
	if a.IsZero() || b.IsZero() {
		return sqltype.NumFromInt64(0).Round(scale), nil
	}
	g, err := gcdNumeric(a, b)
	if err != nil {
		return g, err
	}
	q, err := a.DivTrunc(g)
	if err != nil {
		return q, err
	}
	p, err := q.Mul(b)
	return p.Abs().Round(scale), err
}

func widthBucket(x, low, high float64, count int32) (int32, error) {
	bad := func(text string) (int32, error) { return 0, sqlerr.New("2201G", "%s", text) }
	switch {
	case count <= 0:
		return bad("count must be greater than zero")
	case x != x || low != low || high != high:
		return bad("operand, lower bound, and upper bound cannot be NaN")
	case isInf(low) || isInf(high):
		return bad("lower and upper bounds must be finite")
	case low == high:
		return bad("lower bound cannot equal upper bound")
	}
	if low > high {
		x, low, high = -x, -low, -high
	}
	switch {
	case x < low:
		return 0, nil
	case x >= high:
		if count == 1<<31-1 {
			return 0, errIntRange[int32]()
		}
		return count + 1, nil
	}
	// in PostgreSQL's order, which decides how it rounds, even to count + 1
	bucket := float64(count)*(x-low)/(high-low) + 1
	if !inInt32(bucket) {
		return math.MinInt32, nil
	}
	return int32(bucket), nil
}
