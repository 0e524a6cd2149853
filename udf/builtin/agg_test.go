package builtin

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/jackc/pgx/v5/pgconn"

	"volley/sqltype"
	"volley/udf"
)

const aggregateFile = "testdata/aggregates/aggregates.golden"

// TestAggregateGolden compares with PostgreSQL. Each line is
//
//	name | type: value, value, NULL | type: … => result::type
//
// in which every argument has a list of as many values.
func TestAggregateGolden(t *testing.T) {
	text, err := os.ReadFile(aggregateFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if *update {
		askAggregates(t, lines)
		if err := os.WriteFile(aggregateFile, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := newRegistry(t)
	for _, line := range lines {
		call, want, ok := strings.Cut(line, " => ")
		if !ok {
			continue
		}
		if got := aggregateOf(t, r, call); got != want && !nearly(got, want) {
			t.Errorf("%s\n got %s\nwant %s", call, got, want)
		}
	}
}

// parseAggregate reads a line's name and arguments.
func parseAggregate(t *testing.T, call string) (name string, ts []arrow.DataType, vals [][]string) {
	t.Helper()
	fields := strings.Split(call, " | ")
	for _, f := range fields[1:] {
		typ, list, _ := strings.Cut(f, ": ")
		ts = append(ts, parseTypes(t, typ)[0])
		var vs []string
		if list != "" {
			vs = strings.Split(list, ", ")
		}
		vals = append(vals, vs)
	}
	return fields[0], ts, vals
}

func columnOf(t testing.TB, typ arrow.DataType, vals []string) arrow.Array {
	t.Helper()
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	parse := sqltype.NewTextParser(typ, sqltype.TextOptions{})
	for _, v := range vals {
		if v == "NULL" {
			b.AppendNull()
		} else if err := parse(b, []byte(v)); err != nil {
			t.Fatal(err)
		}
	}
	return b.NewArray()
}

func aggregateOf(t *testing.T, r *udf.Registry, call string) string {
	name, ts, vals := parseAggregate(t, call)
	res, err := r.ResolveAggregate(name, ts)
	if err != nil {
		return errorText(err)
	}
	acc, err := res.Func.New(testContext, res.Args)
	if err != nil {
		t.Fatal(err)
	}
	args := make([]udf.Arg, len(vals))
	n := 0
	for i := range vals {
		n = len(vals[i])
		args[i].Array = columnOf(t, res.Args[i], vals[i])
	}
	if err := acc.Update(make([]uint32, n), 1, args); err != nil {
		return errorText(err)
	}
	out, err := acc.Result(0, 1)
	if err != nil {
		return errorText(err)
	}
	if !sqltype.Equal(out.DataType(), res.Returns) {
		return fmt.Sprintf("an array of %v, not %v", out.DataType(), res.Returns)
	}
	if out.IsNull(0) {
		return "NULL::" + typeOf(res.Returns)
	}
	return string(sqltype.NewTextEncoder(res.Returns, sqltype.TextOptions{})(nil, out, 0)) + "::" + typeOf(res.Returns)
}

func askAggregates(t *testing.T, lines []string) {
	conn, err := pgconn.Connect(context.Background(), os.Getenv("VOLLEY_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for i, line := range lines {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		call, _, _ := strings.Cut(line, " => ")
		name, ts, vals := parseAggregate(t, call)
		lines[i] = call + " => " + ask(t, conn, "(SELECT "+aggregateSQL(name, ts, vals)+")")
	}
}

func aggregateSQL(name string, ts []arrow.DataType, vals [][]string) string {
	if len(ts) == 0 {
		return name + "(*)"
	}
	var cols, rows []string
	for i := range ts {
		cols = append(cols, fmt.Sprintf("c%d", i))
	}
	for row := range vals[0] {
		var cells []string
		for i, typ := range ts {
			v := "'" + strings.ReplaceAll(vals[i][row], "'", "''") + "'"
			if vals[i][row] == "NULL" {
				v = "NULL"
			}
			cells = append(cells, v+"::"+sqltype.Name(typ))
		}
		rows = append(rows, "SELECT "+strings.Join(cells, ", "))
	}
	where := ""
	if len(rows) == 0 {
		var cells []string
		for _, typ := range ts {
			cells = append(cells, "NULL::"+sqltype.Name(typ))
		}
		rows, where = []string{"SELECT " + strings.Join(cells, ", ")}, " WHERE false"
	}
	list := strings.Join(cols, ", ")
	return name + "(" + list + ") FROM (" + strings.Join(rows, " UNION ALL ") + ") v(" + list + ")" + where
}

// samples are values for random columns of each type.
var samples = map[arrow.Type][]string{
	arrow.BOOL:                    {"t", "f"},
	arrow.INT16:                   {"0", "1", "-7", "300"},
	arrow.INT32:                   {"0", "1", "-7", "300000"},
	arrow.INT64:                   {"0", "1", "-7", "9223372036854775807"},
	arrow.FLOAT32:                 {"0", "1.5", "-7.25", "3"},
	arrow.FLOAT64:                 {"0", "1.5", "-7.25", "3"},
	arrow.DECIMAL128:              {"0", "1.50", "-7.25", "12345.67"},
	arrow.EXTENSION:               {"0", "1.5", "-7.250", "1e30"},
	arrow.STRING:                  {"", "a", "bc", "ä"},
	arrow.LIST:                    {"{}", "{a,NULL}", "{bc}"},
	arrow.BINARY:                  {`\x`, `\x00`, `\xff01`},
	arrow.DATE32:                  {"2024-01-01", "1969-12-31"},
	arrow.TIME64:                  {"10:00", "23:59:59.999999"},
	arrow.TIMESTAMP:               {"2024-01-01 10:00", "1969-12-31 23:59:59"},
	arrow.INTERVAL_MONTH_DAY_NANO: {"1 day", "-1 mon", "36:00:00.5"},
}

// Every aggregate gives the same result in one piece as from merged states, for
// arrays with nulls and offsets, and for constants.
func TestPartialEqualsSingle(t *testing.T) {
	r := newRegistry(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	const rows, groups = 200, 7
	for _, agg := range r.Aggregates() {
		if agg.New == nil || agg.NoPartial { // the latter see all rows of a group
			continue
		}
		var ts []arrow.DataType
		for _, p := range agg.Params {
			switch {
			case p == nil:
				p = tText
			case p == udf.AnyArray:
				p = tTexts
			case p == udf.Decimal:
				p = sqltype.Decimal(12, 2)
			}
			ts = append(ts, p)
		}
		args := make([]udf.Arg, len(ts))
		for i, typ := range ts {
			vals := make([]string, rows+5)
			for k := range vals {
				s := samples[typ.ID()]
				if sqltype.Equal(typ, sqltype.TimeTZ) {
					s = []string{"10:00+02", "09:00:00.5-01"}
				}
				if sqltype.IsBits(typ) { // of one length
					s = []string{"000", "101", "011"}
				}
				vals[k] = s[rnd.IntN(len(s))]
				if rnd.IntN(5) == 0 {
					vals[k] = "NULL"
				}
			}
			args[i].Array = array.NewSlice(columnOf(t, typ, vals), 5, rows+5)
			switch { // arguments that must not be NULL, or out of range
			case agg.Name == "approx_quantile" && i == 1:
				args[i] = udf.Arg{Array: columnOf(t, typ, []string{"0.5"}), Const: true}
			case strings.HasSuffix(agg.Name, "_object_agg") && i == 0:
				args[i] = udf.Arg{Array: columnOf(t, typ, []string{"key"}), Const: true}
			}
		}
		group := make([]uint32, rows)
		for i := range group {
			group[i] = uint32(rnd.IntN(groups - 1)) // the last one stays empty
		}
		single, merged := newAccumulator(t, agg, ts), newAccumulator(t, agg, ts)
		if err := single.Update(group, groups, args); err != nil {
			t.Errorf("%s: %v", agg, err)
			continue
		}
		for lo := 0; lo < rows; lo += 70 {
			hi := min(lo+70, rows)
			part := newAccumulator(t, agg, ts)
			must(t, part.Update(group[lo:hi], groups-1, cut(args, lo, hi)))
			states, err := part.State(0, groups)
			must(t, err)
			if want := agg.State(ts); len(want) != len(states) {
				t.Fatalf("%s: %d state columns, not %d", agg, len(states), len(want))
			}
			for i, typ := range agg.State(ts) {
				if !sqltype.Equal(typ, states[i].DataType()) {
					t.Fatalf("%s: state %d is %v, not %v", agg, i, states[i].DataType(), typ)
				}
			}
			order := []uint32{0, 1, 2, 3, 4, 5, 6}
			must(t, merged.Merge(order, groups, states))
		}
		want, err := single.Result(0, groups)
		must(t, err)
		got, err := merged.Result(0, groups)
		must(t, err)
		if !near(want, got) {
			t.Errorf("%s:\nsingle %v\nmerged %v", agg, want, got)
		}
		if single.Bytes() <= 0 {
			t.Errorf("%s: holds %d bytes", agg, single.Bytes())
		}
	}
}

func newAccumulator(t *testing.T, agg *udf.Aggregate, ts []arrow.DataType) udf.Accumulator {
	t.Helper()
	acc, err := agg.New(testContext, ts)
	must(t, err)
	return acc
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func cut(args []udf.Arg, lo, hi int) []udf.Arg {
	out := make([]udf.Arg, len(args))
	for i, a := range args {
		out[i] = a
		if !a.Const {
			out[i].Array = array.NewSlice(a.Array, int64(lo), int64(hi))
		}
	}
	return out
}

// near is equality, but for the rounding of sums in another order.
func near(a, b arrow.Array) bool {
	if a.DataType().ID() != arrow.FLOAT64 {
		return array.Equal(a, b)
	}
	x, y := a.(*array.Float64), b.(*array.Float64)
	for i := range x.Len() {
		if x.IsNull(i) != y.IsNull(i) {
			return false
		}
		if d := x.Value(i) - y.Value(i); x.IsValid(i) && (d > 1e-9 || d < -1e-9) {
			return false
		}
	}
	return true
}
