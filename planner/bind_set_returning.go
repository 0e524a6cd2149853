package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/udf"
)

// setResult stands for the rows of a table function in a select list until the
// block's ProjectSets are placed. It lives only inside the binder.
type setResult struct {
	*expr.Literal // always nil: makes it an expr.Expr
	index         int
	typ           arrow.DataType
	name          string
}

// DataType is the function's result type.
func (r *setResult) DataType() arrow.DataType { return r.typ }

// Children is nil.
func (r *setResult) Children() []expr.Expr { return nil }

// WithChildren is r itself.
func (r *setResult) WithChildren([]expr.Expr) expr.Expr { return r }

// String is the call.
func (r *setResult) String() string { return r.name }

// setCall is a call of a table function in the block, over the columns its
// clauses are bound to.
type setCall struct {
	logical.SetCall
	result *setResult
	// depth is 1 more than that of the calls in its arguments.
	depth  int
	placed expr.Expr // its value, once its ProjectSet is in place
}

// bindSetCall binds a table function outside FROM.
func (x *exprBinder) bindSetCall(e *ast.Call, name string) (expr.Expr, error) {
	if err := x.setsAllowed(e.Position()); err != nil {
		return nil, err
	}
	if err := onlyAggregates(e, name); err != nil {
		return nil, err
	}
	args, err := x.bindArgs(e)
	if err != nil {
		return nil, err
	}
	call, err := x.setCall(name, e, args)
	if err != nil {
		return nil, err
	}
	if len(call.Columns) == 0 && isPopulate(name) {
		return nil, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "could not determine row type for result of %s", name).
			WithHint("Provide a non-null record argument, or call the function in the FROM clause using a column definition list.")
	}
	if len(call.Columns) == 0 {
		return nil, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "function returning record called in context that cannot accept type record")
	}
	return x.addSetCall(call), nil
}

// addSetCall adds a call to the block and gives what stands for its rows; equal
// calls are one.
func (x *exprBinder) addSetCall(call logical.SetCall) expr.Expr {
	s := x.block
	depth := 1
	for _, a := range call.Args {
		expr.Walk(a, func(e expr.Expr) bool {
			if r, ok := e.(*setResult); ok {
				depth = max(depth, s.setCalls[r.index].depth+1)
			}
			return true
		})
	}
	for _, c := range s.setCalls { // equal calls give equal rows, in lockstep
		if c.Func == call.Func && equalArgs(c.Args, call.Args) && !x.volatileCall(call) {
			if c.placed != nil {
				return c.placed
			}
			return c.result
		}
	}
	r := &setResult{index: len(s.setCalls), typ: resultType(call.Columns), name: call.String()}
	s.setCalls = append(s.setCalls, &setCall{SetCall: call, result: r, depth: depth})
	return r
}

// setsAllowed gives PostgreSQL's error for a table function in a clause or
// construct that cannot give rows.
func (x *exprBinder) setsAllowed(pos int) error {
	const hint = "You might be able to move the set-returning function into a LATERAL FROM item."
	switch {
	case x.inAggregate:
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls").WithHint(hint)
	case x.inWindow:
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "window function calls cannot contain set-returning function calls").WithHint(hint)
	case x.construct != "":
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "set-returning functions are not allowed in %s", x.construct).WithHint(hint)
	case x.clause == functionsInFrom:
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "set-returning functions must appear at top level of FROM")
	}
	if x.block != nil {
		switch x.clause {
		case "SELECT", "GROUP BY", "ORDER BY", "DISTINCT ON", "window definitions":
			return nil
		}
	}
	return sqlerr.At(pos, sqlerr.FeatureNotSupported, "set-returning functions are not allowed in %s", x.clause)
}

// within binds the operands of a construct that table functions cannot stand in.
func (x *exprBinder) within(construct string) *exprBinder {
	inner := *x
	inner.construct = construct
	return &inner
}

// setCall resolves a table function over bound arguments.
func (x *exprBinder) setCall(name string, e *ast.Call, args []expr.Expr) (logical.SetCall, error) {
	types := make([]arrow.DataType, len(args))
	for i, a := range args {
		types[i] = x.settled(a)
	}
	if name == "unnest" && len(types) == 1 && isUnknown(types[0]) { // PostgreSQL has others, of other types
		return logical.SetCall{}, sqlerr.At(e.Position(), sqlerr.AmbiguousFunction, "function unnest(unknown) is not unique").
			WithHint("Could not choose a best candidate function. You might need to add explicit type casts.")
	}
	r, err := x.p.Registry.ResolveTable(name, types)
	if err != nil {
		return logical.SetCall{}, at(err, e.Position())
	}
	pos := argPosition(e)
	for i := range args {
		if args[i], err = x.coerceArg(args[i], r.Args[i], pos(i)); err != nil {
			return logical.SetCall{}, err
		}
	}
	return logical.SetCall{Func: name, Args: args, Columns: r.Columns, Pos: e.Position()}, nil
}

func (x *exprBinder) volatileCall(c logical.SetCall) bool {
	o := &optimizer{ctx: x.ctx, p: x.p}
	types := make([]arrow.DataType, len(c.Args))
	for i, a := range c.Args {
		if o.volatility(a) == udf.Volatile {
			return true
		}
		types[i] = a.DataType()
	}
	f, err := x.p.Registry.FindTable(c.Func, types)
	return err != nil || f.Volatility == udf.Volatile
}

