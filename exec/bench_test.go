package exec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

const benchBatches = 64

// benchRecords: small int, wide int, float, short text of few values, text of
// many values.
func benchRecords() (*arrow.Schema, []arrow.Record) {
	schema := schemaOf(sqltype.Int32, sqltype.Int64, sqltype.Float64, sqltype.Text, sqltype.Text)
	rnd := rand.New(rand.NewPCG(1, 2))
	recs := make([]arrow.Record, benchBatches)
	for b := range recs {
		rb := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		for range 8192 {
			rb.Field(0).(*array.Int32Builder).Append(rnd.Int32N(10))
			rb.Field(1).(*array.Int64Builder).Append(rnd.Int64())
			rb.Field(2).(*array.Float64Builder).Append(rnd.Float64() * 1000)
			rb.Field(3).(*array.StringBuilder).Append(fmt.Sprintf("city %d", rnd.IntN(50)))
			rb.Field(4).(*array.StringBuilder).Append(fmt.Sprintf("customer %d", rnd.IntN(200_000)))
		}
		recs[b] = rb.NewRecord()
	}
	return schema, recs
}

type discard struct{}

func (discard) Write(int, arrow.Record) error { return nil }

func benchPlan(b *testing.B, plan func(*world, *arrow.Schema, physical.Node) physical.Node) {
	schema, recs := benchRecords()
	b.SetBytes(benchBatches * 8192) // so that MB/s reads as million rows a second
	b.ReportAllocs()
	for b.Loop() {
		w := newWorld()
		w.frag.Root = plan(w, schema, w.scan(schema, recs))
		if _, err := Run(b.Context(), &w.env, &w.frag, discard{}); err != nil {
			b.Fatal(err)
		}
	}
}

func benchGroup(b *testing.B, keys ...int) {
	benchPlan(b, func(_ *world, s *arrow.Schema, in physical.Node) physical.Node {
		aggs := []physical.AggCall{
			{Func: "count", Type: sqltype.Int64, Pos: -1},
			{Func: "sum", Args: []expr.Expr{col(s, 2)}, ArgTypes: []arrow.DataType{sqltype.Float64}, Type: sqltype.Float64, Pos: -1},
		}
		return &physical.Aggregate{Input: in, Keys: keyColumns(s, keys), Aggs: aggs, Out: aggOut(s, keys, aggs, false)}
	})
}

func BenchmarkGroupSmallInt(b *testing.B) { benchGroup(b, 0) }
func BenchmarkGroupText(b *testing.B)     { benchGroup(b, 3) }
func BenchmarkGroupTwo(b *testing.B)      { benchGroup(b, 0, 3) }
func BenchmarkGroupManyText(b *testing.B) { benchGroup(b, 4) }
func BenchmarkGroupManyInt(b *testing.B)  { benchGroup(b, 1) }

func BenchmarkFilter(b *testing.B) {
	benchPlan(b, func(_ *world, s *arrow.Schema, in physical.Node) physical.Node {
		return &physical.Filter{Input: in, Predicate: &expr.Logic{Args: []expr.Expr{
			call("<", sqltype.Bool, col(s, 2), lit(sqltype.Float64, "500")), call("=", sqltype.Bool, col(s, 0), lit(sqltype.Int32, "3")),
		}}}
	})
}

func BenchmarkProject(b *testing.B) {
	benchPlan(b, func(_ *world, s *arrow.Schema, in physical.Node) physical.Node {
		mul := call("*", sqltype.Float64, col(s, 2), lit(sqltype.Float64, "1.1"))
		toFloat := &expr.Cast{Arg: col(s, 0), Type: sqltype.Float64, Pos: -1}
		return &physical.Project{Input: in, Names: []string{"x"}, Exprs: []expr.Expr{call("+", sqltype.Float64, mul, toFloat)}}
	})
}

func benchSort(b *testing.B, limit int64, keys ...int) {
	benchPlan(b, func(_ *world, s *arrow.Schema, in physical.Node) physical.Node {
		n := &physical.Sort{Input: in, Limit: limit}
		for _, k := range keys {
			n.Keys = append(n.Keys, physical.SortKey{Expr: col(s, k)})
		}
		return n
	})
}

func BenchmarkSortInt(b *testing.B)  { benchSort(b, -1, 1) }
func BenchmarkSortText(b *testing.B) { benchSort(b, -1, 4) }
func BenchmarkSortTwo(b *testing.B)  { benchSort(b, -1, 0, 2) }
func BenchmarkTopN(b *testing.B)     { benchSort(b, 10, 2) }

func BenchmarkJoin(b *testing.B) {
	benchPlan(b, func(w *world, s *arrow.Schema, in physical.Node) physical.Node {
		rb := array.NewRecordBuilder(memory.DefaultAllocator, schemaOf(sqltype.Text, sqltype.Int32))
		for i := range 20_000 {
			rb.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("customer %d", i))
			rb.Field(1).(*array.Int32Builder).Append(int32(i))
		}
		right := schemaOf(sqltype.Text, sqltype.Int32)
		return &physical.Join{
			Left: in, Right: w.scan(right, []arrow.Record{rb.NewRecord()}), Out: joinOut(physical.Inner, s, right),
			LeftKeys: keyColumns(s, []int{4}), RightKeys: keyColumns(right, []int{0}),
		}
	})
}

func BenchmarkPartition(b *testing.B) {
	schema, recs := benchRecords()
	b.SetBytes(benchBatches * 8192)
	for b.Loop() {
		w := newWorld()
		w.frag.Root = w.scan(schema, recs)
		w.frag.Output = physical.Partitioning{Kind: physical.Hash, Keys: keyColumns(schema, []int{4}), Count: 4}
		if _, err := Run(b.Context(), &w.env, &w.frag, discard{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeCSV(b *testing.B) {
	benchPlan(b, func(_ *world, _ *arrow.Schema, in physical.Node) physical.Node {
		return &physical.EncodeText{Input: in, Format: physical.TextFormat{CSV: true}}
	})
}
