package parquet

import (
	"encoding/binary"
	"math"
	"math/big"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

// physicalValues are n values of a leaf as the file has them. Null slots hold
// anything.
type physicalValues struct {
	n, nulls int
	valid    *memory.Buffer // nil when nulls is 0
	fixed    []byte         // of fixed-width types: n values; booleans a byte each
	binary   arrow.Array    // of byte arrays: Binary or String; of fixed ones: FixedSizeBinary
}

func (v *physicalValues) isNull(i int) bool {
	return v.valid != nil && !bitutil.BitIsSet(v.valid.Bytes(), i)
}

// convert makes the array of SQL values.
func (l *leaf) convert(v physicalValues) (arrow.Array, error) {
	switch l.conv {
	case asIs:
		if l.physical == parquet.Types.Boolean {
			return v.fixedArray(l.typ, packBools(v.fixed)), nil
		}
		return v.fixedArray(l.typ, v.fixed), nil
	case int32ToInt16:
		return convertInts(v, l.typ, func(x int32) int16 { return int16(x) }), nil
	case uint8ToInt16:
		return convertInts(v, l.typ, func(x int32) int16 { return int16(uint8(x)) }), nil
	case uint16ToInt32:
		return convertInts(v, l.typ, func(x int32) int32 { return int32(uint16(x)) }), nil
	case uint32ToInt64:
		return convertInts(v, l.typ, func(x int32) int64 { return int64(uint32(x)) }), nil
	case uint64ToDecimal:
		return convertInts(v, l.typ, func(x int64) decimal128.Num { return decimal128.New(0, uint64(x)) }), nil
	case intToDecimal:
		if l.physical == parquet.Types.Int32 {
			return convertInts(v, l.typ, func(x int32) decimal128.Num { return decimal128.FromI64(int64(x)) }), nil
		}
		return convertInts(v, l.typ, decimal128.FromI64), nil
	case multiply:
		return l.multiplied(v)
	case divide:
		return convertInts(v, l.typ, func(x int64) int64 { return floorDiv(x, l.scale) }), nil
	case int96ToMicros:
		return l.int96(v)
	case bytesToText:
		return checkText(v.binary)
	case bytesToBytea:
		return toBytea(v.binary), nil
	case bytesToDecimal:
		return l.decimals(v)
	case bytesToNumeric:
		return l.numerics(v)
	}
	return l.convertFixed(v)
}

// convertFixed makes the array of a type whose values are fixed byte arrays.
func (l *leaf) convertFixed(v physicalValues) (arrow.Array, error) {
	in := v.binary.(*array.FixedSizeBinary)
	switch l.conv {
	case bytesToUUID:
		return array.NewExtensionArrayWithStorage(l.typ.(arrow.ExtensionType), in), nil
	case halfToFloat:
		return fixedArrayOf(in, l.typ, func(b []byte) float32 {
			return halfFloat(binary.LittleEndian.Uint16(b))
		}), nil
	default: // bytesToInterval
		return fixedArrayOf(in, l.typ, func(b []byte) arrow.MonthDayNanoInterval {
			return arrow.MonthDayNanoInterval{
				Months:      int32(binary.LittleEndian.Uint32(b)),
				Days:        int32(binary.LittleEndian.Uint32(b[4:])),
				Nanoseconds: int64(binary.LittleEndian.Uint32(b[8:])) * 1e6,
			}
		}), nil
	}
}

// fixedArray makes an array of values that are in their final form.
func (v *physicalValues) fixedArray(t arrow.DataType, values []byte) arrow.Array {
	buffers := []*memory.Buffer{v.valid, memory.NewBufferBytes(values)}
	return array.MakeFromData(array.NewData(t, v.n, buffers, nil, v.nulls, 0))
}

// fixedArrayOf converts each value of in; null slots stay zero.
func fixedArrayOf[T any](in *array.FixedSizeBinary, t arrow.DataType, f func([]byte) T) arrow.Array {
	out := make([]T, in.Len())
	for i := range out {
		if in.IsValid(i) {
			out[i] = f(in.Value(i))
		}
	}
	buffers := []*memory.Buffer{validityOf(in), memory.NewBufferBytes(bytesOf(out))}
	return array.MakeFromData(array.NewData(t, in.Len(), buffers, nil, in.NullN(), 0))
}

// halfFloat widens an IEEE 754 half: 1 bit of sign, 5 of exponent, 10 of
// fraction.
func halfFloat(h uint16) float32 {
	exponent, fraction := uint32(h>>10&0x1f), uint32(h&0x3ff)
	var v float32
	switch exponent {
	case 0: // zero and subnormal numbers
		v = float32(fraction) / (1 << 24)
	case 0x1f: // infinity and NaN
		v = math.Float32frombits(0x7f800000 | fraction<<13)
	default:
		v = math.Float32frombits((exponent+127-15)<<23 | fraction<<13)
	}
	return math.Float32frombits(math.Float32bits(v) | uint32(h&0x8000)<<16)
}

// validityOf is the validity bitmap of an array without an offset.
func validityOf(a arrow.Array) *memory.Buffer {
	if a.NullN() == 0 {
		return nil
	}
	return a.Data().Buffers()[0]
}

func convertInts[I int32 | int64, O any](v physicalValues, t arrow.DataType, f func(I) O) arrow.Array {
	in := valuesOf[I](v.fixed)[:v.n]
	out := kernel.Raw[O](len(in))
	for i, x := range in {
		out[i] = f(x)
	}
	return v.fixedArray(t, bytesOf(out))
}

// multiplied scales integers to microseconds; a value out of range is an error.
func (l *leaf) multiplied(v physicalValues) (arrow.Array, error) {
	if l.physical == parquet.Types.Int32 { // cannot overflow
		return convertInts(v, l.typ, func(x int32) int64 { return int64(x) * l.scale }), nil
	}
	in := valuesOf[int64](v.fixed)[:v.n]
	out := make([]int64, len(in))
	limit := math.MaxInt64 / l.scale
	for i, x := range in {
		if (x > limit || x < -limit) && !v.isNull(i) {
			return nil, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range")
		}
		out[i] = x * l.scale
	}
	return v.fixedArray(l.typ, bytesOf(out)), nil
}

func floorDiv(x, by int64) int64 {
	q := x / by
	if x%by < 0 {
		q--
	}
	return q
}

// int96 converts nanoseconds of a day and a Julian day number.
func (l *leaf) int96(v physicalValues) (arrow.Array, error) {
	const (
		unixEpoch    = 2440588 // Julian day of 1970-01-01
		microsPerDay = 86400 * 1000000
		maxDays      = math.MaxInt64/microsPerDay - 1
	)
	out := make([]int64, v.n)
	for i := range out {
		b := v.fixed[i*12 : i*12+12]
		days := int64(int32(binary.LittleEndian.Uint32(b[8:]))) - unixEpoch
		if (days > maxDays || days < -maxDays) && !v.isNull(i) {
			return nil, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range")
		}
		out[i] = days*microsPerDay + floorDiv(int64(binary.LittleEndian.Uint64(b)), 1000)
	}
	return v.fixedArray(l.typ, bytesOf(out)), nil
}

// checkText makes sure that the values of a String array are UTF-8.
func checkText(a arrow.Array) (arrow.Array, error) {
	s := a.(*array.String)
	all := s.ValueBytes()
	valid := utf8.Valid(all)
	if valid { // all of it is, so values are unless one begins within a character
		base := s.ValueOffset(0)
		for i := range s.Len() {
			if at := s.ValueOffset(i) - base; at < len(all) && !utf8.RuneStart(all[at]) {
				valid = false
				break
			}
		}
	}
	if valid {
		return s, nil
	}
	for i := range s.Len() {
		if v := s.Value(i); s.IsValid(i) && !utf8.ValidString(v) {
			return nil, sqlerr.New(sqlerr.CharacterNotInRepertory, "invalid byte sequence for encoding \"UTF8\": %s", firstInvalid(v)).
				WithHint("If the column holds bytes rather than text, set binary_as_string = false.")
		}
	}
	return s, nil
}

// firstInvalid is the first byte of s that is not UTF-8, as PostgreSQL prints it.
func firstInvalid(s string) string {
	const digits = "0123456789abcdef"
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			return "0x" + string([]byte{digits[s[i]>>4], digits[s[i]&15]})
		}
	}
	return "0x"
}

