package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"volley/sqlerr"
	"volley/sqltest"
)

// TestRewrites runs the project's test files and compares the answers of their
// queries with those of equal queries: one rewrite for each query, or all of them
// with VOLLEY_REWRITES=all.
func TestRewrites(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "sqltest", "testdata", "*.slt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	registerDefaults(t)
	o := sqltestOptions{config: "one"}
	o.node.threads, o.node.memory, o.node.spillDir = 1, byteSize(1<<30), t.TempDir()
	engine, err := o.engine(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = engine.Close() }()
	compared := 0
	for i, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			records, err := sqltest.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := &rewriter{rand: rand.New(rand.NewPCG(uint64(i), 7)), all: os.Getenv("VOLLEY_REWRITES") == "all"}
			r.report = func(sql, what string) { t.Errorf("%s\n%s", what, sql) }
			if _, err := sqltest.Run(context.Background(), rewriting{engine, r}, records, sqltest.Options{}); err != nil {
				t.Fatal(err)
			}
			compared += r.compared
		})
	}
	t.Logf("%d answers compared", compared)
	if compared == 0 {
		t.Error("nothing compared")
	}
}

// rewriting is an engine whose sessions compare each query with rewrites of it.
type rewriting struct {
	sqltest.Engine
	r *rewriter
}

func (e rewriting) Open(ctx context.Context) (sqltest.Database, error) {
	db, err := e.Engine.Open(ctx)
	return rewritingDatabase{db, e.r}, err
}

type rewritingDatabase struct {
	sqltest.Database
	r *rewriter
}

func (d rewritingDatabase) Connect(ctx context.Context) (sqltest.Session, error) {
	s, err := d.Database.Connect(ctx)
	return rewritingSession{s, d.r}, err
}

type rewritingSession struct {
	sqltest.Session
	r *rewriter
}

func (s rewritingSession) Run(ctx context.Context, sql string) (*sqltest.Result, error) {
	res, err := s.Session.Run(ctx, sql)
	if err == nil && len(res.Columns) > 0 && len(res.Rows) < 2000 {
		s.r.compare(ctx, s.Session, sql, res)
	}
	return res, err
}

// rewriter compares queries with rewrites that have the same answer.
type rewriter struct {
	rand     *rand.Rand
	all      bool
	report   func(sql, what string)
	compared int
}

var (
	aQuery = regexp.MustCompile(`(?is)^\s*(\(|select\b|values\b|with\b|table\b)`)
	// unstable is what may give another answer a second time, or inside of a query.
	unstable = regexp.MustCompile(`(?i)random|sample|now\(|current_|clock|nextval|currval|uuid\(|local|setval|timestamp\(\)|pg_|explain|;|\binto\b|for (update|share)|json[^b]`)
)

// rewrite is a query, equal to SELECT %[2]s FROM (%[1]s) AS x(%[3]s): %[4]s is a
// condition on x, and the columns are selected as they are.
type rewrite struct {
	name     string
	template string
}

// rewrites give the rows of the query; the names say where they are known from.
var rewrites = []rewrite{
	{"ternary logic partitioning", `SELECT * FROM (%[1]s) AS x(%[3]s) WHERE %[4]s UNION ALL SELECT * FROM (%[1]s) AS x(%[3]s) WHERE NOT (%[4]s) UNION ALL SELECT * FROM (%[1]s) AS x(%[3]s) WHERE (%[4]s) IS NULL`},
	{"lateral", `SELECT %[2]s FROM (VALUES (1), (2)) AS v(i) CROSS JOIN LATERAL (SELECT * FROM (%[1]s) AS y WHERE v.i = 2) AS x(%[3]s)`},
	{"shared", `WITH x(%[3]s) AS MATERIALIZED (%[1]s) SELECT * FROM x WHERE %[4]s UNION ALL SELECT * FROM x WHERE (%[4]s) IS NOT TRUE`},
	{"outer join", `SELECT %[2]s FROM (%[1]s) AS x(%[3]s) LEFT JOIN (SELECT 1 AS one) AS y ON %[4]s`},
	{"full join", `SELECT %[2]s FROM (%[1]s) AS x(%[3]s) FULL JOIN (SELECT 1 AS one WHERE false) AS y ON false`},
	{"exists", `SELECT * FROM (%[1]s) AS x(%[3]s) WHERE EXISTS (SELECT WHERE %[4]s) OR NOT EXISTS (SELECT 1 WHERE %[4]s)`},
	{"window", `SELECT %[2]s FROM (SELECT *, count(*) OVER () AS n FROM (%[1]s) AS y(%[3]s)) AS x WHERE n > 0`},
	{"scalar subquery", `SELECT %[2]s FROM (%[1]s) AS x(%[3]s) WHERE (SELECT count(*) FROM (VALUES (1), (2)) AS v(i) WHERE (%[4]s) IS NOT NULL OR v.i = 1) > 0`},
	{"case", `SELECT %[2]s FROM (%[1]s) AS x(%[3]s) WHERE CASE WHEN %[4]s THEN true WHEN (%[4]s) IS NULL THEN true ELSE NOT (%[4]s) END`},
	{"intersection", `(%[1]s) INTERSECT ALL (%[1]s)`},
	{"difference", `(%[1]s) EXCEPT ALL (SELECT * FROM (%[1]s) AS x(%[3]s) WHERE false)`},
}

