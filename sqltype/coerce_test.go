package sqltype

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
)

func TestCommonType(t *testing.T) {
	dict := &arrow.DictionaryType{IndexType: Int32, ValueType: Text}
	for _, c := range []struct {
		in   []arrow.DataType
		want string
	}{
		{[]arrow.DataType{Unknown, Unknown}, "text"},
		{[]arrow.DataType{Int32, Unknown}, "integer"},
		{[]arrow.DataType{Unknown, Date}, "date"},
		{[]arrow.DataType{Int16, Int64, Int32}, "bigint"},
		{[]arrow.DataType{Int32, Float64}, "double precision"},
		{[]arrow.DataType{Numeric, Float64}, "double precision"},
		{[]arrow.DataType{Float32, Numeric}, "real"},
		{[]arrow.DataType{Decimal(10, 2), Decimal(20, 2)}, "numeric(20,2)"},
		{[]arrow.DataType{Decimal(10, 2), Decimal(10, 4)}, "numeric"},
		{[]arrow.DataType{Decimal(10, 2), Numeric}, "numeric"},
		{[]arrow.DataType{Decimal(10, 2), Int32}, "numeric"},
		{[]arrow.DataType{Int32, Decimal(10, 2)}, "numeric"},
		{[]arrow.DataType{Decimal(10, 2), Float64}, "double precision"},
		{[]arrow.DataType{Float32, Decimal(10, 2)}, "real"},
		{[]arrow.DataType{Date, Timestamp}, "timestamp without time zone"},
		{[]arrow.DataType{TimestampTZ, Date}, "timestamp with time zone"},
		{[]arrow.DataType{dict, Text}, "text"},
		{[]arrow.DataType{dict, Unknown}, "text"},
		{[]arrow.DataType{arrow.ListOf(Int32), arrow.ListOf(Int32)}, "integer[]"},
		{[]arrow.DataType{Int32, Text}, "ERR 42804 CASE types integer and text cannot be matched"},
		{[]arrow.DataType{Bool, Decimal(4, 1)}, "ERR 42804 CASE types boolean and numeric cannot be matched"},
		{[]arrow.DataType{Date, Interval}, "ERR 42804 CASE types date and interval cannot be matched"},
		{[]arrow.DataType{JSON, JSONB}, "ERR 42846 CASE could not convert type jsonb to json"},
	} {
		got := ""
		if ct, err := CommonTypeIn("CASE", c.in); err != nil {
			got = errText(err)
		} else {
			got = Name(ct)
		}
		if got != c.want {
			t.Errorf("%v: got %s, want %s", c.in, got, c.want)
		}
	}
}

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		name string
		mods []int32
		dims int
		want string
	}{
		{"INT4", nil, 0, "integer"},
		{"pg_catalog.int8", nil, 0, "bigint"},
		{"double precision", nil, 0, "double precision"},
		{"numeric", []int32{10, 2}, 0, "numeric(10,2)"},
		{"decimal", []int32{5}, 0, "numeric(5,0)"},
		{"numeric", []int32{39, 2}, 0, "numeric"},
		{"numeric", nil, 1, "numeric[]"},
		{"_text", nil, 0, "text[]"},
		{"int[]", nil, 0, "integer[]"},
		{"int", nil, 2, "integer[]"},
		{"varchar", []int32{10}, 0, "text"},
		{"float", []int32{24}, 0, "real"},
		{"float", nil, 0, "double precision"},
		{"timestamptz", []int32{3}, 0, "timestamp with time zone"},
		{"hugeint", nil, 0, "numeric(38,0)"},
		{"numeric", []int32{0}, 0, "ERR 22023 NUMERIC precision 0 must be between 1 and 1000"},
		{"varchar", []int32{0}, 0, "ERR 22023 length for type varchar must be at least 1"},
		{"foo", nil, 0, `ERR 42704 type "foo" does not exist`},
		{"int4", []int32{4}, 0, `ERR 42601 type modifier is not allowed for type "int4"`},
		{"int4", nil, 7, "ERR 54000 number of array dimensions (7) exceeds the maximum allowed (6)"},
	} {
		got := ""
		if ct, err := Resolve(c.name, c.mods, c.dims); err != nil {
			got = errText(err)
		} else {
			got = Name(ct)
		}
		if got != c.want {
			t.Errorf("%s%v: got %s, want %s", c.name, c.mods, got, c.want)
		}
	}
}

func TestEqual(t *testing.T) {
	if !Equal(arrow.ListOf(Int32), arrow.ListOfField(arrow.Field{Name: "element", Type: Int32})) {
		t.Error("the name of a list's element matters")
	}
	if !Equal(TimestampTZ, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "Europe/Berlin"}) {
		t.Error("the name of a zone matters")
	}
	for _, p := range [][2]arrow.DataType{
		{Timestamp, TimestampTZ}, {Decimal(4, 1), Decimal(4, 2)}, {JSON, JSONB}, {Numeric, Bytea}, {JSON, Text}, {Int32, nil},
	} {
		if Equal(p[0], p[1]) {
			t.Errorf("%v equals %v", p[0], p[1])
		}
	}
}
