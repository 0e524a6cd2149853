package rowkey

import "math"

// maxDirect is the largest range of integers that are numbered by index.
const maxDirect = 1 << 16

// direct numbers small integers by index: groups[v−base] is the group plus 1.
type direct struct {
	decided bool
	base    uint64
	groups  []uint32
}

// decide looks at the first values given: when their range is small, a table
// about twice as wide around them is made.
func (d *direct) decide(vals []uint64) {
	if d.decided || len(vals) == 0 {
		return
	}
	d.decided = true
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	for _, v := range vals {
		lo, hi = min(lo, int64(v)), max(hi, int64(v))
	}
	span := uint64(hi) - uint64(lo) + 1
	if span == 0 || span > maxDirect {
		return
	}
	size := uint64(64)
	for size < 2*span && size < maxDirect {
		size *= 2
	}
	d.base = uint64(lo) - (size-span)/2
	d.groups = make([]uint32, size)
}

// assign numbers all values if all are in range; otherwise it numbers none of
// the new ones and all is false.
func (d *direct) assign(vals []uint64, groups []uint32, next *uint32, fresh []int32) (_ []int32, all bool) {
	table, base := d.groups, d.base
	missing := false
	for i, v := range vals {
		k := v - base
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
	for i, v := range vals {
		k := v - base
		if table[k] == 0 {
			*next++
			table[k] = *next
			fresh = append(fresh, int32(i))
		}
		groups[i] = table[k] - 1
	}
	return fresh, true
}
