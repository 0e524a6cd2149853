package builtin

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/jackc/pgx/v5/pgconn"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// The golden files hold calls and PostgreSQL 15's answers:
//
//	name('text'::type, NULL::type, 'literal') => text::type
//
// -update asks the server at $VOLLEY_TEST_POSTGRES for the answers again. A line
// that begins with "differs " keeps Volley's own answer where that is not
// PostgreSQL's.
var update = flag.Bool("update", false, "rewrite golden files from the PostgreSQL server at $VOLLEY_TEST_POSTGRES")

const differs = "differs "

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	r := newRegistry(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".golden"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				text = []byte(askAll(t, string(text)))
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for i, line := range strings.Split(string(text), "\n") {
				checkGolden(t, r, fmt.Sprintf("%s:%d", file, i+1), line)
			}
		})
	}
}

func checkGolden(t *testing.T, r *udf.Registry, place, line string) {
	expr, want, ok := strings.Cut(strings.TrimPrefix(line, differs), " => ")
	if !ok || strings.HasPrefix(line, "#") {
		if line != "" && !strings.HasPrefix(line, "#") {
			t.Errorf("%s: not a call: %s", place, line)
		}
		return
	}
	name, args := parseCall(t, expr)
	for _, constant := range []bool{true, false} {
		if got := evaluate(t, r, name, args, constant); got != want && !nearly(got, want) {
			t.Errorf("%s: %s\n got %s\nwant %s", place, expr, got, want)
			return
		}
	}
}

// nearly allows for the last digits of double precision: libraries differ in
// those of transcendental functions.
func nearly(got, want string) bool {
	const float = "::double precision"
	if !strings.HasSuffix(got, float) || !strings.HasSuffix(want, float) {
		return false
	}
	g, err1 := strconv.ParseFloat(strings.TrimSuffix(got, float), 64)
	w, err2 := strconv.ParseFloat(strings.TrimSuffix(want, float), 64)
	return err1 == nil && err2 == nil && math.Abs(g-w) <= 3e-15*math.Abs(w)
}

// literal is one argument as written.
type literal struct {
	text string
	null bool
	typ  arrow.DataType
	sql  string
}

var argument = regexp.MustCompile(`^(?:NULL|E?'((?:[^']|'')*)')(?:::([a-z0-9 ]+(?:\(\d+,\d+\))?))?(?:, |$)`)

func parseCall(t *testing.T, expr string) (name string, args []literal) {
	t.Helper()
	name, rest, ok := strings.Cut(expr, "(")
	if !ok || !strings.HasSuffix(rest, ")") {
		t.Fatalf("not a call: %s", expr)
	}
	rest = strings.TrimSuffix(rest, ")")
	for rest != "" {
		m := argument.FindStringSubmatch(rest)
		if m == nil {
			t.Fatalf("not an argument: %s", rest)
		}
		a := literal{text: strings.ReplaceAll(m[1], "''", "'"), null: strings.HasPrefix(rest, "NULL"), typ: sqltype.Unknown}
		a.sql = strings.TrimSuffix(m[0], ", ")
		if m[2] != "" {
			a.typ = parseTypes(t, m[2])[0]
		}
		args, rest = append(args, a), rest[len(m[0]):]
	}
	return name, args
}

var testContext = &udf.Context{
	TimeZone: time.UTC,
	Now:      time.Date(2024, 2, 29, 13, 14, 15, 678901000, time.UTC),
	User:     "ada", Database: "db", Schema: "public",
}

