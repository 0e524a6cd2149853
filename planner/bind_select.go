package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// block is a SELECT being bound. Its expressions are bound over the columns of
// FROM before it is known whether the block is grouped; results of aggregates
// and of subqueries are columns numbered from aggregateBase and subqueryBase on
// until place replaces them.
type block struct {
	*binder
	scope *scope
	ctes  *cte
	node  logical.Node // FROM and WHERE, and what subqueries there add
	// lateral is the scope that LATERAL items of FROM see; nil: that around the
	// block.
	lateral *scope
	aggs    []logical.AggCall
	sets    [][]int // grouping sets as ordinals of keys; nil: all keys
	// keyTargets are the keys that targets are, of keys which are the same
	// expression as one before.
	keyTargets map[int]int
	// selfReference: FROM has the working table of a recursive query.
	selfReference bool
	// distinctOn is how many of the sort keys are those of DISTINCT ON.
	distinctOn int
	ordered    bool // there is ORDER BY
	visible    int  // targets that are output columns
	// slots are the results of subqueries, joined those of subqueries that are joined to
	// node.
	slots  []slot
	joined map[*attachment][]attached
	// move takes expressions above the grouping, once that is on top of node.
	move func(expr.Expr) (expr.Expr, error)
	// base is node as it was before subqueries were joined to it; copies is how
	// many of these have domains over node.
	base   logical.Node
	copies int
	// once: the expression being placed is evaluated even if the block has no rows.
	once bool
	// seen is the position of each column reference, for "must appear in the
	// GROUP BY clause".
	seen    map[*expr.Column]int
	windows windowing
	// setCalls are the table functions of the select list.
	setCalls []*setCall
}

const (
	aggregateBase = 1 << 24
	subqueryBase  = 1 << 25
)

// target is an item of the select list, or a hidden one to sort by.
type target struct {
	expr expr.Expr
	name string
	pos  int
}

// exprs makes a binder for the expressions of a clause.
func (s *block) exprs(clause string, before bool) *exprBinder {
	return &exprBinder{binder: s.binder, scope: s.scope, block: s, clause: clause, before: before}
}

// outputs makes a binder for the expressions of a clause that is evaluated after
// the block's windows.
func (s *block) outputs(clause string) *exprBinder {
	x := s.exprs(clause, false)
	x.windows = true
	return x
}

// bindSelect binds a SELECT with the ORDER BY of q, the query it is the body
// of, which is nil for an operand of UNION.
func (b *binder) bindSelect(sel *ast.Select, q *ast.Query, outer *scope, ctes *cte, settle bool) (relation, error) {
	defer b.enterLevel()()
	s := b.newBlock(ctes)
	s.windows.sel = sel
	if err := s.bindFrom(sel.From, outer); err != nil {
		return relation{}, err
	}
	targets, err := s.bindTargets(sel.Items)
	if err != nil {
		return relation{}, err
	}
	if sel.Where != nil {
		cond, err := s.exprs("WHERE", true).bindCondition(sel.Where, "WHERE")
		if err != nil {
			return relation{}, err
		}
		if err := s.where(cond); err != nil {
			return relation{}, err
		}
	}
	s.base = s.node
	ordered := q != nil && (len(q.OrderBy) > 0 || q.OrderAll)
	if settle || sel.Distinct || len(sel.DistinctOn) > 0 || len(sel.GroupBy) > 0 || sel.GroupAll {
		for i, t := range targets {
			if targets[i].expr, err = b.resolveUnknown(t.expr, t.pos); err != nil {
				return relation{}, err
			}
		}
	}
	keys, err := s.bindGroupBy(sel, targets)
	if err != nil {
		return relation{}, err
	}
	if err := s.setsBeforeGrouping(keys, targets); err != nil {
		return relation{}, err
	}
	var having expr.Expr
	if sel.Having != nil {
		if having, err = s.exprs("HAVING", false).bindCondition(sel.Having, "HAVING"); err != nil {
			return relation{}, err
		}
	}
	var order []orderKey
	s.visible = len(targets)
	if ordered {
		if order, err = s.bindOrderBy(q, targets); err != nil {
			return relation{}, err
		}
		for _, k := range order { // what is sorted by has a type
			if k.output < 0 {
				continue
			}
			t := &targets[k.output]
			if t.expr, err = b.resolveUnknown(t.expr, t.pos); err != nil {
				return relation{}, err
			}
		}
	}
	s.ordered = len(order) > 0
	if len(sel.DistinctOn) > 0 {
		if targets, order, err = s.bindDistinctOn(sel.DistinctOn, targets, order); err != nil {
			return relation{}, err
		}
	}
	qualify, err := s.bindQualify(sel, targets)
	if err != nil {
		return relation{}, err
	}
	if err := s.bindNamedWindows(sel, ""); err != nil {
		return relation{}, err
	}
	if s.selfReference && len(s.aggs) > 0 {
		return relation{}, sqlerr.At(s.aggs[0].Pos, sqlerr.InvalidRecursion, "aggregate functions are not allowed in a recursive query's recursive term")
	}
	grouped := len(sel.GroupBy) > 0 || sel.GroupAll || sel.Having != nil || len(s.aggs) > 0
	return s.finish(sel, targets, keys, having, qualify, order, grouped)
}

// newBlock is a block without FROM yet.
func (b *binder) newBlock(ctes *cte) *block {
	return &block{binder: b, ctes: ctes, seen: map[*expr.Column]int{}, joined: map[*attachment][]attached{}}
}

