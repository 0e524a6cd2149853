package builtin

import (
	"cmp"
	"math"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
)

// operatorSuffixes are the ends of PostgreSQL's names for the functions behind
// operators, and the operators: int4 and pl is int4pl, which is + of integers.
const (
	comparisonSuffixes = "eq= ne<> lt< le<= gt> ge>="
	arithmeticSuffixes = "pl+ mi- mul* div/"
	bitSuffixes        = "mod% and& or| xor#"
)

// operatorFamilies are the functions behind operators, as prefixes of names with
// the types of both operands, and suffixes.
var operatorFamilies = []struct {
	prefixes    string
	left, right arrow.DataType
	suffixes    string
}{
	{"int2", tInt2, tInt2, comparisonSuffixes + " " + arithmeticSuffixes + " " + bitSuffixes},
	{"int4", tInt4, tInt4, comparisonSuffixes + " " + arithmeticSuffixes + " " + bitSuffixes},
	{"int8", tInt8, tInt8, comparisonSuffixes + " " + arithmeticSuffixes + " " + bitSuffixes},
	{"int24 int42", tInt4, tInt4, comparisonSuffixes + " " + arithmeticSuffixes},
	{"int28 int82 int48 int84", tInt8, tInt8, comparisonSuffixes + " " + arithmeticSuffixes},
	{"int2", tInt2, tInt4, "shl<< shr>>"},
	{"int4", tInt4, tInt4, "shl<< shr>>"},
	{"int8", tInt8, tInt4, "shl<< shr>>"},
	{"float4", tFloat4, tFloat4, comparisonSuffixes + " " + arithmeticSuffixes},
	{"float8", tFloat8, tFloat8, comparisonSuffixes + " " + arithmeticSuffixes},
	{"float48 float84", tFloat8, tFloat8, comparisonSuffixes + " " + arithmeticSuffixes},
	{"numeric_", tNumeric, tNumeric, comparisonSuffixes + " add+ sub- mul* div/ mod% power^"},
	{"bool", tBool, tBool, comparisonSuffixes},
	{"text", tText, tText, "eq= ne<> cat||"},
	{"text_", tText, tText, "lt< le<= gt> ge>="},
	{"bytea", tBytea, tBytea, comparisonSuffixes + " cat|| like~~ nlike!~~"},
	{"text", tText, tText, "like~~ nlike!~~ iclike~~* icnlike!~~* regexeq~ regexne!~ icregexeq~* icregexne!~*"},
	{"not", tText, tText, "like!~~"},
	{"not", tBytea, tBytea, "like!~~"},
	{"date_", sqltype.Date, sqltype.Date, comparisonSuffixes + " mi-"},
	{"time_", tTime, tTime, comparisonSuffixes},
	{"timetz_", tTimetz, tTimetz, comparisonSuffixes},
	{"timestamp_", tTimestamp, tTimestamp, comparisonSuffixes + " mi-"},
	{"timestamptz_", tTimestamptz, tTimestamptz, comparisonSuffixes + " mi-"},
	{"interval_", tInterval, tInterval, comparisonSuffixes + " pl+ mi-"},
	{"bit", tBit, tBit, comparisonSuffixes + " and& or| xor#"},
	{"varbit", tVarbit, tVarbit, comparisonSuffixes},
	{"bit", tVarbit, tVarbit, "cat||"},
	{"bitshift", tBit, tInt4, "left<< right>>"},
	{"uuid_", sqltype.UUID, sqltype.UUID, comparisonSuffixes},
	{"d", tFloat8, tFloat8, "pow^"},
}

// operatorAliases are other functions under PostgreSQL's inner names.
var operatorAliases = []struct {
	name, of string
	params   []arrow.DataType
}{
	{"int2um", "-", types(tInt2)},
	{"int4um", "-", types(tInt4)},
	{"int8um", "-", types(tInt8)},
	{"int2up", "+", types(tInt2)},
	{"int4up", "+", types(tInt4)},
	{"int8up", "+", types(tInt8)},
	{"int2not", "~", types(tInt2)},
	{"int4not", "~", types(tInt4)},
	{"int8not", "~", types(tInt8)},
	{"int2abs", "abs", types(tInt2)},
	{"int4abs", "abs", types(tInt4)},
	{"int8abs", "abs", types(tInt8)},
	{"float4um", "-", types(tFloat4)},
	{"float8um", "-", types(tFloat8)},
	{"float4up", "+", types(tFloat4)},
	{"float8up", "+", types(tFloat8)},
	{"float4abs", "abs", types(tFloat4)},
	{"float8abs", "abs", types(tFloat8)},
	{"numeric_uminus", "-", types(tNumeric)},
	{"numeric_uplus", "+", types(tNumeric)},
	{"numeric_abs", "abs", types(tNumeric)},
	{"numeric_sqrt", "sqrt", types(tNumeric)},
	{"numeric_exp", "exp", types(tNumeric)},
	{"numeric_ln", "ln", types(tNumeric)},
	{"numeric_log", "log", types(tNumeric, tNumeric)},
	{"numeric_div_trunc", "div", types(tNumeric, tNumeric)},
	{"dsqrt", "sqrt", types(tFloat8)},
	{"dcbrt", "cbrt", types(tFloat8)},
	{"dexp", "exp", types(tFloat8)},
	{"dlog1", "ln", types(tFloat8)},
	{"dlog10", "log", types(tFloat8)},
	{"dround", "round", types(tFloat8)},
	{"dtrunc", "trunc", types(tFloat8)},
	{"bitnot", "~", types(tBit)},
	{"textlen", "length", types(tText)},
	{"interval_um", "-", types(tInterval)},
}

