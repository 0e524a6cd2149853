package physical

import (
	"bytes"
	"fmt"
	"math/rand"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/planner/expr"
	"volley/sqltype"
)

// samples has a text for every SQL type.
var samples = []struct {
	t    arrow.DataType
	text string
}{
	{sqltype.Bool, "true"},
	{sqltype.Int16, "-7"},
	{sqltype.Int32, "2147483647"},
	{sqltype.Int64, "-9223372036854775808"},
	{sqltype.Float32, "1.5"},
	{sqltype.Float64, "-Infinity"},
	{sqltype.Decimal(38, 10), "-12345678901234567890.0123456789"},
	{sqltype.Numeric, "123456789012345678901234567890123456789012.5"},
	{sqltype.Text, "näive \x01"},
	{sqltype.Bytea, `\x00ff`},
	{sqltype.Date, "2015-01-31"},
	{sqltype.Time, "23:59:59.5"},
	{sqltype.Timestamp, "2015-01-31 10:00:00"},
	{sqltype.TimestampTZ, "2015-01-31 10:00:00+02"},
	{sqltype.Interval, "1 mon 2 days 00:00:03"},
	{sqltype.UUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
	{sqltype.JSONB, `{"a": 1}`},
	{arrow.ListOf(sqltype.Int32), "{1,NULL,3}"},
}

func literal(t testing.TB, typ arrow.DataType, text string) *expr.Literal {
	t.Helper()
	v, err := sqltype.Scalar(typ, text)
	if err != nil {
		t.Fatalf("%s %q: %v", typ, text, err)
	}
	return &expr.Literal{Value: v}
}

// roundTrip encodes, decodes and encodes again.
func roundTrip(t testing.TB, f *Fragment) *Fragment {
	t.Helper()
	b, err := Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Decode(b)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	again, err := Encode(g)
	if err != nil || !bytes.Equal(b, again) {
		t.Fatalf("decoding and encoding again gives other bytes (%v)", err)
	}
	return g
}

func TestLiteralsRoundTrip(t *testing.T) {
	for _, s := range samples {
		l := literal(t, s.t, s.text)
		null := &expr.Literal{Value: sqltype.NullArray(s.t, 1)}
		schema := arrow.NewSchema([]arrow.Field{{Name: "a", Type: s.t}, {Name: "b", Type: s.t}}, nil)
		g := roundTrip(t, &Fragment{Root: &Values{Rows: [][]expr.Expr{{l, null}}, Out: schema}})
		row := g.Root.(*Values).Rows[0]
		for i, want := range []*expr.Literal{l, null} {
			got := row[i].(*expr.Literal)
			if !sqltype.Equal(got.DataType(), s.t) || !array.Equal(got.Value, want.Value) {
				t.Errorf("%s %q: got %s of type %s", s.t, s.text, got.Value, got.DataType())
			}
		}
		if !g.Root.Schema().Equal(schema) {
			t.Errorf("%s: schema %s", s.t, g.Root.Schema())
		}
	}
}

func TestFragmentRoundTrip(t *testing.T) {
	for seed := range int64(300) {
		r := rand.New(rand.NewSource(seed))
		f := &Fragment{
			Task: TaskID{fmt.Sprint("q", seed), 1, 2, 3}, Root: randomNode(t, r, 4),
			Output:    Partitioning{Kind: Hash, Keys: []expr.Expr{randomExpr(t, r, 2)}, Count: r.Intn(9)},
			Splits:    map[int][]catalog.Split{0: {{Index: 1, File: catalog.FileInfo{Path: "/x", Size: 9, Version: "v"}, Start: 3, End: 9, Exact: true, Rows: -1, Bytes: 6, Pruned: 2, Inline: []byte{1, 2}}}},
			Partition: 7, Sources: map[int][]Source{3: {{Task: TaskID{"q", 3, 0, 1}, Worker: "w", Address: "h:1"}}},
			Session: Session{TimeZone: "Europe/Paris", Now: -5, BatchRows: 8192, MemoryLimit: 1 << 40, SplitBytes: 7, User: "u", Database: "d", Seed: [4]int64{1, 2, 3, -1 << 63}},
		}
		g := roundTrip(t, f)
		if got, want := tree(g.Root), tree(f.Root); got != want {
			t.Fatalf("seed %d:\n%s\nwant\n%s", seed, got, want)
		}
		if g.Session != f.Session || g.Task != f.Task || g.Sources[3][0] != f.Sources[3][0] || g.Splits[0][0].File != f.Splits[0][0].File {
			t.Fatalf("seed %d: %+v", seed, g)
		}
	}
}

func tree(n Node) string {
	p := &Plan{Stages: []*Stage{{Root: n, Scan: -1}}}
	return p.String() + n.Schema().String()
}

func randomNode(t testing.TB, r *rand.Rand, depth int) Node {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "a", Type: sqltype.Int64, Nullable: true, Metadata: arrow.NewMetadata([]string{"k"}, []string{"v"})},
		{Name: "b", Type: &arrow.DictionaryType{IndexType: sqltype.Int32, ValueType: sqltype.Text}},
	}, nil)
	if depth == 0 {
		if r.Intn(2) == 0 {
			return &ExchangeSource{Stage: r.Intn(5), Ordered: true, Broadcast: r.Intn(2) == 0, Merge: []SortKey{{randomExpr(t, r, 1), true, false}}, Limit: 3, Out: schema}
		}
		return &Scan{ID: 1, Filter: randomExpr(t, r, 2), Rows: 5, Spec: catalog.ScanSpec{
			Table: "t", Format: "csv", Options: map[string]string{"delim": ";", "quote": ""}, Schema: schema, Projection: []int{1, 0},
			Partition: []string{"b"}, Pruning: []catalog.Predicate{{Column: 0, Op: "in", Values: []arrow.Array{literal(t, sqltype.Int64, "3").Value}}}, Limit: 9,
		}}
	}
	in := randomNode(t, r, depth-1)
	e := func() expr.Expr { return randomExpr(t, r, 3) }
	switch r.Intn(17) {
	case 0:
		return &Filter{in, e()}
	case 1:
		return &Project{in, []expr.Expr{e(), e()}, []string{"x", "y"}}
	case 2:
		call := AggCall{Func: "sum", Args: []expr.Expr{e()}, ArgTypes: []arrow.DataType{sqltype.Int64}, Distinct: true, Filter: e(), OrderBy: []SortKey{{e(), false, true}}, Type: sqltype.Numeric, Pos: -1}
		return &Aggregate{in, Partial, []expr.Expr{e()}, []AggCall{call}, [][]expr.Expr{{e()}}, 3, schema}
	case 3:
		return &Join{Left: in, Right: randomNode(t, r, 0), Kind: Anti, LeftKeys: []expr.Expr{e()}, RightKeys: []expr.Expr{e()}, Residual: e(), NullAware: true, NullEqual: []bool{true}, Early: r.Intn(2) == 0, Out: schema}
	case 4:
		return &Sort{in, []SortKey{{e(), true, true}}, -1}
	case 5:
		return &Limit{in, 5, 6, []SortKey{{e(), true, false}}}
	case 6:
		return &Union{[]Node{in, randomNode(t, r, 0)}, schema}
	case 7:
		return &Expand{in, [][]expr.Expr{{e(), e()}, {e(), e()}}, schema}
	case 8:
		return &Repeat{in, e()}
	case 9:
		return &Unique{in, []SortKey{{e(), false, false}}}
	case 11:
		return &Spool{ID: 3, Input: in, Out: schema}
	case 12:
		return &Recursive{ID: 1, Initial: in, Step: &Union{[]Node{&WorkingTable{1, schema}, &Spool{ID: 3, Out: schema}}, schema}, All: true, Out: schema}
	case 14:
		keep := []int{0}
		if in.Schema().NumFields() == 0 {
			keep = nil
		}
		calls := []SetCall{{Func: "unnest", Args: []expr.Expr{e()}, Columns: schema.Fields(), Pos: 4}}
		fields := append([]arrow.Field(nil), in.Schema().Fields()[:len(keep)]...)
		fields = append(append(fields, schema.Fields()...), arrow.Field{Name: "ordinality", Type: sqltype.Int64})
		return &ProjectSet{Input: in, Keep: keep, Calls: calls, Ordinality: true, Outer: true, Out: arrow.NewSchema(fields, nil)}
	case 15:
		if in.Schema().NumFields() == 0 {
			return in
		}
		return &KeyFilter{Input: in, From: randomNode(t, r, 0), Keys: []int{0}, FromKeys: []int{0}, Early: r.Intn(2) == 0}
	case 10:
		return &Sample{Input: in, System: true, PerTask: true, Threshold: SampleAll, Seed: -7}
	case 13:
		frame := expr.Frame{Unit: expr.Groups, Start: expr.Bound{Kind: expr.Preceding, Offset: e()}, End: expr.Bound{Kind: expr.CurrentRow}, Exclude: expr.ExcludeTies}
		call := WindowCall{Func: "sum", Aggregate: true, Args: []expr.Expr{e()}, ArgTypes: []arrow.DataType{sqltype.Int64}, Filter: e(), Frame: frame, Type: sqltype.Numeric, Pos: 7}
		return &Window{in, []expr.Expr{e()}, []SortKey{{e(), true, false}}, []WindowCall{call}, schema}
	}
	return &EncodeText{in, TextFormat{CSV: true, Delimiter: ',', Quote: '"', Escape: '"', Null: `\N`, ForceQuote: []bool{true, false}, TimeZone: "UTC"}}
}

