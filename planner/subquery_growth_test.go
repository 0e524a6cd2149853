package planner

import (
	"fmt"
	"strings"
	"testing"

	"volley/planner/logical"
)

// planNodes counts the nodes of a plan as a tree, shared plans once.
func planNodes(n logical.Node, seen map[*logical.Shared]bool) int {
	count := 1
	if c, ok := n.(*logical.CTE); ok && !seen[c.Shared] {
		seen[c.Shared] = true
		count += planNodes(c.Shared.Plan, seen)
	}
	for _, in := range n.Inputs() {
		count += planNodes(in, seen)
	}
	return count
}

// guardedAlternatives are correlated subqueries that may fail, of which each is
// evaluated only where those before it are not true.
func guardedAlternatives(n int) string {
	parts := make([]string, n)
	for i := range parts {
		if parts[i] = fmt.Sprintf("o.id IN (SELECT 10 / (t.passenger_count - o.customer) FROM trips t WHERE t.id = o.customer + %d)", i); i%2 == 1 {
			parts[i] = fmt.Sprintf("EXISTS (SELECT 1 FROM trips t WHERE 10 / (t.passenger_count - o.customer) > %d)", i)
		}
	}
	return "SELECT count(*) FROM orders o WHERE " + strings.Join(parts, " OR ")
}

// Plans of more subqueries, and of deeper ones, grow as the queries do.
func TestSubqueryGrowth(t *testing.T) {
	p, w := newPlanner(t), newWorld(t)
	p.Evaluator = evaluator{p.Registry}
	for name, query := range map[string]func(int) string{"guarded alternatives": guardedAlternatives, "nested EXISTS": nestedExists} {
		var counts []int
		for _, n := range []int{4, 8, 16} {
			b, err := p.Bind(t.Context(), parseQuery(t, query(n)), w, BindOptions{})
			if err != nil {
				t.Fatal(err)
			}
			counts = append(counts, planNodes(b.Root, map[*logical.Shared]bool{}))
		}
		t.Logf("%s: %v", name, counts)
		if a, b := counts[1]-counts[0], counts[2]-counts[1]; b > 3*a {
			t.Errorf("%s: 4, 8 and 16 of them make %v nodes", name, counts)
		}
	}
}
