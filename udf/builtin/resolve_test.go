package builtin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

// parseTypes reads "integer, numeric(10,2), unknown".
func parseTypes(t *testing.T, s string) []arrow.DataType {
	t.Helper()
	var out []arrow.DataType
	for _, name := range strings.Split(s, ", ") {
		var p, sc int32
		if name == "" {
			continue
		}
		if n, _ := fmt.Sscanf(name, "numeric(%d,%d)", &p, &sc); n == 2 {
			out = append(out, sqltype.Decimal(p, sc))
			continue
		}
		typ, err := sqltype.Resolve(name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, typ)
	}
	return out
}

func typeNames(ts []arrow.DataType) string {
	names := make([]string, len(ts))
	for i, x := range ts {
		names[i] = sqltype.Name(x)
	}
	return strings.Join(names, ", ")
}

func TestResolveScalar(t *testing.T) {
	r := newRegistry(t)
	for _, c := range []struct{ name, args, want string }{
		{"+", "integer, integer", "integer, integer -> integer"},
		{"+", "smallint, integer", "integer, integer -> integer"},
		{"+", "smallint, bigint", "bigint, bigint -> bigint"},
		{"+", "integer, unknown", "integer, integer -> integer"},
		{"+", "unknown, double precision", "double precision, double precision -> double precision"},
		{"+", "integer, real", "double precision, double precision -> double precision"},
		{"+", "real, real", "real, real -> real"},
		{"+", "integer, numeric", "numeric, numeric -> numeric"},
		{"+", "integer, numeric(10,2)", "numeric(10,0), numeric(10,2) -> numeric(13,2)"},
		{"+", "numeric(5,3), numeric(10,2)", "numeric(5,3), numeric(10,2) -> numeric(12,3)"},
		{"+", "numeric(5,3), numeric", "numeric, numeric -> numeric"},
		{"+", "numeric(5,3), unknown", "numeric, numeric -> numeric"},
		{"+", "numeric(5,3), real", "double precision, double precision -> double precision"},
		{"+", "numeric, real", "double precision, double precision -> double precision"},
		{"*", "numeric(12,2), numeric(12,2)", "numeric(12,2), numeric(12,2) -> numeric(24,4)"},
		{"*", "numeric(38,20), numeric(38,20)", "numeric(38,20), numeric(38,20) -> numeric"},
		{"/", "numeric(12,2), integer", "numeric(12,2), numeric(10,0) -> numeric"},
		{"%", "integer, bigint", "bigint, bigint -> bigint"},
		{"-", "numeric(12,2)", "numeric(12,2) -> numeric(12,2)"},
		{"=", "integer, bigint", "bigint, bigint -> boolean"},
		{"=", "text, unknown", "text, text -> boolean"},
		{"=", "unknown, unknown", "text, text -> boolean"},
		{"<", "date, timestamp", "timestamp without time zone, timestamp without time zone -> boolean"},
		{"<", "date, timestamptz", "timestamp with time zone, timestamp with time zone -> boolean"},
		{"<", "date, unknown", "date, date -> boolean"},
		{"is null", "integer", "integer -> boolean"},
		{"is null", "unknown", "text -> boolean"},
		{"abs", "unknown", "double precision -> double precision"},
		{"abs", "numeric(5,2)", "numeric(5,2) -> numeric(5,2)"},
		{"is distinct from", "integer, unknown", "integer, integer -> boolean"},

		{"+", "integer, text", "42883 operator does not exist: integer + text"},
		{"-", "text", "42883 operator does not exist: - text"},
		{"=", "integer, boolean", "42883 operator does not exist: integer = boolean"},
		{"not", "integer", "42804 argument of NOT must be type boolean, not type integer"},
		{"abs", "text", "42883 function abs(text) does not exist"},
		{"abs", "numeric(3,1), integer", "42883 function abs(numeric, integer) does not exist"},
	} {
		got := ""
		res, err := r.ResolveScalar(c.name, parseTypes(t, c.args))
		if err != nil {
			got = codeAndText(err)
		} else {
			got = typeNames(res.Args) + " -> " + sqltype.Name(res.Returns)
			if f, err := r.FindScalar(c.name, res.Args); err != nil || f != res.Func {
				t.Errorf("%s(%s): FindScalar gives %v, %v, not %v", c.name, c.args, f, err, res.Func)
			}
		}
		if got != c.want {
			t.Errorf("%s(%s)\n got %s\nwant %s", c.name, c.args, got, c.want)
		}
	}
}

func TestResolveAggregate(t *testing.T) {
	r := newRegistry(t)
	for _, c := range []struct{ name, args, want string }{
		{"count", "", " -> bigint"},
		{"count", "text", "text -> bigint"},
		{"sum", "smallint", "smallint -> bigint"},
		{"sum", "integer", "integer -> bigint"},
		{"sum", "bigint", "bigint -> numeric"},
		{"sum", "numeric(12,2)", "numeric(12,2) -> numeric(38,2)"},
		{"sum", "real", "real -> real"},
		{"avg", "integer", "integer -> numeric"},
		{"avg", "real", "real -> double precision"},
		{"avg", "numeric(12,2)", "numeric(12,2) -> numeric"},
		{"min", "date", "date -> date"},
		{"max", "numeric(12,2)", "numeric(12,2) -> numeric(12,2)"},
		{"min", "unknown", "text -> text"},
		{"sum", "text", "42883 function sum(text) does not exist"},
	} {
		got := ""
		res, err := r.ResolveAggregate(c.name, parseTypes(t, c.args))
		if err != nil {
			got = codeAndText(err)
		} else {
			got = typeNames(res.Args) + " -> " + sqltype.Name(res.Returns)
			if _, err := r.FindAggregate(c.name, res.Args); err != nil {
				t.Error(err)
			}
		}
		if got != c.want {
			t.Errorf("%s(%s)\n got %s\nwant %s", c.name, c.args, got, c.want)
		}
	}
}

func codeAndText(err error) string {
	e := sqlerr.Find(err)
	return e.Code + " " + e.Message
}
