package sqltype

import (
	"math"
	"math/big"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqlerr"
)

// Limits of PostgreSQL's numeric.
const (
	// MaxDecimalPrecision is the largest precision kept as a Decimal128.
	MaxDecimalPrecision = 38

	maxNumDigits = 131072 // digits before the decimal point
	maxNumScale  = 16383  // digits after it
	maxDispScale = 1000   // largest scale a function chooses for its result
	minSigDigits = 16     // significant digits a function aims for
)

type numForm uint8

const (
	finite numForm = iota
	infinite
	notANumber
)

// Num is one value of numeric: ±coefficient·10^−scale, Infinity, −Infinity or
// NaN. The scale (≥ 0) is PostgreSQL's display scale, so 1.5 and 1.50 are
// different Nums that compare equal. Num is a value: copies are independent,
// methods never change their receiver. The zero Num is 0.
//
// Coefficients below 2¹²⁸ need no allocation; larger ones live in a big.Int
// that is never changed after it was set.
type Num struct {
	coef  uint128
	large *big.Int // when set, the coefficient (≥ 2¹²⁸); coef is then zero
	scale int32
	form  numForm
	neg   bool // never set for zero
}

// NaN is numeric's not-a-number: equal to itself and greater than all else.
func NaN() Num { return Num{form: notANumber} }

// Inf is Infinity for sign ≥ 0 and -Infinity otherwise.
func Inf(sign int) Num { return Num{form: infinite, neg: sign < 0} }

// NumFromInt64 is v with scale 0.
func NumFromInt64(v int64) Num {
	u := uint64(v)
	if v < 0 {
		u = -u
	}
	return Num{coef: uint128{0, u}, neg: v < 0}
}

// NumFromDecimal128 is v·10^−scale; a negative scale gives an integer.
func NumFromDecimal128(v decimal128.Num, scale int32) Num {
	c, neg := absDecimal(v)
	if scale >= 0 {
		return Num{coef: c, scale: scale, neg: neg}
	}
	if p, ok := c.mulPow10(-scale); ok {
		return Num{coef: p, neg: neg}
	}
	return newNum(neg, scaleUp(bigFrom(c), -scale), 0)
}

// NumFromFloat64 converts as PostgreSQL's float8 → numeric does: 15 significant
// digits.
func NumFromFloat64(v float64) Num { return numFromFloat(v, 15) }

// NumFromFloat32 converts as PostgreSQL's float4 → numeric does: 6 significant
// digits.
func NumFromFloat32(v float32) Num { return numFromFloat(float64(v), 6) }

func numFromFloat(v float64, digits int) Num {
	switch {
	case math.IsNaN(v):
		return NaN()
	case math.IsInf(v, 0):
		return Inf(int(math.Copysign(1, v)))
	case v == 0:
		return Num{}
	}
	var buf [32]byte
	b := strconv.AppendFloat(buf[:0], v, 'e', digits-1, 64)
	n, err := ParseNum(trimMantissa(b))
	if err != nil { // AppendFloat's output always parses
		return NaN()
	}
	return n
}

// trimMantissa removes the zeros that end the mantissa of "d.ddde±xx".
func trimMantissa(b []byte) []byte {
	e := len(b) - 1
	for b[e] != 'e' {
		e--
	}
	m := e
	for m > 0 && b[m-1] == '0' {
		m--
	}
	if m > 0 && b[m-1] == '.' {
		m--
	}
	return append(b[:m], b[e:]...)
}

// newNum takes ownership of c ≥ 0.
func newNum(neg bool, c *big.Int, scale int32) Num {
	n := Num{scale: scale}
	if c.BitLen() <= 128 {
		var buf [16]byte
		c.FillBytes(buf[:])
		n.coef = uint128From(buf)
	} else {
		n.large = c
	}
	n.neg = neg && !n.IsZero()
	return n
}

// bigCoef is the coefficient, not to be changed.
func (n Num) bigCoef() *big.Int {
	if n.large != nil {
		return n.large
	}
	return bigFrom(n.coef)
}

func bigFrom(c uint128) *big.Int {
	if c.hi == 0 {
		return new(big.Int).SetUint64(c.lo)
	}
	b := c.bytes()
	return new(big.Int).SetBytes(b[:])
}

// scaleUp is c·10ⁿ in c's own memory.
func scaleUp(c *big.Int, n int32) *big.Int {
	if n <= 0 {
		return c
	}
	return c.Mul(c, bigPow10(n))
}

func bigPow10(n int32) *big.Int {
	if n <= maxPow10 {
		return bigFrom(pow10[n])
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// Scale is the display scale: the digits after the decimal point; 0 for NaN
// and the infinities.
func (n Num) Scale() int32 { return n.scale }

// IsNaN tells whether n is NaN.
func (n Num) IsNaN() bool { return n.form == notANumber }

// IsInf tells whether n is Infinity or -Infinity.
func (n Num) IsInf() bool { return n.form == infinite }

// IsZero tells whether n is 0 at any scale.
func (n Num) IsZero() bool { return n.form == finite && n.large == nil && n.coef.isZero() }

// Sign is −1, 0 or 1; 1 for NaN, which is greater than everything.
func (n Num) Sign() int {
	switch {
	case n.neg:
		return -1
	case n.IsZero():
		return 0
	}
	return 1
}

// Neg is −n.
func (n Num) Neg() Num {
	n.neg = !n.neg && n.form != notANumber && !n.IsZero()
	return n
}

// Abs is |n|.
func (n Num) Abs() Num {
	n.neg = false
	return n
}

// numDigits is the number of decimal digits of the coefficient, 1 for zero.
func (n Num) numDigits() int32 {
	if n.large == nil {
		return n.coef.digits()
	}
	return bigDigits(n.large)
}

func bigDigits(c *big.Int) int32 {
	if c.Sign() == 0 {
		return 1
	}
	d := int32(float64(c.BitLen()-1) * math.Log10(2)) // digits−1 or digits−2
	if c.CmpAbs(bigPow10(d)) < 0 {
		return d
	}
	for c.CmpAbs(bigPow10(d)) >= 0 {
		d++
	}
	return d
}

func numOverflow() error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value overflows numeric format")
}

// checked is n, or 22003 when n has more digits than numeric allows.
func checked(n Num) (Num, error) {
	if n.large == nil || n.large.BitLen() < 3*maxNumDigits {
		return n, nil
	}
	if n.numDigits()-n.scale > maxNumDigits {
		return Num{}, numOverflow()
	}
	return n, nil
}
