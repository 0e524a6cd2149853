package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/udf"
)

// Sums of batches of at least fewGroups rows with at most so many groups are
// made in four lanes, one for every fourth row: a processor has to wait when it
// adds to what it has just written. Nothing is checked row by row; a lane that
// went wrong shows in the total, and then the batch is added again with checks.

// fewGroups is how many groups have room for their lanes.
const fewGroups = udf.FewGroups

// index is what values of a dictionary are looked up by.
type index interface{ int32 | uint16 | uint8 }

// few tells whether rows are summed in lanes.
func few(groups []uint32, n int) bool { return n <= fewGroups && len(groups) >= fewGroups }

// fourth is the lanes' sums of each group.
type fourth[T any] [4][fewGroups]T

// sumFew adds vals to the sums of their groups; false, with nothing added, if a
// sum is then not finite.
func sumFew[T, S float](sums []S, vals []T, groups []uint32) bool {
	var at fourth[S]
	startAtNegativeZero(&at, len(sums))
	vals = vals[:len(groups)]
	for len(groups) >= 4 && len(vals) >= 4 {
		at[0][groups[0]%fewGroups] += S(vals[0])
		at[1][groups[1]%fewGroups] += S(vals[1])
		at[2][groups[2]%fewGroups] += S(vals[2])
		at[3][groups[3]%fewGroups] += S(vals[3])
		groups, vals = groups[4:], vals[4:]
	}
	for i, g := range groups {
		at[0][g%fewGroups] += S(vals[i])
	}
	return commit(sums, &at)
}

// sumFewAt is sumFew for values[indices[i]].
func sumFewAt[T, S float, I index](sums []S, values []T, indices []I, groups []uint32) bool {
	var at fourth[S]
	startAtNegativeZero(&at, len(sums))
	indices = indices[:len(groups)]
	for len(groups) >= 4 && len(indices) >= 4 {
		at[0][groups[0]%fewGroups] += S(values[indices[0]])
		at[1][groups[1]%fewGroups] += S(values[indices[1]])
		at[2][groups[2]%fewGroups] += S(values[indices[2]])
		at[3][groups[3]%fewGroups] += S(values[indices[3]])
		groups, indices = groups[4:], indices[4:]
	}
	for i, g := range groups {
		at[0][g%fewGroups] += S(values[indices[i]])
	}
	return commit(sums, &at)
}

// startAtNegativeZero leaves the sign of zeros, see growSums.
func startAtNegativeZero[S float](at *fourth[S], n int) {
	for lane := range at {
		for g := range at[lane][:n] {
			at[lane][g] = negativeZero[S]()
		}
	}
}

func commit[S float](sums []S, at *fourth[S]) bool {
	for g, s := range sums {
		if t := total(at, g) + s; t-t != 0 {
			return false
		}
	}
	for g := range sums {
		sums[g] += total(at, g)
	}
	return true
}

func total[S float](at *fourth[S], g int) S {
	return at[0][g] + at[1][g] + (at[2][g] + at[3][g])
}

// Integers of at most so many bits cannot overflow 64 in one batch.
const (
	shortBits = 40
	shortRows = 1 << 20
)

// isLong is not 0 if an integer has more than shortBits.
func isLong(v decimal128.Num) int64 {
	low := int64(v.LowBits())
	sign := low >> 63
	return (sign ^ v.HighBits()) | (low^sign)>>shortBits
}

// sumShort adds integers to the sums of their groups; false, with nothing
// added, if one is too long for that.
func sumShort(sums []decimal128.Num, vals []decimal128.Num, groups []uint32) bool {
	if len(groups) > shortRows {
		return false
	}
	var at fourth[int64]
	var long int64
	vals = vals[:len(groups)]
	for len(groups) >= 4 && len(vals) >= 4 {
		a, b, c, d := int64(vals[0].LowBits()), int64(vals[1].LowBits()), int64(vals[2].LowBits()), int64(vals[3].LowBits())
		at[0][groups[0]%fewGroups] += a
		at[1][groups[1]%fewGroups] += b
		at[2][groups[2]%fewGroups] += c
		at[3][groups[3]%fewGroups] += d
		long |= isLong(vals[0]) | isLong(vals[1]) | isLong(vals[2]) | isLong(vals[3])
		groups, vals = groups[4:], vals[4:]
	}
	for i, g := range groups {
		a := int64(vals[i].LowBits())
		at[0][g%fewGroups] += a
		long |= isLong(vals[i])
	}
	if long != 0 {
		return false
	}
	commitShort(sums, &at)
	return true
}

// sumShortAt is sumShort for values[indices[i]], all of which are short, of at
// most shortRows rows.
func sumShortAt[I index](sums []decimal128.Num, values []int64, indices []I, groups []uint32) {
	var at fourth[int64]
	indices = indices[:len(groups)]
	for len(groups) >= 4 && len(indices) >= 4 {
		at[0][groups[0]%fewGroups] += values[indices[0]]
		at[1][groups[1]%fewGroups] += values[indices[1]]
		at[2][groups[2]%fewGroups] += values[indices[2]]
		at[3][groups[3]%fewGroups] += values[indices[3]]
		groups, indices = groups[4:], indices[4:]
	}
	for i, g := range groups {
		at[0][g%fewGroups] += values[indices[i]]
	}
	commitShort(sums, &at)
}

// commitShort cannot overflow: that takes more batches than there can be.
func commitShort(sums []decimal128.Num, at *fourth[int64]) {
	for g := range sums {
		sums[g] = sums[g].Add(decimal128.FromI64(at[0][g] + at[1][g] + at[2][g] + at[3][g]))
	}
}

// shortValues are the values of a dictionary as sumShortAt takes them, computed
// once for each.
type shortValues struct {
	of     arrow.ArrayData
	values []int64 // nil: one is too long
}

func (s *shortValues) load(dict arrow.Array) []int64 {
	if s.of == dict.Data() {
		return s.values
	}
	s.of = dict.Data()
	all := values[decimal128.Num](dict)
	s.values = make([]int64, len(all))
	for i, v := range all {
		a := int64(v.LowBits())
		if s.values[i] = a; isLong(v) != 0 {
			s.values = nil
			break
		}
	}
	return s.values
}