func randomExpr(t testing.TB, r *rand.Rand, depth int) expr.Expr {
	if depth == 0 {
		s := samples[r.Intn(len(samples))]
		switch r.Intn(3) {
		case 0:
			return &expr.Column{Index: r.Intn(2), Name: "c", Type: s.t}
		case 1:
			return &expr.Param{Index: 1, Type: s.t}
		}
		return literal(t, s.t, s.text)
	}
	a, b := randomExpr(t, r, depth-1), randomExpr(t, r, depth-1)
	switch r.Intn(7) {
	case 0:
		return &expr.Call{Func: "+", Args: []expr.Expr{a, b}, Type: sqltype.Int64, Pos: 3}
	case 1:
		return &expr.Cast{Arg: a, Type: sqltype.Text, Try: true, VarcharLen: 3, Pad: true, Pos: -1}
	case 2:
		return &expr.Logic{Or: true, Args: []expr.Expr{a, b}}
	case 3:
		return &expr.Case{Whens: []expr.When{{Cond: a, Then: b}}, Else: a, Type: b.DataType()}
	case 4:
		return &expr.Coalesce{Args: []expr.Expr{a, b}, Type: sqltype.Bool}
	case 5:
		return &expr.In{Arg: a, List: []expr.Expr{b}, Negated: true}
	}
	return &expr.In{Arg: a, List: []expr.Expr{literal(t, sqltype.Date, "2020-01-01"), &expr.Literal{Value: sqltype.NullArray(sqltype.Date, 1)}, literal(t, sqltype.Date, "2020-01-02")}}
}

func FuzzDecode(f *testing.F) {
	for seed := range int64(20) {
		r := rand.New(rand.NewSource(seed))
		b, err := Encode(&Fragment{Root: randomNode(f, r, 3), Session: Session{TimeZone: "UTC"}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Decode(b)
		if err != nil {
			return
		}
		if _, err := Encode(g); err != nil {
			t.Fatalf("a decoded fragment cannot be encoded: %v", err)
		}
	})
}

// A long IN list is the largest thing a fragment usually holds.
func BenchmarkEncodeInList(b *testing.B) {
	list := make([]expr.Expr, 100_000)
	for i := range list {
		bld := array.NewInt64Builder(memory.DefaultAllocator)
		bld.Append(int64(i))
		list[i] = &expr.Literal{Value: bld.NewArray()}
	}
	f := &Fragment{Root: &Filter{Input: &Values{Out: arrow.NewSchema(nil, nil)}, Predicate: &expr.In{Arg: &expr.Column{Type: sqltype.Int64}, List: list}}}
	for b.Loop() {
		enc, err := Encode(f)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Decode(enc); err != nil {
			b.Fatal(err)
		}
	}
}