// toBytea gives fixed byte arrays the layout of variable ones.
func toBytea(a arrow.Array) arrow.Array {
	in, ok := a.(*array.FixedSizeBinary)
	if !ok {
		return a
	}
	width := in.DataType().(*arrow.FixedSizeBinaryType).ByteWidth
	b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	b.Reserve(in.Len())
	b.ReserveData(in.Len() * width)
	for i := range in.Len() {
		if in.IsNull(i) {
			b.AppendNull()
			continue
		}
		b.Append(in.Value(i))
	}
	return b.NewArray()
}

// byteValues are arrays of byte strings, of fixed length or not.
type byteValues interface {
	arrow.Array
	Value(i int) []byte
}

func (l *leaf) decimals(v physicalValues) (arrow.Array, error) {
	in := v.binary.(byteValues)
	out := make([]decimal128.Num, in.Len())
	for i := range out {
		if in.IsNull(i) {
			continue
		}
		var ok bool
		if out[i], ok = decimalFromBytes(in.Value(i)); !ok {
			return nil, corrupt("", "a decimal of %d bytes is out of range", len(in.Value(i)))
		}
	}
	buffers := []*memory.Buffer{validityOf(in), memory.NewBufferBytes(bytesOf(out))}
	return array.MakeFromData(array.NewData(l.typ, in.Len(), buffers, nil, in.NullN(), 0)), nil
}

