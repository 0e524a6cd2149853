package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"volley/sqlerr"
	"volley/sqltest"
	"volley/sqltest/randsql"
)

// TestRandomQueries gives random queries to several configurations, and to the
// PostgreSQL 15 of VOLLEY_TEST_POSTGRES if that is set, and compares the answers.
// -rapid.checks says how many; VOLLEY_RANDOM_DATA chooses other tables; with
// VOLLEY_RANDOM_LOG differences are appended to that file as records of a test
// file, and the run goes on.
func TestRandomQueries(t *testing.T) {
	registerDefaults(t)
	t.Setenv(asProgram, "1") // for the worker processes
	data, _ := strconv.ParseUint(os.Getenv("VOLLEY_RANDOM_DATA"), 10, 64)
	tables := randsql.Tables(seeded{rand.New(rand.NewPCG(data, 1))})
	engines := contenders(t, tables)
	c := &contest{engines: engines}
	if path := os.Getenv("VOLLEY_RANDOM_LOG"); path != "" {
		log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = log.Close() }()
		c.log = log
	}
	rapid.Check(t, func(rt *rapid.T) {
		choices := &randsql.Recorder{Source: bits{rt}}
		c.queries++
		s := randsql.New(choices).Query()
		difference := c.run(c.engines, s)
		if difference == nil {
			difference = c.rewrite(s)
		}
		if difference == nil {
			return
		}
		c.differences++
		if c.log == nil {
			rt.Fatalf("%s\n-- the tables\n%s;", difference, strings.Join(tables, ";\n"))
		}
		fmt.Fprintln(c.log, c.shrink(choices.Choices, difference))
	})
	t.Logf("%d queries, %d that the reference refuses, %d without an answer in time, %d differences", c.queries, c.failures, c.late, c.differences)
	for i, e := range engines {
		t.Logf("%s took %v", e.name, c.took[i])
	}
}

// seeded makes choices by a generator of random numbers.
type seeded struct{ r *rand.Rand }

func (s seeded) Below(n int) int { return s.r.IntN(n) }

// bits makes choices by single bits, all as likely, which shrink to 0.
type bits struct{ t *rapid.T }

func (b bits) Below(n int) int {
	v := 0
	for room := 1; room < 4*n && n > 1; room *= 2 {
		v *= 2
		if rapid.Bool().Draw(b.t, "") {
			v++
		}
	}
	return v % max(1, n)
}

// contender is an engine with the tables in it.
type contender struct {
	name    string
	session sqltest.Session
	files   bool // its tables are files, which have no keys
}

// contenders starts the engines; the first one is the reference.
func contenders(t *testing.T, tables []string) []contender {
	ctx := context.Background()
	engines := map[string]sqltest.Engine{}
	names := []string{"one", "workers", "tiny", "spill", "shipped"}
	for _, name := range names {
		o := sqltestOptions{config: name}
		o.node.threads, o.node.memory, o.node.spillDir = 1, byteSize(1<<30), t.TempDir()
		engine, err := o.engine(ctx)
		if err != nil {
			t.Fatal(err)
		}
		engines[name] = engine
	}
	if url := os.Getenv("VOLLEY_TEST_POSTGRES"); url != "" {
		names = append([]string{"postgres"}, names...)
		engines["postgres"] = &sqltest.Postgres{URL: url, Fresh: true}
	}
	var out []contender
	for _, name := range names {
		engine := engines[name]
		db, err := engine.Open(ctx)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s, err := db.Connect(ctx)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Cleanup(func() { _ = errors.Join(s.Close(), db.Close(), engine.Close()) })
		for _, sql := range append([]string{"SET timezone = 'UTC'"}, tables...) {
			if _, err := s.Run(ctx, sql); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, sql)
			}
		}
		files := name != "one" && name != "postgres" && name != "shipped"
		if files {
			intoFiles(ctx, t, s)
		}
		out = append(out, contender{name, s, files})
	}
	return out
}

