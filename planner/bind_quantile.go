package planner

import "volley/parser/ast"

// quantiles are the names by which other engines know inverse distributions,
// with the values as the first argument and the fraction as the second.
var quantiles = map[string]string{"quantile_cont": "percentile_cont", "quantile_disc": "percentile_disc"}

// quantileCall is quantile_cont(values, fraction), also with FILTER, as
// percentile_cont(fraction) WITHIN GROUP (ORDER BY values), with that name; nil
// for other calls.
func quantileCall(e *ast.Call, name string) (*ast.Call, string) {
	inverse, ok := quantiles[name]
	if !ok || len(e.Args) != 2 || e.Star || e.Distinct || len(e.OrderBy) > 0 || len(e.WithinGroup) > 0 {
		return nil, ""
	}
	c := *e
	c.Args, c.WithinGroup = e.Args[1:], []ast.SortItem{{Expr: e.Args[0].Value}}
	return &c, inverse
}
