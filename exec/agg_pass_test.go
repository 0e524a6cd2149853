package exec

import (
	"context"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"pgregory.net/rapid"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// TestPassThroughExchange compares with a row-by-row grouping what comes of rows
// that pass a partial aggregation, are put in order for the exchange and grouped
// in parts; batches are tiny or not, and some final aggregations spill.
func TestPassThroughExchange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		oldRows, oldGroups, oldPieces := giveUpRows, cutGroups, cutPieces
		giveUpRows, cutGroups, cutPieces = 5, 3, rapid.IntRange(0, 1).Draw(t, "pieces")
		defer func() { giveUpRows, cutGroups, cutPieces = oldRows, oldGroups, oldPieces }()

		nkeys := rapid.IntRange(1, 3).Draw(t, "keys")
		schema := arrow.NewSchema(append(drawSchema(t, "key type", nkeys).Fields(), arrow.Field{Name: "v", Type: sqltype.Int32, Nullable: true}), nil)
		keys := []int{0, 1, 2}[:nkeys]
		recs := drawRecords(t, "input", schema, 20)
		aggs := testAggs(schema, nkeys, false)
		if rapid.Bool().Draw(t, "count only") {
			aggs = aggs[:1]
		}

		producer := newWorld()
		producer.frag.Session.BatchRows = small(t)
		partial := &physical.Aggregate{
			Input: producer.scan(schema, recs), Mode: physical.Partial, Keys: keyColumns(schema, keys), Aggs: aggs,
			Out: aggOut(schema, keys, aggs, true),
		}
		var by []expr.Expr
		for i := range keys {
			by = append(by, col(partial.Out, i))
		}
		count := rapid.IntRange(2, passPartitions+1).Draw(t, "partitions")
		producer.frag.Output = physical.Partitioning{Kind: physical.Hash, Keys: by, Count: count}
		producer.frag.Root = partial
		out := collector{}
		if _, err := Run(context.Background(), &producer.env, &producer.frag, out); err != nil {
			t.Fatalf("%v", err)
		}

		var got [][]string
		for p := range count {
			consumer := newWorld()
			consumer.frag.Session.BatchRows = small(t)
			if rapid.Bool().Draw(t, "spill") {
				consumer.env.Memory, consumer.env.SpillDir = NewMemory(nil, 20000), spillTo
			}
			final := finalOf(schema, keys, aggs, partial)
			final.Input, final.Partitions = consumer.source(partial.Out, out[p]), count
			rows := consumer.mustRun(t, final)
			got = append(got, rows...)
		}
		want := naiveAggregate(recs, keys, nkeys, false)
		for i := range want {
			want[i] = want[i][:nkeys+len(aggs)]
		}
		slices.SortFunc(got, slices.Compare)
		slices.SortFunc(want, slices.Compare)
		equalRows(t, got, want)
	})
	checkNoSpillFiles(t)
}
