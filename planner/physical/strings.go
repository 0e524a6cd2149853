package physical

import (
	"fmt"
	"sort"
	"strings"

	"volley/catalog"
	"volley/planner/expr"
)

// String names the table, the columns read, and what is filtered where.
func (n *Scan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Scan %s #%d", n.Spec.Table, n.ID)
	cols := make([]string, len(n.Spec.Projection))
	for i, c := range n.Spec.Projection {
		cols[i] = n.Spec.Schema.Field(c).Name
	}
	if len(cols) < n.Spec.Schema.NumFields() {
		fmt.Fprintf(&b, " columns=[%s]", strings.Join(cols, ", "))
	}
	if n.Filter != nil {
		fmt.Fprintf(&b, " filter=%s", n.Filter)
	}
	if len(n.Spec.Pruning) > 0 {
		parts := make([]string, len(n.Spec.Pruning))
		for i, p := range n.Spec.Pruning {
			parts[i] = predicateString(n.Spec, p)
		}
		fmt.Fprintf(&b, " pruning=[%s]", strings.Join(parts, ", "))
	}
	if n.Spec.Limit > 0 {
		fmt.Fprintf(&b, " limit=%d", n.Spec.Limit)
	}
	if n.Rows >= 0 {
		fmt.Fprintf(&b, " rows≈%d", n.Rows)
	}
	return b.String()
}

func predicateString(s catalog.ScanSpec, p catalog.Predicate) string {
	col := s.Schema.Field(p.Column).Name
	vals := make([]expr.Expr, len(p.Values))
	for i, v := range p.Values {
		vals[i] = &expr.Literal{Value: v}
	}
	switch {
	case p.Op == "in":
		return (&expr.In{Arg: &expr.Column{Name: col}, List: vals}).String()
	case len(vals) == 1:
		return col + " " + p.Op + " " + vals[0].String()
	}
	return col + " " + p.Op
}

// String is the rows when they are few, or their number.
func (n *Values) String() string {
	switch {
	case len(n.Rows) == 1 && len(n.Rows[0]) == 0:
		return "Values ()"
	case len(n.Rows) > 3 || len(n.Rows) == 0:
		return fmt.Sprintf("Values %d rows", len(n.Rows))
	}
	rows := make([]string, len(n.Rows))
	for i, r := range n.Rows {
		rows[i] = "(" + list(r) + ")"
	}
	return "Values " + strings.Join(rows, ", ")
}

// String is the predicate.
func (n *Filter) String() string { return "Filter " + n.Predicate.String() }

// String is the expressions with their names where these say more.
func (n *Project) String() string {
	parts := make([]string, len(n.Exprs))
	for i, e := range n.Exprs {
		parts[i] = e.String()
		if parts[i] != n.Names[i] {
			parts[i] += " AS " + n.Names[i]
		}
	}
	return "Project " + strings.Join(parts, ", ")
}

// String is the mode, the keys and the aggregates.
func (n *Aggregate) String() string {
	s := "Aggregate"
	if n.Mode != Single {
		s += " " + n.Mode.String()
	}
	if len(n.Keys) > 0 {
		s += " by [" + list(n.Keys) + "]"
	}
	if len(n.Aggs) == 0 {
		return s
	}
	parts := make([]string, len(n.Aggs))
	for i, a := range n.Aggs {
		parts[i] = a.String()
	}
	return s + " compute [" + strings.Join(parts, ", ") + "]"
}

// String is f(DISTINCT args ORDER BY keys) FILTER (WHERE …).
func (a AggCall) String() string {
	var b strings.Builder
	b.WriteString(a.Func + "(")
	if a.Distinct {
		b.WriteString("DISTINCT ")
	}
	if len(a.Args) == 0 {
		b.WriteString("*")
	}
	b.WriteString(list(a.Args))
	if len(a.OrderBy) > 0 {
		b.WriteString(" ORDER BY " + sortKeys(a.OrderBy))
	}
	b.WriteString(")")
	if a.Filter != nil {
		fmt.Fprintf(&b, " FILTER (WHERE %s)", a.Filter)
	}
	return b.String()
}

// String is "single", "partial" or "final".
func (m AggMode) String() string {
	return [...]string{"single", "partial", "final"}[m]
}

// keys is the equalities of the join: what IN compares, and then what must be equal
// for that.
func (n *Join) keys() string {
	if in := len(n.LeftKeys) - n.EqualKeys; n.EqualKeys > 0 {
		return n.equalities(0, in) + " within " + n.equalities(in, len(n.LeftKeys))
	}
	return n.equalities(0, len(n.LeftKeys))
}

// equalities are those of keys from first up to, without, end.
func (n *Join) equalities(first, end int) string {
	parts := make([]string, end)
	for i := first; i < end; i++ {
		op := " = "
		if n.NullEqual != nil && n.NullEqual[i] {
			op = " IS NOT DISTINCT FROM "
		}
		parts[i] = n.LeftKeys[i].String() + op + n.RightKeys[i].String()
	}
	return strings.Join(parts[first:], " AND ")
}

