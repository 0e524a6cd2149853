package exec

import (
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/planner/physical"
	"volley/sqltype"
)

// Rows counted by the bytes of their key are counted as one by one, and groups
// come in the order of their first rows, whatever dictionaries follow each other.
func TestTally(t *testing.T) {
	old := minTally
	minTally = 3
	defer func() { minTally = old }()
	rapid.Check(t, func(t *rapid.T) {
		schema := schemaOf(sqltype.Text, sqltype.Int32)
		encoded := arrow.NewSchema([]arrow.Field{
			{Name: "c0", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint8, ValueType: sqltype.Text}, Nullable: true},
			schema.Field(1),
		}, nil)
		var recs []arrow.Record
		for range rapid.IntRange(1, 3).Draw(t, "dictionaries") {
			n := rapid.IntRange(1, 60).Draw(t, "rows")
			b := array.NewBuilder(memory.DefaultAllocator, encoded.Field(0).Type).(*array.BinaryDictionaryBuilder)
			for range n {
				v := rapid.SampledFrom([]string{"a", "a", "b", "c", "d", "e", null}).Draw(t, "value")
				if v == null && rapid.IntRange(0, 9).Draw(t, "null") == 0 {
					b.AppendNull()
				} else if err := b.AppendString(v); err != nil {
					t.Fatal(err)
				}
			}
			whole := array.NewRecord(encoded, []arrow.Array{b.NewArray(), drawArray(t, sqltype.Int32, n)}, int64(n))
			for lo := 0; lo < n; {
				hi := min(n, lo+rapid.IntRange(1, 20).Draw(t, "batch"))
				recs = append(recs, whole.NewSlice(int64(lo), int64(hi)))
				lo = hi
			}
		}
		aggs := testAggs(schema, 1, false)[:1]
		node := &physical.Aggregate{Keys: keyColumns(schema, []int{0}), Aggs: aggs, Out: aggOut(schema, []int{0}, aggs, false)}
		w := newWorld()
		w.frag.Session.BatchRows = 8192
		node.Input = w.scan(schema, recs)
		if rapid.Bool().Draw(t, "two phases") {
			partial := *node
			partial.Mode, partial.Out = physical.Partial, aggOut(schema, []int{0}, aggs, true)
			node = finalOf(schema, []int{0}, aggs, &partial)
		}
		rows, _, err := w.run(node)
		if err != nil {
			t.Fatal(err)
		}
		want := naiveAggregate(recs, []int{0}, 1, false)
		for i := range want {
			want[i] = want[i][:2]
		}
		equalRows(t, rows, want)
	})
}

func TestTallyOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 256).Draw(t, "values")
		few := rapid.SliceOfN(rapid.ByteRange(0, byte(n-1)), 0, 100).Draw(t, "codes")
		codes := slices.Repeat(few, rapid.SampledFrom([]int{1, 3, 200}).Draw(t, "times"))
		var want [256]uint32
		for _, c := range codes {
			want[c]++
		}
		if tallyOf(codes, n) != want {
			t.Fatal("the numbers differ")
		}
	})
}
