package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// lateList is a list of expressions over one input, of which some, the late ones, are
// computed by a second projection above what the first one gives.
type lateList struct {
	exprs []expr.Expr
	names []string
	late  []bool
	// below is the list of the first projection: the others, and columns that the late
	// ones read.
	below       []expr.Expr
	belowNames  []string
	at, columns map[int]int // in below: by number in exprs, by column of the input
}

func newLateList(exprs []expr.Expr, names []string, late []bool) *lateList {
	l := &lateList{exprs: exprs, names: names, late: late, at: map[int]int{}, columns: map[int]int{}}
	add := func(to map[int]int, key int, e expr.Expr, name string) {
		if _, is := to[key]; !is {
			to[key] = len(l.below)
			l.below, l.belowNames = append(l.below, e), append(l.belowNames, name)
		}
	}
	for i, e := range exprs {
		if late[i] {
			continue
		}
		add(l.at, i, e, names[i])
		if c, is := e.(*expr.Column); is {
			l.columns[c.Index] = l.at[i]
		}
	}
	for i, e := range exprs {
		if late[i] {
			expr.EachColumn(e, func(c *expr.Column) {
				if c.Index < outerBase {
					add(l.columns, c.Index, c, c.Name)
				}
			})
		}
	}
	return l
}

// first is the first projection.
func (l *lateList) first(input logical.Node) logical.Node {
	return logical.NewProject(input, l.below, l.belowNames)
}

// second is the list over a node that has the columns of the first projection.
func (l *lateList) second(n logical.Node) []expr.Expr {
	columns, out := columnsOf(n), make([]expr.Expr, len(l.exprs))
	for i, e := range l.exprs {
		if !l.late[i] {
			out[i] = columns[l.at[i]]
			continue
		}
		out[i] = expr.MapColumns(e, func(c *expr.Column) expr.Expr {
			if c.Index >= outerBase {
				return c
			}
			return columns[l.columns[c.Index]]
		})
	}
	return out
}
