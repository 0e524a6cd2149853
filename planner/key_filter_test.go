package planner

import (
	"context"
	"strings"
	"testing"

	"volley/catalog"
)

// countedTables are tables whose rows have been counted.
func countedTables(t *testing.T) *world {
	w := newWorld(t)
	for spec, rows := range map[string]int64{
		"line ord bigint, part bigint, quantity numeric(10;2)": 6_000_000,
		"orders id bigint, customer bigint, placed date":       1_500_000,
		"part id bigint, name text, brand text":                200_000,
	} {
		name, columns, _ := strings.Cut(spec, " ")
		o := csvTable(name, columns, rows*40)
		o.Stats = &catalog.Stats{Rows: rows, Bytes: rows * 40}
		w.tables[name] = o
	}
	return w
}

// TestKeyFilters compares plans with runtime filters with their golden text.
func TestKeyFilters(t *testing.T) {
	checkGolden(t, newPlanner(t), countedTables(t), "testdata/runtime/key_filter.plan")
}

// TestKeyFiltersAreOptional: no plan has one when no scan is to get one.
func TestKeyFiltersAreOptional(t *testing.T) {
	p, w := newPlanner(t), countedTables(t)
	with := 0
	for _, c := range goldenPlans(t, "testdata/runtime/key_filter.plan") {
		b, err := p.Bind(context.Background(), parseQuery(t, c.sql), w, BindOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, rows := range []int64{0, -1} {
			plan, err := p.Plan(context.Background(), b, nil, PlanOptions{Slots: 4, Distributed: true, KeyFilterRows: rows})
			if err != nil {
				t.Fatal(err)
			}
			switch found := strings.Contains(Explain(plan), "KeyFilter"); {
			case found && rows < 0:
				t.Errorf("%s has a filter", c.sql)
			case found:
				with++
			}
		}
	}
	if with != 3 {
		t.Errorf("%d plans have filters, want 3", with)
	}
}
