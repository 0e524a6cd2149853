package builtin

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// UpdateShort implements udf.ShortAccumulator.
func (w *wideAcc) UpdateShort(groups []uint32, n int, digits []int64) error {
	w.grow(n)
	w.rows.Add(w.counts[:n], groups)
	if few(groups, n) && sumDigitsFew(w.sums[:n], digits, groups) {
		return nil
	}
	var over int64
	sums := w.sums
	for i, g := range groups {
		v, s := digits[i], sums[g]
		lo, carry := bits.Add64(s.LowBits(), uint64(v), 0)
		hi := s.HighBits() + v>>63 + int64(carry)
		over |= (s.HighBits() ^ hi) & (v>>63 ^ hi)
		sums[g] = decimal128.New(hi, lo)
	}
	if over < 0 {
		return errDecimalRange()
	}
	return nil
}

// sumDigitsFew adds digits to the sums of their groups, of which there are few;
// false, with nothing added, if one is too long for that.
func sumDigitsFew(sums []decimal128.Num, digits []int64, groups []uint32) bool {
	if len(groups) > shortRows {
		return false
	}
	var at fourth[int64]
	var magnitudes int64
	digits = digits[:len(groups)]
	for len(groups) >= 4 && len(digits) >= 4 {
		a, b, c, d := digits[0], digits[1], digits[2], digits[3]
		at[0][groups[0]%fewGroups] += a
		at[1][groups[1]%fewGroups] += b
		at[2][groups[2]%fewGroups] += c
		at[3][groups[3]%fewGroups] += d
		magnitudes |= (a ^ a>>63) | (b ^ b>>63) | (c ^ c>>63) | (d ^ d>>63)
		groups, digits = groups[4:], digits[4:]
	}
	for i, g := range groups {
		a := digits[i]
		at[0][g%fewGroups] += a
		magnitudes |= a ^ a>>63
	}
	if magnitudes>>shortBits != 0 {
		return false
	}
	commitShort(sums, &at)
	return true
}
