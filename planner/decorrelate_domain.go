package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
	"volley/udf"
)

// computedOnce shares a block's plan between the block and the domain over it:
// computed twice, volatile expressions would give them different rows.
func (b *binder) computedOnce(n logical.Node, pos int) (logical.Node, error) {
	if readsWorking(n) {
		return nil, unsupported(pos, "a subquery that refers to volatile values of a recursive query's recursive term is")
	}
	b.sharing = true
	return &logical.CTE{Shared: &logical.Shared{Name: "block", Plan: n, Mode: logical.AlwaysShared, Outer: refersOut(n)}}, nil
}

// evaluatedOnce makes columns of the block of the expressions that are volatile.
func (s *block) evaluatedOnce(es []expr.Expr) []expr.Expr {
	o := &optimizer{ctx: s.ctx, p: s.p}
	out := append([]expr.Expr(nil), es...)
	for i, e := range es {
		if o.volatility(e) != udf.Volatile {
			continue
		}
		width := s.node.Schema().NumFields()
		s.node = logical.NewProject(s.node, append(columnsOf(s.node), e), append(names(s.node), e.String()))
		out[i] = columnsOf(s.node)[width]
	}
	return out
}

// repeatable leaves out the conditions that may be something else the next time:
// no domain can be made of the rows for which they are true.
func (s *block) repeatable(conds []expr.Expr) []expr.Expr {
	o := &optimizer{ctx: s.ctx, p: s.p}
	var out []expr.Expr
	for _, c := range conds {
		if o.volatility(c) != udf.Volatile {
			out = append(out, c)
		}
	}
	return out
}

// withForms adds to the outer expressions the texts of those that may be equal
// and not the same, as 1.0 and 1.00 are, so that each has a row of the domain.
// Those that the subquery only compares need none.
func (f *frame) withForms(n logical.Node, outer []expr.Expr) []expr.Expr {
	var shown map[int]bool
	out := outer[:len(outer):len(outer)]
	for i, e := range outer {
		if i >= len(f.ids) || !hasForms(e.DataType()) {
			continue
		}
		if shown == nil {
			shown = map[int]bool{}
			f.shown(n, shown)
		}
		if shown[i] {
			out = append(out, &expr.Cast{Arg: e, Type: sqltype.Text, Pos: -1})
		}
	}
	return out
}

// hasForms tells whether values of t may be equal and have different texts.
func hasForms(t arrow.DataType) bool {
	switch t := sqltype.Logical(t).(type) {
	case *arrow.ListType:
		return hasForms(t.Elem())
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if hasForms(f.Type) {
				return true
			}
		}
		return false
	default:
		return sqltype.IsUnconstrainedNumeric(t) || sqltype.IsFloat(t) || t.ID() == arrow.INTERVAL_MONTH_DAY_NANO || sqltype.Equal(t, sqltype.JSONB)
	}
}

// comparisons give the same for equal operands.
var comparisons = map[string]bool{
	"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true,
	"is distinct from": true, "is not distinct from": true, "is null": true, "is not null": true,
}

// shown finds the frame's columns that a plan does not only compare.
func (f *frame) shown(n logical.Node, found map[int]bool) {
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		f.shownIn(e, found)
		return e
	})
	for _, c := range readFrom(n) {
		f.shown(c, found)
	}
}

func (f *frame) shownIn(e expr.Expr, found map[int]bool) {
	expr.Walk(e, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Column:
			if i := f.at(e); i >= 0 {
				found[i] = true
			}
		case *expr.Call:
			if !comparisons[e.Func] {
				return true
			}
			for _, a := range e.Args {
				if _, direct := a.(*expr.Column); !direct {
					f.shownIn(a, found)
				}
			}
			return false
		}
		return true
	})
}
