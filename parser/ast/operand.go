package ast

// EachOperand calls f for the expressions that e consists of, and query for the
// subqueries that are operands themselves. Either may be nil.
func EachOperand(e Expr, f func(Expr), query func(*Query)) {
	o := operands{f, query}
	switch e := e.(type) {
	case *Star:
		for _, r := range e.Replace {
			o.expr(r.Expr)
		}
	case *Unary:
		o.expr(e.Arg)
	case *Binary:
		o.expr(e.Left, e.Right)
	case *Like:
		o.expr(e.Arg, e.Match, e.Escape)
	case *Between:
		o.expr(e.Arg, e.Low, e.High)
	case *In:
		o.expr(e.Arg)
		o.expr(e.List...)
		o.subquery(e.Query)
	case *Is:
		o.expr(e.Arg)
	case *IsDistinct:
		o.expr(e.Left, e.Right)
	case *Quantified:
		o.expr(e.Left, e.Array)
		o.subquery(e.Query)
	case *Case:
		o.expr(e.Arg)
		for _, w := range e.Whens {
			o.expr(w.Cond, w.Then)
		}
		o.expr(e.Else)
	case *Cast:
		o.expr(e.Arg)
	case *Call:
		o.call(e)
	case *Subquery:
		o.subquery(e.Query)
	case *Row:
		o.expr(e.Items...)
	case *Array:
		o.expr(e.Items...)
	case *StructLit:
		o.expr(e.Values...)
	case *AssignPart:
		o.expr(e.Base, e.Part, e.Value)
	case *Subscript:
		o.expr(e.Arg, e.Low, e.High)
	case *Field:
		o.expr(e.Arg)
	case *Collate:
		o.expr(e.Arg)
	case *Grouping:
		o.expr(e.Sets...)
	}
}

type operands struct {
	f     func(Expr)
	query func(*Query)
}

func (o operands) expr(list ...Expr) {
	for _, e := range list {
		if e != nil && o.f != nil {
			o.f(e)
		}
	}
}

func (o operands) subquery(q *Query) {
	if q != nil && o.query != nil {
		o.query(q)
	}
}

func (o operands) sort(items []SortItem) {
	for _, s := range items {
		o.expr(s.Expr)
	}
}

func (o operands) call(e *Call) {
	for _, a := range e.Args {
		o.expr(a.Value)
	}
	o.sort(e.OrderBy)
	o.sort(e.WithinGroup)
	o.expr(e.Filter)
	if e.Over != nil {
		o.window(e.Over)
	}
}

func (o operands) window(w *Window) {
	o.expr(w.PartitionBy...)
	o.sort(w.OrderBy)
	if w.Frame != nil {
		o.expr(w.Frame.Start.Offset, w.Frame.End.Offset)
	}
}

// EachClause calls f for the expressions of a SELECT block's clauses, those of
// FROM aside.
func EachClause(s *Select, f func(Expr)) {
	o := operands{f: f}
	o.expr(s.DistinctOn...)
	for _, item := range s.Items {
		o.expr(item.Expr)
	}
	o.expr(s.Where)
	o.expr(s.GroupBy...)
	o.expr(s.Having, s.Qualify)
	for i := range s.Windows {
		o.window(&s.Windows[i])
	}
}