// String is the kind, the keys and the residual condition.
func (n *Join) String() string {
	s := "HashJoin " + n.Kind.String()
	if len(n.LeftKeys) == 0 {
		s = "NestedLoopJoin " + n.Kind.String()
	}
	if n.NullAware {
		s += " null-aware"
	}
	if len(n.LeftKeys) > 0 {
		s += " on " + n.keys()
	}
	if n.Residual != nil {
		s += " where " + n.Residual.String()
	}
	return s
}

// String is the kind of join, in lower case.
func (k JoinKind) String() string {
	return [...]string{"inner", "left", "right", "full", "semi", "anti", "mark"}[k]
}

// String is the keys and, for a top-N, the limit.
func (n *Sort) String() string {
	if n.Limit >= 0 {
		return fmt.Sprintf("TopN %d by %s", n.Limit, sortKeys(n.Keys))
	}
	return "Sort by " + sortKeys(n.Keys)
}

// String is the expression with DESC and NULLS where they are not the default.
func (k SortKey) String() string {
	s := k.Expr.String()
	if k.Desc {
		s += " DESC"
	}
	switch {
	case k.NullsFirst && !k.Desc:
		s += " NULLS FIRST"
	case !k.NullsFirst && k.Desc:
		s += " NULLS LAST"
	}
	return s
}

// String is the count and the offset.
func (n *Limit) String() string {
	s := "Limit"
	if n.Count >= 0 {
		s += fmt.Sprintf(" %d", n.Count)
	}
	if n.Offset > 0 {
		s += fmt.Sprintf(" offset %d", n.Offset)
	}
	if len(n.Ties) > 0 {
		s += " with ties by " + sortKeys(n.Ties)
	}
	return s
}

// String is the number of parts.
func (n *Union) String() string { return fmt.Sprintf("Union of %d", len(n.Parts)) }

// String is the producer stage and how its outputs are put together.
func (n *ExchangeSource) String() string {
	s := fmt.Sprintf("Exchange from stage %d", n.Stage)
	switch {
	case len(n.Merge) > 0:
		s += " merged by " + sortKeys(n.Merge)
		if n.Limit >= 0 {
			s += fmt.Sprintf(" limit %d", n.Limit)
		}
	case n.Broadcast:
		s += ", all rows"
	case n.Ordered:
		s += " in order"
	}
	return s
}

// String is the format.
func (n *EncodeText) String() string {
	if n.Format.CSV {
		return "EncodeText csv"
	}
	return "EncodeText text"
}

// String is how the rows are cut.
func (p Partitioning) String() string {
	switch p.Kind {
	case Hash:
		return fmt.Sprintf("hash(%s) into %d%s", list(p.Keys), p.Count, p.Nulls)
	case RoundRobin:
		return fmt.Sprintf("round-robin into %d", p.Count)
	}
	return p.Kind.String()
}

// String is what follows the number of partitions.
func (p NullPlacement) String() string {
	return [...]string{"", ", NULLs together", ", NULLs everywhere", ", samples everywhere"}[p]
}

// String is the kind of exchange, in lower case.
func (k PartitionKind) String() string {
	return [...]string{"gather", "hash", "broadcast", "round-robin"}[k]
}

// String is EXPLAIN's text: the root stage first, then its producers, each as
// an indented tree.
func (p *Plan) String() string {
	var b strings.Builder
	for i := len(p.Stages) - 1; i >= 0; i-- {
		s := p.Stages[i]
		fmt.Fprintf(&b, "Stage %d%s\n", s.ID, s.heading(i == len(p.Stages)-1))
		writeTree(&b, s.Root, 1)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (s *Stage) heading(root bool) string {
	if root {
		return " (root)"
	}
	h := fmt.Sprintf(" (%d tasks)", s.Tasks)
	if s.Tasks == 1 {
		h = " (1 task)"
	}
	if s.Scan >= 0 {
		h = fmt.Sprintf(" (tasks by splits of scan #%d)", s.Scan)
	}
	if s.Costly {
		h += " costly"
	}
	return h + " → " + s.Output.String()
}

func writeTree(b *strings.Builder, n Node, depth int) {
	b.WriteString(strings.Repeat("  ", depth) + n.String() + "\n")
	for _, c := range n.Inputs() {
		writeTree(b, c, depth+1)
	}
}

func list(es []expr.Expr) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}

func sortKeys(keys []SortKey) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k.String()
	}
	return strings.Join(parts, ", ")
}

// Producers are the stages a tree reads, in order, each once.
func Producers(root Node) []int {
	seen := map[int]bool{}
	collectProducers(root, seen)
	out := make([]int, 0, len(seen))
	for s := range seen {
		out = append(out, s)
	}
	sort.Ints(out)
	return out
}

func collectProducers(n Node, seen map[int]bool) {
	if x, ok := n.(*ExchangeSource); ok {
		seen[x.Stage] = true
	}
	for _, c := range n.Inputs() {
		collectProducers(c, seen)
	}
}
