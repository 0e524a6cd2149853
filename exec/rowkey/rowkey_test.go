package rowkey

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/exec/kernel"
	"volley/sqltype"
)

func int64s(values []int64, nulls []bool) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for i, v := range values {
		if nulls != nil && nulls[i] {
			b.AppendNull()
		} else {
			b.Append(v)
		}
	}
	return b.NewArray()
}

// TestTable compares group numbers with a map, over batches whose ranges and
// strides change (so that numbers are given by index, by wider indices and by
// hash), and looks all keys up again.
func TestTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable([]arrow.DataType{sqltype.Int64})
		want := map[string]uint32{}
		base := rapid.SampledFrom([]int64{0, 5, math.MaxInt64 - 100, math.MinInt64}).Draw(t, "base")
		var batches [][]int64
		var nulls [][]bool
		for range rapid.IntRange(1, 5).Draw(t, "batches") {
			wide := rapid.Int64Range(1, 1<<rapid.IntRange(1, 62).Draw(t, "bits")).Draw(t, "range")
			n := rapid.IntRange(1, 300).Draw(t, "rows")
			vals := rapid.SliceOfN(rapid.Int64Range(-wide, wide), n, n).Draw(t, "values")
			stride := rapid.SampledFrom([]int64{1, 1, 7, 1 << 20, 60_000_000, math.MaxInt64 / 3}).Draw(t, "stride")
			for i := range vals { // wraps around for some
				vals[i] = vals[i]*stride + base
			}
			isNull := make([]bool, n)
			if rapid.Bool().Draw(t, "nulls") {
				isNull = rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "null rows")
			}
			batches, nulls = append(batches, vals), append(nulls, isNull)
			groups := make([]uint32, n)
			fresh := table.Assign([]arrow.Array{int64s(vals, isNull)}, n, groups)
			var wantFresh []int32
			for i, v := range vals {
				k := fmt.Sprint(v)
				if isNull[i] {
					k = "NULL"
				}
				g, ok := want[k]
				if !ok {
					g = uint32(len(want))
					want[k] = g
					wantFresh = append(wantFresh, int32(i))
				}
				if groups[i] != g {
					t.Fatalf("row %d (%s) is in group %d, want %d", i, k, groups[i], g)
				}
			}
			if !slices.Equal(fresh, wantFresh) {
				t.Fatalf("new groups at %v, want %v", fresh, wantFresh)
			}
		}
		probe := table.NewProbe()
		for b, vals := range batches {
			groups := make([]uint32, len(vals))
			probe.Find([]arrow.Array{int64s(vals, nulls[b])}, len(vals), groups)
			for i, v := range vals {
				k := fmt.Sprint(v)
				if nulls[b][i] {
					k = "NULL"
				}
				if groups[i] != want[k] {
					t.Fatalf("%s is found in group %d, want %d", k, groups[i], want[k])
				}
			}
		}
		groups := make([]uint32, 1)
		absent := rapid.Int64().Draw(t, "absent")
		probe.Find([]arrow.Array{int64s([]int64{absent}, nil)}, 1, groups)
		g, ok := want[fmt.Sprint(absent)]
		if !ok {
			g = NoGroup
		}
		if groups[0] != g {
			t.Fatalf("%d is found in group %d, want %d", absent, groups[0], g)
		}
	})
}

func TestTableOfNoColumns(t *testing.T) {
	table := NewTable(nil)
	groups := []uint32{9, 9}
	table.NewProbe().Find(nil, 2, groups)
	if groups[0] != NoGroup {
		t.Errorf("found group %d in an empty table", groups[0])
	}
	if fresh := table.Assign(nil, 2, groups); len(fresh) != 1 || groups[0] != 0 || groups[1] != 0 {
		t.Errorf("got %v, new %v", groups, fresh)
	}
	table.NewProbe().Find(nil, 2, groups)
	if groups[1] != 0 || table.Len() != 1 {
		t.Errorf("got %v of %d", groups, table.Len())
	}
}

func FuzzOrderedText(f *testing.F) {
	f.Add([]byte("a"), []byte("a\x00"), []byte("b"), false)
	f.Add([]byte{}, []byte{0}, []byte{0, 0}, true)
	f.Add([]byte{0xff}, []byte{0xff, 0xff}, []byte{1}, true)
	f.Fuzz(func(t *testing.T, a, b, second []byte, desc bool) {
		// Two columns: the end of the first must not run into the second.
		texts := func(vals ...[]byte) arrow.Array {
			bb := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
			for _, v := range vals {
				bb.Append(v)
			}
			return bb.NewArray()
		}
		var k Keys
		k.Append([]arrow.Array{texts(a, b), texts(second, a)}, []Order{{Desc: desc}, {}}, 2)
		want := bytes.Compare(a, b)
		if desc {
			want = -want
		}
		if want == 0 {
			want = bytes.Compare(second, a)
		}
		if got := bytes.Compare(k.Key(0), k.Key(1)); got != want {
			t.Errorf("%q and %q compare as %d, want %d", a, b, got, want)
		}
	})
}

