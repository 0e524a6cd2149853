package coordinator

import (
	"math"
	"runtime"
	"testing"
	"weak"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog/memtable"
	"volley/planner"
	"volley/planner/physical"
)

// One plan is made for each of the last values of the parameters, and again when
// there are more slots.
func TestPlanCache(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	p, err := s.Prepare(t.Context(), "SELECT $1::bigint + 1", nil)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	plan := func(again bool, v int64, slots int) *physical.Plan {
		t.Helper()
		got, err := p.plans.custom(t.Context(), s, again, p.bound, []arrow.Array{bigint(v)}, planner.PlanOptions{Slots: slots}, func() (*physical.Plan, error) {
			made++
			return &physical.Plan{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	plan(false, 1, 2)
	first := plan(true, 1, 2)
	if made != 2 || plan(true, 1, 2) != first || made != 2 {
		t.Errorf("%d plans for one value", made)
	}
	if plan(true, 2, 2) == first || plan(true, 1, 4) == first || made != 4 {
		t.Errorf("%d plans for other values and slots", made)
	}
	for v := range int64(maxPlans) {
		plan(true, 100+v, 2)
	}
	if plan(true, 1, 2) == first || len(p.plans.plans) != maxPlans {
		t.Errorf("%d plans are kept", len(p.plans.plans))
	}
	p.plans = planCache{}
	if made = 0; plan(true, 1, 2) == first || made != 1 {
		t.Error("a plan outlived what it was made from")
	}
	if p, err = s.Prepare(t.Context(), "SELECT now(), $1::bigint", nil); err != nil {
		t.Fatal(err)
	}
	made = 0
	plan(true, 1, 2)
	plan(true, 1, 2)
	if made != 2 {
		t.Error("a plan that depends on the time was kept")
	}
}

// runToEnd runs a statement that does not fail to begin.
func runToEnd(t *testing.T, s *Session, sql string) {
	t.Helper()
	res, err := s.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = res.Next(t.Context())
	}
	_ = res.Close()
}

// A statement is bound again when a table that it reads has grown by much, or was
// analyzed, and not before.
func TestPlanAfterGrowth(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	run := func(sql string) { runToEnd(t, s, sql) }
	run("CREATE TABLE g (k bigint)")
	p, err := s.Prepare(t.Context(), "SELECT count(*) FROM g", nil)
	if err != nil {
		t.Fatal(err)
	}
	again := func() bool {
		t.Helper()
		before := p.bound
		p.ran()
		if err := p.renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		return p.bound != before
	}
	p.runs = 1
	run("INSERT INTO g SELECT * FROM generate_series(1, 900)")
	if again() {
		t.Error("bound again for a few rows")
	}
	run("INSERT INTO g SELECT * FROM generate_series(1, 9000)")
	if !again() || again() {
		t.Error("not bound again, once, for ten times the rows")
	}
	run("DELETE FROM g WHERE k > 10")
	if !again() {
		t.Error("not bound again when most rows were gone")
	}
}

func bigint(v int64) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.Append(v)
	return b.NewArray()
}

// BenchmarkPrepared is the way from values of parameters to a plan: a custom one made
// anew, as for values that did not come before; one that is kept for the same values;
// and the generic one, which is given fresh values each time.
func BenchmarkPrepared(b *testing.B) {
	s := newTestSession(b, newTestCoordinator(b))
	for _, sql := range []string{"CREATE TABLE a (k bigint, v text)", "CREATE TABLE b (k bigint, w numeric)"} {
		if _, err := s.Query(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	for name, sql := range map[string]string{
		"one": "SELECT $1::bigint", "point": "SELECT v FROM a WHERE k = $1::bigint", "join": "SELECT v, sum(w) FROM a JOIN b USING (k) WHERE a.k > $1::bigint AND v LIKE 'x%' GROUP BY v ORDER BY 2 DESC LIMIT 10",
	} {
		p, err := s.Prepare(b.Context(), sql, nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, way := range []struct {
			name, mode string
			runs       int
			fresh      int64 // added to the value each time
		}{{"anew", forceCustom, 0, 1}, {"kept", forceCustom, 2, 0}, {"generic", forceGeneric, 2, 1}} {
			b.Run(name+"/"+way.name, func(b *testing.B) {
				if err := s.settings.set("plan_cache_mode", way.mode, false); err != nil {
					b.Fatal(err)
				}
				p.runs = way.runs
				v := int64(7)
				b.ReportAllocs()
				for b.Loop() {
					v += way.fresh
					if _, err := s.execution(p, []arrow.Array{bigint(v)}, nil).first(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// A statement that is kept does not keep the rows of its tables: they go when the
// tables are emptied or dropped.
func TestPreparedKeepsNoRows(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	run := func(sql string) { runToEnd(t, s, sql) }
	for _, gone := range []string{"TRUNCATE r", "DROP TABLE r"} {
		run("CREATE TABLE r AS SELECT i FROM generate_series(1, 9) AS s(i)")
		read, err := s.Prepare(t.Context(), "SELECT a.i FROM r a JOIN r b USING (i)", nil)
		if err != nil {
			t.Fatal(err)
		}
		change, err := s.Prepare(t.Context(), "DELETE FROM r WHERE i = $1", nil)
		if err != nil {
			t.Fatal(err)
		}
		table := s.tables().Lookup("public", "r")
		var rows weak.Pointer[array.Int32]
		if err := memtable.NewView(nil).Snapshot(table).Each(t.Context(), func(rec arrow.Record) error {
			rows = weak.Make(rec.Column(0).(*array.Int32))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		run(gone)
		runtime.GC()
		if rows.Value() != nil {
			t.Errorf("after %s the rows are still there", gone)
		}
		runtime.KeepAlive(read)
		runtime.KeepAlive(change)
		runtime.KeepAlive(table)
		if gone == "TRUNCATE r" {
			run("DROP TABLE r")
		}
	}
}

// Plans are for values bit by bit.
func TestSameValues(t *testing.T) {
	floats := func(v ...float64) arrow.Array {
		b := array.NewFloat64Builder(memory.DefaultAllocator)
		b.AppendValues(v, nil)
		b.AppendNull()
		return b.NewArray()
	}
	list := func(v float64) arrow.Array {
		b := array.NewListBuilder(memory.DefaultAllocator, arrow.PrimitiveTypes.Float64)
		b.Append(true)
		b.ValueBuilder().(*array.Float64Builder).Append(v)
		b.AppendNull()
		return b.NewArray()
	}
	for i, c := range []struct {
		a, b arrow.Array
		same bool
	}{
		{floats(0, 1), floats(0, 1), true},
		{floats(0), floats(math.Copysign(0, -1)), false},
		{floats(math.NaN()), floats(math.NaN()), true},
		{floats(1), floats(1, 1), false},
		{floats(1), bigint(1), false},
		{list(0), list(0), true},
		{list(0), list(math.Copysign(0, -1)), false},
		{bigint(1), bigint(1), true},
		{bigint(1), bigint(2), false},
	} {
		if sameValues(c.a, c.b) != c.same {
			t.Errorf("%d: %s and %s", i, c.a, c.b)
		}
	}
}
