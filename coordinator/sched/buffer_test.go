package sched_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"volley/coordinator/sched"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// A limit on unread output that every task passes never stops the tasks that the
// root waits for, however it reads them.
func TestRootGetsWhatItWaitsFor(t *testing.T) {
	const rows = 5_000
	key := physical.SortKey{Expr: &expr.Column{Index: 0, Name: "n", Type: sqltype.Int64}}
	for _, c := range []struct {
		name  string
		reads int // of each row
		root  func(*physical.ExchangeSource) physical.Node
	}{
		{"in order", 1, func(s *physical.ExchangeSource) physical.Node { return s }},
		{"merged", 1, func(s *physical.ExchangeSource) physical.Node {
			s.Merge, s.Limit = []physical.SortKey{key}, -1
			return s
		}},
		{"twice", 2, func(s *physical.ExchangeSource) physical.Node {
			second := *s
			return &physical.Union{Parts: []physical.Node{s, &second}, Out: s.Out}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cl := newCluster(t, 2, 0, func(cfg *sched.Config) { cfg.BufferBytes = 1 })
			plan := gatherPlan(table(rows, map[string]string{"split": "5003", "exact": "yes"}), 0)
			plan.Stages[1].Root = c.root(plan.Stages[1].Root.(*physical.ExchangeSource))
			got, err := cl.firstIn(ctx, plan, nil)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if len(got) != c.reads*rows || len(slices.Compact(got)) != rows {
				t.Errorf("%d rows", len(got))
			}
		})
	}
}
