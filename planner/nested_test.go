package planner

import (
	"context"
	"fmt"
	"testing"
)

// nestedExists is a query with EXISTS in EXISTS, so many deep, each correlated with
// the one around it.
func nestedExists(depth int) string {
	sql := fmt.Sprintf("SELECT 1 FROM orders o%d WHERE o%d.id = o%d.customer", depth, depth, depth-1)
	for i := depth - 1; i > 0; i-- {
		sql = fmt.Sprintf("SELECT 1 FROM orders o%d WHERE o%d.id = o%d.customer AND EXISTS (%s)", i, i, i-1, sql)
	}
	return "SELECT count(*) FROM orders o0 WHERE EXISTS (" + sql + ")"
}

// BenchmarkNestedExists binds queries whose depth doubles.
func BenchmarkNestedExists(b *testing.B) {
	p, w := newPlanner(b), newWorld(b)
	p.Evaluator = evaluator{p.Registry}
	for _, depth := range []int{5, 10, 20} {
		q := parseQuery(b, nestedExists(depth))
		b.Run(fmt.Sprint(depth), func(b *testing.B) {
			for b.Loop() {
				if _, err := p.Bind(context.Background(), q, w, BindOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
