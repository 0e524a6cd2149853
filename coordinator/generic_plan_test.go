package coordinator

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
)

// texts are the rows of a result of one column of text.
func texts(t *testing.T, s *Session, sql string) (out []string) {
	t.Helper()
	res, err := s.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %s", sql, err)
	}
	defer func() { _ = res.Close() }()
	for {
		rec, err := res.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %s", sql, err)
		}
		for i := range int(rec.NumRows()) {
			out = append(out, rec.Column(0).(*array.String).Value(i))
		}
	}
}

// The first five executions have plans of their own; then, and always if asked for,
// there is one plan, until something of what it was made from changes.
func TestGenericPlanChoice(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	run := func(sql string) { runToEnd(t, s, sql) }
	run("CREATE TABLE g AS SELECT i AS k, i % 7 AS m, 'v' || i AS v FROM generate_series(1, 100) AS s(i)")
	uses := func(name string, generic, custom int64) {
		t.Helper()
		if u := s.Named(name).uses; u.generic != generic || u.custom != custom {
			t.Errorf("%s had %d generic and %d custom plans, want %d and %d", name, u.generic, u.custom, generic, custom)
		}
	}
	run("PREPARE p(int) AS SELECT v FROM g WHERE k = $1")
	for i := range 8 {
		if got, want := texts(t, s, fmt.Sprintf("EXECUTE p(%d)", i+1)), fmt.Sprint("v", i+1); len(got) != 1 || got[0] != want {
			t.Fatalf("EXECUTE p(%d) gave %v", i+1, got)
		}
	}
	uses("p", 3, 5)
	plan := s.Named("p").plans.generic.plan
	if run("EXECUTE p(50)"); s.Named("p").plans.generic.plan != plan {
		t.Error("the generic plan was made again")
	}
	if text := strings.Join(texts(t, s, "EXPLAIN EXECUTE p(9)"), "\n"); !strings.Contains(text, "k = $1") {
		t.Errorf("EXPLAIN of a generic plan shows\n%s", text)
	}
	run("SET volley.broadcast_bytes = 1000")
	if run("EXECUTE p(50)"); s.Named("p").plans.generic.plan == plan {
		t.Error("the generic plan outlived a setting")
	}
	plan = s.Named("p").plans.generic.plan
	run("ANALYZE g")
	if run("EXECUTE p(50)"); s.Named("p").plans.generic.plan == plan {
		t.Error("the generic plan outlived the statistics")
	}
	run("SET plan_cache_mode = force_custom_plan")
	before := s.Named("p").uses.generic
	if text := strings.Join(texts(t, s, "EXPLAIN EXECUTE p(9)"), "\n"); !strings.Contains(text, "k = 9") {
		t.Errorf("EXPLAIN of a custom plan shows\n%s", text)
	}
	uses("p", before, 6)
	run("SET plan_cache_mode = force_generic_plan")
	run("PREPARE now_of(int) AS SELECT v FROM g WHERE k = $1 AND now() > '2020-01-01'")
	run("EXECUTE now_of(1)")
	uses("now_of", 1, 0)
	run("PREPARE some_rows(int) AS SELECT v FROM g LIMIT $1")
	run("EXECUTE some_rows(1)")
	uses("some_rows", 0, 1)
	run("EXECUTE p(NULL)") // reads nothing, which only a plan for NULL says
	uses("p", before, 7)
}

// A generic plan that is expected to cost more than those for values did is not used.
func TestGenericPlanCost(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	run := func(sql string) { runToEnd(t, s, sql) }
	run("CREATE TABLE g AS SELECT CASE WHEN i <= 100 THEN i ELSE 0 END AS k FROM generate_series(1, 300000) AS s(i)")
	run("ANALYZE g")
	run("PREPARE few(int) AS SELECT count(*) FROM g a JOIN g b ON a.k = b.k JOIN g c ON b.k = c.k WHERE a.k = $1")
	for i := range 7 {
		run(fmt.Sprintf("EXECUTE few(%d)", i+1))
	}
	if u := s.Named("few").uses; u.generic != 0 || u.custom != 7 {
		t.Errorf("%d generic and %d custom plans", u.generic, u.custom)
	}
	if g := s.Named("few").plans.generic; g.plan == nil {
		t.Error("no generic plan was thought of")
	}
}

