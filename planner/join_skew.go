package planner

import (
	"cmp"
	"slices"

	"volley/catalog/statistics"
)

// classSkew is how the values of a class's columns are distributed, where some are
// more common than others. Rows meet by such values more often than by those of an
// even distribution: if a tenth of the rows of two relations have one value, a
// hundredth of all pairs meet by it alone. By member of the class, in their order:
type classSkew struct {
	// share is the share of a member's rows that has a value, by value.
	share [][]float64
	// rest is the share of its rows that has none of these values, nor NULL, and
	// others how many values those rows have.
	rest, others []float64
}

// maxSkewed is how many values of a class are looked at one by one.
const maxSkewed = 64

// keyShares are the common values of a key, in any order, and the shares of the
// rows that have them.
type keyShares struct {
	values []statistics.Point
	shares []float64
	nulls  float64
	whole  bool // there are no others
}

// skewOf compares the distributions of columns that are equal; values is how many
// values each has. It gives nil where they say nothing: fewer than two columns have
// common values, and those of none are known altogether.
func skewOf(members []keyShares, values []float64) *classSkew {
	known, whole := 0, false
	for _, m := range members {
		whole = whole || m.whole
		if len(m.values) > 0 {
			known++
		}
	}
	if known < 2 && !whole {
		return nil
	}
	places := commonest(members)
	n, k := len(members), len(places)
	s := &classSkew{make([][]float64, k), make([]float64, n), make([]float64, n)}
	for _, v := range places {
		s.share[v] = make([]float64, n)
	}
	for i, m := range members {
		s.member(i, m, places, values[i])
	}
	return s
}

// member fills in the distribution of member i: a value that is not common there has
// its part of the rest, and a common one that is not looked at adds to the rest.
func (s *classSkew) member(i int, m keyShares, places map[statistics.Point]int, values float64) {
	rest := 1 - m.nulls
	listed := make([]bool, len(s.share))
	for j, p := range m.values {
		rest -= m.shares[j]
		if v, ok := places[p]; ok {
			listed[v], s.share[v][i] = true, m.shares[j]
		}
	}
	if rest = max(rest, 0); m.whole {
		rest = 0
	}
	others := max(values-float64(len(m.values)), 1)
	each := rest / others
	for v := range listed {
		if !listed[v] {
			s.share[v][i] = each
			rest, others = rest-each, others-1
		}
	}
	for j, p := range m.values {
		if _, ok := places[p]; !ok {
			rest, others = rest+m.shares[j], others+1
		}
	}
	s.rest[i], s.others[i] = max(rest, 0), max(others, 1)
}

// commonest numbers the values that most rows have, of all members.
func commonest(members []keyShares) map[statistics.Point]int {
	sums := map[statistics.Point]float64{}
	var order []statistics.Point
	for _, m := range members {
		for j, p := range m.values {
			if _, ok := sums[p]; !ok {
				order = append(order, p)
			}
			sums[p] += m.shares[j]
		}
	}
	slices.SortStableFunc(order, func(a, b statistics.Point) int {
		return cmp.Or(cmp.Compare(sums[b], sums[a]), a.Compare(b))
	})
	places := map[statistics.Point]int{}
	for i, p := range order[:min(len(order), maxSkewed)] {
		places[p] = i
	}
	return places
}

// meet is the share of the combinations of a row of each of some members in which
// all have the same value. The other values of the member with the fewest are among
// those of the rest.
func (s *classSkew) meet(members []int) float64 {
	if len(members) < 2 {
		return 1
	}
	sum := 0.0
	for _, shares := range s.share {
		p := 1.0
		for _, m := range members {
			p *= shares[m]
		}
		sum += p
	}
	rest, least := 1.0, 0.0
	for _, m := range members {
		rest *= s.rest[m] / s.others[m]
		if least == 0 || s.others[m] < least {
			least = s.others[m]
		}
	}
	return sum + rest*least
}
