package exec

import "testing"

func TestTasksShareABudget(t *testing.T) {
	budget := NewMemory(nil, 1000)
	query := NewMemory(budget, 0)
	a, b := query.share(), query.share()
	take := func(m *Memory, n int64, ok bool) {
		t.Helper()
		if err := m.Reserve(n); (err == nil) != ok {
			t.Fatalf("%d bytes on top of %d of %d: %v", n, m.Used(), budget.Used(), err)
		}
	}
	take(a, 750, true)  // as it comes
	take(a, 50, true)   // alone, it may have all
	take(b, 150, true)  // a little is left
	take(a, 10, false)  // above its half
	take(b, 100, false) // its half, but there is none left
	a.Release(500)
	take(b, 350, true)
	take(a, 150, true)
	take(a, 60, false) // both have their half
	b.Close()
	take(a, 500, true)
	a.Close()
	if n := budget.Used(); n != 0 || query.Used() != 0 {
		t.Errorf("%d bytes are still taken", n)
	}
	if n := budget.shares().active.Load(); n != 0 {
		t.Errorf("%d shares are active", n)
	}
}

// TestOperatorsMayAlwaysHoldALittle: beyond the process's budget, but not beyond
// the query's limit.
func TestOperatorsMayAlwaysHoldALittle(t *testing.T) {
	budget := NewMemory(nil, 64_000)
	if err := budget.Reserve(64_000); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		limit, n int64
		ok       bool
	}{{0, 1000, true}, {0, 1001, false}, {500, 501, false}, {500, 500, true}} {
		r := reservation{memory: NewMemory(budget, c.limit).share(), stats: &OperatorStats{}}
		if err := r.resize(c.n); (err == nil) != c.ok {
			t.Errorf("%d bytes of a query's %d: %v", c.n, c.limit, err)
		}
		r.free()
	}
	if n := budget.Used(); n != 64_000 {
		t.Errorf("%d bytes are taken", n)
	}
}

func TestPartOfABudget(t *testing.T) {
	budget := NewMemory(nil, 1000)
	outputs := budget.Part(0.3)
	if outputs.Reserve(301) == nil || outputs.Reserve(300) != nil || budget.Used() != 300 {
		t.Errorf("%d bytes are taken", budget.Used())
	}
	if none := (*Memory)(nil).Part(0.3); none.Reserve(1<<40) != nil {
		t.Error("no limit has a part")
	}
}

// TestSpare: what can be done without leaves a quarter of the budget, also to others.
func TestSpare(t *testing.T) {
	budget := NewMemory(nil, 1000)
	spare := budget.Spare()
	if err := spare.Reserve(700); err != nil {
		t.Fatal(err)
	}
	if spare.Reserve(100) == nil || budget.Used() != 700 {
		t.Error("more than three quarters are taken")
	}
	if err := budget.Reserve(300); err != nil {
		t.Errorf("the rest is refused: %v", err)
	}
	spare.Release(700)
	if budget.Used() != 300 || spare.Reserve(500) == nil || spare.Reserve(400) != nil {
		t.Error("what others hold does not count")
	}
	var unlimited *Memory
	if err := unlimited.Spare().Reserve(1 << 40); err != nil {
		t.Error(err)
	}
}
