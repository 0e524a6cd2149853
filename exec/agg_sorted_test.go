package exec

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// TestOrderedSetsSpill: results of rows in order that are on disk, of groups each larger
// than the memory.
func TestOrderedSetsSpill(t *testing.T) {
	schema := schemaOf(sqltype.Int32, sqltype.Float64, sqltype.Int64)
	const batches, rows = 60, 500
	var recs []arrow.Record
	values, often := [3][]float64{}, [3]map[int64]int{{}, {}, {}}
	for b := range batches {
		var groups, floats, ints []string
		for i := range rows {
			n := b*rows + i
			g, v, w := n%7/3, float64(n*7919%30011)/4, int64(n*104729%5003)
			w -= w % int64(1+n%3) // some come more often
			groups, ints = append(groups, fmt.Sprint(g)), append(ints, fmt.Sprint(w))
			often[g][w]++
			if n%11 == 0 {
				floats = append(floats, null)
				continue
			}
			floats = append(floats, strconv.FormatFloat(v, 'g', -1, 64))
			values[g] = append(values[g], v)
		}
		recs = append(recs, array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, groups...), parse(sqltype.Float64, floats...), parse(sqltype.Int64, ints...)}, rows))
	}
	order := func(i int, desc bool) []physical.SortKey {
		return []physical.SortKey{{Expr: col(schema, i), Desc: desc, NullsFirst: desc}}
	}
	half := []expr.Expr{lit(sqltype.Float64, "0.5"), col(schema, 1)}
	aggs := []physical.AggCall{
		{Func: "percentile_cont", Args: half, ArgTypes: dataTypes(half), OrderBy: order(1, false), Type: sqltype.Float64, Pos: -1},
		{Func: "percentile_disc", Args: half, ArgTypes: dataTypes(half), OrderBy: order(1, true), Type: sqltype.Float64, Pos: -1},
		{Func: "mode", Args: half[1:], ArgTypes: dataTypes(half[1:]), OrderBy: order(1, false), Type: sqltype.Float64, Pos: -1},
		{Func: "mode", Args: []expr.Expr{col(schema, 2)}, ArgTypes: []arrow.DataType{sqltype.Int64}, OrderBy: order(2, false), Type: sqltype.Int64, Pos: -1},
	}
	var want [][]string
	for g, vals := range values {
		slices.Sort(vals)
		n, most := len(vals), int64(0)
		for v := range int64(5003) {
			if often[g][v] > often[g][most] {
				most = v
			}
		}
		middle := (vals[(n-1)/2] + vals[n/2]) / 2
		text := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
		want = append(want, []string{fmt.Sprint(g), text(middle), text(vals[n/2]), text(vals[0]), fmt.Sprint(most)})
	}
	for _, limit := range []int64{0, 50_000_000, 300_000, 120_000} {
		w := newWorld()
		w.frag.Session.BatchRows = rows
		w.env.Memory, w.env.SpillDir = NewMemory(nil, limit), spillTo
		got, report, err := w.run(&physical.Aggregate{Input: w.scan(schema, recs), Keys: keyColumns(schema, []int{0}), Aggs: aggs, Out: aggOut(schema, []int{0}, aggs, false)})
		if err != nil {
			t.Fatalf("%d bytes: %v", limit, err)
		}
		equalRows(t, got, want)
		if spilled := report.Operators[0].Spilled; spilled > 0 != (limit > 0 && limit < 1_000_000) {
			t.Errorf("%d bytes: %d were spilled", limit, spilled)
		}
		if peak := w.env.Memory.Peak(); limit > 0 && peak > limit {
			t.Errorf("%d bytes: %d were held", limit, peak)
		}
	}
	checkNoSpillFiles(t)
}
