package builtin

// ordered is the numbers that Go's operators compare.
type ordered interface {
	int16 | int32 | int64 | float32 | float64
}

// compareBlock sets bit i of dst (cleared before) where a[i] r b[i].
func compareBlock[T ordered](r relation, dst []byte, a, b []T) {
	if hasNaN(a) || hasNaN(b) {
		for i := range a {
			if r.holds(compareNaN(a[i], b[i])) {
				dst[i>>3] |= 1 << (i & 7)
			}
		}
		return
	}
	switch {
	case r.less && r.same:
		lessOrEqual(dst, a, b)
	case r.more && r.same:
		lessOrEqual(dst, b, a)
	case r.less && r.more:
		notEqual(dst, a, b)
	case r.less:
		less(dst, a, b)
	case r.more:
		less(dst, b, a)
	default:
		equal(dst, a, b)
	}
}

func hasNaN[T ordered](v []T) bool {
	switch any(v).(type) {
	case []float32, []float64:
	default:
		return false
	}
	nan := false
	for _, x := range v {
		nan = nan || x != x
	}
	return nan
}

func compareNaN[T ordered](a, b T) int { return compareFloat(float64(a), float64(b)) }

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func equal[T ordered](dst []byte, a, b []T) {
	b = b[:len(a)]
	i := 0
	for ; i+8 <= len(a); i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		dst[i>>3] = bit(x[0] == y[0]) | bit(x[1] == y[1])<<1 | bit(x[2] == y[2])<<2 | bit(x[3] == y[3])<<3 |
			bit(x[4] == y[4])<<4 | bit(x[5] == y[5])<<5 | bit(x[6] == y[6])<<6 | bit(x[7] == y[7])<<7
	}
	for ; i < len(a); i++ {
		dst[i>>3] |= bit(a[i] == b[i]) << (i & 7)
	}
}

func notEqual[T ordered](dst []byte, a, b []T) {
	b = b[:len(a)]
	i := 0
	for ; i+8 <= len(a); i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		dst[i>>3] = bit(x[0] != y[0]) | bit(x[1] != y[1])<<1 | bit(x[2] != y[2])<<2 | bit(x[3] != y[3])<<3 |
			bit(x[4] != y[4])<<4 | bit(x[5] != y[5])<<5 | bit(x[6] != y[6])<<6 | bit(x[7] != y[7])<<7
	}
	for ; i < len(a); i++ {
		dst[i>>3] |= bit(a[i] != b[i]) << (i & 7)
	}
}

func less[T ordered](dst []byte, a, b []T) {
	b = b[:len(a)]
	i := 0
	for ; i+8 <= len(a); i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		dst[i>>3] = bit(x[0] < y[0]) | bit(x[1] < y[1])<<1 | bit(x[2] < y[2])<<2 | bit(x[3] < y[3])<<3 |
			bit(x[4] < y[4])<<4 | bit(x[5] < y[5])<<5 | bit(x[6] < y[6])<<6 | bit(x[7] < y[7])<<7
	}
	for ; i < len(a); i++ {
		dst[i>>3] |= bit(a[i] < b[i]) << (i & 7)
	}
}

func lessOrEqual[T ordered](dst []byte, a, b []T) {
	b = b[:len(a)]
	i := 0
	for ; i+8 <= len(a); i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		dst[i>>3] = bit(x[0] <= y[0]) | bit(x[1] <= y[1])<<1 | bit(x[2] <= y[2])<<2 | bit(x[3] <= y[3])<<3 |
			bit(x[4] <= y[4])<<4 | bit(x[5] <= y[5])<<5 | bit(x[6] <= y[6])<<6 | bit(x[7] <= y[7])<<7
	}
	for ; i < len(a); i++ {
		dst[i>>3] |= bit(a[i] <= b[i]) << (i & 7)
	}
}