func equalArgs(a, b []expr.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !expr.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// hasSet tells whether an expression has rows of a table function that are not
// in place yet.
func hasSet(list []expr.Expr) bool {
	found := false
	for _, e := range list {
		expr.Walk(e, func(e expr.Expr) bool {
			_, set := e.(*setResult)
			found = found || set
			return !found
		})
	}
	return found
}

// resultType is the type of a table function's rows as one value: a row, unless
// it has one column.
func resultType(columns []arrow.Field) arrow.DataType {
	if len(columns) == 1 {
		return columns[0].Type
	}
	return arrow.StructOf(columns...)
}

// setsOf are the calls that expressions depend on, directly or through others.
func (s *block) setsOf(exprs []expr.Expr) []*setCall {
	used := make([]bool, len(s.setCalls))
	var mark func(e expr.Expr)
	mark = func(e expr.Expr) {
		expr.Walk(e, func(e expr.Expr) bool {
			if r, ok := e.(*setResult); ok && !used[r.index] {
				used[r.index] = true
				for _, a := range s.setCalls[r.index].Args {
					mark(a)
				}
			}
			return true
		})
	}
	for _, e := range exprs {
		mark(e)
	}
	var out []*setCall
	for i, c := range s.setCalls {
		if used[i] && c.placed == nil {
			out = append(out, c)
		}
	}
	return out
}

// addSets puts the table functions of exprs on top of the block, innermost
// calls first, and replaces them in exprs.
func (s *block) addSets(exprs []expr.Expr) error {
	calls := s.setsOf(exprs)
	for depth := 1; len(calls) > 0; depth++ {
		var level, rest []*setCall
		for _, c := range calls {
			if c.depth == depth {
				level = append(level, c)
			} else {
				rest = append(rest, c)
			}
		}
		if err := s.addLevel(level); err != nil {
			return err
		}
		calls = rest
	}
	for i, e := range exprs {
		exprs[i] = s.withSets(e)
	}
	return nil
}

// addLevel puts calls that run in lockstep into one ProjectSet.
func (s *block) addLevel(level []*setCall) error {
	if len(level) == 0 {
		return nil
	}
	calls := make([]logical.SetCall, len(level))
	for i, c := range level {
		calls[i] = c.SetCall
		calls[i].Args = make([]expr.Expr, len(c.Args))
		for k, a := range c.Args {
			var err error
			if calls[i].Args[k], err = s.place(a); err != nil {
				return err
			}
			calls[i].Args[k] = s.withSets(calls[i].Args[k])
		}
	}
	at := s.node.Schema().NumFields()
	s.node = logical.NewProjectSet(s.node, calls, false)
	for _, c := range level {
		c.placed = asOneValue(s.node, at, c.Columns)
		at += len(c.Columns)
	}
	return nil
}

// asOneValue is columns at to at+len−1 of a node as one value.
func asOneValue(n logical.Node, at int, columns []arrow.Field) expr.Expr {
	parts := columnsOf(n)[at : at+len(columns)]
	if len(parts) == 1 {
		return parts[0]
	}
	return namedRow(parts, columns)
}

// withSets replaces the calls that are in place by their values.
func (s *block) withSets(e expr.Expr) expr.Expr {
	if len(s.setCalls) == 0 {
		return e
	}
	return expr.Transform(e, func(e expr.Expr) expr.Expr {
		if r, ok := e.(*setResult); ok && s.setCalls[r.index].placed != nil {
			return s.setCalls[r.index].placed
		}
		return e
	})
}

// setsBeforeGrouping puts the table functions of grouping keys below the
// grouping, and their columns into keys and targets.
func (s *block) setsBeforeGrouping(keys []expr.Expr, targets []target) error {
	if len(s.setsOf(keys)) == 0 {
		return nil
	}
	if err := s.addSets(keys); err != nil {
		return err
	}
	for i, t := range targets {
		targets[i].expr = s.withSets(t.expr)
	}
	for _, c := range s.windows.calls {
		for i, e := range c.over.partition {
			c.over.partition[i] = s.withSets(e)
		}
		for i, k := range c.over.order {
			c.over.order[i].Expr = s.withSets(k.Expr)
		}
	}
	return nil
}

// setsBeforeWindows puts the table functions of window definitions below the
// windows, and gives how expressions are placed then.
func (s *block) setsBeforeWindows() (func(expr.Expr) (expr.Expr, error), error) {
	var keys []expr.Expr
	for _, c := range s.windows.calls {
		keys = append(keys, c.over.partition...)
		for _, k := range c.over.order {
			keys = append(keys, k.Expr)
		}
	}
	if !hasSet(keys) {
		return s.place, nil
	}
	for i, k := range keys {
		var err error
		if keys[i], err = s.place(k); err != nil {
			return nil, err
		}
	}
	return func(e expr.Expr) (expr.Expr, error) {
		e, err := s.place(e)
		if err != nil {
			return nil, err
		}
		return s.withSets(e), nil
	}, s.addSets(keys)
}
