package builtin

import (
	"errors"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/udf"
)

func int4s(nulls []bool, vals ...int32) arrow.Array {
	b := array.NewInt32Builder(memory.DefaultAllocator)
	for i, v := range vals {
		if nulls != nil && nulls[i] {
			b.AppendNull()
		} else {
			b.Append(v)
		}
	}
	return b.NewArray()
}

func call(t *testing.T, name string, n int, args ...udf.Arg) (arrow.Array, error) {
	t.Helper()
	r := newRegistry(t)
	f, err := r.FindScalar(name, argTypes(args))
	if err != nil {
		t.Fatal(err)
	}
	return f.Batch(&udf.Context{}, args, n)
}

// Overflow and division by zero in rows that are NULL are no errors; in others
// they name the row.
func TestFailuresInNullRows(t *testing.T) {
	const big = 1<<31 - 1
	a := int4s([]bool{false, true, false}, 1, big, 3)
	b := int4s(nil, 10, big, 0)
	got, err := call(t, "+", 3, udf.Arg{Array: a}, udf.Arg{Array: b})
	if err != nil || got.String() != "[11 (null) 3]" {
		t.Fatalf("got %v, %v", got, err)
	}
	_, err = call(t, "/", 3, udf.Arg{Array: a}, udf.Arg{Array: b})
	var re *udf.RowError
	ok := errors.As(err, &re)
	if !ok || re.Row != 2 || sqlerr.Code(err) != sqlerr.DivisionByZero {
		t.Fatalf("got %v", err)
	}
}

func TestSlicesAndConstants(t *testing.T) {
	a := array.NewSlice(int4s([]bool{false, false, true, false, false}, 1, 2, 3, 4, 5), 1, 5)
	b := array.NewSlice(int4s(nil, 9, 9, 9, 10, 20, 30, 40), 3, 7)
	five := udf.Arg{Array: int4s(nil, 5), Const: true}
	null := udf.Arg{Array: int4s([]bool{true}, 0), Const: true}
	for _, c := range []struct {
		name string
		a, b udf.Arg
		want string
	}{
		{"+", udf.Arg{Array: a}, udf.Arg{Array: b}, "[12 (null) 34 45]"},
		{"+", udf.Arg{Array: a}, five, "[7 (null) 9 10]"},
		{"-", five, udf.Arg{Array: a}, "[3 (null) 1 0]"},
		{"-", five, five, "[0]"},
		{"-", udf.Arg{Array: a}, null, "[(null) (null) (null) (null)]"},
		{"<", udf.Arg{Array: a}, five, "[true (null) true false]"},
		{"<=", five, udf.Arg{Array: a}, "[false (null) false true]"},
		{"<>", udf.Arg{Array: a}, five, "[true (null) true false]"},
		{"is distinct from", udf.Arg{Array: a}, five, "[true true true false]"},
		{"is distinct from", udf.Arg{Array: a}, null, "[true false true true]"},
		{"is not distinct from", null, null, "[true]"},
		{"is distinct from", udf.Arg{Array: a}, udf.Arg{Array: a}, "[false false false false]"},
	} {
		got, err := call(t, c.name, 4, c.a, c.b)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: got %v, %v; want %s", c.name, got, err, c.want)
		}
	}
	for _, c := range []struct{ name, want string }{
		{"is null", "[false true false false]"},
		{"is not null", "[true false true true]"},
		{"-", "[-2 (null) -4 -5]"},
	} {
		got, err := call(t, c.name, 4, udf.Arg{Array: a})
		if err != nil || got.String() != c.want {
			t.Errorf("%s: got %v, %v; want %s", c.name, got, err, c.want)
		}
	}
}

// Loops over blocks must agree with themselves at block and byte boundaries.
func TestCompareManyRows(t *testing.T) {
	const n = 3001
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range n {
		b.Append(int64(i % 7))
	}
	a := b.NewArray()
	b.Append(3)
	three := udf.Arg{Array: b.NewArray(), Const: true}
	for _, r := range relations {
		got, err := call(t, r.name, n, udf.Arg{Array: a}, three)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if got.(*array.Boolean).Value(i) != r.holds(i%7-3) {
				t.Fatalf("row %d: %d %s 3 is %v", i, i%7, r.name, got.(*array.Boolean).Value(i))
			}
		}
	}
}
