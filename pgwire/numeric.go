package pgwire

import (
	"encoding/binary"
	"strings"

	"volley/sqlerr"
)

// Signs of the binary numeric format (numeric.c).
const (
	numericPositive = 0x0000
	numericNegative = 0x4000
	numericNaN      = 0xC000
	numericPosInf   = 0xD000
	numericNegInf   = 0xF000
)

// appendNumeric appends the binary form of a number given as decimal text
// (digits, an optional sign and point, NaN, Infinity):
//
//	int16 ndigits, int16 weight, uint16 sign, uint16 dscale, int16 digits[ndigits]
//
// Digits are in base 10,000; weight is the power of 10,000 of the first one.
func appendNumeric(dst, text []byte) ([]byte, error) {
	sign := uint16(numericPositive)
	switch string(text) {
	case "NaN":
		return appendNumericHeader(dst, 0, 0, numericNaN, 0), nil
	case "Infinity":
		return appendNumericHeader(dst, 0, 0, numericPosInf, 0), nil
	case "-Infinity":
		return appendNumericHeader(dst, 0, 0, numericNegInf, 0), nil
	}
	if len(text) > 0 && text[0] == '-' {
		sign, text = numericNegative, text[1:]
	}
	point, dscale := len(text), 0
	for i, c := range text {
		if c == '.' {
			point, dscale = i, len(text)-i-1
		}
	}
	whole, frac := text[:point], text[min(point+1, len(text)):]
	start := len(dst)
	dst = appendNumericHeader(dst, 0, 0, sign, uint16(dscale))
	weight := (len(whole)+3)/4 - 1
	lead := true
	emit := func(group []byte, pad int) {
		v := uint16(0)
		for _, c := range group {
			v = v*10 + uint16(c-'0')
		}
		for ; pad > 0; pad-- {
			v *= 10
		}
		if v == 0 && lead {
			weight--
			return
		}
		lead = false
		dst = binary.BigEndian.AppendUint16(dst, v)
	}
	if n := len(whole) % 4; n > 0 {
		emit(whole[:n], 0)
		whole = whole[n:]
	}
	for ; len(whole) > 0; whole = whole[4:] {
		emit(whole[:4], 0)
	}
	for len(frac) > 0 {
		n := min(4, len(frac))
		emit(frac[:n], 4-n)
		frac = frac[n:]
	}
	for len(dst) > start+8 && dst[len(dst)-1] == 0 && dst[len(dst)-2] == 0 {
		dst = dst[:len(dst)-2]
	}
	ndigits := (len(dst) - start - 8) / 2
	if ndigits == 0 {
		weight, sign = 0, numericPositive
	}
	if ndigits > 0x7fff {
		return nil, sqlerr.New(sqlerr.NumericOutOfRange, "value overflows numeric format")
	}
	appendNumericHeader(dst[:start], uint16(ndigits), uint16(int16(weight)), sign, uint16(dscale))
	return dst, nil
}

func appendNumericHeader(dst []byte, ndigits, weight, sign, dscale uint16) []byte {
	dst = binary.BigEndian.AppendUint16(dst, ndigits)
	dst = binary.BigEndian.AppendUint16(dst, weight)
	dst = binary.BigEndian.AppendUint16(dst, sign)
	return binary.BigEndian.AppendUint16(dst, dscale)
}

// numericText is the decimal text of a binary numeric.
func numericText(b []byte) (string, error) {
	bad := sqlerr.New(sqlerr.InvalidBinary, "invalid binary numeric")
	if len(b) < 8 {
		return "", bad
	}
	ndigits := int(int16(binary.BigEndian.Uint16(b)))
	weight := int(int16(binary.BigEndian.Uint16(b[2:])))
	sign := binary.BigEndian.Uint16(b[4:])
	dscale := int(binary.BigEndian.Uint16(b[6:]))
	switch sign {
	case numericNaN:
		return "NaN", nil
	case numericPosInf:
		return "Infinity", nil
	case numericNegInf:
		return "-Infinity", nil
	case numericPositive, numericNegative:
	default:
		return "", bad
	}
	if ndigits < 0 || len(b) != 8+2*ndigits || dscale > 0x3fff {
		return "", bad
	}
	digit := func(power int) (int, bool) { // base-10,000 digit of 10,000^power
		i := weight - power
		if i < 0 || i >= ndigits {
			return 0, true
		}
		v := int(binary.BigEndian.Uint16(b[8+2*i:]))
		return v, v < 10_000
	}
	var s strings.Builder
	var group [4]byte
	write := func(power, n int) bool {
		v, ok := digit(power)
		for i := 3; i >= 0; i-- {
			group[i] = byte('0' + v%10)
			v /= 10
		}
		s.Write(group[:n])
		return ok
	}
	ok := true
	for p := weight; p >= 0; p-- {
		ok = write(p, 4) && ok
	}
	whole := strings.TrimLeft(s.String(), "0")
	s.Reset()
	if sign == numericNegative {
		s.WriteByte('-')
	}
	if whole == "" {
		whole = "0"
	}
	s.WriteString(whole)
	if dscale > 0 {
		s.WriteByte('.')
		for p, left := -1, dscale; left > 0; p, left = p-1, left-4 {
			ok = write(p, min(4, left)) && ok
		}
	}
	if !ok {
		return "", bad
	}
	return s.String(), nil
}
