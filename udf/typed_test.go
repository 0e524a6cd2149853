package udf

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
)

// column reads one value a word; "-" is NULL.
func column(t testing.TB, typ arrow.DataType, words string) Arg {
	t.Helper()
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	parse := sqltype.NewTextParser(typ, sqltype.TextOptions{})
	for _, w := range strings.Fields(words) {
		if w == "-" {
			b.AppendNull()
		} else if err := parse(b, []byte(w)); err != nil {
			t.Fatal(err)
		}
	}
	return Arg{Array: b.NewArray()}
}

func constant(t testing.TB, typ arrow.DataType, word string) Arg {
	a := column(t, typ, word)
	a.Const = true
	return a
}

func run(t testing.TB, r *Registry, name string, n int, args ...Arg) (string, error) {
	t.Helper()
	var ts []arrow.DataType
	for _, a := range args {
		ts = append(ts, a.Array.DataType())
	}
	f, err := r.FindScalar(name, ts)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Batch(&Context{}, args, n)
	if err != nil {
		return "", err
	}
	enc := sqltype.NewTextEncoder(out.DataType(), sqltype.TextOptions{})
	var words []string
	for i := range out.Len() {
		if out.IsNull(i) {
			words = append(words, "-")
		} else {
			words = append(words, string(enc(nil, out, i)))
		}
	}
	return strings.Join(words, " "), nil
}

