package rowkey

import (
	"fmt"
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"pgregory.net/rapid"

	"volley/exec/kernel"
	"volley/sqltype"
)

// TestTableOfColumns compares the groups of several columns, of widths that
// need one word, two, three and more, with a map.
func TestTableOfColumns(t *testing.T) {
	column := map[string]func([]int16, kernel.Words) arrow.Array{
		"int2": func(v []int16, valid kernel.Words) arrow.Array {
			return kernel.FromValues(sqltype.Int16, v, valid)
		},
		"int4": func(v []int16, valid kernel.Words) arrow.Array {
			return kernel.FromValues(sqltype.Int32, convert[int32](v, math.MaxInt32), valid)
		},
		"int8": func(v []int16, valid kernel.Words) arrow.Array {
			return kernel.FromValues(sqltype.Int64, convert[int64](v, math.MinInt64), valid)
		},
		"float8": func(v []int16, valid kernel.Words) arrow.Array {
			return kernel.FromValues(sqltype.Float64, convert[float64](v, 0.5), valid)
		},
	}
	kinds := []string{"int2", "int4", "int8", "float8"}
	layouts := map[layout]int{}
	check := func(t *rapid.T, names []string) {
		n := rapid.IntRange(1, 200).Draw(t, "rows")
		cols := make([]arrow.Array, len(names))
		types := make([]arrow.DataType, len(names))
		rows := make([]string, n)
		for c, name := range names {
			vals := rapid.SliceOfN(rapid.Int16Range(-3, 3), n, n).Draw(t, name)
			valid := kernel.Ones(n)
			for _, i := range rapid.SliceOfN(rapid.IntRange(0, n-1), 0, n/2).Draw(t, "NULLs") {
				valid.Clear(i)
			}
			cols[c] = column[name](vals, valid)
			types[c] = cols[c].DataType()
			for i, v := range vals {
				if valid.Get(i) {
					rows[i] += fmt.Sprint(v, ",")
				} else {
					rows[i] += "NULL,"
				}
			}
		}
		table := NewTable(types)
		layouts[table.layout]++
		groups, found := make([]uint32, n), make([]uint32, n)
		table.Assign(cols, n, groups)
		table.NewProbe().Find(cols, n, found)
		want := map[string]uint32{}
		for i, r := range rows {
			g, ok := want[r]
			if !ok {
				g = uint32(len(want))
				want[r] = g
			}
			if groups[i] != g || found[i] != g {
				t.Fatalf("row %d (%s) is in group %d, found in %d, want %d", i, r, groups[i], found[i], g)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.SliceOfN(rapid.SampledFrom(kinds), 2, 4).Draw(t, "types")) })
	for _, names := range [][]string{{"int2", "int4"}, {"int4", "int8"}, {"int8", "float8"}, {"int8", "int8", "float8", "int8"}} {
		rapid.Check(t, func(t *rapid.T) { check(t, names) }) // few random ones may leave a layout out
	}
	for _, l := range []layout{packed8, packed16, packed24, encoded} {
		if layouts[l] == 0 {
			t.Errorf("layout %d was never made", l)
		}
	}
}

func convert[T int32 | int64 | float64](v []int16, base T) []T {
	out := make([]T, len(v))
	for i, x := range v {
		out[i] = base + T(x)
	}
	return out
}