// counts are queries for one number, of which all must be the same.
var counts = []rewrite{
	{"filter", `SELECT count(*) FROM (%[1]s) AS x(%[3]s) WHERE %[4]s`},
	{"sum of a condition (NoREC)", `SELECT coalesce(sum(CASE WHEN %[4]s THEN 1 ELSE 0 END), 0) FROM (%[1]s) AS x(%[3]s)`},
	{"FILTER", `SELECT count(*) FILTER (WHERE %[4]s) FROM (%[1]s) AS x(%[3]s)`},
	{"difference", `SELECT count(*) - (SELECT count(*) FROM (%[1]s) AS x(%[3]s) WHERE (%[4]s) IS NOT TRUE) FROM (%[1]s) AS x(%[3]s)`},
	{"semi join", `SELECT count(*) FROM (%[1]s) AS x(%[3]s) WHERE 1 IN (SELECT 1 WHERE %[4]s)`},
	{"inner join", `SELECT count(*) FROM (%[1]s) AS x(%[3]s) JOIN (SELECT 1 AS one) AS y ON %[4]s`},
}

// compare runs rewrites of a query that gave res.
func (r *rewriter) compare(ctx context.Context, s sqltest.Session, sql string, res *sqltest.Result) {
	sql = strings.TrimRight(strings.TrimSpace(sql), "; \n")
	if !aQuery.MatchString(sql) || unstable.MatchString(sql) || strings.Contains(sql, "--") {
		return
	}
	var names, selected []string
	for i := range res.Columns {
		names = append(names, fmt.Sprintf("c%d", i+1))
		selected = append(selected, fmt.Sprintf("x.c%d", i+1))
	}
	condition := r.condition(ctx, s, res, fmt.Sprintf("SELECT count(*) FROM (%s) AS x(%s) WHERE ", sql, strings.Join(names, ", ")))
	if condition == "" {
		return
	}
	form := func(w rewrite) string {
		return fmt.Sprintf(w.template, sql, strings.Join(selected, ", "), strings.Join(names, ", "), condition)
	}
	want := sortedTexts(res)
	chosen := r.rand.IntN(len(rewrites) + 1)
	for i, w := range rewrites {
		if !r.all && i != chosen {
			continue
		}
		r.check(ctx, s, w.name, form(w), want)
	}
	if r.all || chosen == len(rewrites) {
		r.compareCounts(ctx, s, form)
	}
}

// condition is one on the columns of x that the engine accepts behind prefix.
func (r *rewriter) condition(ctx context.Context, s sqltest.Session, res *sqltest.Result, prefix string) string {
	col := r.rand.IntN(len(res.Columns))
	var tries []string
	if len(res.Rows) > 0 {
		if v := res.Rows[r.rand.IntN(len(res.Rows))][col]; !v.Null {
			op := []string{"=", "<", ">=", "<>"}[r.rand.IntN(4)]
			tries = append(tries, fmt.Sprintf("x.c%d %s '%s'", col+1, op, strings.ReplaceAll(v.Text, "'", "''")))
		}
	}
	for _, c := range append(tries, fmt.Sprintf("x.c%d IS NULL", col+1)) {
		if _, err := answer(ctx, s, prefix+c); err == nil {
			return c
		}
	}
	return ""
}

// check compares the rows of a rewrite. What cannot be compared (types without
// equality, a query that a subquery cannot be) is left out.
func (r *rewriter) check(ctx context.Context, s sqltest.Session, name, sql string, want []string) {
	got, err := answer(ctx, s, sql)
	if err != nil {
		r.refused(name, sql, err)
		return
	}
	r.compared++
	if lines := sortedTexts(got); !slices.Equal(lines, want) {
		r.report(sql, fmt.Sprintf("%s: %d rows\n%s\ninstead of %d\n%s", name, len(lines), strings.Join(lines, "\n"), len(want), strings.Join(want, "\n")))
	}
}

func (r *rewriter) refused(name, sql string, err error) {
	var e *sqlerr.Error
	if errors.As(err, &e) && e.Code != sqlerr.InternalError && e.Code[:2] != "22" {
		return
	}
	r.report(sql, fmt.Sprintf("%s: %v", name, err))
}

func (r *rewriter) compareCounts(ctx context.Context, s sqltest.Session, form func(rewrite) string) {
	want, first := "", ""
	for _, w := range counts {
		got, err := answer(ctx, s, form(w))
		if err != nil {
			r.refused(w.name, form(w), err)
			continue
		}
		n := strings.Join(texts(got, nil), "\n")
		if want == "" {
			want, first = n, w.name
			continue
		}
		r.compared++
		if n != want {
			r.report(form(w), fmt.Sprintf("%s: %s instead of %s (%s)", w.name, n, want, first))
		}
	}
}

// sortedTexts gives a line a row. What depends on the plan looks the same: the
// last digits of sums of floating-point numbers, -0 for 0, and how far values of
// char(n) that come from several lengths are filled up with blanks.
func sortedTexts(res *sqltest.Result) []string {
	lines := make([]string, len(res.Rows))
	for i, row := range res.Rows {
		var values []string
		for _, v := range row {
			text := v.Text
			if f, err := strconv.ParseFloat(text, 64); err == nil && strings.ContainsAny(text, ".e") && len(text) > 12 {
				text = strconv.FormatFloat(f, 'g', 10, 64)
			}
			if v.Null {
				text = "NULL"
			}
			if text == "-0" {
				text = "0"
			}
			values = append(values, text)
		}
		lines[i] = strings.Join(strings.Fields(strings.Join(values, " ")), " ")
	}
	slices.Sort(lines)
	return lines
}
