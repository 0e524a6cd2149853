package exec

import (
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// TestDistinctSpills counts the distinct values of two columns, of which some
// rows are told apart in memory and the others on disk.
func TestDistinctSpills(t *testing.T) {
	schema := schemaOf(sqltype.Int32, sqltype.Text, sqltype.Int64)
	var recs []arrow.Record
	texts, numbers := [2]map[string]bool{{}, {}}, [2]map[string]bool{{}, {}}
	for b := range 40 {
		var groups, text, number []string
		for i := range 500 {
			n := (b*500 + i) * 7919
			g, s, v := i%2, fmt.Sprintf("text %d", n%6000), fmt.Sprint(n%9001)
			if n%50 == 0 {
				v = null
			} else {
				numbers[g][v] = true
			}
			texts[g][s] = true
			groups, text, number = append(groups, fmt.Sprint(g)), append(text, s), append(number, v)
		}
		recs = append(recs, array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, groups...), parse(sqltype.Text, text...), parse(sqltype.Int64, number...)}, 500))
	}
	count := func(i int) physical.AggCall {
		return physical.AggCall{
			Func: "count", Args: []expr.Expr{col(schema, i)}, ArgTypes: []arrow.DataType{schema.Field(i).Type}, Distinct: true, Type: sqltype.Int64, Pos: -1,
		}
	}
	aggs := []physical.AggCall{count(1), count(2)}
	var want [][]string
	for g := range 2 {
		want = append(want, []string{fmt.Sprint(g), fmt.Sprint(len(texts[g])), fmt.Sprint(len(numbers[g]))})
	}
	for _, limit := range []int64{0, 20_000_000, 600_000, 400_000} {
		w := newWorld()
		w.frag.Session.BatchRows = 500
		w.env.Memory, w.env.SpillDir = NewMemory(nil, limit), spillTo
		rows, report, err := w.run(&physical.Aggregate{Input: w.scan(schema, recs), Keys: keyColumns(schema, []int{0}), Aggs: aggs, Out: aggOut(schema, []int{0}, aggs, false)})
		if err != nil {
			t.Fatalf("%d bytes: %v", limit, err)
		}
		equalRows(t, rows, want)
		if spilled := report.Operators[0].Spilled; spilled > 0 != (limit > 0 && limit < 1_000_000) {
			t.Errorf("%d bytes: %d were spilled", limit, spilled)
		}
	}
	checkNoSpillFiles(t)
}

// TestManyGroupsOfDistinctAggregatesSpill: groups that do not fit themselves.
func TestManyGroupsOfDistinctAggregatesSpill(t *testing.T) {
	schema := schemaOf(sqltype.Int32, sqltype.Text, sqltype.Int64)
	const groups, batches, rows = 20000, 40, 1000
	var recs []arrow.Record
	texts, numbers := make([]map[string]bool, groups), make([]map[string]bool, groups)
	for g := range groups {
		texts[g], numbers[g] = map[string]bool{}, map[string]bool{}
	}
	for b := range batches {
		var keys, text, number []string
		for i := range rows {
			n := b*rows + i
			g, s, v := n*7919%groups, fmt.Sprintf("text %d", n%11), fmt.Sprint(n%4001)
			texts[g][s], numbers[g][v] = true, true
			keys, text, number = append(keys, fmt.Sprint(g)), append(text, s), append(number, v)
		}
		recs = append(recs, array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, keys...), parse(sqltype.Text, text...), parse(sqltype.Int64, number...)}, rows))
	}
	count := func(i int) physical.AggCall {
		return physical.AggCall{
			Func: "count", Args: []expr.Expr{col(schema, i)}, ArgTypes: []arrow.DataType{schema.Field(i).Type}, Distinct: true, Type: sqltype.Int64, Pos: -1,
		}
	}
	aggs := []physical.AggCall{count(1), count(2)}
	var want []string
	for g := range groups {
		want = append(want, fmt.Sprint([]string{fmt.Sprint(g), fmt.Sprint(len(texts[g])), fmt.Sprint(len(numbers[g]))}))
	}
	slices.Sort(want)
	for _, limit := range []int64{0, 3_000_000, 1_000_000, 500_000} {
		w := newWorld()
		w.frag.Session.BatchRows = rows
		w.env.Memory, w.env.SpillDir = NewMemory(nil, limit), spillTo
		got, report, err := w.run(&physical.Aggregate{Input: w.scan(schema, recs), Keys: keyColumns(schema, []int{0}), Aggs: aggs, Out: aggOut(schema, []int{0}, aggs, false)})
		if err != nil {
			t.Fatalf("%d bytes: %v", limit, err)
		}
		var texts []string
		for _, row := range got {
			texts = append(texts, fmt.Sprint(row))
		}
		slices.Sort(texts)
		if !slices.Equal(texts, want) {
			t.Errorf("%d bytes: %d groups, not %d, or other results", limit, len(texts), len(want))
		}
		if spilled := report.Operators[0].Spilled; spilled > 0 != (limit > 0) {
			t.Errorf("%d bytes: %d were spilled", limit, spilled)
		}
		if used := w.env.Memory.Used(); used != 0 {
			t.Errorf("%d bytes: %d are not given back", limit, used)
		}
	}
	checkNoSpillFiles(t)
}