// registerOperatorFunctions adds the functions behind operators under the names
// PostgreSQL has for them. It reads those operators, so it comes after them.
func registerOperatorFunctions(b *registrar) {
	for _, f := range operatorFamilies {
		for _, suffix := range strings.Fields(f.suffixes) {
			at := strings.IndexAny(suffix, "=<>+-*/%&|#~!^")
			for _, prefix := range strings.Fields(f.prefixes) {
				b.alias(prefix+suffix[:at], suffix[at:], types(f.left, f.right))
			}
		}
	}
	for _, a := range operatorAliases {
		b.alias(a.name, a.of, a.params)
	}
	registerOrders(b)
	registerIncrements(b)
}

// alias adds an overload that is there already under another name.
func (b *registrar) alias(name, of string, params []arrow.DataType) {
	f, err := b.registry.FindScalar(of, params)
	if err != nil {
		b.errs = append(b.errs, err)
		return
	}
	c := *f
	c.Name, c.Params, c.Doc = name, params, "the function behind "+of
	if err := b.registry.RegisterScalar(&c); err != nil {
		b.errs = append(b.errs, err)
	}
}

// registerOrders adds the functions that order two values, and those that give
// the larger or the smaller one.
func registerOrders(b *registrar) {
	order := func(names string, t arrow.DataType, f batchFunc) {
		for _, name := range strings.Fields(names) {
			b.strict(name, types(t, t), tInt4, f)
		}
	}
	order("btboolcmp", tBool, signOf(func(a, b bool) int { return cmp.Compare(boolBit(a), boolBit(b)) }))
	order("btint2cmp", tInt2, signOf(cmp.Compare[int16]))
	order("btint4cmp btint24cmp btint42cmp", tInt4, signOf(cmp.Compare[int32]))
	order("btint8cmp btint28cmp btint82cmp btint48cmp btint84cmp", tInt8, signOf(cmp.Compare[int64]))
	order("btfloat4cmp", tFloat4, signOf(nanLast[float32]))
	order("btfloat8cmp btfloat48cmp btfloat84cmp", tFloat8, signOf(nanLast[float64]))
	order("numeric_cmp", tNumeric, signOf(num.Cmp))
	order("bttextcmp", tText, signOf(cmp.Compare[string]))
	order("byteacmp", tBytea, signOf(func(a, b []byte) int { return cmp.Compare(string(a), string(b)) }))
	order("bitcmp", tBit, signOf(cmp.Compare[string]))
	order("varbitcmp", tVarbit, signOf(cmp.Compare[string]))
	extremes(b, "int2", tInt2, cmp.Compare[int16])
	extremes(b, "int4", tInt4, cmp.Compare[int32])
	extremes(b, "int8", tInt8, cmp.Compare[int64])
	extremes(b, "float4", tFloat4, nanLast[float32])
	extremes(b, "float8", tFloat8, nanLast[float64])
	extremes(b, "numeric_", tNumeric, num.Cmp)
	extremes(b, "text_", tText, cmp.Compare[string])
}

// extremes adds the functions that give the larger and the smaller value.
func extremes[T any](b *registrar, prefix string, t arrow.DataType, order func(a, b T) int) {
	for name, sign := range map[string]int{"larger": 1, "smaller": -1} {
		b.strict(prefix+name, types(t, t), t, pure2(t, func(x, y T) T {
			if order(x, y)*sign > 0 {
				return x
			}
			return y
		}))
	}
}

func signOf[T any](f func(a, b T) int) batchFunc {
	return pure2(tInt4, func(a, b T) int32 { return int32(f(a, b)) })
}

// nanLast orders NaN as PostgreSQL does: equal to itself, above all else.
func nanLast[T float32 | float64](a, b T) int {
	if a != a || b != b {
		return -cmp.Compare(boolBit(a == a), boolBit(b == b))
	}
	return cmp.Compare(a, b)
}

func boolBit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// registerIncrements adds the steps of counting.
func registerIncrements(b *registrar) {
	b.strict("numeric_inc", types(tNumeric), tNumeric, map1(tNumeric, func(n num) (num, error) { return n.Add(sqltype.NumFromInt64(1)) }))
	b.strict("int4inc", types(tInt4), tInt4, map1(tInt4, func(n int32) (int32, error) {
		if n == math.MaxInt32 {
			return 0, errIntRange[int32]()
		}
		return n + 1, nil
	}))
	step := func(name string, limit, by int64) {
		b.strict(name, types(tInt8), tInt8, map1(tInt8, func(n int64) (int64, error) {
			if n == limit {
				return 0, errIntRange[int64]()
			}
			return n + by, nil
		}))
	}
	step("int8inc", math.MaxInt64, 1)
	step("int8dec", math.MinInt64, -1)
	state := func(name string, decides bool) {
		b.scalar(udf.Scalar{Name: name, Params: types(tBool, tBool), Returns: tBool, Batch: pure2(tBool, func(x, y bool) bool {
			if decides {
				return x || y
			}
			return x && y
		})})
	}
	state("booland_statefunc", false)
	state("boolor_statefunc", true)
}
