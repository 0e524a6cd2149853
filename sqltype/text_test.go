package sqltype

import (
	"bytes"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// texts has one value of each type in its output form.
var texts = []struct {
	typ  arrow.DataType
	text string
}{
	{Bool, "t"},
	{Int16, "-7"},
	{Int32, "42"},
	{Int64, "9223372036854775807"},
	{Float32, "1.5"},
	{Float64, "1e+20"},
	{Decimal(10, 2), "-123.40"},
	{Numeric, "1.500"},
	{Text, "a b"},
	{Bytea, `\x00ff`},
	{Date, "2015-01-02"},
	{Time, "03:04:05.6"},
	{Timestamp, "2015-01-02 03:04:05"},
	{TimestampTZ, "2015-01-02 03:04:05+00"},
	{Interval, "1 year -2 days +00:00:03"},
	{UUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
	{JSON, `{"b": 1,"a":2}`},
	{JSONB, `{"a": 2, "b": 1.50}`},
	{arrow.ListOf(Text), `{a,"b c",NULL,"null","q\"q",""}`},
	{arrow.ListOf(arrow.ListOf(Int32)), `{{1,2},{3,NULL}}`},
	{arrow.ListOf(Numeric), `{1.50,2}`},
	{arrow.StructOf(
		arrow.Field{Name: "a", Type: Int32, Nullable: true},
		arrow.Field{Name: "b", Type: Text, Nullable: true},
		arrow.Field{Name: "c", Type: Text, Nullable: true},
		arrow.Field{Name: "d", Type: Text, Nullable: true},
	), `(1,"a b",,"q""\\")`},
	{&arrow.DictionaryType{IndexType: Int32, ValueType: Text}, "red"},
}

func TestTextRoundTrip(t *testing.T) {
	for _, c := range texts {
		a, err := Scalar(c.typ, c.text)
		if err != nil {
			t.Errorf("%s: %v", Name(c.typ), err)
			continue
		}
		if !Equal(a.DataType(), c.typ) || a.Len() != 1 {
			t.Errorf("%s: an array of %s, length %d", Name(c.typ), a.DataType(), a.Len())
		}
		if got := string(NewTextEncoder(c.typ, TextOptions{})([]byte("> "), a, 0)); got != "> "+c.text {
			t.Errorf("%s: got %s, want %s", Name(c.typ), got, c.text)
		}
		if n := NullArray(c.typ, 3); n.NullN() != 3 || !Equal(n.DataType(), c.typ) {
			t.Errorf("%s: null array %v", Name(c.typ), n)
		}
	}
}

// TestParserLeavesBuilderOnError checks that a bad element of a nested value
// appends nothing.
func TestParserLeavesBuilderOnError(t *testing.T) {
	for _, c := range []struct {
		typ  arrow.DataType
		text string
	}{
		{arrow.ListOf(Int32), "{1,2,x}"},
		{arrow.StructOf(arrow.Field{Name: "a", Type: Int32}, arrow.Field{Name: "b", Type: Int32}), "(1,x)"},
	} {
		b := array.NewBuilder(memory.DefaultAllocator, c.typ)
		if err := NewTextParser(c.typ, TextOptions{})(b, []byte(c.text)); err == nil || b.Len() != 0 {
			t.Errorf("%s %s: error %v, %d values", Name(c.typ), c.text, err, b.Len())
		}
	}
}

func TestExtensionsSurviveIPC(t *testing.T) {
	var fields []arrow.Field
	var cols []arrow.Array
	want := []string{"123456789012345678901234567890123456789012345.60", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", `{"a":1}`, `{"a": 1}`}
	for i, typ := range []arrow.DataType{Numeric, UUID, JSON, JSONB} {
		a, err := Scalar(typ, want[i])
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, arrow.Field{Name: Name(typ), Type: typ})
		cols = append(cols, a)
	}
	schema := arrow.NewSchema(fields, nil)
	var buf bytes.Buffer
	w := ipc.NewWriter(&buf, ipc.WithSchema(schema))
	if err := w.Write(array.NewRecord(schema, cols, 1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := ipc.NewReader(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Next() {
		t.Fatal("no record: ", r.Err())
	}
	for i, f := range r.Schema().Fields() {
		if !Equal(f.Type, fields[i].Type) {
			t.Fatalf("%s came back as %s", fields[i].Type, f.Type)
		}
		if got := string(NewTextEncoder(f.Type, TextOptions{})(nil, r.Record().Column(i), 0)); got != want[i] {
			t.Errorf("got %s, want %s", got, want[i])
		}
	}
}

func TestNumericBuilder(t *testing.T) {
	b := NewNumericBuilder(2)
	b.Append(NumFromInt64(7))
	b.AppendNull()
	if err := NewTextParser(Numeric, TextOptions{})(b, []byte("1.50")); err != nil {
		t.Fatal(err)
	}
	a := b.NewNumericArray()
	if a.Len() != 3 || a.NullN() != 1 || a.Value(0).String() != "7" || a.ValueStr(1) != array.NullValueStr || a.ValueStr(2) != "1.50" {
		t.Fatal(a)
	}
}

func TestSlicedNestedOutput(t *testing.T) {
	typ := arrow.ListOf(Int32)
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	for _, s := range []string{"{1}", "{2,3}", "{}"} {
		if err := NewTextParser(typ, TextOptions{})(b, []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	a := array.NewSlice(b.NewArray(), 1, 3)
	enc := NewTextEncoder(typ, TextOptions{})
	if got := string(enc(enc(nil, a, 0), a, 1)); got != "{2,3}{}" {
		t.Fatal(got)
	}
}
