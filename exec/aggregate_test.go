package exec

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"pgregory.net/rapid"

	"volley/exec/rowkey"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// testAggs are count(*), count(v), sum(v), count(distinct v) over column v.
func testAggs(schema *arrow.Schema, v int, distinct bool) []physical.AggCall {
	types := []arrow.DataType{sqltype.Int32}
	aggs := []physical.AggCall{
		{Func: "count", Type: sqltype.Int64, Pos: -1},
		{Func: "count", Args: []expr.Expr{col(schema, v)}, ArgTypes: types, Type: sqltype.Int64, Pos: -1},
		{
			Func: "sum", Args: []expr.Expr{col(schema, v)}, ArgTypes: types, Type: sqltype.Int64, Pos: -1,
			Filter: call(">", sqltype.Bool, col(schema, v), lit(sqltype.Int32, "-5")),
		},
	}
	if distinct {
		aggs = append(aggs, physical.AggCall{Func: "count", Args: []expr.Expr{col(schema, v)}, ArgTypes: types, Distinct: true, Type: sqltype.Int64, Pos: -1})
	}
	return aggs
}

// naiveAggregate is testAggs row by row.
func naiveAggregate(recs []arrow.Record, keys []int, v int, distinct bool) [][]string {
	type group struct {
		key      []string
		all, n   int
		sum      int64
		summed   bool
		distinct map[string]bool
	}
	var groups []*group
	var sample [][]arrow.Array
	var at [][]int
	for _, rec := range recs {
		for r := range int(rec.NumRows()) {
			var g *group
			for i := range groups {
				same := true
				for k, c := range keys {
					same = same && naiveEqual(rec.Column(c), r, sample[i][k], at[i][k])
				}
				if same {
					g = groups[i]
					break
				}
			}
			if g == nil {
				g = &group{distinct: map[string]bool{}}
				var arrs []arrow.Array
				var rows []int
				for _, c := range keys {
					g.key = append(g.key, textOf(rec.Column(c), r))
					arrs, rows = append(arrs, rec.Column(c)), append(rows, r)
				}
				groups, sample, at = append(groups, g), append(sample, arrs), append(at, rows)
			}
			g.all++
			if a := rec.Column(v).(*array.Int32); !a.IsNull(r) {
				g.n++
				g.distinct[textOf(a, r)] = true
				if a.Value(r) > -5 {
					g.sum += int64(a.Value(r))
					g.summed = true
				}
			}
		}
	}
	var out [][]string
	for _, g := range groups {
		sum := null
		if g.summed {
			sum = strconv.FormatInt(g.sum, 10)
		}
		row := append(g.key, strconv.Itoa(g.all), strconv.Itoa(g.n), sum)
		if distinct {
			row = append(row, strconv.Itoa(len(g.distinct)))
		}
		out = append(out, row)
	}
	return out
}

// naiveEqual is SQL's IS NOT DISTINCT FROM.
func naiveEqual(a arrow.Array, i int, b arrow.Array, j int) bool {
	return naiveCompare(a, i, b, j) == 0
}

func aggOut(schema *arrow.Schema, keys []int, aggs []physical.AggCall, states bool) *arrow.Schema {
	var fields []arrow.Field
	for _, k := range keys {
		fields = append(fields, schema.Field(k))
	}
	for i, a := range aggs {
		types := []arrow.DataType{a.Type}
		if states {
			fn, err := registry.FindAggregate(a.Func, a.ArgTypes)
			if err != nil {
				panic(err)
			}
			types = fn.State(a.ArgTypes)
		}
		for j, typ := range types {
			fields = append(fields, arrow.Field{Name: fmt.Sprintf("a%d_%d", i, j), Type: typ, Nullable: true})
		}
	}
	return arrow.NewSchema(fields, nil)
}

func keyColumns(schema *arrow.Schema, keys []int) []expr.Expr {
	var out []expr.Expr
	for _, k := range keys {
		out = append(out, col(schema, k))
	}
	return out
}

