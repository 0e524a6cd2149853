package rowkey

import (
	"encoding/binary"

	"volley/sqltype"
)

// Classes of numeric in sort order; the first byte of the key.
const (
	numNegInf = iota
	numNegative
	numZero
	numPositive
	numPosInf
	numNaN
)

// appendOrderedNum appends a numeric so that bytes compare as values do:
//
//	class   1 byte
//	point   4 bytes, position of the decimal point after the first digit
//	        that is not 0, sign bit flipped
//	digits  two to a byte, plus 1, without zeros at the end; then 0
//
// Point and digits of negative values are inverted bit by bit.
func appendOrderedNum(dst []byte, n sqltype.Num) []byte {
	switch {
	case n.IsNaN():
		return append(dst, numNaN)
	case n.IsInf() && n.Sign() < 0:
		return append(dst, numNegInf)
	case n.IsInf():
		return append(dst, numPosInf)
	case n.IsZero():
		return append(dst, numZero)
	}
	var buf [64]byte
	text := n.Abs().AppendText(buf[:0])
	digits := text[:0]
	point, seenPoint := int32(0), false
	for _, c := range text {
		switch {
		case c == '.':
			seenPoint = true
			continue
		case c == '0' && len(digits) == 0:
			if seenPoint {
				point--
			}
			continue
		case !seenPoint:
			point++
		}
		digits = append(digits, c-'0')
	}
	for digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	class := byte(numPositive)
	if n.Sign() < 0 {
		class = numNegative
	}
	dst = append(dst, class)
	at := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, uint32(point)^1<<31)
	for i := 0; i < len(digits); i += 2 {
		pair := digits[i] * 10
		if i+1 < len(digits) {
			pair += digits[i+1]
		}
		dst = append(dst, pair+1)
	}
	dst = append(dst, 0)
	if class == numNegative {
		for i := at; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}
