package rowkey

import (
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/exec/kernel"
	"volley/sqltype"
)

// numerics makes a column from texts; "" is NULL.
func numerics(t testing.TB, texts ...string) arrow.Array {
	b := array.NewExtensionBuilder(memory.DefaultAllocator, sqltype.Numeric.(arrow.ExtensionType))
	for _, s := range texts {
		if s == "" {
			b.AppendNull()
			continue
		}
		n, err := sqltype.ParseNum([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		sqltype.AppendNumeric(b, n)
	}
	return b.NewArray()
}

// TestNumericGroups: equal numerics of any scale are one group, alone and beside other
// columns, whether their batch has to be copied or not, and hash alike.
func TestNumericGroups(t *testing.T) {
	asKeys := numerics(t, "1", "-25", "", "0", "0.1", "1234567890123456789012345678901", "NaN", "1.2")
	others := numerics(t, "1.00", "-25.0", "", "0.000", "0.10", "1234567890123456789012345678901.0", "NaN", "1.20")
	n := asKeys.Len()
	for _, beside := range []bool{false, true} {
		types, first, second := []arrow.DataType{asKeys.DataType()}, []arrow.Array{asKeys}, []arrow.Array{others}
		if beside {
			other := kernel.FromValues(arrow.PrimitiveTypes.Int64, make([]int64, n), nil)
			types, first, second = append(types, other.DataType()), append(first, other), append(second, other)
		}
		table := NewTable(types)
		groups, again, found := make([]uint32, n), make([]uint32, n), make([]uint32, n)
		if fresh := table.Assign(first, n, groups); len(fresh) != n {
			t.Errorf("beside %v: %d of %d values are new", beside, len(fresh), n)
		}
		if fresh := table.Assign(second, n, again); len(fresh) != 0 {
			t.Errorf("beside %v: rows %v are new though their values are not", beside, fresh)
		}
		table.NewProbe().Find(second, n, found)
		hashes, same := make([]uint64, n), make([]uint64, n)
		Hash(first, n, hashes)
		Hash(second, n, same)
		for i := range n {
			if groups[i] != again[i] || groups[i] != found[i] || hashes[i] != same[i] {
				t.Errorf("beside %v: row %d is in groups %d, %d and %d; hashes %x and %x", beside, i, groups[i], again[i], found[i], hashes[i], same[i])
			}
		}
	}
}

func BenchmarkNumericGroups(b *testing.B) {
	const n = 8192
	minutes, cents := make([]string, n), make([]string, n)
	for i := range n {
		minutes[i] = sqltype.NumFromInt64(int64(i % 60)).String()
		cents[i] = sqltype.NumFromInt64(int64(i%1000)).String() + ".50"
	}
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(math.MaxInt32) + int64(i%100)
	}
	other := kernel.FromValues(arrow.PrimitiveTypes.Int64, ids, nil)
	for name, cols := range map[string][]arrow.Array{
		"whole": {numerics(b, minutes...)}, "scaled": {numerics(b, cents...)}, "beside": {other, numerics(b, minutes...)},
	} {
		b.Run(name, func(b *testing.B) {
			var types []arrow.DataType
			for _, c := range cols {
				types = append(types, c.DataType())
			}
			table, groups, hashes := NewTable(types), make([]uint32, n), make([]uint64, n)
			b.ReportAllocs()
			for b.Loop() {
				Hash(cols, n, hashes)
				table.Assign(cols, n, groups)
			}
		})
	}
}