// finalOf is the Final aggregation over a Partial one.
func finalOf(schema *arrow.Schema, keys []int, aggs []physical.AggCall, partial *physical.Aggregate) *physical.Aggregate {
	final := &physical.Aggregate{Input: partial, Mode: physical.Final, Out: aggOut(schema, keys, aggs, false)}
	at := 0
	for range keys {
		final.Keys = append(final.Keys, col(partial.Out, at))
		at++
	}
	for _, a := range aggs {
		fn, _ := registry.FindAggregate(a.Func, a.ArgTypes)
		m := a
		m.Args, m.Filter = nil, nil
		for range fn.State(a.ArgTypes) {
			m.Args = append(m.Args, col(partial.Out, at))
			at++
		}
		final.Aggs = append(final.Aggs, m)
	}
	return final
}

// TestAggregate compares grouping with a row-by-row one: in one phase and two,
// in memory and spilling, giving up or not.
func TestAggregate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nkeys := rapid.IntRange(1, 3).Draw(t, "keys")
		keySchema := drawSchema(t, "key type", nkeys)
		schema := arrow.NewSchema(append(keySchema.Fields(), arrow.Field{Name: "v", Type: sqltype.Int32, Nullable: true}), nil)
		keys := []int{0, 1, 2}[:nkeys]
		recs := drawRecords(t, "input", schema, 10)
		two := rapid.Bool().Draw(t, "two phases")
		spill := rapid.Bool().Draw(t, "spill")
		distinct := !two && !spill && rapid.Bool().Draw(t, "distinct")
		if rapid.Bool().Draw(t, "give up early") {
			old := giveUpRows
			giveUpRows = 5
			defer func() { giveUpRows = old }()
		}
		parts := two && rapid.Bool().Draw(t, "in parts")
		if parts {
			old := cutGroups
			cutGroups = 3
			defer func() { cutGroups = old }()
		}
		w := newWorld()
		w.frag.Session.BatchRows = small(t)
		if spill {
			w.env.Memory = NewMemory(nil, int64(rapid.IntRange(14000, 20000).Draw(t, "memory")))
			w.env.SpillDir = spillTo
		}
		aggs := testAggs(schema, nkeys, distinct)
		node := &physical.Aggregate{Input: w.scan(schema, recs), Keys: keyColumns(schema, keys), Aggs: aggs, Out: aggOut(schema, keys, aggs, false)}
		if two {
			partial := *node
			partial.Mode, partial.Out = physical.Partial, aggOut(schema, keys, aggs, true)
			node = finalOf(schema, keys, aggs, &partial)
			if parts {
				node.Partitions = 2
			}
		}
		rows, _, err := w.run(node)
		if err != nil {
			t.Fatalf("%v", err)
		}
		want := naiveAggregate(recs, keys, nkeys, distinct)
		if parts { // which are not in the order of appearance
			slices.SortFunc(rows, slices.Compare)
			slices.SortFunc(want, slices.Compare)
		}
		equalRows(t, rows, want)
		if w.env.Memory.Used() != 0 {
			t.Fatalf("%d bytes are still reserved", w.env.Memory.Used())
		}
	})
	checkNoSpillFiles(t)
}

// TestAggregateSpills: the answer and its order are those of an aggregation in
// memory; with little memory partitions are cut again.
func TestAggregateSpills(t *testing.T) {
	schema := schemaOf(sqltype.Text, sqltype.Int32)
	var recs []arrow.Record
	for b := range 20 {
		var keys, vals []string
		for i := range 500 {
			keys = append(keys, fmt.Sprintf("key %d", (b*500+i)*7919%3000))
			vals = append(vals, strconv.Itoa(i))
		}
		recs = append(recs, array.NewRecord(schema, []arrow.Array{parse(sqltype.Text, keys...), parse(sqltype.Int32, vals...)}, 500))
	}
	want := naiveAggregate(recs, []int{0}, 1, false)
	aggs := testAggs(schema, 1, false)
	for _, limit := range []int64{200_000, 100_000, 40_000} {
		w := newWorld()
		w.frag.Session.BatchRows = 500
		w.env.Memory, w.env.SpillDir = NewMemory(nil, limit), spillTo
		rows, report, err := w.run(&physical.Aggregate{Input: w.scan(schema, recs), Keys: keyColumns(schema, []int{0}), Aggs: aggs, Out: aggOut(schema, []int{0}, aggs, false)})
		if err != nil {
			t.Fatal(err)
		}
		equalRows(t, rows, want)
		if report.Operators[0].Spilled == 0 {
			t.Errorf("nothing was spilled with %d bytes", limit)
		}
		if w.env.Memory.Peak() > limit {
			t.Errorf("peak %d is above the limit %d", w.env.Memory.Peak(), limit)
		}
	}
	checkNoSpillFiles(t)
}

