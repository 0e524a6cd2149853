package rowkey

import (
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/exec/kernel"
	"volley/sqltype"
)

// drawEncoded is a column of n rows that has values of dict, which is encoded by
// indices of one or four bytes.
func drawEncoded(t *rapid.T, dict arrow.Array, n int, nulls bool) arrow.Array {
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint8, ValueType: dict.DataType()}
	if rapid.Bool().Draw(t, "wide") {
		typ.IndexType = arrow.PrimitiveTypes.Int32
	}
	b := array.NewBuilder(memory.DefaultAllocator, typ.IndexType)
	for range n {
		at := rapid.IntRange(0, dict.Len()-1).Draw(t, "index")
		switch b := b.(type) {
		case *array.Uint8Builder:
			b.Append(uint8(at))
		case *array.Int32Builder:
			b.Append(int32(at))
		}
	}
	indices := b.NewArray()
	if nulls {
		var gone []int32
		for i := range n {
			if gone = append(gone, int32(i)); rapid.IntRange(0, 5).Draw(t, "null") == 0 {
				gone[i] = -1
			}
		}
		var err error
		if indices, err = kernel.Take(indices, gone); err != nil {
			t.Fatal(err)
		}
	}
	return array.NewDictionaryArray(typ, indices, dict)
}

// TestEncodedKeys compares the groups of encoded columns with those of their
// plain forms, over batches whose dictionaries change.
func TestEncodedKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 3).Draw(t, "columns")
		types := make([]arrow.DataType, width)
		for c := range types {
			types[c] = sqltype.Int64
		}
		encoded, plain := NewTable(types), NewTable(types)
		nulls := rapid.Bool().Draw(t, "nulls")
		dicts := make([]arrow.Array, width)
		for range rapid.IntRange(1, 6).Draw(t, "batches") {
			n := rapid.IntRange(1, 60).Draw(t, "rows")
			cols, decodedCols := make([]arrow.Array, width), make([]arrow.Array, width)
			for c := range cols {
				if dicts[c] == nil || rapid.IntRange(0, 3).Draw(t, "another dictionary") == 0 {
					size := rapid.SampledFrom([]int{1, 5, 90, 200}).Draw(t, "values")
					dicts[c] = int64s(rapid.SliceOfN(rapid.Int64Range(0, 150), size, size).Draw(t, "dictionary"), nil)
				}
				cols[c] = drawEncoded(t, dicts[c], n, nulls)
				decodedCols[c] = decoded(cols[c].(*array.Dictionary))
			}
			got, want := make([]uint32, n), make([]uint32, n)
			gotFresh := slices.Clone(encoded.Assign(cols, n, got))
			wantFresh := plain.Assign(decodedCols, n, want)
			if !slices.Equal(got, want) || !slices.Equal(gotFresh, wantFresh) {
				t.Fatalf("groups %v, new at %v; want %v, %v", got, gotFresh, want, wantFresh)
			}
		}
	})
}
