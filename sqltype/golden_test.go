package sqltype

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// golden reads a table of testdata: fields separated by '|', comments with '#'.
func golden(t testing.TB, name string, fields int) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(line, "|", fields)
		if len(f) != fields {
			t.Fatalf("%s: %q has %d fields", name, line, len(f))
		}
		rows = append(rows, f)
	}
	if len(rows) < 30 {
		t.Fatalf("%s: only %d rows", name, len(rows))
	}
	return rows
}

func newYork(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zone database: ", err)
	}
	return loc
}

func errText(err error) string {
	e := sqlerr.Find(err)
	return "ERR " + e.Code + " " + e.Message
}

// TestInput compares parsing and output of every type with PostgreSQL's.
func TestInput(t *testing.T) {
	o := TextOptions{TimeZone: newYork(t)}
	for _, row := range golden(t, "input.txt", 3) {
		name, mods := row[0], []int32(nil)
		if base, ok := strings.CutSuffix(name, "(10,2)"); ok {
			name, mods = base, []int32{10, 2}
		}
		typ, err := Resolve(name, mods, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if a, err := ScalarIn(typ, row[1], o); err != nil {
			got = errText(err)
		} else if got = string(NewTextEncoder(typ, o)(nil, a, 0)); row[0] == "bool" {
			got = map[string]string{"t": "true", "f": "false"}[got]
		}
		if got != row[2] {
			t.Errorf("%s %q: got %s, want %s", row[0], row[1], got, row[2])
		}
	}
}

func TestFloatOutput(t *testing.T) {
	for _, row := range golden(t, "float.txt", 3) {
		u, err := strconv.ParseUint(row[1], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if row[0] == "float4" {
			got = string(AppendFloat32(nil, math.Float32frombits(uint32(u))))
		} else {
			got = string(AppendFloat64(nil, math.Float64frombits(u)))
		}
		if got != row[2] {
			t.Errorf("%s %s: got %s, want %s", row[0], row[1], got, row[2])
		}
	}
}

func TestIntervalOutput(t *testing.T) {
	for _, row := range golden(t, "interval.txt", 4) {
		var n [3]int64
		for i := range n {
			n[i], _ = strconv.ParseInt(row[i], 10, 64)
		}
		v := arrow.MonthDayNanoInterval{Months: int32(n[0]), Days: int32(n[1]), Nanoseconds: n[2] * 1000}
		if got := string(AppendInterval(nil, v)); got != row[3] {
			t.Errorf("%v: got %s, want %s", v, got, row[3])
		}
		if back, err := ParseInterval([]byte(row[3])); err != nil || back != v {
			t.Errorf("%s: read back as %v, %v", row[3], back, err)
		}
	}
}

func TestNumericOperations(t *testing.T) {
	seen := map[string]int{}
	for _, row := range golden(t, "numeric.txt", 4) {
		a, err := ParseNum([]byte(row[1]))
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseNum([]byte(row[2]))
		if err != nil {
			t.Fatal(err)
		}
		seen[row[0]]++
		if got := applyNumeric(t, row[0], a, b); got != row[3] {
			t.Errorf("%s for %s, %s: got %s, want %s", row[0], row[1], row[2], got, row[3])
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d operations tested", len(seen))
	}
}

func applyNumeric(t *testing.T, op string, a, b Num) string {
	var n Num
	var err error
	switch op {
	case "$a+$b":
		n, err = a.Add(b)
	case "$a-$b":
		n, err = a.Sub(b)
	case "$a*$b":
		n, err = a.Mul(b)
	case "$a/$b":
		n, err = a.Div(b)
	case "$a%$b":
		n, err = a.Mod(b)
	case "div($a,$b)":
		n, err = a.DivTrunc(b)
	case "sqrt($a)":
		n, err = a.Sqrt()
	case "exp($a)":
		n, err = a.Exp()
	case "ln($a)":
		n, err = a.Ln()
	case "log($a)":
		n, err = a.Log10()
	case "log($a,$b)":
		n, err = b.Log(a)
	case "power($a,$b)":
		n, err = a.Pow(b)
	case "round($a,2)":
		n = a.Round(2)
	case "round($a,-2)":
		n = a.Round(-2)
	case "trunc($a,1)":
		n = a.Trunc(1)
	case "ceil($a)":
		n = a.Ceil()
	case "floor($a)":
		n = a.Floor()
	case "trim_scale($a)":
		n = a.Reduce()
	case "sign($a)":
		if n = NumFromInt64(int64(a.Sign())); a.IsNaN() {
			n = a
		}
	case "$a::bigint":
		var v int64
		v, err = a.ToInt64()
		n = NumFromInt64(v)
	case "$a::float8":
		return string(AppendFloat64(nil, a.ToFloat64()))
	default:
		t.Fatalf("unknown operation %q", op)
	}
	if err != nil {
		return errText(err)
	}
	return n.String()
}

func TestCanCast(t *testing.T) {
	for _, row := range golden(t, "cast.txt", 3) {
		from, err := Resolve(row[0], nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		to, err := Resolve(row[1], nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := "-"
		switch {
		case CanCast(from, to, Implicit):
			got = "i"
		case CanCast(from, to, Assignment):
			got = "a"
		case CanCast(from, to, Explicit):
			got = "e"
		}
		if got != row[2] {
			t.Errorf("%s to %s: got %s, want %s", row[0], row[1], got, row[2])
		}
	}
}