// decimalFromBytes reads a big-endian two's complement integer of up to 16
// bytes, or a longer one whose first bytes only extend the sign.
func decimalFromBytes(b []byte) (decimal128.Num, bool) {
	if len(b) == 0 { // as some writers have zero
		return decimal128.Num{}, true
	}
	var sign byte
	if b[0] >= 0x80 {
		sign = 0xff
	}
	for len(b) > 16 {
		if b[0] != sign {
			return decimal128.Num{}, false
		}
		b = b[1:]
	}
	if (b[0] >= 0x80) != (sign == 0xff) {
		return decimal128.Num{}, false
	}
	hi, lo := uint64(int64(int8(sign))), uint64(int64(int8(sign)))
	for _, c := range b {
		hi = hi<<8 | lo>>56
		lo = lo<<8 | uint64(c)
	}
	return decimal128.New(int64(hi), lo), true
}

// numerics reads decimals of more than 38 digits, which are rare.
func (l *leaf) numerics(v physicalValues) (arrow.Array, error) {
	in := v.binary.(byteValues)
	b := sqltype.NewNumericBuilder(in.Len())
	for i := range in.Len() {
		if in.IsNull(i) {
			b.AppendNull()
			continue
		}
		n, err := numericFromBytes(in.Value(i), l.scale)
		if err != nil {
			return nil, err
		}
		b.Append(n)
	}
	return b.NewNumericArray(), nil
}

func numericFromBytes(b []byte, scale int64) (sqltype.Num, error) {
	x := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	text := x.Append(nil, 10)
	if scale != 0 {
		text = append(text, 'e')
		text = big.NewInt(-scale).Append(text, 10)
	}
	return sqltype.ParseNum(text)
}

// packBools makes a bitmap of booleans of a byte each.
func packBools(in []byte) []byte {
	out := make([]byte, bitutil.BytesForBits(int64(len(in))))
	for i, b := range in {
		out[i/8] |= (b & 1) << (i % 8)
	}
	return out
}

// valuesOf views bytes as values of a fixed width.
func valuesOf[T any](b []byte) []T {
	if len(b) == 0 {
		return nil
	}
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}

// bytesOf views values of a fixed width as bytes.
func bytesOf[T any](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}
