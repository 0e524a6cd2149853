package planner

import (
	"strings"

	"volley/parser/ast"
	"volley/planner/expr"
)

func (x *exprBinder) bindUnary(e *ast.Unary) (expr.Expr, error) {
	if e.Op == "not" {
		arg, err := x.bindCondition(e.Arg, "NOT")
		if err != nil {
			return nil, err
		}
		return x.not(arg, e.Position())
	}
	// The sign of a constant belongs to it: -2147483648 is an integer.
	if l, ok := e.Arg.(*ast.Literal); ok && e.Op == "-" && (l.Kind == ast.Integer || l.Kind == ast.Decimal) && !strings.HasPrefix(l.Text, "-") {
		return numberLiteral("-"+l.Text, e.Position())
	}
	arg, err := x.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	return x.call(e.Op, e.Position(), func(int) int { return e.Arg.Position() }, arg)
}

func (x *exprBinder) not(arg expr.Expr, pos int) (expr.Expr, error) {
	return x.call("not", pos, func(int) int { return pos }, arg)
}

func (x *exprBinder) bindBinary(e *ast.Binary) (expr.Expr, error) {
	if e.Op == "and" || e.Op == "or" {
		return x.bindLogic(e)
	}
	if rows, ok := rowsOf(e); ok {
		return x.bindRowComparison(e, rows)
	}
	left, err := x.bind(e.Left)
	if err != nil {
		return nil, err
	}
	right, err := x.bind(e.Right)
	if err != nil {
		return nil, err
	}
	return x.binary(e.Op, e.Position(), left, right, e.Left.Position(), e.Right.Position())
}

// binary applies an infix operator to bound operands.
func (x *exprBinder) binary(op string, pos int, left, right expr.Expr, lpos, rpos int) (expr.Expr, error) {
	return x.call(op, pos, func(i int) int { return [...]int{lpos, rpos}[i] }, left, right)
}

// bindLogic makes one Logic of a chain a AND b AND c …, however long: the
// parser nests it to the left, so the walk down that side is a loop.
func (x *exprBinder) bindLogic(e *ast.Binary) (expr.Expr, error) {
	var operands []ast.Expr
	rest := ast.Expr(e)
	for {
		b, ok := rest.(*ast.Binary)
		if !ok || b.Op != e.Op {
			operands = append(operands, rest)
			break
		}
		operands = append(operands, b.Right)
		rest = b.Left
	}
	args := make([]expr.Expr, len(operands))
	for i := range operands {
		op := operands[len(operands)-1-i]
		a, err := x.bindCondition(op, strings.ToUpper(e.Op))
		if err != nil {
			return nil, err
		}
		args[i] = a
	}
	return &expr.Logic{Or: e.Op == "or", Args: args}, nil
}

// connect is AND or OR over one or more operands.
func connect(or bool, args []expr.Expr) expr.Expr {
	if len(args) == 1 {
		return args[0]
	}
	return &expr.Logic{Or: or, Args: args}
}

func (x *exprBinder) bindIsDistinct(e *ast.IsDistinct) (expr.Expr, error) {
	l, lok := e.Left.(*ast.Row)
	if r, rok := e.Right.(*ast.Row); lok && rok {
		return x.distinctRows(e, l, r)
	}
	left, err := x.bind(e.Left)
	if err != nil {
		return nil, err
	}
	right, err := x.bind(e.Right)
	if err != nil {
		return nil, err
	}
	op := "is distinct from"
	if e.Not {
		op = "is not distinct from"
	}
	return x.binary(op, e.Position(), left, right, e.Left.Position(), e.Right.Position())
}

func (x *exprBinder) bindIs(e *ast.Is) (expr.Expr, error) {
	switch e.What {
	case "null", "true", "false", "unknown":
	case "normalized", "nfc normalized", "nfd normalized", "nfkc normalized", "nfkd normalized":
		return x.bindIsNormalized(e)
	default:
		return nil, unsupported(e.Position(), "IS %s is", strings.ToUpper(e.What))
	}
	name := "is " + e.What
	if e.Not {
		name = "is not " + e.What
	}
	if row, ok := e.Arg.(*ast.Row); ok && e.What == "null" {
		args := make([]expr.Expr, len(row.Items))
		for i, item := range row.Items {
			var err error
			if args[i], err = x.bindIs(&ast.Is{Pos: e.Pos, Not: e.Not, Arg: item, What: e.What}); err != nil {
				return nil, err
			}
		}
		if len(args) == 0 {
			return boolLiteral(true), nil
		}
		return connect(false, args), nil
	}
	arg, err := x.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	if isRow(arg) && e.What == "null" {
		name = "row " + name
	}
	if e.What != "null" {
		if arg, err = x.boolean(arg, strings.ToUpper(name), e.Arg.Position()); err != nil {
			return nil, err
		}
	}
	return x.call(name, e.Position(), func(int) int { return e.Arg.Position() }, arg)
}

