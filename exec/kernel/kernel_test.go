package kernel

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/sqltype"
)

var types = []arrow.DataType{
	sqltype.Bool, arrow.PrimitiveTypes.Int8, sqltype.Int16, sqltype.Int32, sqltype.Int64, sqltype.Decimal(20, 3),
	sqltype.Text, sqltype.Bytea, sqltype.Interval, sqltype.UUID, sqltype.Numeric, sqltype.JSON, sqltype.Unknown,
	&arrow.FixedSizeBinaryType{ByteWidth: 3},
	arrow.ListOf(sqltype.Text),
	arrow.ListOf(arrow.ListOf(sqltype.Int32)),
	arrow.FixedSizeListOf(2, sqltype.Int16),
	arrow.StructOf(arrow.Field{Name: "a", Type: sqltype.Int32, Nullable: true}, arrow.Field{Name: "b", Type: sqltype.Text, Nullable: true}),
	&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: sqltype.Text},
}

// draw appends a random value.
func draw(t *rapid.T, b array.Builder) {
	if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
		b.AppendNull()
		return
	}
	n := rapid.IntRange(0, 5).Draw(t, "value")
	text := "abcde"[:n]
	switch b := b.(type) {
	case *array.ListBuilder:
		b.Append(true)
		for range n % 3 {
			draw(t, b.ValueBuilder())
		}
	case *array.FixedSizeListBuilder:
		b.Append(true)
		draw(t, b.ValueBuilder())
		draw(t, b.ValueBuilder())
	case *array.StructBuilder:
		b.Append(true)
		draw(t, b.FieldBuilder(0))
		draw(t, b.FieldBuilder(1))
	case *array.BinaryDictionaryBuilder:
		if err := b.AppendString(text); err != nil {
			t.Fatalf("%v", err)
		}
	case *array.FixedSizeBinaryBuilder:
		b.Append([]byte("abcdefghijklmnopqrstuvwxyz")[n : n+b.Type().(*arrow.FixedSizeBinaryType).ByteWidth])
	case *array.ExtensionBuilder:
		draw(t, b.StorageBuilder())
	case *array.BinaryBuilder:
		b.Append([]byte(text))
	case *array.StringBuilder:
		b.Append(text)
	case *array.MonthDayNanoIntervalBuilder:
		b.Append(arrow.MonthDayNanoInterval{Months: int32(n), Days: 1, Nanoseconds: int64(n)})
	case *array.NullBuilder:
		b.AppendNull()
	default:
		if err := b.AppendValueFromString([]string{"1", "0", "1", "0", "1", "1"}[n]); err != nil {
			t.Fatalf("%v", err)
		}
	}
}

// drawArray is a slice of a random array.
func drawArray(t *rapid.T, typ arrow.DataType, n int) arrow.Array {
	lo, hi := rapid.IntRange(0, 70).Draw(t, "before"), rapid.IntRange(0, 3).Draw(t, "after")
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	for range lo + n + hi {
		draw(t, b)
	}
	return array.NewSlice(b.NewArray(), int64(lo), int64(lo+n))
}

func str(a arrow.Array, i int) string {
	if i < 0 || IsNull(a, i) {
		return "NULL"
	}
	if l, ok := a.(*array.List); ok {
		lo, hi := l.ValueOffsets(i)
		s := "["
		for j := lo; j < hi; j++ {
			s += str(l.ListValues(), int(j)) + " "
		}
		return s + "]"
	}
	if x, ok := a.(array.ExtensionArray); ok {
		return str(x.Storage(), i)
	}
	return a.ValueStr(i)
}

func TestTake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom(types).Draw(t, "type")
		n := rapid.IntRange(1, 80).Draw(t, "rows")
		a := drawArray(t, typ, n)
		rows := rapid.SliceOf(rapid.Int32Range(-1, int32(n)-1)).Draw(t, "taken")
		out, err := Take(a, rows)
		if err != nil || out.Len() != len(rows) || !arrow.TypeEqual(out.DataType(), typ) {
			t.Fatalf("%v, %v", out, err)
		}
		for i, r := range rows {
			if got, want := str(out, i), str(a, int(r)); got != want {
				t.Fatalf("row %d is %s, want %s", i, got, want)
			}
		}
	})
}

func TestConcatAndChunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom(types).Draw(t, "type")
		c := NewChunks(typ)
		var parts []arrow.Array
		var want []string
		for range rapid.IntRange(1, 5).Draw(t, "parts") {
			a := drawArray(t, typ, rapid.IntRange(0, 20).Draw(t, "rows"))
			parts = append(parts, a)
			for i := range a.Len() {
				want = append(want, str(a, i))
			}
			if err := c.Append(a); err != nil {
				t.Fatalf("%v", err)
			}
			if rapid.Bool().Draw(t, "look") { // makes what is there a chunk
				if _, err := c.Slice(0, c.Len()); err != nil {
					t.Fatalf("%v", err)
				}
			}
		}
		all, err := Concat(parts)
		if err != nil || all.Len() != len(want) || c.Len() != len(want) {
			t.Fatalf("%v, %v", all, err)
		}
		lo := rapid.IntRange(0, len(want)).Draw(t, "lo")
		hi := rapid.IntRange(lo, len(want)).Draw(t, "hi")
		s, err := c.Slice(lo, hi)
		if err != nil || s.Len() != hi-lo {
			t.Fatalf("%v, %v", s, err)
		}
		for i := range want {
			if got := str(all, i); got != want[i] {
				t.Fatalf("row %d is %s, want %s", i, got, want[i])
			}
			if i >= lo && i < hi && str(s, i-lo) != want[i] {
				t.Fatalf("row %d of the slice is %s, want %s", i, str(s, i-lo), want[i])
			}
		}
	})
}

func TestAndValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom(types).Draw(t, "type")
		n := rapid.IntRange(1, 130).Draw(t, "rows")
		a := drawArray(t, typ, n)
		keep := make(Words, (n+63)/64)
		for i := range n {
			if rapid.Bool().Draw(t, "keep") {
				keep.Set(i)
			}
		}
		out := AndValid(a, keep)
		for i := range n {
			want := "NULL"
			if keep.Get(i) {
				want = str(a, i)
			}
			if got := str(out, i); got != want {
				t.Fatalf("row %d is %s, want %s", i, got, want)
			}
		}
	})
}

func TestWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "bits")
		off := rapid.IntRange(0, 70).Draw(t, "offset")
		buf := rapid.SliceOfN(rapid.Byte(), (n+off+7)/8, (n+off+7)/8).Draw(t, "bytes")
		if len(buf) == 0 {
			return
		}
		w := readBits(buf, off, n)
		var rows []int32
		for i := range n {
			bit := buf[(off+i)/8]>>((off+i)%8)&1 != 0
			if w.Get(i) != bit || w.Not(n).Get(i) == bit {
				t.Fatalf("bit %d is wrong", i)
			}
			if bit {
				rows = append(rows, int32(i))
			}
		}
		if fmt.Sprint(w.Rows()) != fmt.Sprint(rows) || w.Count() != len(rows) {
			t.Fatalf("rows are %v, want %v", w.Rows(), rows)
		}
	})
}
