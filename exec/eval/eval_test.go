package eval

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/builtin"
)

// env has the built-in functions and picky(int), which fails on 13 and counts
// the rows it sees.
func newEnv(t interface{ Fatalf(string, ...any) }) (*Env, *int) {
	r := udf.NewRegistry()
	if err := builtin.Register(r); err != nil {
		t.Fatalf("%v", err)
	}
	seen := 0
	err := r.RegisterScalar(&udf.Scalar{
		Name: "picky", Params: []arrow.DataType{sqltype.Int32}, Returns: sqltype.Bool, User: true,
		Batch: func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			b := array.NewBooleanBuilder(memory.DefaultAllocator)
			a := args[0].Array.(*array.Int32)
			for i := range n {
				r := i
				if args[0].Const {
					r = 0
				}
				seen++
				if a.IsNull(r) {
					b.AppendNull()
					continue
				}
				if a.Value(r) == 13 {
					return nil, &udf.RowError{Row: i, Err: errors.New("unlucky")}
				}
				b.Append(a.Value(r)%2 == 0)
			}
			return b.NewArray(), nil
		},
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return &Env{Registry: r, Context: &udf.Context{TimeZone: time.UTC}}, &seen
}

func ints(values ...any) arrow.Array {
	b := array.NewInt32Builder(memory.DefaultAllocator)
	for _, v := range values {
		if v == nil {
			b.AppendNull()
		} else {
			b.Append(int32(v.(int)))
		}
	}
	return b.NewArray()
}

func column0() expr.Expr { return &expr.Column{Index: 0, Type: sqltype.Int32} }

func literal32(v any) expr.Expr { return &expr.Literal{Value: ints(v)} }

func call(name string, typ arrow.DataType, args ...expr.Expr) expr.Expr {
	return &expr.Call{Func: name, Args: args, Type: typ, Pos: 3}
}

// show is the values of an array: "1 NULL 2".
func show(a arrow.Array) string {
	parts := make([]string, a.Len())
	for i := range parts {
		parts[i] = "NULL"
		if !a.IsNull(i) {
			parts[i] = a.ValueStr(i)
		}
	}
	return strings.Join(parts, " ")
}

func run(t *testing.T, env *Env, e expr.Expr, cols ...arrow.Array) (string, error) {
	t.Helper()
	p, err := env.Compile(e)
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.Array(Columns(cols, cols[0].Len()))
	if err != nil {
		return "", err
	}
	return show(a), nil
}

func TestLazyOperands(t *testing.T) {
	env, seen := newEnv(t)
	is13 := call("=", sqltype.Bool, column0(), literal32(13))
	not13 := call("<>", sqltype.Bool, column0(), literal32(13))
	picky := call("picky", sqltype.Bool, column0())
	null := &expr.Literal{Value: array.MakeArrayOfNull(memory.DefaultAllocator, sqltype.Bool, 1)}
	in := ints(1, 13, nil, 2, 13, 4)
	for _, c := range []struct {
		name string
		e    expr.Expr
		want string
		rows int // that picky sees
	}{
		{"and", &expr.Logic{Args: []expr.Expr{not13, picky}}, "false false NULL true false true", 4},
		{"or", &expr.Logic{Or: true, Args: []expr.Expr{is13, picky}}, "false true NULL true true true", 4},
		{"case", &expr.Case{Type: sqltype.Bool, Else: picky, Whens: []expr.When{{Cond: is13, Then: null}}}, "false NULL NULL true NULL true", 4},
		{"case then", &expr.Case{Type: sqltype.Bool, Else: null, Whens: []expr.When{{Cond: not13, Then: picky}}}, "false NULL NULL true NULL true", 3},
		{"nested", &expr.Case{Type: sqltype.Bool, Else: null, Whens: []expr.When{
			{Cond: &expr.Logic{Args: []expr.Expr{not13, call(">", sqltype.Bool, column0(), literal32(1))}}, Then: picky},
		}}, "NULL NULL NULL true NULL true", 2},
		{"coalesce", &expr.Coalesce{Type: sqltype.Bool, Args: []expr.Expr{
			&expr.Case{Type: sqltype.Bool, Else: null, Whens: []expr.When{{Cond: is13, Then: is13}}}, picky, not13,
		}}, "false true NULL true true true", 4},
	} {
		*seen = 0
		got, err := run(t, env, c.e, in)
		if err != nil || got != c.want {
			t.Errorf("%s: got %s, %v; want %s", c.name, got, err, c.want)
		}
		if *seen != c.rows {
			t.Errorf("%s: picky saw %d rows, want %d", c.name, *seen, c.rows)
		}
	}
}

// TestRowOfError: the row of a failure counts in the whole batch, through any
// number of sub-selections.
func TestRowOfError(t *testing.T) {
	env, _ := newEnv(t)
	big := call(">", sqltype.Bool, column0(), literal32(10))
	bigger := call(">", sqltype.Bool, column0(), literal32(12))
	e := &expr.Case{Type: sqltype.Bool, Else: big, Whens: []expr.When{{
		Cond: big, Then: &expr.Logic{Args: []expr.Expr{bigger, call("picky", sqltype.Bool, column0())}},
	}}}
	_, err := run(t, env, e, ints(1, 11, 12, 2, 14, 13, 15))
	row := (*udf.RowError)(nil)
	if !errors.As(err, &row) || row.Row != 5 {
		t.Fatalf("got %#v", err)
	}
	f := sqlerr.Find(err)
	if f.Code != sqlerr.ExternalRoutine || f.Detail != "picky(13)" || f.Position != 4 {
		t.Errorf("got %+v", f)
	}
}

func TestConstants(t *testing.T) {
	env, seen := newEnv(t)
	p, err := env.Compile(call("picky", sqltype.Bool, literal32(2)))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		a, err := p.Arg(Columns(nil, 1000))
		if err != nil || !a.Const || show(a.Array) != "true" {
			t.Fatalf("got %v, %v", a, err)
		}
	}
	if *seen != 1 {
		t.Errorf("a constant was computed %d times", *seen)
	}
	// A strict function of a constant NULL does not look at its other arguments.
	got, err := run(t, env, call("+", sqltype.Int32, column0(), literal32(nil)), ints(1, 2))
	if err != nil || got != "NULL NULL" {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := env.Compile(&expr.Param{Index: 1, Type: sqltype.Int32}); sqlerr.Code(err) != sqlerr.UndefinedParameter {
		t.Errorf("got %v", err)
	}
}

func TestDictionaryIsEvaluatedOnce(t *testing.T) {
	env, seen := newEnv(t)
	values := ints(13, 2, 3) // 13 is in no row
	typ := &arrow.DictionaryType{IndexType: sqltype.Int32, ValueType: sqltype.Int32}
	dict := func(v arrow.Array, indices ...any) arrow.Array {
		return array.NewDictionaryArray(typ, ints(indices...), v)
	}

	good := ints(1, 2, 3)
	p, err := env.Compile(call("picky", sqltype.Bool, column0()))
	if err != nil {
		t.Fatal(err)
	}
	whole := dict(good, 1, nil, 2, 1, 1, 0)
	for range 2 {
		a, err := p.Array(Columns([]arrow.Array{whole}, 6))
		if err != nil || show(a) != "true NULL false true true false" {
			t.Fatalf("got %v, %v", a, err)
		}
	}
	if *seen != 3 {
		t.Errorf("%d values were computed, want 3", *seen)
	}
	a, err := p.Array(Columns([]arrow.Array{dict(values, 1, 2, nil, 1)}, 4))
	if err != nil || show(a) != "true false NULL true" {
		t.Errorf("got %v, %v", a, err)
	}
}

func TestIn(t *testing.T) {
	env, _ := newEnv(t)
	in := ints(1, 2, nil, 3)
	for _, c := range []struct {
		e    expr.In
		want string
	}{
		{expr.In{List: []expr.Expr{literal32(1), literal32(3)}}, "true false NULL true"},
		{expr.In{List: []expr.Expr{literal32(1), literal32(3)}, Negated: true}, "false true NULL false"},
		{expr.In{List: []expr.Expr{literal32(1), literal32(nil)}}, "true NULL NULL NULL"},
		{expr.In{List: []expr.Expr{literal32(1), literal32(nil)}, Negated: true}, "false NULL NULL NULL"},
	} {
		c.e.Arg = column0()
		if got, err := run(t, env, &c.e, in); err != nil || got != c.want {
			t.Errorf("%s: got %s, %v; want %s", &c.e, got, err, c.want)
		}
	}
}

// TestLogic compares AND and OR of random three-valued columns with the truth
// tables.
func TestLogic(t *testing.T) {
	env, _ := newEnv(t)
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(0, 150).Draw(t, "rows"), rapid.IntRange(2, 4).Draw(t, "operands")
		or := rapid.Bool().Draw(t, "or")
		cols := make([]arrow.Array, k)
		vals := make([][]int, k)
		l := &expr.Logic{Or: or}
		for c := range cols {
			vals[c] = rapid.SliceOfN(rapid.IntRange(-1, 1), n, n).Draw(t, "values")
			b := array.NewBooleanBuilder(memory.DefaultAllocator)
			for _, v := range vals[c] {
				if v == 0 {
					b.AppendNull()
				} else {
					b.Append(v == 1)
				}
			}
			cols[c] = b.NewArray()
			var operand expr.Expr = &expr.Column{Index: c, Type: sqltype.Bool}
			if rapid.Bool().Draw(t, "lazy") { // a cast from text may fail
				text := &expr.Cast{Arg: operand, Type: sqltype.Text, Pos: -1}
				operand = &expr.Cast{Arg: text, Type: sqltype.Bool, Pos: -1}
			}
			l.Args = append(l.Args, operand)
		}
		p, err := env.Compile(l)
		if err != nil {
			t.Fatalf("%v", err)
		}
		a, err := p.Array(Columns(cols, n))
		if err != nil {
			t.Fatalf("%v", err)
		}
		for i := range n {
			want := vals[0][i]
			for c := range k {
				if or {
					want = max(want, vals[c][i])
				} else {
					want = min(want, vals[c][i])
				}
			}
			got := map[string]int{"true": 1, "false": -1}[a.ValueStr(i)]
			if a.IsNull(i) {
				got = 0
			}
			if got != want {
				t.Fatalf("row %d is %d, want %d", i, got, want)
			}
		}
	})
}

func Example() {
	r := udf.NewRegistry()
	if err := builtin.Register(r); err != nil {
		panic(err)
	}
	env := &Env{Registry: r, Context: &udf.Context{TimeZone: time.UTC}}
	p, err := env.Compile(&expr.Call{Func: "+", Args: []expr.Expr{column0(), literal32(1)}, Type: sqltype.Int32, Pos: -1})
	if err != nil {
		panic(err)
	}
	a, err := p.Array(Columns([]arrow.Array{ints(1, nil, 3)}, 3))
	fmt.Println(show(a), err)
	// Output: 2 NULL 4 <nil>
}
