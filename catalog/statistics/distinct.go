package statistics

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
)

// distinct guesses how many values a column has, of which the sample has groups.
//
//	the sample is the table           they are counted
//	blocks of a clustered column      the length of a run of equal values, seen in the
//	                                  blocks, says how many runs there are
//	no value occurs twice             each row has its own
//	every value occurs twice          there are no others
//	otherwise                         Duj1 (Haas and Stokes, "Estimating the Number of
//	                                  Classes in a Finite Population", 1998), as
//	                                  PostgreSQL does: n·d / (n − f1 + f1·n/N)
func (s *Sample) distinct(values arrow.Array, groups []group) float64 {
	n, d, once := 0.0, float64(len(groups)), 0.0
	for _, g := range groups {
		n += float64(g.count)
		if g.count == 1 {
			once++
		}
	}
	rows := s.Rows * n / float64(values.Len()) // that are not NULL
	if n >= rows {
		return d
	}
	if !s.Random {
		if runs, ok := s.clustered(values, len(groups)); ok {
			return min(max(d, runs*rows/n), rows)
		}
	}
	switch once {
	case n:
		return rows
	case 0:
		return d
	}
	return min(max(d, n*d/(n-once+once*n/rows)), rows)
}

// clustered tells whether equal values lie together in the table: each value of
// the sample is one run of it. It gives the number of runs; those of which the
// sample sees neither end count less, since it cannot tell how long they are.
func (s *Sample) clustered(values arrow.Array, distinct int) (runs float64, ok bool) {
	points := pointsOf(values)
	if points == nil {
		return 0, false
	}
	total, at := 0, 0
	for _, b := range s.Blocks {
		in := 0
		for i := range b.Len() {
			row := at + i
			if values.IsNull(row) {
				continue
			}
			if in == 0 || points[row] != points[row-1] || values.IsNull(row-1) {
				in++
			}
		}
		at += b.Len()
		total += in
		if in == 1 {
			runs += 1 / math.Sqrt(float64(b.Len()))
		} else {
			runs += float64(in)
		}
	}
	return runs, total <= distinct+len(s.Blocks)/2 && float64(total) < 0.9*float64(values.Len()-values.NullN())
}
