package cast

import (
	"errors"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

const null = "␀"

func parse(t *testing.T, typ arrow.DataType, texts ...string) arrow.Array {
	t.Helper()
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	p := sqltype.NewTextParser(typ, sqltype.TextOptions{})
	for _, s := range texts {
		if s == null {
			b.AppendNull()
		} else if err := p(b, []byte(s)); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return b.NewArray()
}

func text(a arrow.Array, i int, o Options) string {
	if a.IsNull(i) {
		return null
	}
	return string(sqltype.NewTextEncoder(a.DataType(), sqltype.TextOptions{TimeZone: o.TimeZone})(nil, a, i))
}

var (
	dec52  = sqltype.Decimal(5, 2)
	dec101 = sqltype.Decimal(10, 1)
	ints   = arrow.ListOf(sqltype.Int32)
	texts  = arrow.ListOf(sqltype.Text)
)

// cases: the value converts to want, or fails with the SQLSTATE in want.
var cases = []struct {
	from     arrow.DataType
	value    string
	to       arrow.DataType
	want     string
	sqlstate bool
}{
	{sqltype.Int32, "7", sqltype.Int16, "7", false},
	{sqltype.Int32, "40000", sqltype.Int16, "22003", true},
	{sqltype.Int64, "-2147483649", sqltype.Int32, "22003", true},
	{sqltype.Int16, "-3", sqltype.Int64, "-3", false},
	{sqltype.Int64, "3", sqltype.Float64, "3", false},
	{sqltype.Float64, "2.5", sqltype.Int32, "2", false},
	{sqltype.Float64, "3.5", sqltype.Int32, "4", false},
	{sqltype.Float64, "-2.5", sqltype.Int64, "-2", false},
	{sqltype.Float64, "NaN", sqltype.Int64, "22003", true},
	{sqltype.Float64, "9223372036854775808", sqltype.Int64, "22003", true},
	{sqltype.Float64, "-9223372036854775808", sqltype.Int64, "-9223372036854775808", false},
	{sqltype.Float64, "1e300", sqltype.Float32, "22003", true},
	{sqltype.Float64, "1e-300", sqltype.Float32, "22003", true},
	{sqltype.Float32, "1.5", sqltype.Float64, "1.5", false},
	{sqltype.Float64, "0.1", sqltype.Numeric, "0.1", false},
	{sqltype.Float64, "1.005", dec52, "1.01", false},
	{sqltype.Int32, "1000", dec52, "22003", true},
	{sqltype.Int32, "999", dec52, "999.00", false},
	{dec52, "1.25", dec101, "1.3", false},
	{dec52, "-1.25", dec101, "-1.3", false},
	{dec101, "1000.0", dec52, "22003", true},
	{dec52, "1.50", sqltype.Int32, "2", false},
	{dec52, "1.50", sqltype.Float64, "1.5", false},
	{dec52, "1.50", sqltype.Numeric, "1.50", false},
	{sqltype.Numeric, "2.5", sqltype.Int64, "3", false},
	{sqltype.Numeric, "NaN", sqltype.Int64, "0A000", true},
	{sqltype.Numeric, "1e400", sqltype.Float64, "22003", true},
	{sqltype.Numeric, "123.456", dec52, "123.46", false},
	{sqltype.Bool, "t", sqltype.Int32, "1", false},
	{sqltype.Int32, "-5", sqltype.Bool, "t", false},
	{sqltype.Int32, "0", sqltype.Bool, "f", false},
	{sqltype.Bool, "t", sqltype.Text, "true", false},
	{sqltype.Text, "yes", sqltype.Bool, "t", false},
	{sqltype.Text, "maybe", sqltype.Bool, "22P02", true},
	{sqltype.Text, " 12 ", sqltype.Int32, "12", false},
	{sqltype.Text, "1x", sqltype.Int64, "22P02", true},
	{sqltype.Text, "99999", sqltype.Int16, "22003", true},
	{sqltype.Text, "1e3", sqltype.Float64, "1000", false},
	{sqltype.Text, "1.239", dec52, "1.24", false},
	{sqltype.Text, "1.239", sqltype.Numeric, "1.239", false},
	{sqltype.Text, "\\x41", sqltype.Bytea, "\\x41", false},
	{sqltype.Text, "2020-02-30", sqltype.Date, "22008", true},
	{sqltype.Text, "{1,NULL,3}", ints, "{1,NULL,3}", false},
	{ints, "{1,NULL,3}", texts, "{1,NULL,3}", false},
	{texts, "{1,x}", ints, "22P02", true},
	{ints, "{1,2}", sqltype.Text, "{1,2}", false},
	{sqltype.Date, "2020-01-02", sqltype.Timestamp, "2020-01-02 00:00:00", false},
	{sqltype.Date, "infinity", sqltype.Timestamp, "infinity", false},
	{sqltype.Timestamp, "1969-12-31 23:59:59", sqltype.Date, "1969-12-31", false},
	{sqltype.Timestamp, "-infinity", sqltype.Date, "-infinity", false},
	{sqltype.Timestamp, "1969-12-31 23:59:59", sqltype.Time, "23:59:59", false},
	{sqltype.Timestamp, "infinity", sqltype.Time, null, false},
	{sqltype.Time, "01:02:03", sqltype.Interval, "01:02:03", false},
	{sqltype.Interval, "-1 hours", sqltype.Time, "23:00:00", false},
	{sqltype.JSON, `{"b":1, "a":2}`, sqltype.JSONB, `{"a": 2, "b": 1}`, false},
	{sqltype.JSONB, "true", sqltype.Bool, "t", false},
	{sqltype.JSONB, "1.5", sqltype.Int32, "2", false},
	{sqltype.JSONB, `"x"`, sqltype.Int32, "22023", true},
	{sqltype.Text, "00000000-0000-0000-0000-00000000000F", sqltype.UUID, "00000000-0000-0000-0000-00000000000f", false},
}

func TestCast(t *testing.T) {
	for _, c := range cases {
		name := sqltype.Name(c.from) + " " + c.value + " to " + sqltype.Name(c.to)
		// The value stands between NULLs in a slice, so offsets and NULLs count.
		whole := parse(t, c.from, null, null, c.value, null)
		in := array.NewSlice(whole, 1, 4)
		f, err := New(c.from, c.to, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		out, err := f(in)
		if c.sqlstate {
			row := (*udf.RowError)(nil)
			if sqlerr.Code(err) != c.want || errors.As(err, &row) && row.Row != 1 {
				t.Errorf("%s: got %v, want %s in row 1", name, err, c.want)
			}
			try, _ := New(c.from, c.to, Options{Try: true})
			if out, err = try(in); err != nil {
				if !sqltype.Equal(c.from, texts) { // items have no Try of their own row
					t.Errorf("%s with Try: %v", name, err)
				}
			} else if got := text(out, 1, Options{}); got != null && !sqltype.Equal(c.from, texts) {
				t.Errorf("%s with Try: got %s", name, got)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !sqltype.Equal(out.DataType(), c.to) || out.Len() != 3 {
			t.Errorf("%s: got %d values of %s", name, out.Len(), out.DataType())
			continue
		}
		if got := text(out, 1, Options{}); got != c.want || !out.IsNull(0) || !out.IsNull(2) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// TestEveryCast: each cast that sqltype allows resolves, and takes NULLs and no
// rows at all.
func TestEveryCast(t *testing.T) {
	types := []arrow.DataType{
		sqltype.Bool, sqltype.Int16, sqltype.Int32, sqltype.Int64, sqltype.Float32, sqltype.Float64, dec52, sqltype.Numeric,
		sqltype.Text, sqltype.Bytea, sqltype.Date, sqltype.Time, sqltype.Timestamp, sqltype.TimestampTZ, sqltype.Interval,
		sqltype.UUID, sqltype.JSON, sqltype.JSONB, ints, texts, sqltype.Unknown,
	}
	for _, from := range types {
		for _, to := range types {
			f, err := New(from, to, Options{})
			if can := sqltype.CanCast(from, to, sqltype.Explicit); can != (err == nil) && to.ID() != arrow.NULL {
				t.Errorf("%s to %s: allowed %v, but %v", from, to, can, err)
			}
			if err != nil {
				if sqlerr.Code(err) != sqlerr.CannotCoerce {
					t.Errorf("%s to %s: %v", from, to, err)
				}
				continue
			}
			for _, n := range []int{0, 3} {
				out, err := f(array.MakeArrayOfNull(memory.DefaultAllocator, from, n))
				if err != nil || out.Len() != n || out.NullN() != n {
					t.Errorf("%s to %s of %d NULLs: %v, %v", from, to, n, out, err)
				}
			}
		}
	}
}

func TestVarcharAndChar(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Length: 3}, "äöü"}, {Options{Length: 9}, "äöüx"}, {Options{Length: 2, Pad: true}, "äö"},
	} {
		f, _ := New(sqltype.Text, sqltype.Text, c.o)
		out, err := f(parse(t, sqltype.Text, "äöüx", null))
		if err != nil || text(out, 0, c.o) != c.want || !out.IsNull(1) {
			t.Errorf("%+v: got %v, %v", c.o, out, err)
		}
	}
}

func TestTimeZone(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip(err)
	}
	o := Options{TimeZone: loc}
	for _, c := range []struct {
		from, to    arrow.DataType
		value, want string
	}{
		{sqltype.Timestamp, sqltype.TimestampTZ, "2020-07-01 12:00:00", "2020-07-01 12:00:00-04"},
		{sqltype.Date, sqltype.TimestampTZ, "2020-01-01", "2020-01-01 00:00:00-05"},
		{sqltype.TimestampTZ, sqltype.Timestamp, "2020-07-01 12:00:00+00", "2020-07-01 08:00:00"},
		{sqltype.TimestampTZ, sqltype.Date, "2020-07-01 02:00:00+00", "2020-06-30"},
		{sqltype.TimestampTZ, sqltype.Time, "2020-07-01 02:00:00+00", "22:00:00"},
		{sqltype.TimestampTZ, sqltype.Text, "2020-07-01 02:00:00+00", "2020-06-30 22:00:00-04"},
		{sqltype.Text, sqltype.TimestampTZ, "2020-07-01 02:00:00", "2020-07-01 02:00:00-04"},
	} {
		f, err := New(c.from, c.to, o)
		if err != nil {
			t.Fatal(err)
		}
		out, err := f(parse(t, c.from, c.value))
		if err != nil || text(out, 0, o) != c.want {
			t.Errorf("%s %s to %s: got %v, %v; want %s", c.from, c.value, c.to, out, err, c.want)
		}
	}
}

func TestDictionary(t *testing.T) {
	typ := &arrow.DictionaryType{IndexType: sqltype.Int32, ValueType: sqltype.Text}
	b := array.NewBuilder(memory.DefaultAllocator, typ).(*array.BinaryDictionaryBuilder)
	for _, s := range []string{"bad", "1", "2", "1"} {
		if err := b.AppendString(s); err != nil {
			t.Fatal(err)
		}
	}
	b.AppendNull()
	whole := b.NewArray()
	f, err := New(typ, sqltype.Int32, Options{})
	if err != nil {
		t.Fatal(err)
	}
	// The value that does not parse is in the dictionary, but in no row.
	out, err := f(array.NewSlice(whole, 1, 5))
	if err != nil || text(out, 0, Options{})+text(out, 1, Options{})+text(out, 2, Options{})+text(out, 3, Options{}) != "121"+null {
		t.Errorf("got %v, %v", out, err)
	}
	if _, err := f(whole); sqlerr.Code(err) != sqlerr.InvalidText {
		t.Errorf("got %v", err)
	}
}