func TestAggregateWithoutKeys(t *testing.T) {
	schema := schemaOf(sqltype.Int32)
	aggs := testAggs(schema, 0, true)
	for _, recs := range [][]arrow.Record{nil, {array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, "1", null, "1", "-9")}, 4)}} {
		w := newWorld()
		rows := w.mustRun(t, &physical.Aggregate{Input: w.scan(schema, recs), Aggs: aggs, Out: aggOut(schema, nil, aggs, false)})
		want := [][]string{{"0", "0", null, "0"}}
		if recs != nil {
			want = [][]string{{"4", "3", "2", "2"}}
		}
		equalRows(t, rows, want)

		partial := &physical.Aggregate{Input: w.scan(schema, recs), Mode: physical.Partial, Aggs: aggs[:3], Out: aggOut(schema, nil, aggs[:3], true)}
		equalRows(t, w.mustRun(t, finalOf(schema, nil, aggs[:3], partial)), [][]string{want[0][:3]})
	}
}

func TestAggregateOrdered(t *testing.T) {
	if !registry.IsAggregate("string_agg") {
		t.Skip("string_agg is not registered")
	}
	schema := schemaOf(sqltype.Int32, sqltype.Text)
	rec := array.NewRecord(schema, []arrow.Array{
		parse(sqltype.Int32, "1", "2", "1", "1", "2", "1"), parse(sqltype.Text, "b", "x", "c", "a", null, "b"),
	}, 6)
	for _, distinct := range []bool{false, true} {
		w := newWorld()
		w.frag.Session.BatchRows = 2
		aggs := []physical.AggCall{{
			Func: "string_agg", Args: []expr.Expr{col(schema, 1), lit(sqltype.Text, "-")},
			ArgTypes: []arrow.DataType{sqltype.Text, sqltype.Text}, Distinct: distinct, Type: sqltype.Text, Pos: -1,
			OrderBy: []physical.SortKey{{Expr: col(schema, 1), Desc: true}},
		}}
		node := &physical.Aggregate{Input: w.scan(schema, []arrow.Record{rec}), Keys: keyColumns(schema, []int{0}), Aggs: aggs, Out: aggOut(schema, []int{0}, aggs, false)}
		want := "c-b-b-a"
		if distinct {
			want = "c-b-a"
		}
		equalRows(t, w.mustRun(t, node), [][]string{{"1", want}, {"2", "x"}})
	}
}

func TestPartitionOfEqualKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		schema := drawSchema(t, "type", rapid.IntRange(1, 2).Draw(t, "columns"))
		a, b := drawRecords(t, "a", schema, 1), drawRecords(t, "b", schema, 1)
		if len(a) == 0 || len(b) == 0 {
			return
		}
		hash := func(rec arrow.Record) []uint64 {
			out := make([]uint64, rec.NumRows())
			cols := make([]arrow.Array, rec.NumCols())
			for c := range cols {
				cols[c] = plainDecimals(rec.Column(c))
			}
			rowkey.Hash(cols, len(out), out)
			return out
		}
		ha, hb := hash(a[0]), hash(b[0])
		for i := range ha {
			for j := range hb {
				same := true
				for c := range a[0].Columns() {
					same = same && naiveEqual(a[0].Column(c), i, b[0].Column(c), j)
				}
				if same != (ha[i] == hb[j]) {
					t.Fatalf("%v and %v: equal %v, hashes %x and %x", textRows(a)[i], textRows(b)[j], same, ha[i], hb[j])
				}
			}
		}
	})
}
