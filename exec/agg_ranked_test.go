package exec

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// TestRankedSpill: values selected by rank of rows that are on disk: of one group, of
// groups that differ much in size, and of many. Zeros keep the order in which they came.
func TestRankedSpill(t *testing.T) {
	schema := schemaOf(sqltype.Int32, sqltype.Float64)
	const batches, rows = 60, 500
	for name, group := range map[string]func(i int) int{
		"one":    func(int) int { return 0 },
		"uneven": func(i int) int { return max(i%40-30, 0) },
		"many":   func(i int) int { return i * 7919 % 2003 },
	} {
		var recs []arrow.Record
		byGroup, groups := map[int][]float64{}, []int(nil)
		for b := range batches {
			var keys, floats []string
			for i := range rows {
				n := b*rows + i
				g, v := group(n), float64(n*7919%30011-15000)/4
				if n%5 == 0 {
					v = math.Copysign(0, float64(n*7919%11-5))
				}
				keys = append(keys, fmt.Sprint(g))
				if _, ok := byGroup[g]; !ok {
					groups = append(groups, g)
				}
				if n%11 == 3 {
					floats, byGroup[g] = append(floats, null), byGroup[g][:len(byGroup[g]):len(byGroup[g])]
					continue
				}
				floats, byGroup[g] = append(floats, strconv.FormatFloat(v, 'g', -1, 64)), append(byGroup[g], v)
			}
			recs = append(recs, array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, keys...), parse(sqltype.Float64, floats...)}, rows))
		}
		var aggs []physical.AggCall
		fractions := []float64{0, 0.3, 0.48, 0.5, 0.52, 0.99, 1}
		for _, f := range fractions {
			args := []expr.Expr{lit(sqltype.Float64, fmt.Sprint(f)), col(schema, 1)}
			for _, desc := range []bool{false, true} {
				order := []physical.SortKey{{Expr: args[1], Desc: desc, NullsFirst: desc}}
				aggs = append(aggs, physical.AggCall{Func: "percentile_disc", Args: args, ArgTypes: dataTypes(args), OrderBy: order, Type: sqltype.Float64, Pos: -1})
			}
		}
		var want [][]string
		for _, g := range groups {
			up := byGroup[g]
			down := slices.Clone(up)
			slices.SortStableFunc(up, compareFloats)
			slices.SortStableFunc(down, func(a, b float64) int { return compareFloats(b, a) })
			line := []string{fmt.Sprint(g)}
			for _, f := range fractions {
				at := max(int(math.Ceil(f*float64(len(up)))), 1) - 1
				line = append(line, strconv.FormatFloat(up[at], 'g', -1, 64), strconv.FormatFloat(down[at], 'g', -1, 64))
			}
			want = append(want, line)
		}
		slices.SortFunc(want, slices.Compare[[]string])
		keys := []int{0}
		if len(groups) == 1 {
			keys, want[0] = nil, want[0][1:]
		}
		for _, limit := range []int64{0, 50_000_000, 2_300_000, 200_000} { // the last has no room for many groups
			w := newWorld()
			w.frag.Session.BatchRows = rows
			w.env.Memory, w.env.SpillDir = NewMemory(nil, limit), spillTo
			got, report, err := w.run(&physical.Aggregate{Input: w.scan(schema, recs), Keys: keyColumns(schema, keys), Aggs: aggs, Out: aggOut(schema, keys, aggs, false)})
			if err != nil {
				t.Fatalf("%s, %d bytes: %v", name, limit, err)
			}
			slices.SortFunc(got, slices.Compare[[]string]) // groups come by partition where they are too many
			equalRows(t, got, want)
			if spilled := report.Operators[0].Spilled; limit != 2_300_000 && spilled > 0 != (limit == 200_000) {
				t.Errorf("%s, %d bytes: %d were spilled", name, limit, spilled)
			}
		}
	}
	checkNoSpillFiles(t)
}
