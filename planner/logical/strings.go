package logical

import (
	"fmt"
	"strings"

	"volley/planner/expr"
)

// String is the table, the columns read and the filter.
func (n *Scan) String() string {
	s := "Scan " + n.Table + " " + columns(n.Out.NumFields(), func(i int) string { return n.Out.Field(i).Name })
	if n.Filter != nil {
		s += " filter=" + n.Filter.String()
	}
	if len(n.Pruning) > 0 {
		s += fmt.Sprintf(" pruning=%d", len(n.Pruning))
	}
	if n.Limit > 0 {
		s += fmt.Sprintf(" limit=%d", n.Limit)
	}
	return s
}

// String is the number of rows.
func (n *Values) String() string { return fmt.Sprintf("Values %d rows", len(n.Rows)) }

// String is the predicate.
func (n *Filter) String() string { return "Filter " + n.Predicate.String() }

// String is the expressions.
func (n *Project) String() string { return "Project " + list(n.Exprs) }

// String is the keys and the aggregates.
func (n *Aggregate) String() string {
	calls := columns(len(n.Aggs), func(i int) string { return n.Aggs[i].String() })
	return "Aggregate by [" + list(n.Keys) + "] compute " + calls
}

// String is the call as in SQL.
func (a AggCall) String() string {
	s := a.Func + "("
	if a.Distinct {
		s += "DISTINCT "
	}
	if len(a.Args) == 0 {
		s += "*"
	}
	s += list(a.Args) + ")"
	if a.Filter != nil {
		s += " FILTER " + a.Filter.String()
	}
	return s
}

// String is the kind, the keys and the rest of the condition.
func (n *Join) String() string {
	s := "Join " + [...]string{"inner", "left", "right", "full", "semi", "anti", "mark"}[n.Kind]
	if n.NullAware {
		s += " null-aware"
	}
	for i := range n.LeftKeys {
		s += fmt.Sprintf(" [%s = %s]", n.LeftKeys[i], n.RightKeys[i])
	}
	if n.On != nil {
		s += " on " + n.On.String()
	}
	return s
}

// String is the keys.
func (n *Sort) String() string {
	return "Sort " + columns(len(n.Keys), func(i int) string {
		if n.Keys[i].Desc {
			return n.Keys[i].Expr.String() + " DESC"
		}
		return n.Keys[i].Expr.String()
	})
}

// String is the count and the offset.
func (n *Limit) String() string {
	s := "Limit"
	if n.Count != nil {
		s += " " + n.Count.String()
	}
	if n.Offset != nil {
		s += " offset " + n.Offset.String()
	}
	if len(n.Ties) > 0 {
		s += " with ties"
	}
	return s
}

// String is the number of parts.
func (n *Union) String() string { return fmt.Sprintf("Union of %d", len(n.Parts)) }

// Format is a tree, one node a line, indented by depth.
func Format(n Node) string {
	var b strings.Builder
	var write func(Node, int)
	write = func(n Node, depth int) {
		b.WriteString(strings.Repeat("  ", depth) + n.String() + "\n")
		for _, c := range n.Inputs() {
			write(c, depth+1)
		}
	}
	write(n, 0)
	return strings.TrimSuffix(b.String(), "\n")
}

func list(es []expr.Expr) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}

func columns(n int, name func(int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = name(i)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