func TestScalarTypes(t *testing.T) {
	r := NewRegistry()
	Scalar0("zero", func() int32 { return 7 }, In(r), WithVolatility(Volatile))
	Scalar1("same", func(b bool) bool { return b }, In(r))
	Scalar1("same", func(x int16) int16 { return x }, In(r))
	Scalar1("same", func(x float32) float32 { return x }, In(r))
	Scalar1("same", func(x []byte) []byte { return x }, In(r))
	Scalar1("same", func(x time.Time) time.Time { return x }, In(r))
	Scalar1("next_day", func(x time.Time) time.Time { return x.AddDate(0, 0, 1) }, In(r), WithTypes(sqltype.Date, sqltype.Date))
	Scalar2("sum", func(a int64, b float64) float64 { return float64(a) + b }, In(r))
	Scalar2("first", func(a, b Null[string]) Null[string] {
		if a.Valid {
			return a
		}
		return b
	}, In(r))
	Scalar2("mixed", func(a Null[int32], b string) string {
		if !a.Valid {
			return "none" + b
		}
		return b
	}, In(r))
	Scalar8("join", func(a, b, c, d, e, f, g, h string) string { return a + b + c + d + e + f + g + h }, In(r))

	text := func(w string) Arg { return column(t, sqltype.Text, w) }
	for _, c := range []struct {
		name string
		n    int
		args []Arg
		want string
	}{
		{"zero", 3, nil, "7 7 7"},
		{"same", 3, []Arg{column(t, sqltype.Bool, "t - f")}, "t - f"},
		{"same", 2, []Arg{column(t, sqltype.Int16, "-7 -")}, "-7 -"},
		{"same", 2, []Arg{column(t, sqltype.Float32, "1.5 -")}, "1.5 -"},
		{"same", 2, []Arg{column(t, sqltype.Bytea, `\x00ff -`)}, `\x00ff -`},
		{"same", 1, []Arg{column(t, sqltype.TimestampTZ, "1969-12-31T23:59:59.999999Z")}, "1969-12-31 23:59:59.999999+00"},
		{"next_day", 2, []Arg{column(t, sqltype.Date, "1969-12-31 2024-02-28")}, "1970-01-01 2024-02-29"},
		{"sum", 3, []Arg{column(t, sqltype.Int64, "1 - 3"), column(t, sqltype.Float64, "0.5 1 -")}, "1.5 - -"},
		{"sum", 2, []Arg{column(t, sqltype.Int64, "1 2"), constant(t, sqltype.Float64, "0.5")}, "1.5 2.5"},
		{"sum", 2, []Arg{column(t, sqltype.Int64, "1 2"), constant(t, sqltype.Float64, "-")}, "- -"},
		{"sum", 2, []Arg{constant(t, sqltype.Int64, "1"), constant(t, sqltype.Float64, "2")}, "3"},
		{"first", 3, []Arg{text("a - -"), text("b b -")}, "a b -"},
		{"mixed", 3, []Arg{column(t, sqltype.Int32, "1 - -"), text("x y -")}, "x noney -"},
		{"join", 2, []Arg{text("a -"), text("b b"), text("c c"), text("d d"), text("e e"), text("f f"), text("g g"), text("h h")}, "abcdefgh -"},
	} {
		got, err := run(t, r, c.name, c.n, c.args...)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestFunctionFailures(t *testing.T) {
	r := NewRegistry()
	Scalar2Err("f", func(a int64, b string) (int64, error) {
		switch b {
		case "panic":
			var none []int
			return int64(none[a]), nil
		case "coded":
			return 0, sqlerr.New(sqlerr.DivisionByZero, "division by zero")
		case "error":
			return 0, errors.New("boom")
		}
		return a, nil
	}, In(r))
	for _, c := range []struct{ word, code, message string }{
		{"panic", "38000", "function f(2, 'panic') failed: panic: runtime error: index out of range [2] with length 0"},
		{"error", "38000", "function f(2, 'error') failed: boom"},
		{"coded", "22012", "function f(2, 'coded') failed: division by zero"},
	} {
		_, err := run(t, r, "f", 3, column(t, sqltype.Int64, "1 2 3"), column(t, sqltype.Text, "ok "+c.word+" ok"))
		row := (*RowError)(nil)
		if !errors.As(err, &row) || row.Row != 1 || sqlerr.Code(err) != c.code || sqlerr.Find(err).Message != c.message {
			t.Errorf("%s: got %v", c.word, err)
		}
		// The same row is harmless when another argument is NULL there.
		if got, err := run(t, r, "f", 1, column(t, sqltype.Int64, "-"), column(t, sqltype.Text, c.word)); err != nil || got != "-" {
			t.Errorf("%s with NULL: got %q, %v", c.word, got, err)
		}
	}
}

func TestBatchFunctionFailures(t *testing.T) {
	r := NewRegistry()
	for name, f := range map[string]batchFunc{
		"panics": func(*Context, []Arg, int) (arrow.Array, error) { panic("boom") },
		"short": func(_ *Context, args []Arg, _ int) (arrow.Array, error) {
			return array.NewSlice(args[0].Array, 0, 1), nil
		},
	} {
		if err := r.RegisterScalar(&Scalar{Name: name, Params: []arrow.DataType{sqltype.Int64}, Returns: sqltype.Int64, Batch: f, User: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := run(t, r, name, 2, column(t, sqltype.Int64, "1 2")); sqlerr.Code(err) != sqlerr.ExternalRoutine || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestRegistration(t *testing.T) {
	r := NewRegistry()
	before := r.Fingerprint()
	Scalar1("F", func(x int64) int64 { return x }, In(r))
	if r.Fingerprint() == before {
		t.Error("the fingerprint does not show a new function")
	}
	if err := r.RegisterScalar(&Scalar{Name: "f", Params: []arrow.DataType{sqltype.Int64}, Returns: sqltype.Text, Batch: func(*Context, []Arg, int) (arrow.Array, error) { return nil, nil }}); sqlerr.Code(err) != sqlerr.DuplicateFunction {
		t.Errorf("duplicate: got %v", err)
	}
	if err := r.RegisterScalar(&Scalar{Name: "g"}); err == nil {
		t.Error("a function without a body is accepted")
	}
	defer func() {
		if recover() == nil {
			t.Error("a text parameter is accepted as a date")
		}
	}()
	Scalar1("h", func(x string) string { return x }, In(r), WithTypes(nil, sqltype.Date))
}

func TestSuggestion(t *testing.T) {
	r := NewRegistry()
	Scalar1("classify", func(x int64) int64 { return x }, In(r))
	for _, c := range []struct{ name, hint string }{
		{"clasify", `Did you mean "classify"?`},
		{"something_else", "No function matches the given name and argument types. You might need to add explicit type casts."},
	} {
		_, err := r.ResolveScalar(c.name, []arrow.DataType{sqltype.Int64})
		if sqlerr.Code(err) != sqlerr.UndefinedFunction || sqlerr.Find(err).Hint != c.hint {
			t.Errorf("%s: got %v, hint %q", c.name, err, sqlerr.Find(err).Hint)
		}
	}
}

type meanState struct{ Sum, N float64 }

func TestTypedAggregate(t *testing.T) {
	r := NewRegistry()
	Aggregate1("mean", func(s *meanState, x float64) {
		if x == 13 {
			panic("unlucky")
		}
		s.Sum += x
		s.N++
	}, Aggregation[meanState, Null[float64]]{
		Merge: func(into *meanState, o meanState) { into.Sum += o.Sum; into.N += o.N },
		Final: func(s meanState) Null[float64] {
			return Null[float64]{V: s.Sum / max(s.N, 1), Valid: s.N > 0}
		},
	}, In(r))
	agg, err := r.FindAggregate("mean", []arrow.DataType{sqltype.Float64})
	if err != nil {
		t.Fatal(err)
	}
	make1 := func() Accumulator {
		a, err := agg.New(&Context{}, agg.Params)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	final := make1()
	for _, words := range []string{"1 2 -", "3 - 8"} {
		part := make1()
		if err := part.Update([]uint32{0, 1, 1}, 2, []Arg{column(t, sqltype.Float64, words)}); err != nil {
			t.Fatal(err)
		}
		states, err := part.State(0, 3)
		if err != nil {
			t.Fatal(err)
		}
		if err := final.Merge([]uint32{0, 1, 2}, 3, states); err != nil {
			t.Fatal(err)
		}
	}
	got, err := final.Result(0, 3)
	if err != nil || got.String() != "[2 5 (null)]" {
		t.Errorf("got %v, %v", got, err)
	}
	err = final.Update([]uint32{0, 0}, 3, []Arg{column(t, sqltype.Float64, "12 13")})
	if row := (*RowError)(nil); !errors.As(err, &row) || row.Row != 1 || !strings.Contains(err.Error(), "mean(13) failed: panic: unlucky") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkScalar4(b *testing.B) {
	r := NewRegistry()
	Scalar4("f", func(a int64, x float64, s, t string) float64 { return float64(a) + x + float64(len(s)+len(t)) }, In(r))
	const n = 8192
	args := []Arg{
		column(b, sqltype.Int64, strings.Repeat("12 ", n)), column(b, sqltype.Float64, strings.Repeat("1.5 ", n)),
		column(b, sqltype.Text, strings.Repeat("abc ", n)), column(b, sqltype.Text, strings.Repeat("defg ", n)),
	}
	f := r.Scalars()[0]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Batch(&Context{}, args, n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

func TestCallsStopWhenTheStatementIsCancelled(t *testing.T) {
	r := NewRegistry()
	calls := 0
	done := make(chan struct{})
	Scalar1("f", func(x int64) int64 {
		if calls++; calls == 20 {
			close(done)
		}
		return x
	}, In(r))
	f, err := r.FindScalar("f", []arrow.DataType{sqltype.Int64})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Batch(&Context{Done: done}, []Arg{column(t, sqltype.Int64, strings.Repeat("1 ", 1000))}, 1000)
	if sqlerr.Code(err) != sqlerr.QueryCanceled || calls > 20+callsPerCheck {
		t.Errorf("%v after %d calls", err, calls)
	}
}