func FuzzOrderedNumbers(f *testing.F) {
	f.Add(int64(1), int64(-1), "1.50", "1.5")
	f.Add(int64(math.MinInt64), int64(math.MaxInt64), "-0.001", "1e30")
	f.Add(int64(-4503599627370496), int64(0), "NaN", "-Infinity")
	f.Fuzz(func(t *testing.T, x, y int64, n, m string) {
		check := func(what string, a, b arrow.Array, want int) {
			var ka, kb Keys
			ka.Append([]arrow.Array{a}, []Order{{}}, 1)
			kb.Append([]arrow.Array{b}, []Order{{}}, 1)
			if got := bytes.Compare(ka.Key(0), kb.Key(0)); got != want {
				t.Errorf("%s compare as %d, want %d", what, got, want)
			}
			if Equal(a, 0, b, 0) != (want == 0) {
				t.Errorf("%s: equality is wrong", what)
			}
		}
		check(fmt.Sprint(x, " and ", y), int64s([]int64{x}, nil), int64s([]int64{y}, nil), cmp.Compare(x, y))
		fx, fy := math.Float64frombits(uint64(x)), math.Float64frombits(uint64(y))
		want := cmp.Compare(fx, fy)
		if nx, ny := fx != fx, fy != fy; nx || ny { // NaN is greatest
			want = cmp.Compare(b2i(nx), b2i(ny))
		}
		floats := func(v float64) arrow.Array { return kernel.FromValues(sqltype.Float64, []float64{v}, nil) }
		check(fmt.Sprint(fx, " and ", fy), floats(fx), floats(fy), want)
		a, err1 := sqltype.ParseNum([]byte(n))
		b, err2 := sqltype.ParseNum([]byte(m))
		if err1 == nil && err2 == nil && len(n)+len(m) < 100 {
			nums := func(v sqltype.Num) arrow.Array {
				nb := sqltype.NewNumericBuilder(1)
				nb.Append(v)
				return nb.NewArray()
			}
			check(n+" and "+m, nums(a), nums(b), a.Cmp(b))
		}
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestSort compares radix sorting with a stable sort of the bytes.
func TestSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3000).Draw(t, "rows")
		seed := rapid.Uint64().Draw(t, "seed")
		kinds := rapid.IntRange(1, 20).Draw(t, "kinds")
		vals := make([][]byte, n)
		b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
		for i := range vals {
			seed = seed*6364136223846793005 + 1442695040888963407
			v := bytes.Repeat([]byte("prefix "), int(seed>>60)%4)
			v = binary.BigEndian.AppendUint16(v, uint16(seed>>40)%uint16(kinds*kinds))
			vals[i] = v
			b.Append(v)
		}
		var k Keys
		k.Append([]arrow.Array{b.NewArray()}, []Order{{}}, n)
		want := make([]int32, n)
		for i := range want {
			want[i] = int32(i)
		}
		slices.SortStableFunc(want, func(x, y int32) int { return bytes.Compare(vals[x], vals[y]) })
		if got := k.Sort(); !slices.Equal(got, want) {
			t.Fatalf("wrong order")
		}
	})
}

// A sort stops wherever it finds that nobody wants it any more: at its start,
// between the bytes of a window, and among groups of equal windows.
func TestSortStops(t *testing.T) {
	var keys Keys
	keys.Offsets = append(keys.Offsets, 0)
	for i := range 3 * askEvery {
		keys.Data = append(keys.Data, fmt.Sprintf("%06d equal %06d", i/2, -i)...)
		keys.Offsets = append(keys.Offsets, len(keys.Data))
	}
	asked := 0
	if _, err := keys.SortUntil(&endsAfter{Context: t.Context(), left: 1 << 30, asked: &asked}); err != nil || asked < 8 {
		t.Fatalf("asked %d times, %v", asked, err)
	}
	for n := range asked {
		rows, err := keys.SortUntil(&endsAfter{Context: t.Context(), left: n, asked: new(int)})
		if !errors.Is(err, context.Canceled) || rows != nil {
			t.Errorf("ended when asked for the %dth time: %d rows, %v", n+1, len(rows), err)
		}
	}
}

// endsAfter is a context that has ended once it was asked so often.
type endsAfter struct {
	context.Context
	left  int
	asked *int
}

func (c *endsAfter) Err() error {
	*c.asked++
	if *c.asked > c.left {
		return context.Canceled
	}
	return nil
}
