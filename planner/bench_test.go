package planner

import (
	"context"
	"strconv"
	"strings"
	"testing"
)

func benchmarkPlan(b *testing.B, sql string) {
	p, w := newPlanner(b), newWorld(b)
	q := parseQuery(b, sql)
	b.ReportAllocs()
	for b.Loop() {
		bound, err := p.Bind(context.Background(), q, w, BindOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.Plan(context.Background(), bound, nil, PlanOptions{Slots: 4, Distributed: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSelectOne(b *testing.B) { benchmarkPlan(b, "SELECT 1") }

func BenchmarkGroupBy(b *testing.B) {
	benchmarkPlan(b, "SELECT passenger_count, count(*) FROM trips WHERE fare > 2 GROUP BY 1 ORDER BY 2 DESC LIMIT 10")
}

func BenchmarkInList(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		items := make([]string, n)
		for i := range items {
			items[i] = strconv.Itoa(i)
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			benchmarkPlan(b, "SELECT id FROM trips WHERE id IN ("+strings.Join(items, ",")+")")
		})
	}
}