// intoFiles puts the tables into files, so that tasks read them, sides of joins are
// stages, and scans are filtered by the keys of other stages.
func intoFiles(ctx context.Context, t *testing.T, s sqltest.Session) {
	dir := t.TempDir()
	for _, table := range randsql.Definitions() {
		format := "csv"
		if table.Name == "t2" { // Parquet has not the types of the others
			format = "parquet"
		}
		var statements []string
		for i := range 3 {
			statements = append(statements, fmt.Sprintf("COPY (SELECT * FROM %s LIMIT 8 OFFSET %d) TO '%s/%s.%d.%s' (FORMAT %[6]s)", table.Name, 8*i, dir, table.Name, i, format))
		}
		statements = append(statements, "DROP TABLE "+table.Name,
			fmt.Sprintf("CREATE EXTERNAL TABLE %s (%s) STORED AS %s LOCATION '%s/%s.*.%[3]s'", table.Name, table.Columns, format, dir, table.Name))
		for _, sql := range statements {
			if _, err := s.Run(ctx, sql); err != nil {
				t.Fatalf("%v\n%s", err, sql)
			}
		}
	}
	for _, sql := range []string{"SET volley.key_filter_rows = 1", "SET volley.broadcast_bytes = 600"} {
		if _, err := s.Run(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
}

// contest compares the engines' answers.
type contest struct {
	engines                              []contender
	log                                  *os.File
	took                                 [8]time.Duration // by engine
	queries, failures, late, differences int
}

// randomTimeout is for a query on one engine; what no engine ends by then has
// no answer to compare.
const randomTimeout = 20 * time.Second

// postgresTimeout is for PostgreSQL, which evaluates subqueries once a row and
// may not end at all.
const postgresTimeout = 2 * time.Second

// slowQuery is how long a query may take on one thread without being noted in
// the log.
const slowQuery = 3 * time.Second

// rewrite compares a statement with rewrites of it, on the first of our engines,
// where there is no other engine to compare with.
func (c *contest) rewrite(s randsql.Statement) (out *difference) {
	e := c.engines[0]
	if e.name == "postgres" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), randomTimeout)
	defer cancel()
	res, err := answer(ctx, e.session, s.SQL)
	if err != nil {
		return nil
	}
	r := &rewriter{rand: rand.New(rand.NewPCG(uint64(len(s.SQL)), 3))}
	r.report = func(sql, what string) {
		if ctx.Err() == nil {
			out = &difference{e.name, "rewrite", [2]string{}, what, sql}
		}
	}
	r.compare(ctx, e.session, s.SQL, res)
	return out
}

// difference is a statement that two engines answer differently.
type difference struct {
	reference, other string // names of engines
	states           [2]string
	what             string
	record           string // of a test file
}

func (d *difference) String() string {
	return fmt.Sprintf("# %s and %s: %s\n%s", d.reference, d.other, strings.ReplaceAll(d.what, "\n", "\n# "), d.record)
}

// shrink looks for a smaller statement with a difference like the one given.
func (c *contest) shrink(choices []int, d *difference) *difference {
	if d.states[1] == sqlerr.QueryCanceled {
		return d // would take long
	}
	var engines []contender
	for _, e := range c.engines {
		if e.name == d.reference || e.name == d.other {
			engines = append(engines, e)
		}
	}
	randsql.Shrink(choices, 800, func(choices []int) bool {
		s, c := randsql.New(&randsql.Tape{Choices: choices}).Query(), &contest{engines: engines}
		got := c.run(engines, s)
		if d.other == "rewrite" {
			got = c.rewrite(s)
		}
		if got == nil || got.states != d.states {
			return false
		}
		d = got
		return true
	})
	return d
}

