package parquet

// rowRange are rows from to to−1 of a row group.
type rowRange struct{ from, to int64 }

// intersect gives the rows that are in both of two ascending lists.
func intersect(a, b []rowRange) []rowRange {
	var out []rowRange
	for len(a) > 0 && len(b) > 0 {
		if both := (rowRange{max(a[0].from, b[0].from), min(a[0].to, b[0].to)}); both.from < both.to {
			out = append(out, both)
		}
		if a[0].to < b[0].to {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// appendRange adds a range after all others, to the last one if they touch.
func appendRange(to []rowRange, r rowRange) []rowRange {
	if n := len(to); n > 0 && to[n-1].to == r.from {
		to[n-1].to = r.to
		return to
	}
	return append(to, r)
}