// bindIsNormalized is is_normalized(arg [, form]).
func (x *exprBinder) bindIsNormalized(e *ast.Is) (expr.Expr, error) {
	arg, err := x.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	pos := func(int) int { return e.Arg.Position() }
	args := []expr.Expr{arg}
	if form, _ := strings.CutSuffix(e.What, " normalized"); form != e.What {
		args = append(args, &untyped{text: form, pos: e.Position()})
	}
	out, err := x.call("is_normalized", e.Position(), pos, args...)
	if err != nil || !e.Not {
		return out, err
	}
	return x.call("not", e.Position(), pos, out)
}

func (x *exprBinder) bindLike(e *ast.Like) (expr.Expr, error) {
	arg, err := x.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	match, err := x.bind(e.Match)
	if err != nil {
		return nil, err
	}
	args, pos := []expr.Expr{arg, match}, []int{e.Arg.Position(), e.Match.Position()}
	if e.Escape != nil {
		escape, err := x.bind(e.Escape)
		if err != nil {
			return nil, err
		}
		args, pos = append(args, escape), append(pos, e.Escape.Position())
	}
	out, err := x.call(e.Op, e.Position(), func(i int) int { return pos[i] }, args...)
	if err != nil || !e.Not {
		return out, err
	}
	return x.not(out, e.Position())
}

func (x *exprBinder) bindBetween(e *ast.Between) (expr.Expr, error) {
	out, err := x.between(e, e.Low, e.High)
	if err != nil {
		return nil, err
	}
	if e.Symmetric {
		swapped, err := x.between(e, e.High, e.Low)
		if err != nil {
			return nil, err
		}
		out = connect(true, []expr.Expr{out, swapped})
	}
	if e.Not {
		return x.not(out, e.Position())
	}
	return out, nil
}

// between is arg >= low AND arg <= high.
func (x *exprBinder) between(e *ast.Between, low, high ast.Expr) (expr.Expr, error) {
	from, err := x.bindBinary(&ast.Binary{Pos: e.Pos, Op: ">=", Left: e.Arg, Right: low})
	if err != nil {
		return nil, err
	}
	to, err := x.bindBinary(&ast.Binary{Pos: e.Pos, Op: "<=", Left: e.Arg, Right: high})
	if err != nil {
		return nil, err
	}
	for _, side := range []expr.Expr{from, to} {
		if _, err := x.boolean(side, "AND", e.Position()); err != nil {
			return nil, err
		}
	}
	return connect(false, []expr.Expr{from, to}), nil
}

func (x *exprBinder) bindCase(e *ast.Case) (expr.Expr, error) {
	outside := x
	x = x.within("CASE")
	results := make([]expr.Expr, 0, len(e.Whens)+1)
	whens := make([]expr.When, len(e.Whens))
	for i, w := range e.Whens {
		var err error
		if e.Arg != nil {
			whens[i].Cond, err = x.bindBinary(&ast.Binary{Pos: ast.Pos(w.Cond.Position()), Op: "=", Left: e.Arg, Right: w.Cond})
		} else {
			whens[i].Cond, err = outside.bindCondition(w.Cond, "CASE/WHEN")
		}
		if err != nil {
			return nil, err
		}
		then, err := x.bind(w.Then)
		if err != nil {
			return nil, err
		}
		results = append(results, then)
	}
	if e.Else != nil {
		other, err := x.bind(e.Else)
		if err != nil {
			return nil, err
		}
		results = append(results, other)
	} else {
		results = append(results, &untyped{null: true, pos: e.Position()})
	}
	pos := func(i int) int {
		switch {
		case i < len(e.Whens):
			return e.Whens[i].Then.Position()
		case e.Else != nil:
			return e.Else.Position()
		}
		return e.Position()
	}
	t, err := x.unify("CASE", results, pos)
	if err != nil {
		return nil, err
	}
	for i := range whens {
		whens[i].Then = results[i]
	}
	return &expr.Case{Whens: whens, Else: results[len(whens)], Type: t}, nil
}