// run says what differs, or nil.
func (c *contest) run(engines []contender, s randsql.Statement) *difference {
	var want *sqltest.Result
	var wantState, reference string
	decided := false
	for i, e := range engines {
		limit := randomTimeout
		if e.name == "postgres" {
			limit = postgresTimeout
		}
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		began := time.Now()
		got, err := answer(ctx, e.session, s.SQL)
		took := time.Since(began)
		c.took[i] += took
		if c.log != nil && e.name == "one" && took > slowQuery {
			fmt.Fprintf(c.log, "# %s took %v\n# %s\n", e.name, took, strings.ReplaceAll(s.SQL, "\n", "\n# "))
		}
		late := ctx.Err() != nil
		cancel()
		state := ""
		if err != nil {
			if state = sqlerr.Find(err).Code; late {
				state = sqlerr.QueryCanceled
			}
			if state == sqlerr.OutOfMemory && e.name == "spill" || state == sqlerr.GroupingError && e.files {
				continue
			}
			if decided && late { // no wrong answer, but to be looked at
				c.late++
				if c.log != nil {
					fmt.Fprintf(c.log, "# %s: no answer in time\n# %s\n", e.name, strings.ReplaceAll(s.SQL, "\n", "\n# "))
				}
				continue
			}
			if !decided && state == sqlerr.QueryCanceled {
				c.late++
				return nil
			}
			if !decided && cannotRun(err) {
				continue // the next one is the reference
			}
		}
		if !decided {
			decided, reference = true, e.name
			want, wantState = got, state
			if state != "" {
				c.failures++
			}
			continue
		}
		what := ""
		switch {
		case state != wantState:
			what = fmt.Sprintf("%q instead of %q: %v", state, wantState, err)
		case state == "":
			what = resultsDiffer(want, got, s)
		}
		if what != "" {
			return &difference{reference, e.name, [2]string{wantState, state}, what, record(s, want, wantState)}
		}
	}
	return nil
}

// cannotRun tells what PostgreSQL has no plan for although the query has an answer.
func cannotRun(err error) bool {
	return strings.Contains(err.Error(), "FULL JOIN is only supported")
}

// answer runs a query; a panic is an error.
func answer(ctx context.Context, s sqltest.Session, sql string) (res *sqltest.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = sqlerr.New(sqlerr.InternalError, "panic: %v %s", p, debug.Stack())
		}
	}()
	return s.Run(ctx, sql)
}

// record is the query with the reference's answer, for a test file.
func record(s randsql.Statement, want *sqltest.Result, state string) string {
	if state != "" {
		return fmt.Sprintf("query error (%s)\n%s\n", state, s.SQL)
	}
	mode := " rowsort"
	if s.Ordered {
		mode = ""
	}
	lines := texts(want, nil)
	if !s.Ordered {
		slices.Sort(lines)
	}
	return fmt.Sprintf("query %s%s\n%s\n----\n%s\n", strings.Repeat("T", len(s.Columns)), mode, s.SQL, strings.Join(lines, "\n"))
}

// texts gives a line a row. With columns, floating-point numbers are rounded.
func texts(res *sqltest.Result, columns []randsql.Type) []string {
	out := make([]string, len(res.Rows))
	for i, row := range res.Rows {
		values := make([]string, len(row))
		for j, v := range row {
			switch {
			case v.Null:
				values[j] = "NULL"
			case v.Text == "":
				values[j] = "(empty)"
			default:
				values[j] = v.Text
			}
			if f, err := strconv.ParseFloat(v.Text, 64); err == nil && j < len(columns) && columns[j] == randsql.Float {
				values[j] = strconv.FormatFloat(f, 'g', 10, 64)
			}
		}
		out[i] = strings.Join(values, " ")
	}
	return out
}

// fraction is a number with trailing zeros after the point: equal numbers may
// look different, and which one stands for a group, or comes first of an order, is
// open.
var fraction = regexp.MustCompile(`(\.\d*?)0+\b`)

// chosen is what gives one of several equal values.
var chosen = regexp.MustCompile(`(?i)distinct|group by|union|intersect|except|min\(|max\(|limit|first|percentile|mode\(|over| in \(`)

// resultsDiffer says how two results differ, "" if they do not.
func resultsDiffer(want, got *sqltest.Result, s randsql.Statement) string {
	a, b := texts(want, s.Columns), texts(got, s.Columns)
	if !s.Ordered {
		slices.Sort(a)
		slices.Sort(b)
	}
	if slices.Equal(a, b) {
		return ""
	}
	for _, lines := range [][]string{a, b} {
		for i := range lines {
			if !chosen.MatchString(s.SQL) {
				break
			}
			lines[i] = strings.ReplaceAll(fraction.ReplaceAllString(lines[i], "$1"), ". ", " ")
			lines[i] = strings.TrimSuffix(lines[i], ".")
		}
		if !s.Ordered {
			slices.Sort(lines)
		}
	}
	if slices.Equal(a, b) {
		return ""
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%d and %d rows; first difference\n%s\n%s", len(a), len(b), a[i], b[i])
		}
	}
	return fmt.Sprintf("%d and %d rows", len(a), len(b))
}