func (s *block) bindTargets(items []ast.SelectItem) ([]target, error) {
	x := s.outputs("SELECT")
	if s.updated != nil && s.updated == s.windows.sel {
		x = s.exprs(s.changeClause(), true)
	}
	targets := make([]target, 0, len(items))
	for _, item := range items {
		if star, ok := item.Expr.(*ast.Star); ok && !star.Columns {
			expanded, err := x.bindStar(star)
			if err != nil {
				return nil, err
			}
			targets = append(targets, expanded...)
			continue
		}
		if f, ok := item.Expr.(*ast.Field); ok && f.Name == "" {
			fields, err := x.bindFields(f)
			if err != nil {
				return nil, err
			}
			targets = append(targets, fields...)
			continue
		}
		if expanded, ok, err := x.bindSpread(item); ok || err != nil {
			if err != nil {
				return nil, err
			}
			targets = append(targets, expanded...)
			continue
		}
		e, err := x.bind(item.Expr)
		if err == nil && s.opts.Condition != "" && s.updated == s.windows.sel {
			e, err = s.boolean(e, s.opts.Condition, item.Expr.Position())
		}
		if err != nil {
			return nil, err
		}
		name := item.Alias
		if name == "" {
			name = x.columnName(item.Expr)
		}
		targets = append(targets, target{e, name, item.Expr.Position()})
	}
	return targets, nil
}

func (s *block) bindOrderBy(q *ast.Query, targets []target) ([]orderKey, error) {
	o := &orderBinder{bind: s.outputs("ORDER BY").bind}
	for _, t := range targets {
		o.outputs, o.names = append(o.outputs, t.expr), append(o.names, t.name)
	}
	keys, err := o.keys(q)
	if err != nil {
		return nil, err
	}
	for i, k := range keys {
		if k.output < 0 {
			if keys[i].Expr, err = s.resolveUnknown(k.Expr, k.pos); err != nil {
				return nil, err
			}
		}
	}
	return keys, nil
}

// finish builds the block's plan: grouping, HAVING, windows, the select list
// with hidden sort columns, DISTINCT, ORDER BY, and the select list alone.
func (s *block) finish(sel *ast.Select, targets []target, keys []expr.Expr, having, qualify expr.Expr, order []orderKey, grouped bool) (relation, error) {
	visible := s.visible
	for i, k := range order {
		if k.output < 0 {
			if sel.Distinct {
				return relation{}, sqlerr.At(k.pos, sqlerr.InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
			}
			order[i].output = len(targets)
			targets = append(targets, target{k.Expr, k.Expr.String(), k.pos})
		}
	}
	if grouped {
		targets = s.byKey(targets)
		if err := s.group(s.withDependents(keys, s.groupedExprs(targets, having, qualify))); err != nil {
			return relation{}, err
		}
	}
	if having != nil {
		if err := s.where(having); err != nil {
			return relation{}, err
		}
	}
	if err := s.placeWindows(qualify); err != nil {
		return relation{}, err
	}
	exprs, names := make([]expr.Expr, len(targets)), make([]string, len(targets))
	for i, t := range targets {
		var err error
		if exprs[i], err = s.place(t.expr); err != nil {
			return relation{}, err
		}
		names[i] = t.name
	}
	if s.setsAfterDistinctOn(exprs, order) {
		return s.expandFirst(exprs[:visible], names[:visible], exprs, order)
	}
	if err := s.addSets(exprs); err != nil {
		return relation{}, err
	}
	if len(order) > 0 && s.distinctOn == 0 && !sel.Distinct {
		if late := s.late(exprs, visible, order); late != nil {
			return relation{s.sortedFirst(exprs, names, visible, order, late), names[:visible]}, nil
		}
	}
	rel := relation{logical.NewProject(s.node, exprs, names), names[:visible]}
	switch {
	case s.distinctOn > 0:
		rel.node = s.firstOf(rel.node, order)
	case sel.Distinct:
		rel.node = logical.NewDistinct(rel.node)
	}
	if len(order) > 0 {
		if s.distinctOn == 0 {
			rel.node = sorted(rel.node, order)
		}
		if len(targets) > visible {
			rel.node = logical.NewProject(rel.node, columnsOf(rel.node)[:visible], rel.names)
		}
	}
	return rel, nil
}

// sorted orders a node by keys that are all output columns.
func sorted(n logical.Node, order []orderKey) logical.Node {
	columns := columnsOf(n)
	keys := make([]logical.SortKey, len(order))
	for i, k := range order {
		keys[i] = k.SortKey
		keys[i].Expr = columns[k.output]
	}
	return &logical.Sort{Input: n, Keys: keys}
}

// aggregate gives the column that stands for an aggregate's result; equal calls
// are computed once.
func (s *block) aggregate(call logical.AggCall) expr.Expr {
	index := -1
	for i, a := range s.aggs {
		if sameCall(a, call) {
			index = i
			break
		}
	}
	if index < 0 {
		index = len(s.aggs)
		s.aggs = append(s.aggs, call)
	}
	return &expr.Column{Index: aggregateBase + index, Name: call.String(), Type: call.Type}
}

func sameCall(a, b logical.AggCall) bool {
	if a.Func != b.Func || a.Distinct != b.Distinct || len(a.Args) != len(b.Args) ||
		(a.Filter == nil) != (b.Filter == nil) || len(a.OrderBy)+len(b.OrderBy) > 0 {
		return false
	}
	for i := range a.Args {
		if !expr.Equal(a.Args[i], b.Args[i]) {
			return false
		}
	}
	return a.Filter == nil || expr.Equal(a.Filter, b.Filter)
}