// evaluate resolves and runs a call, over constants or over five rows of which
// the two in the middle are the call and one of NULLs.
func evaluate(t *testing.T, r *udf.Registry, name string, lits []literal, constant bool) string {
	var ts []arrow.DataType
	for _, a := range lits {
		ts = append(ts, a.typ)
	}
	res, err := r.ResolveScalar(name, ts)
	if err != nil {
		return errorText(err)
	}
	n := 2
	if constant {
		n = 1
	}
	args := make([]udf.Arg, len(lits))
	for i, a := range lits {
		value, err := convert(a, res.Args[i])
		if err != nil {
			return errorText(err)
		}
		args[i] = udf.Arg{Array: value, Const: constant}
		if !constant {
			all, err := array.Concatenate([]arrow.Array{sqltype.NullArray(res.Args[i], 3), value, sqltype.NullArray(res.Args[i], 2)}, memory.DefaultAllocator)
			if err != nil {
				t.Fatal(err)
			}
			args[i].Array = array.NewSlice(all, 3, 5)
		}
	}
	out, err := res.Func.Batch(testContext, args, n)
	if err != nil {
		return errorText(err)
	}
	if !sqltype.Equal(out.DataType(), res.Returns) {
		return fmt.Sprintf("an array of %v, not %v", out.DataType(), res.Returns)
	}
	if out.Len() != n {
		return fmt.Sprintf("%d rows", out.Len())
	}
	if !constant && len(lits) > 0 && !res.Func.NullCall && out.IsValid(1) {
		return "NULL arguments give a value: " + out.ValueStr(1)
	}
	if out.IsNull(0) {
		return "NULL::" + typeOf(res.Returns)
	}
	enc := sqltype.NewTextEncoder(res.Returns, sqltype.TextOptions{})
	return strings.ReplaceAll(string(enc(nil, out, 0)), "\n", `\n`) + "::" + typeOf(res.Returns)
}

// convert stands for the cast that a plan would have.
func convert(a literal, to arrow.DataType) (arrow.Array, error) {
	if a.null {
		return sqltype.NullArray(to, 1), nil
	}
	text := a.text
	if a.typ != sqltype.Unknown && !sqltype.Equal(a.typ, to) {
		v, err := sqltype.Scalar(a.typ, text)
		if err != nil {
			return nil, err
		}
		if v.DataType().ID() == arrow.FLOAT32 && to.ID() == arrow.FLOAT64 {
			return store(to, []float64{float64(values[float32](v)[0])}, vector.Validity{})
		}
		text = string(sqltype.NewTextEncoder(a.typ, sqltype.TextOptions{})(nil, v, 0))
	}
	return sqltype.Scalar(to, text)
}

func errorText(err error) string {
	e := sqlerr.Find(err)
	return "ERROR " + e.Code + ": " + e.Message
}

// askAll puts PostgreSQL's answers into the lines of a golden file.
func askAll(t *testing.T, text string) string {
	conn, err := pgconn.Connect(context.Background(), os.Getenv("VOLLEY_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, differs) {
			continue
		}
		expr, _, _ := strings.Cut(line, " => ")
		name, args := parseCall(t, expr)
		lines[i] = expr + " => " + ask(t, conn, sqlOf(name, args))
	}
	return strings.Join(lines, "\n")
}

func ask(t *testing.T, conn *pgconn.PgConn, expr string) string {
	res, err := conn.Exec(context.Background(), "SELECT "+expr+", pg_typeof("+expr+")").ReadAll()
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return "ERROR " + pg.Code + ": " + pg.Message
	}
	if err != nil {
		t.Fatal(expr, err)
	}
	row := res[0].Rows[0]
	if row[0] == nil {
		return "NULL::" + string(row[1])
	}
	return strings.ReplaceAll(string(row[0]), "\n", `\n`) + "::" + string(row[1])
}

// sqlOf writes a call as PostgreSQL's syntax has it.
func sqlOf(name string, args []literal) string {
	var s []string
	for _, a := range args {
		s = append(s, a.sql)
	}
	switch {
	case name == "position":
		return "position(" + s[1] + " in " + s[0] + ")"
	case name == "extract":
		return "extract(" + strings.Trim(s[0], "'") + " from " + s[1] + ")"
	case name == "like" && len(args) == 3, name == "ilike" && len(args) == 3:
		return "(" + s[0] + " " + name + " " + s[1] + " escape " + s[2] + ")"
	case name == "similar":
		return "(" + s[0] + " similar to " + s[1] + ")"
	case strings.HasPrefix(name, "is ") && len(args) == 1:
		return "(" + s[0] + " " + name + ")"
	case udf.IsOperator(name) && len(args) == 2, strings.HasPrefix(name, "is "):
		return "(" + s[0] + " " + name + " " + s[1] + ")"
	case udf.IsOperator(name):
		return "(" + name + " " + s[0] + ")"
	}
	return name + "(" + strings.Join(s, ", ") + ")"
}
