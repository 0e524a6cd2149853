package vector

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

func numbers(n int, nullEvery int) arrow.Array {
	b := array.NewInt32Builder(memory.DefaultAllocator)
	for i := range n {
		if i%nullEvery == 1 {
			b.AppendNull()
		} else {
			b.Append(int32(i))
		}
	}
	return b.NewArray()
}

// Views of slices begin at the slice's offset, and so do bitmaps made of them.
func TestSlicedViews(t *testing.T) {
	const lo, hi = 13, 99
	a := array.NewSlice(numbers(100, 3), lo, hi)
	b := array.NewSlice(numbers(200, 5), 2*lo, lo+hi)
	v := ValidityOf(a).And(b, hi-lo)
	nulls := 0
	for i, x := range Fixed[int32](a) {
		if a.IsValid(i) && x != int32(lo+i) {
			t.Fatalf("value %d is %d", i, x)
		}
		if v.Valid(i) != (a.IsValid(i) && b.IsValid(i)) {
			t.Fatalf("validity of %d", i)
		}
		if !v.Valid(i) {
			nulls++
		}
	}
	if nulls != v.Nulls {
		t.Errorf("%d nulls, counted %d", nulls, v.Nulls)
	}
}

func TestBlocksSpreadConstants(t *testing.T) {
	const n = 2*blockSize + 7
	vals := make([]int64, n)
	for i := range vals {
		vals[i] = int64(i)
	}
	next := 0
	Blocks(NewColumn(vals, false), NewColumn([]int64{5}, true), n, func(lo int, a, b []int64) {
		if lo != next || len(a) != len(b) || lo%8 != 0 {
			t.Fatalf("block at %d of %d and %d, after %d", lo, len(a), len(b), next)
		}
		for i := range a {
			if a[i] != int64(lo+i) || b[i] != 5 {
				t.Fatalf("row %d", lo+i)
			}
		}
		next += len(a)
	})
	if next != n {
		t.Errorf("%d rows of %d", next, n)
	}
}

func TestTake(t *testing.T) {
	list := array.NewListBuilder(memory.DefaultAllocator, arrow.PrimitiveTypes.Int32)
	text := array.NewStringBuilder(memory.DefaultAllocator)
	flag := array.NewBooleanBuilder(memory.DefaultAllocator)
	for i := range 5 {
		if i == 3 {
			list.AppendNull()
			text.AppendNull()
			flag.AppendNull()
			continue
		}
		list.Append(true)
		list.ValueBuilder().(*array.Int32Builder).Append(int32(i))
		text.Append(string(rune('a' + i)))
		flag.Append(i%2 == 0)
	}
	rows := []int32{2, 0, -1, 1, 2}
	for _, c := range []struct {
		a    arrow.Array
		want string
	}{
		{array.NewSlice(text.NewArray(), 1, 5), `[(null) "b" (null) "c" (null)]`},
		{array.NewSlice(flag.NewArray(), 1, 5), "[(null) false (null) true (null)]"},
		{array.NewSlice(list.NewArray(), 1, 5), "[(null) [1] (null) [2] (null)]"},
		{numbers(3, 3), "[2 0 (null) (null) 2]"},
		{array.NewNull(3), "[(null) (null) (null) (null) (null)]"},
	} {
		got, err := Take(c.a, rows)
		if err != nil || got.String() != c.want {
			t.Errorf("got %v, %v; want %s", got, err, c.want)
		}
	}
}
