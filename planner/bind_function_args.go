package planner

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// maxCalls is how deep functions of SQL may call each other.
const maxCalls = 100

// userCall is a call of a function of SQL: the values of all its parameters.
type userCall struct {
	function *Function
	values   []expr.Expr
}

// userCall chooses the function of SQL for a call; nil where there is none of
// that name, or one of Volley's own is to be called.
func (x *exprBinder) userCall(e *ast.Call, name string) (*userCall, error) {
	r := x.p.Registry
	parts := e.Name.Parts
	if x.cat == nil || len(parts) == 1 && (r.IsAggregate(name) || r.IsTable(name) || r.IsWindow(name)) {
		return nil, nil
	}
	all, err := x.cat.Functions(x.ctx, parts)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	if err := onlyAggregates(e, name); err != nil {
		return nil, err
	}
	if e.Over != nil {
		return nil, sqlerr.At(e.Position(), sqlerr.WrongObjectType, "OVER specified, but %s is not a window function nor an aggregate function", name)
	}
	args, err := x.bindArgs(e)
	if err != nil {
		return nil, err
	}
	types := x.settledTypes(args)
	var list []*Function
	var orders [][]int
	var params [][]arrow.DataType
	for _, f := range all {
		if e.Variadic && !f.Variadic {
			continue
		}
		if order := f.arrange(e.Args, e.Variadic); order != nil {
			list, orders = append(list, f), append(orders, order)
			given := make([]arrow.DataType, len(e.Args))
			for at, i := range order {
				if i >= 0 {
					given[i] = f.Params[at].Type
				}
			}
			if f.spreads(e) {
				for i := len(f.Params) - 1; i < len(given); i++ {
					given[i] = f.variadicItem()
				}
			}
			params = append(params, given)
		}
	}
	named := slices.ContainsFunc(e.Args, func(a ast.Arg) bool { return a.Name != "" })
	if !named && len(parts) == 1 && r.IsScalar(name) && !slices.ContainsFunc(params, func(p []arrow.DataType) bool { return equalTypes(p, types) }) {
		if _, err := r.ResolveScalar(name, types); err == nil {
			return nil, nil
		}
	}
	best, err := r.ChooseSignature(name, params, types)
	if err != nil {
		if named && sqlerr.Code(err) == sqlerr.UndefinedFunction {
			return nil, x.noSuchNamed(e, name)
		}
		return nil, at(err, e.Position())
	}
	f, order := list[best], orders[best]
	actual := make([]arrow.DataType, len(f.Params))
	for i, n := range order {
		switch {
		case n < 0:
			actual[i] = f.Params[i].Type
		case i == len(order)-1 && f.spreads(e):
			actual[i] = x.variadicArray(types[n:], f.Params[i].Type)
		default:
			actual[i] = types[n]
		}
	}
	if f, err = f.instance(actual); err != nil {
		return nil, at(err, e.Position())
	}
	return x.supply(e, f, order, args)
}

// supply gives the parameters their values, converted.
func (x *exprBinder) supply(e *ast.Call, f *Function, order []int, args []expr.Expr) (*userCall, error) {
	c := &userCall{function: f, values: make([]expr.Expr, len(f.Params))}
	for i, p := range f.Params {
		var err error
		if n := order[i]; n >= 0 && i == len(order)-1 && f.spreads(e) {
			c.values[i], err = x.gather(e, args, n, p.Type)
		} else if n >= 0 {
			c.values[i], err = x.coerceArg(args[n], p.Type, e.Args[n].Value.Position())
		} else {
			d := &exprBinder{binder: x.binder, scope: newScope(nil), clause: "DEFAULT expressions"}
			var v expr.Expr
			if v, err = d.bind(p.Default); err == nil {
				v, err = x.coerce(v, p.Type, sqltype.Assignment, e.Position())
			}
			c.values[i] = v
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// arrange says which argument each parameter gets, −1 for its default; nil if
// the function cannot be called with these.
func (f *Function) arrange(args []ast.Arg, variadic bool) []int {
	rest := len(args) - len(f.Params)
	if rest > 0 && (variadic || !f.Variadic) {
		return nil
	}
	if rest > 0 {
		args = args[:len(f.Params)]
	}
	order := make([]int, len(f.Params))
	for i := range order {
		order[i] = -1
	}
	for i, a := range args {
		at := i
		if a.Name != "" {
			at = slices.IndexFunc(f.Params, func(p FunctionParam) bool { return p.Name == a.Name })
		}
		if at < 0 || order[at] >= 0 {
			return nil
		}
		order[at] = i
	}
	for i, n := range order {
		if n < 0 && f.Params[i].Default == nil {
			return nil
		}
	}
	return order
}

func equalTypes(a, b []arrow.DataType) bool {
	return slices.EqualFunc(a, b, sqltype.Equal)
}

// enterFunction begins the expansion of a call; the caller must leave.
func (b *binder) enterFunction(f *Function, pos int) error {
	if slices.ContainsFunc(b.calling, func(g *Function) bool { return g.declared() == f.declared() }) {
		return unsupported(pos, "the recursive SQL function %s is", f.Name)
	}
	b.expansions++
	if len(b.calling) >= maxCalls || b.expansions > maxExpansions {
		return sqlerr.At(pos, sqlerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("Functions call each other more than %d deep or %d times.", maxCalls, maxExpansions)
	}
	b.calling = append(b.calling, f)
	return nil
}

func (b *binder) leaveFunction() { b.calling = b.calling[:len(b.calling)-1] }

// atCall gives an error of a function's body the position of the call, since
// that in the body means nothing there.
func (b *binder) atCall(err error, f *Function, pos int) error {
	e := *sqlerr.Find(err)
	e.Position = 0
	if len(b.calling) == 1 && !strings.HasPrefix(e.Message, "SQL function") {
		e.Message = "SQL function \"" + f.Name + "\": " + e.Message
	}
	return e.WithPos(pos)
}

// bindArgument is $n in the body of a function.
func (x *exprBinder) bindArgument(e *ast.Param) (expr.Expr, error) {
	f := x.calling[len(x.calling)-1]
	if e.Index < 1 || e.Index > len(f.Params) {
		return nil, sqlerr.At(e.Position(), sqlerr.UndefinedParameter, "there is no parameter $%d", e.Index)
	}
	for sc := x.scope; sc != nil; sc = sc.parent {
		if sc.params != nil {
			return x.argument(sc.params[e.Index-1], f.Params[e.Index-1].Name, sc), nil
		}
	}
	return nil, unsupported(e.Position(), "a function's parameter here is")
}

// argument is what a parameter found in scope from stands for.
func (x *exprBinder) argument(value expr.Expr, name string, from *scope) expr.Expr {
	if from == x.scope || from.frame == nil || isLiteral(value) {
		return value
	}
	return from.frame.refer(value, name)
}

func isLiteral(e expr.Expr) bool {
	_, ok := e.(*expr.Literal)
	return ok
}
