package exec

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"pgregory.net/rapid"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// sharingCalls are aggregates of the first column, or of two, that have states in
// common, and some with a filter.
func sharingCalls(t *rapid.T, schema *arrow.Schema, v int) []physical.AggCall {
	var calls []physical.AggCall
	typ := schema.Field(v).Type
	names := []string{"count", "sum", "avg", "stddev", "var_pop", "variance", "min"}
	if sqltype.Equal(typ, sqltype.Float64) {
		names = append(names, "corr", "regr_count", "regr_sxx")
	}
	for range rapid.IntRange(2, 8).Draw(t, "aggregates") {
		call := physical.AggCall{Func: rapid.SampledFrom(names).Draw(t, "aggregate"), Pos: -1}
		call.Args, call.ArgTypes = []expr.Expr{col(schema, v)}, []arrow.DataType{typ}
		switch call.Func {
		case "corr", "regr_count", "regr_sxx":
			call.Args, call.ArgTypes = append(call.Args, col(schema, v)), append(call.ArgTypes, typ)
		}
		if rapid.IntRange(0, 3).Draw(t, "filtered") == 0 {
			call.Filter = lit(sqltype.Bool, rapid.SampledFrom([]string{"true", "false"}).Draw(t, "filter"))
		}
		fn, err := registry.FindAggregate(call.Func, call.ArgTypes)
		if err != nil {
			t.Fatalf("%v", err)
		}
		call.Type = fn.Returns
		if fn.ReturnFor != nil {
			if call.Type, err = fn.ReturnFor(call.ArgTypes); err != nil {
				t.Fatalf("%v", err)
			}
		}
		calls = append(calls, call)
	}
	return calls
}

// TestShareStates compares aggregates that are computed together with each
// computed alone, to the last bit, in one phase and in two.
func TestShareStates(t *testing.T) {
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom([]arrow.DataType{
			sqltype.Int32, sqltype.Int64, sqltype.Float32, sqltype.Float64, decimal, sqltype.Numeric,
		}).Draw(t, "type")
		schema := schemaOf(sqltype.Int32, typ)
		recs := drawRecords(t, "input", schema, 8)
		aggs := sharingCalls(t, schema, 1)
		keys := []int{0}[:rapid.IntRange(0, 1).Draw(t, "keys")]
		phases := rapid.IntRange(1, 2).Draw(t, "phases")
		batch := small(t)
		run := func(aggs []physical.AggCall) ([][]string, error) {
			w := newWorld()
			w.frag.Session.BatchRows = batch
			node := &physical.Aggregate{Input: w.scan(schema, recs), Keys: keyColumns(schema, keys), Aggs: aggs, Out: aggOut(schema, keys, aggs, phases == 2)}
			if phases == 1 {
				rows, _, err := w.run(node)
				return rows, err
			}
			node.Mode = physical.Partial
			rows, _, err := w.run(finalOf(schema, keys, aggs, node))
			return rows, err
		}
		got, err := run(aggs)
		if err != nil {
			t.Skip("one of them fails") // as it then does alone
		}
		for i := range aggs {
			want, err := run(aggs[i : i+1])
			if err != nil {
				t.Fatalf("%s fails alone: %v", aggs[i].Func, err)
			}
			for row := range want {
				if g, w := got[row][len(keys)+i], want[row][len(keys)]; g != w {
					t.Fatalf("%s of group %v is %s, alone it is %s", aggs[i].Func, want[row], g, w)
				}
			}
		}
		compared++
	})
	if compared == 0 {
		t.Fatal("every draw was skipped")
	}
}

// One of sum(x), avg(x) and count(x) gets rows; those of another argument, with
// another filter or DISTINCT do not take part.
func TestShareStatesOf(t *testing.T) {
	schema := schemaOf(sqltype.Float64, sqltype.Float64)
	agg := func(name string, column int) physical.AggCall {
		return physical.AggCall{
			Func: name, Args: []expr.Expr{col(schema, column)}, ArgTypes: []arrow.DataType{sqltype.Float64},
			Type: sqltype.Float64, Pos: -1,
		}
	}
	distinct, filtered := agg("sum", 0), agg("sum", 0)
	distinct.Distinct, filtered.Filter = true, lit(sqltype.Bool, "true")
	aggs := []physical.AggCall{agg("sum", 0), agg("avg", 0), agg("count", 0), agg("sum", 1), distinct, filtered}
	w := newWorld()
	node := &physical.Aggregate{Input: w.scan(schema, nil), Aggs: aggs, Out: aggOut(schema, nil, aggs, false)}
	w.frag.Root = node
	task, err := newTask(&w.env, &w.frag)
	if err != nil {
		t.Fatal(err)
	}
	defer task.Close()
	g, err := newGroupTable(task, node)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []*aggCall{g.aggs[1], nil, g.aggs[1], nil, nil, nil} {
		if got := g.aggs[i].source; got != want {
			t.Errorf("%s at %d takes its state from %v, not from %v", aggs[i].Func, i, got, want)
		}
	}
}