// The queries of statements that change data have plans as other queries have, each its
// own: five custom ones, then a generic one, until something changes.
func TestChangePlans(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	run := func(sql string) { runToEnd(t, s, sql) }
	run("CREATE TABLE g AS SELECT i AS k, 0 AS n FROM generate_series(1, 100) AS s(i)")
	run("CREATE TABLE log (k int, n bigint)")
	run("PREPARE change(int, int) AS UPDATE g SET n = n + $2 WHERE k = $1 RETURNING (n + (SELECT count(*) FROM g WHERE k <= $1))::text")
	run("PREPARE removal(int) AS WITH gone AS (DELETE FROM g WHERE k = $1 RETURNING k) INSERT INTO log SELECT k, $1 FROM gone")
	uses := func(p *Prepared, generic, custom int64) {
		t.Helper()
		if u := p.uses; u.generic != generic || u.custom != custom {
			t.Errorf("%d generic and %d custom plans, want %d and %d", u.generic, u.custom, generic, custom)
		}
	}
	for i := range 8 {
		k := i + 1
		if got, want := texts(t, s, fmt.Sprintf("EXECUTE change(%d, %d)", k, 10*k))[0], fmt.Sprint(11*k); got != want {
			t.Errorf("the row of %d became %s, want %s", k, got, want)
		}
		run(fmt.Sprintf("EXECUTE removal(%d)", 100-i))
	}
	for _, name := range []string{"change", "removal"} {
		p := s.Named(name)
		uses(p, 3, 5)
		if len(p.parts) != 1 {
			t.Errorf("%s has %d queries beside its own", name, len(p.parts))
		}
		for _, part := range p.parts {
			uses(part, 3, 5)
		}
	}
	if got := texts(t, s, "SELECT concat_ws(' ', count(*), sum(n), (SELECT sum(k - n) FROM log), (SELECT count(*) FROM log)) FROM g")[0]; got != "92 360 0 8" {
		t.Errorf("the tables have %s", got)
	}
	if text := strings.Join(texts(t, s, "EXPLAIN EXECUTE change(9, 1)"), "\n"); !strings.Contains(text, "k = $1") {
		t.Errorf("EXPLAIN of a generic plan shows\n%s", text)
	}
	plan := s.Named("change").plans.generic.plan
	if run("EXECUTE change(1, 1)"); plan == nil || s.Named("change").plans.generic.plan != plan {
		t.Error("the generic plan was made again")
	}
	run("ALTER TABLE g ALTER n TYPE bigint")
	if run("EXECUTE change(1, 1)"); s.Named("change").plans.generic.plan == plan {
		t.Error("the generic plan outlived a column's type")
	}
}

// Words that stand for a moment are read at each execution, with a plan for values, with
// a generic one, and without parameters.
func TestPlansReadTheClock(t *testing.T) {
	for _, mode := range []string{forceCustom, forceGeneric} {
		s := newTestSession(t, newTestCoordinator(t))
		runToEnd(t, s, "SET plan_cache_mode = "+mode)
		runToEnd(t, s, "PREPARE given(text) AS SELECT $1::timestamptz::text")
		runToEnd(t, s, "PREPARE elements(text[]) AS SELECT ($1::timestamptz[])[1]::text")
		runToEnd(t, s, "PREPARE composed AS SELECT ('no' || 'w')::timestamptz::text")
		for _, sql := range []string{"EXECUTE given('now')", "EXECUTE elements(ARRAY['now'])", "EXECUTE composed"} {
			seen := map[string]bool{}
			for range 4 {
				seen[texts(t, s, sql)[0]] = true
			}
			if len(seen) != 4 {
				t.Errorf("%s: %s gave %v in four runs", mode, sql, slices.Sorted(maps.Keys(seen)))
			}
		}
	}
}
