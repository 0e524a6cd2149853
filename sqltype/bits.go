package sqltype

import (
	"encoding/binary"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
)

// Bit and VarBit are PostgreSQL's bit(n) and bit varying(n). A value is a text
// of one character '0' or '1' for each bit, the leftmost first: as bytes it
// compares, hashes and sorts as PostgreSQL's bit strings do, of which a prefix is
// the lesser one. The length n is no part of the type; see BitField.
var (
	Bit    = bitType("bit")
	VarBit = bitType("varbit")
)

// MaxBitLength is the largest n of bit(n) and bit varying(n).
const MaxBitLength = 83886080

func bitType(name string) arrow.DataType {
	return &extensionType{
		ExtensionBase: arrow.ExtensionBase{Storage: Text},
		name:          "volley." + name,
		array:         reflect.TypeFor[BitArray](),
	}
}

func init() {
	for _, t := range []arrow.DataType{Bit, VarBit} {
		if err := arrow.RegisterExtensionType(t.(arrow.ExtensionType)); err != nil {
			panic(err) // two packages claim one name: a programming error
		}
	}
}

// IsBits tells whether t is Bit or VarBit.
func IsBits(t arrow.DataType) bool {
	t = Logical(t)
	return Equal(t, Bit) || Equal(t, VarBit)
}

// BitArray is an array of type Bit or VarBit.
type BitArray struct{ array.ExtensionArrayBase }

// Value is the bits of row i as characters '0' and '1'.
func (a *BitArray) Value(i int) string { return a.Storage().(*array.String).Value(i) }

// ValueStr is the text of row i.
func (a *BitArray) ValueStr(i int) string {
	if a.IsNull(i) {
		return array.NullValueStr
	}
	return a.Value(i)
}

// AppendParsedBits appends the bits that a text stands for: binary digits, with
// a b before them or without, or hexadecimal ones behind an x. Another digit is
// 22P02.
func AppendParsedBits(dst, text []byte) ([]byte, error) {
	switch {
	case len(text) > 0 && (text[0] == 'x' || text[0] == 'X'):
		return appendHexBits(dst, text[1:])
	case len(text) > 0 && (text[0] == 'b' || text[0] == 'B'):
		text = text[1:]
	}
	for i, c := range text {
		if c != '0' && c != '1' {
			return dst, notADigit(text[i:], "binary")
		}
	}
	return append(dst, text...), nil
}

func appendHexBits(dst, text []byte) ([]byte, error) {
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return dst, notADigit(text[i:], "hexadecimal")
		}
		dst = append(dst, '0'+c>>3, '0'+c>>2&1, '0'+c>>1&1, '0'+c&1)
	}
	return dst, nil
}

func notADigit(rest []byte, kind string) error {
	_, size := utf8.DecodeRune(rest)
	return sqlerr.New(sqlerr.InvalidText, "\"%s\" is not a valid %s digit", rest[:size], kind)
}

// AppendIntBits appends the lowest n bits of an integer, with the sign's in
// front of those it has.
func AppendIntBits(dst []byte, v int64, n int) []byte {
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, '0'+byte(v>>min(i, 63)&1))
	}
	return dst
}

// BitsToInt is the integer of so many bits, as PostgreSQL casts bit to integer
// and bigint; 22003 when there are more bits.
func BitsToInt(bits []byte, size int, name string) (int64, error) {
	if len(bits) > size {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "%s out of range", name)
	}
	v := uint64(0)
	for _, c := range bits {
		v = v<<1 | uint64(c&1)
	}
	return int64(v), nil
}

// FitBits makes bits[at:] n bits long as an explicit cast to bit(n) does: what
// is too long is cut at the right, what is too short gets zeros there. With
// varying it is cut only.
func FitBits(bits []byte, at, n int, varying bool) []byte {
	if len(bits)-at > n {
		return bits[:at+n]
	}
	for !varying && len(bits)-at < n {
		bits = append(bits, '0')
	}
	return bits
}

// CheckBits tells whether a value of so many bits goes into a column of bit(n),
// 22026 when it does not, or bit varying(n), 22001.
func CheckBits(have, n int, varying bool) error {
	switch {
	case varying && have > n:
		return sqlerr.New(sqlerr.StringDataRightTrunc, "bit string too long for type bit varying(%d)", n)
	case !varying && have != n:
		return sqlerr.New(sqlerr.StringDataLengthMismatch, "bit string length %d does not match type bit(%d)", have, n)
	}
	return nil
}

// AppendPackedBits appends the form in which bits are sent in binary: their
// number as 32 bits and then the bytes, the first bit highest.
func AppendPackedBits(dst []byte, bits string) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(bits)))
	for ; len(bits) > 0; bits = bits[min(8, len(bits)):] {
		c := byte(0)
		for i := range min(8, len(bits)) {
			c |= bits[i] & 1 << (7 - i)
		}
		dst = append(dst, c)
	}
	return dst
}

// AppendUnpackedBits is the inverse of AppendPackedBits; 22P03 for what it did
// not make.
func AppendUnpackedBits(dst, packed []byte) ([]byte, error) {
	if len(packed) < 4 {
		return dst, sqlerr.New(sqlerr.InvalidBinary, "invalid binary bit string: %d bytes", len(packed))
	}
	n := uint64(binary.BigEndian.Uint32(packed))
	packed = packed[4:]
	if (n+7)/8 != uint64(len(packed)) {
		return dst, sqlerr.New(sqlerr.InvalidBinary, "invalid length in external bit string")
	}
	for i := range n {
		dst = append(dst, '0'+packed[i/8]>>(7-i%8)&1)
	}
	return dst, nil
}

// bitKey is the key of a field's metadata for the n of bit(n) and
// bit varying(n), 0 where it has no length.
const bitKey = "volley.bit"

// BitField is f, of type Bit or VarBit, as a column declared with a length; n ≤ 0
// leaves it as it is.
func BitField(f arrow.Field, n int32) arrow.Field {
	if n > 0 {
		f.Metadata = arrow.NewMetadata([]string{bitKey}, []string{strconv.Itoa(int(n))})
	}
	return f
}

// BitLength is the n of a column declared bit(n) or bit varying(n), 0 for any
// other.
func BitLength(f arrow.Field) int32 {
	n, _ := lengthIn(f, bitKey)
	return n
}

// checkBitLength checks the n of bit(n) and bit varying(n).
func checkBitLength(name string, mods []int32) error {
	switch {
	case len(mods) > 1:
		return sqlerr.New(sqlerr.InvalidParameterValue, "invalid type modifier")
	case mods[0] < 1:
		return sqlerr.New(sqlerr.InvalidParameterValue, "length for type %s must be at least 1", name)
	case mods[0] > MaxBitLength:
		return sqlerr.New(sqlerr.InvalidParameterValue, "length for type %s cannot exceed %d", name, MaxBitLength)
	}
	return nil
}

// bitsParser reads the text form of bits.
func bitsParser(b array.Builder, text []byte) error {
	var scratch [128]byte
	v, err := AppendParsedBits(scratch[:0], text)
	if err == nil {
		storageOf[*array.StringBuilder](b).BinaryBuilder.Append(v)
	}
	return err
}
