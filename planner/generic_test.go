package planner

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/physical"
	"volley/sqltype"
)

// genericOf plans a statement without values.
func genericOf(t *testing.T, sql string, types ...arrow.DataType) (*Planner, *Bound, *Generic) {
	t.Helper()
	p := newPlanner(t)
	p.Evaluator = evaluator{p.Registry}
	b, err := p.Bind(t.Context(), parseQuery(t, sql), newWorld(t), BindOptions{ParamTypes: types})
	if err != nil {
		t.Fatalf("%s: %s", sql, err)
	}
	g, err := p.Generic(t.Context(), b, PlanOptions{Slots: 4, Distributed: true})
	if err != nil {
		t.Fatalf("%s: %s", sql, err)
	}
	return p, b, g
}

func value(t *testing.T, typ arrow.DataType, text string) arrow.Array {
	t.Helper()
	if text == "NULL" {
		return sqltype.NullArray(typ, 1)
	}
	v, err := sqltype.Scalar(typ, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// scans are those of a plan, with what they leave out.
func scans(plan *physical.Plan) (all []*physical.Scan) {
	var visit func(n physical.Node)
	visit = func(n physical.Node) {
		if s, ok := n.(*physical.Scan); ok {
			all = append(all, s)
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	for _, s := range plan.Stages {
		visit(s.Root)
	}
	return all
}

// The scans of a generic plan prune by the values of each execution, those of the
// other side of a join too.
func TestGenericPlanPrunes(t *testing.T) {
	for _, c := range []struct{ sql, value, pruning string }{
		{"SELECT * FROM trips WHERE id = $1", "5", "id = 5"},
		{"SELECT * FROM trips WHERE id > $1 + 1 AND fare < 3", "5", "id > 6 and fare < 3"},
		{"SELECT * FROM trips WHERE $1 IS NULL OR id = $1", "5", "id = 5"},
		{"SELECT * FROM trips WHERE $1 IS NULL OR id = $1", "NULL", ""},
		{"SELECT * FROM trips WHERE passenger_count::bigint = $1", "5", "passenger_count = 5"},
		{"SELECT * FROM trips WHERE id IN ($1, 8)", "5", "(id IN (5, 8))"},
		{"SELECT * FROM trips WHERE id > $1 AND id > 7", "5", "id > 7"},
		{"SELECT total FROM orders o JOIN trips t ON o.customer = t.id WHERE o.customer = $1", "5", "customer = 5; id = 5"},
	} {
		p, _, g := genericOf(t, c.sql, sqltype.Int64)
		if g == nil {
			t.Errorf("%s has no generic plan", c.sql)
			continue
		}
		before := g.Plan.String()
		if !strings.Contains(before, "$1") {
			t.Errorf("%s has no parameter in\n%s", c.sql, before)
		}
		plan, err := p.WithValues(t.Context(), g, []arrow.Array{value(t, sqltype.Int64, c.value)}, nil, false)
		if err != nil || plan == nil {
			t.Errorf("%s: %v, %v", c.sql, plan, err)
			continue
		}
		var parts []string
		for _, s := range scans(plan) {
			if text := s.PruningText(); text != "" {
				parts = append(parts, text)
			}
		}
		if got := strings.Join(parts, "; "); got != c.pruning && !(len(parts) == 2 && parts[1]+"; "+parts[0] == c.pruning) {
			t.Errorf("%s with %s skips by %q, want %q", c.sql, c.value, got, c.pruning)
		}
		if strings.Contains(plan.String(), "$1") {
			t.Errorf("%s: a parameter is left in\n%s", c.sql, plan)
		}
		if g.Plan.String() != before {
			t.Errorf("%s: the generic plan has changed", c.sql)
		}
	}
}

// What depends on values in its form has no generic plan, or for some values none.
func TestGenericPlanLimits(t *testing.T) {
	for _, sql := range []string{
		"SELECT * FROM trips LIMIT $1", "SELECT * FROM trips OFFSET $1", "SELECT count(*) FROM trips GROUP BY $1",
		"SELECT * FROM trips TABLESAMPLE bernoulli ($1)",
	} {
		if _, _, g := genericOf(t, sql, sqltype.Int64); g != nil {
			t.Errorf("%s has a generic plan:\n%s", sql, g.Plan)
		}
	}
	p, _, g := genericOf(t, "SELECT * FROM trips WHERE id = $1", sqltype.Int64)
	if plan, err := p.WithValues(t.Context(), g, []arrow.Array{value(t, sqltype.Int64, "NULL")}, nil, false); plan != nil || err != nil {
		t.Errorf("a filter that no row passes has the plan %v, %v", plan, err)
	}
	if _, err := p.WithValues(t.Context(), g, nil, nil, false); err == nil {
		t.Error("a plan without a value")
	}
	if _, err := p.WithValues(t.Context(), g, []arrow.Array{value(t, sqltype.Text, "x")}, nil, false); err == nil {
		t.Error("a plan with a value of another type")
	}
}

// Operators in which nothing depends on values are shared by all plans.
func TestGenericPlanShares(t *testing.T) {
	p, b, g := genericOf(t, "SELECT name FROM customers c JOIN orders o ON o.customer = c.id WHERE o.total > $1", sqltype.Decimal(12, 2))
	plan, err := p.WithValues(t.Context(), g, []arrow.Array{value(t, sqltype.Decimal(12, 2), "5")}, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	custom, err := p.Plan(t.Context(), b, []arrow.Array{value(t, sqltype.Decimal(12, 2), "5")}, PlanOptions{Slots: 4, Distributed: true})
	if err != nil {
		t.Fatal(err)
	}
	if plan.String() != custom.String() {
		t.Errorf("the generic plan with values is\n%s\nwant\n%s", plan, custom)
	}
	shared := 0
	for i, s := range plan.Stages {
		if s == g.Plan.Stages[i] {
			shared++
		}
	}
	if shared == 0 {
		t.Error("no stage is shared")
	}
	for _, s := range plan.Stages {
		if _, ok := plan.Estimates[s.Root]; !ok {
			t.Errorf("no estimate for %s", s.Root)
		}
	}
}
