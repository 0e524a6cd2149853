package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// exprBinder binds the expressions of one clause.
type exprBinder struct {
	*binder
	scope *scope
	// block is the SELECT the clause is of; nil where neither aggregates nor
	// subqueries may stand (LIMIT, VALUES, DEFAULT).
	block  *block
	clause string // PostgreSQL's name of the clause, for messages
	// before: the clause is evaluated before grouping (WHERE, GROUP BY, an
	// aggregate's arguments). Only others may have aggregates.
	before bool
	// inAggregate: these are an aggregate's arguments.
	inAggregate bool
	// windows: the clause is evaluated after the windows, so it may have window
	// functions. inWindow: these are the arguments of one.
	windows, inWindow bool
	// constant: a frame's offset, which has neither columns nor aggregates.
	constant bool
	// construct is the one around, such as CASE, whose operands cannot be sets.
	construct string
	// aliases are output columns that a name without a FROM column may mean.
	aliases []target
	// spread are the columns that COLUMNS(…) stand for.
	spread map[*ast.Star]target
}

// bind gives the bound form of e. Its type is Unknown for quoted literals,
// NULL and parameters not decided yet, which the caller must coerce.
func (x *exprBinder) bind(e ast.Expr) (expr.Expr, error) {
	if err := x.enter(e.Position()); err != nil {
		return nil, err
	}
	defer x.leave()
	switch e := e.(type) {
	case *ast.Literal:
		return x.bindLiteral(e)
	case *ast.TypedLiteral:
		return x.bindTypedLiteral(e)
	case *ast.Param:
		if len(x.calling) > 0 {
			return x.bindArgument(e)
		}
		return x.bindParam(e)
	case *ast.Column:
		return x.bindColumn(e)
	case *ast.Unary:
		return x.bindUnary(e)
	case *ast.Binary:
		return x.bindBinary(e)
	case *ast.Like:
		return x.bindLike(e)
	case *ast.Between:
		return x.bindBetween(e)
	case *ast.In:
		return x.bindIn(e)
	case *ast.Is:
		return x.bindIs(e)
	case *ast.IsDistinct:
		return x.bindIsDistinct(e)
	case *ast.Quantified:
		return x.bindQuantified(e)
	case *ast.Case:
		return x.bindCase(e)
	case *ast.Cast:
		return x.bindCast(e)
	case *ast.Call:
		return x.bindCall(e)
	case *ast.Subquery:
		return x.bindSubquery(e)
	case *ast.RowColumn:
		return x.bindRowColumn(e)
	case *ast.Collate:
		return x.bindCollate(e)
	case *ast.Star:
		if t, ok := x.spread[e]; ok {
			return t.expr, nil
		}
		return x.bindTableStar(e)
	case *ast.Row:
		return x.bindRowValue(e)
	case *ast.Array:
		return x.bindArray(e, nil)
	case *ast.AssignPart:
		return x.bindAssignPart(e)
	case *ast.Subscript:
		return x.bindSubscript(e)
	case *ast.Field:
		return x.bindField(e)
	case *ast.Grouping:
		return nil, unsupported(e.Position(), "grouping sets are")
	}
	return nil, unsupported(e.Position(), "this expression is")
}

// bindAll binds a list, and gives the types.
func (x *exprBinder) bindAll(list []ast.Expr) ([]expr.Expr, []arrow.DataType, error) {
	out, types := make([]expr.Expr, len(list)), make([]arrow.DataType, len(list))
	for i, e := range list {
		var err error
		if out[i], err = x.bind(e); err != nil {
			return nil, nil, err
		}
		types[i] = x.settled(out[i])
	}
	return out, types, nil
}

// bindCondition binds what must be boolean.
func (x *exprBinder) bindCondition(e ast.Expr, construct string) (expr.Expr, error) {
	out, err := x.bind(e)
	if err != nil {
		return nil, err
	}
	return x.boolean(out, construct, e.Position())
}

func (x *exprBinder) bindColumn(e *ast.Column) (expr.Expr, error) {
	c, from, err := x.scope.lookup(e.Parts, e.Position())
	if err != nil {
		if t := x.alias(e); t != nil && sqlerr.Code(err) == sqlerr.UndefinedColumn {
			return t, nil
		}
		if row := x.wholeRow(e.Parts, e.Position()); row != nil {
			return row, nil
		}
		if t := x.tableOID(e); t != nil {
			return t, nil
		}
		if sqlerr.Code(err) == sqlerr.UndefinedTable {
			return nil, x.missingTable(e.Parts[:len(e.Parts)-1], e.Position())
		}
		return nil, err
	}
	if c.value != nil {
		return x.argument(c.value, c.name, from), nil
	}
	col := &expr.Column{Index: c.index, Name: c.name, Type: c.typ}
	switch {
	case from == x.scope:
	case from.frame != nil:
		outer := from.frame.column(col, e.Position())
		x.chars[outputColumn{at: outer.Index}] = from.charOf(col, x.chars)
		return outer, nil
	default:
		return nil, unsupported(e.Position(), "a reference to column \"%s\" from here is", c.name)
	}
	if x.block != nil {
		x.block.seen[col] = e.Position()
	}
	return col, nil
}

// alias is the output column that a name means where FROM has none of it.
func (x *exprBinder) alias(e *ast.Column) expr.Expr {
	if len(e.Parts) > 1 {
		return nil
	}
	for _, t := range x.aliases {
		if t.name == e.Parts[0] {
			return t.expr
		}
	}
	return nil
}

// settledTypes are the types of bound expressions.
func (b *binder) settledTypes(list []expr.Expr) []arrow.DataType {
	out := make([]arrow.DataType, len(list))
	for i, e := range list {
		out[i] = b.settled(e)
	}
	return out
}

// call applies a function of the registry to bound arguments, coercing them.
func (x *exprBinder) call(name string, pos int, argPos func(int) int, args ...expr.Expr) (expr.Expr, error) {
	collation, err := x.meetCollations(args, argPos)
	if err != nil {
		return nil, err
	}
	args = x.charArgs(name, args)
	types := make([]arrow.DataType, len(args))
	for i, a := range args {
		types[i] = x.settled(a)
	}
	r, err := x.p.Registry.ResolveScalar(name, types)
	if err != nil {
		return nil, at(err, pos)
	}
	for i := range args {
		if args[i], err = x.coerceArg(args[i], r.Args[i], argPos(i)); err != nil {
			return nil, err
		}
		if !sqltype.Equal(types[i], r.Args[i]) {
			args[i] = bounded(name, args[i])
		}
	}
	return x.collated(&expr.Call{Func: name, Args: args, Type: r.Returns, Pos: pos}, collation), nil
}
