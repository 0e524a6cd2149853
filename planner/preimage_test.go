package planner

import (
	"context"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/sqltype"
)

// TestAlignedComparisons compares values of a type, and NULL, with constants of
// another type: by the cast and by what is made of it.
func TestAlignedComparisons(t *testing.T) {
	small, fine := sqltype.Decimal(6, 2), sqltype.Decimal(20, 5)
	numbers := []string{"0", "1", "-1", "1.5", "-1.5", "32767", "32768", "-32768", "-32769", "32767.5", "-32768.5", "0.01", "0.011", "-0.009", "9999.99", "10000"}
	floats := append([]string{"NaN", "Infinity", "-Infinity", "-0", "0.1", "16777216", "16777217", "1e30", "-1e30", "9007199254740993", "9223372036854775807", "3.4028235677973366e+38"}, numbers...)
	dates := []string{"2000-01-01", "2000-01-02", "1969-12-31", "1970-01-01", "infinity", "-infinity", "4713-01-01 BC", "290000-01-01", "5874897-12-31"}
	moments := []string{"2000-01-01", "2000-01-01 00:00:00.000001", "2000-01-01 23:59:59.999999", "1969-12-31 12:00", "1970-01-01", "infinity", "-infinity", "290000-01-01 12:00"}
	for _, c := range []struct {
		from, to        arrow.DataType
		values, against []string
	}{
		{sqltype.Int16, sqltype.Int32, []string{"0", "1", "-32768", "32767"}, []string{"0", "1", "-32768", "32767", "-32769", "32768"}},
		{sqltype.Int16, sqltype.Numeric, []string{"0", "1", "-1", "-2", "2", "-32768", "32767"}, append([]string{"NaN", "Infinity", "-Infinity", "1e100"}, numbers...)},
		{sqltype.Int32, fine, []string{"0", "1", "-1", "-2", "2", "-32768", "32767", "2147483647"}, numbers},
		{sqltype.Int32, sqltype.Float64, []string{"0", "1", "-1", "-2", "2", "32767", "2147483647", "-2147483648"}, floats},
		{sqltype.Int64, sqltype.Float64, []string{"0", "1", "-1", "-2", "2", "9007199254740993", "9007199254740992", "9223372036854775807"}, floats},
		{sqltype.Int32, sqltype.Float32, []string{"0", "1", "-1", "-2", "2", "16777216", "16777217"}, floats},
		{sqltype.Float32, sqltype.Float64, []string{"NaN", "Infinity", "-Infinity", "-0", "0", "0.1", "1.5", "3.4028235e38", "-3.4028235e38", "1e-45"}, floats},
		{small, fine, []string{"0", "0.01", "0.02", "-0.01", "-0.02", "1.5", "9999.99", "-1"}, numbers},
		{small, sqltype.Numeric, []string{"0", "0.01", "0.02", "-0.01", "-0.02", "1.5", "9999.99", "-1"}, append([]string{"NaN", "Infinity", "1e30"}, numbers...)},
		{sqltype.Date, sqltype.Timestamp, dates, moments},
		{sqltype.Timestamp, sqltype.Date, moments, dates},
	} {
		p := newPlanner(t)
		eval := evaluator{p.Registry}
		column := &expr.Column{Index: 0, Name: "x", Type: c.from}
		cast := &expr.Cast{Arg: column, Type: c.to, Bounded: true, Pos: -1}
		value := func(e expr.Expr, v arrow.Array) string {
			a, err := eval.Eval(context.Background(), expr.MapColumns(e, func(*expr.Column) expr.Expr { return &expr.Literal{Value: v} }))
			if err != nil {
				t.Fatalf("%s: %v", e, err)
			}
			if a.IsNull(0) {
				return "NULL"
			}
			return a.ValueStr(0)
		}
		changed := 0
		check := func(e expr.Expr) {
			got := aligned(e)
			if got != e {
				changed++
			}
			for _, text := range append([]string{"NULL"}, c.values...) {
				v := sqltype.NullArray(c.from, 1)
				if text != "NULL" {
					v = scalar(t, c.from, text)
				}
				if want, have := value(e, v), value(got, v); want != have {
					t.Errorf("%s is %s for %s, as %s it is %s", e, want, text, got, have)
				}
			}
		}
		var set []expr.Expr
		for _, text := range c.against {
			k, err := sqltype.Scalar(c.to, text)
			if err != nil {
				continue // no value of this type
			}
			l := &expr.Literal{Value: k}
			set = append(set, l)
			for op := range flipped {
				check(same(op, cast, l))
				check(same(op, l, cast))
			}
			for _, negated := range []bool{false, true} {
				check(&expr.In{Arg: cast, List: []expr.Expr{l}, Negated: negated})
				check(&expr.In{Arg: cast, List: []expr.Expr{l, nullOf(c.to)}, Negated: negated})
			}
		}
		check(&expr.In{Arg: cast, List: set})
		if changed == 0 {
			t.Errorf("no comparison of %s as %s is changed", c.from, c.to)
		}
	}
}

func scalar(t *testing.T, typ arrow.DataType, text string) arrow.Array {
	t.Helper()
	a, err := sqltype.Scalar(typ, text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestTimeZonesAreNotAligned leaves casts that depend on the session's zone.
func TestTimeZonesAreNotAligned(t *testing.T) {
	for _, types := range [][2]arrow.DataType{{sqltype.Date, sqltype.TimestampTZ}, {sqltype.Timestamp, sqltype.TimestampTZ}, {sqltype.TimestampTZ, sqltype.Date}, {sqltype.TimestampTZ, sqltype.Timestamp}} {
		cast := &expr.Cast{Arg: &expr.Column{Name: "x", Type: types[0]}, Type: types[1], Pos: -1}
		e := same("<", cast, &expr.Literal{Value: scalar(t, types[1], "2000-01-01")})
		if got := aligned(e); got != e {
			t.Errorf("%s became %s", e, got)
		}
	}
}
