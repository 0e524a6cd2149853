package planner

import (
	"context"
	"testing"

	"volley/planner/expr"
	"volley/sqltype"
)

// TestSimplifyingStops: a long condition is left as it is once the statement has been
// cancelled, rather than compared part by part.
func TestSimplifyingStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := &optimizer{ctx: ctx, p: &Planner{}}
	column := &expr.Column{Name: "a", Type: sqltype.Bool}
	twice := &expr.Logic{Or: true, Args: []expr.Expr{column, column}}
	if e := o.withoutRepeats(twice); e != expr.Expr(column) {
		t.Errorf("%s is simplified to %s", twice, e)
	}
	cancel()
	if e := o.withoutRepeats(twice); e != expr.Expr(twice) {
		t.Errorf("%s is simplified to %s after the end", twice, e)
	}
}
