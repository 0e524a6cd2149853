package rowkey

import (
	"math"
	"math/bits"
)

const (
	// minDirect is a range of integers that is always numbered by index.
	minDirect = 1 << 12
	// maxDirect is the largest such range.
	maxDirect = 1 << 24
	// maxStride leaves room for a rest to show: maxDirect·maxStride < 2⁶⁴.
	maxStride = 1 << 39
	// directRatio is how many places there may be for a key: a place takes a
	// quarter of a slot of a map, of which a key takes two to eight.
	directRatio = 16
)

// direct numbers integers by index: groups[(v−base)/stride] is the group plus 1.
// Keys are multiples of a stride where they are days or minutes in microseconds.
type direct struct {
	decided bool
	base    uint64
	stride  uint64
	inverse uint64 // of stride's odd part, modulo 2⁶⁴
	twos    int    // trailing zeros of stride, negative
	groups  []uint32
}

// decide looks at the first values given: when their range is small, a table
// about twice as wide around them is made.
func (d *direct) decide(vals []uint64) {
	if d.decided || len(vals) == 0 {
		return
	}
	d.decided = true
	lo, hi := bounds(vals)
	stride := strideOf(vals, lo)
	d.place(lo, hi, stride, directRatio*len(vals))
}

// place makes an empty table about twice as wide as lo to hi, if that is at most
// so many places.
func (d *direct) place(lo, hi int64, stride uint64, places int) {
	span := (uint64(hi)-uint64(lo))/stride + 1
	most := uint64(min(max(places, minDirect), maxDirect))
	if span == 0 || span > most {
		return
	}
	size := uint64(64)
	for size < 2*span && size < most {
		size *= 2
	}
	d.stride = stride
	d.twos = -bits.TrailingZeros64(stride)
	odd := stride >> -d.twos
	d.inverse = odd // 3 bits are right; each step doubles them
	for range 5 {
		d.inverse *= 2 - odd*d.inverse
	}
	d.base = uint64(lo) - (size-span)/2*stride
	d.groups = make([]uint32, size)
}

// at is the place of a value; one that is not on the stride is out of range: the
// product with the inverse is the quotient where there is no rest, and otherwise
// more than any quotient.
func (d *direct) at(v uint64) uint64 {
	return bits.RotateLeft64((v-d.base)*d.inverse, d.twos)
}

// bounds are the least and the greatest value.
func bounds(vals []uint64) (lo, hi int64) {
	lo, hi = math.MaxInt64, math.MinInt64
	for _, v := range vals {
		lo, hi = min(lo, int64(v)), max(hi, int64(v))
	}
	return lo, hi
}

// strideOf is the greatest number of which all distances from lo are multiples,
// if it is not too large for at.
func strideOf(vals []uint64, lo int64) uint64 {
	stride := uint64(0)
	for _, v := range vals {
		for d := v - uint64(lo); d != 0; {
			stride, d = d, stride%d
		}
		if stride == 1 {
			return 1
		}
	}
	if stride == 0 || stride > maxStride {
		return 1
	}
	return stride
}

// assign numbers all values if all are in range; otherwise it numbers none of
// the new ones and all is false.
func (d *direct) assign(vals []uint64, groups []uint32, next *uint32, fresh []int32) (_ []int32, all bool) {
	table, base, inverse, twos := d.groups, d.base, d.inverse, d.twos
	missing := false
	for i, v := range vals {
		k := bits.RotateLeft64((v-base)*inverse, twos)
		if k >= uint64(len(table)) {
			return fresh, false
		}
		g := table[k]
		missing = missing || g == 0
		groups[i] = g - 1
	}
	if !missing {
		return fresh, true
	}
	return d.assignNew(vals, groups, next, fresh), true
}

// assignNew numbers the values that have no group, all in range, too.
func (d *direct) assignNew(vals []uint64, groups []uint32, next *uint32, fresh []int32) []int32 {
	for i, v := range vals {
		if groups[i] != NoGroup {
			continue
		}
		k := d.at(v)
		if d.groups[k] == 0 {
			*next++
			d.groups[k] = *next
			fresh = append(fresh, int32(i))
		}
		groups[i] = d.groups[k] - 1
	}
	return fresh
}

// widen makes the range such that it has the values as well, if that is not too
// many places for the number of groups that there are.
func (d *direct) widen(vals []uint64, count int) bool {
	old := *d
	lo, hi := bounds(vals)
	some := uint64(lo)
	for k, g := range old.groups {
		if g != 0 {
			some = old.value(k)
			lo, hi = min(lo, int64(some)), max(hi, int64(some))
		}
	}
	vals = append(vals[:len(vals):len(vals)], some, some+old.stride) // for strideOf
	d.groups = nil
	if d.place(lo, hi, strideOf(vals, lo), directRatio*max(count, len(vals))); d.groups == nil {
		*d = old
		return false
	}
	for k, g := range old.groups {
		if g != 0 {
			d.groups[d.at(old.value(k))] = g
		}
	}
	return true
}

// value is the key of a place.
func (d *direct) value(k int) uint64 { return d.base + uint64(k)*d.stride }
