package udf

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/sqltype"
	"volley/udf/vector"
)

// less is x < y, strict.
func less(_ *Context, args []Arg, n int) (arrow.Array, error) {
	x, y := vector.NewColumn(vector.Fixed[int32](args[0].Array), args[0].Const), vector.NewColumn(vector.Fixed[int32](args[1].Array), args[1].Const)
	var v vector.Validity
	out := make([]bool, n)
	for i := range out {
		for _, a := range args {
			if row := i; a.Array.IsNull(row * min(1, a.Array.Len()-1)) {
				v.SetNull(i, n)
			}
		}
		out[i] = x.At(i) < y.At(i)
	}
	return vector.FromBools(out, v), nil
}

// TestQuantified compares < ANY and < ALL over random arrays with SQL's rules,
// for constant and varying operands.
func TestQuantified(t *testing.T) {
	r := NewRegistry()
	if err := r.RegisterScalar(&Scalar{Name: "<", Params: []arrow.DataType{sqltype.Int32, sqltype.Int32}, Returns: sqltype.Bool, Batch: less}); err != nil {
		t.Fatal(err)
	}
	const null = -9
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 9).Draw(t, "rows")
		value := rapid.SampledFrom([]int{null, 0, 1, 2, 3})
		constLeft, constArray := rapid.Bool().Draw(t, "constLeft"), rapid.Bool().Draw(t, "constArray")
		left := array.NewInt32Builder(memory.DefaultAllocator)
		lists := array.NewListBuilder(memory.DefaultAllocator, sqltype.Int32)
		var xs []int
		var ys [][]int
		for range n {
			x := value.Draw(t, "x")
			var y []int
			if rapid.IntRange(0, 4).Draw(t, "null") > 0 {
				y = rapid.SliceOfN(value, 0, 4).Draw(t, "y")
			}
			xs, ys = append(xs, x), append(ys, y)
			appendOr(left, x, null)
			lists.Append(y != nil)
			for _, v := range y {
				appendOr(lists.ValueBuilder().(*array.Int32Builder), v, null)
			}
		}
		args := []Arg{{Array: left.NewArray()}, {Array: lists.NewArray()}}
		for k, constant := range []bool{constLeft, constArray} {
			if constant {
				args[k] = Arg{Array: array.NewSlice(args[k].Array, 0, 1), Const: true}
			}
		}
		for _, all := range []bool{false, true} {
			name := AnyPrefix + "<"
			if all {
				name = AllPrefix + "<"
			}
			f, err := r.FindScalar(name, []arrow.DataType{sqltype.Int32, arrow.ListOf(sqltype.Int32)})
			if err != nil {
				t.Fatal(err)
			}
			out, err := f.Batch(&Context{}, args, n)
			if err != nil {
				t.Fatal(err)
			}
			for i := range n {
				x, y := xs[i], ys[i]
				if constLeft {
					x = xs[0]
				}
				if constArray {
					y = ys[0]
				}
				if got, want := out.ValueStr(i), verdict(x, y, all, null); got != want {
					t.Fatalf("%d %s %v: got %s, want %s", x, name, y, got, want)
				}
			}
		}
	})
}

func appendOr(b *array.Int32Builder, v, null int) {
	if v == null {
		b.AppendNull()
	} else {
		b.Append(int32(v))
	}
}

// verdict is the definition.
func verdict(x int, y []int, all bool, null int) string {
	if y == nil {
		return "(null)"
	}
	unknown := false
	for _, v := range y {
		switch {
		case x == null || v == null:
			unknown = true
		case (x < v) != all:
			return fmt.Sprint(!all)
		}
	}
	if unknown {
		return "(null)"
	}
	return fmt.Sprint(all)
}
