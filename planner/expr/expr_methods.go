package expr

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqltype"
)

func (*Column) expr()   {}
func (*Literal) expr()  {}
func (*Param) expr()    {}
func (*Call) expr()     {}
func (*Cast) expr()     {}
func (*Logic) expr()    {}
func (*Case) expr()     {}
func (*Coalesce) expr() {}
func (*In) expr()       {}

// DataType is the column's type.
func (e *Column) DataType() arrow.DataType { return e.Type }

// DataType is the literal's type; Unknown for a bare NULL.
func (e *Literal) DataType() arrow.DataType { return e.Value.DataType() }

// DataType is the parameter's type.
func (e *Param) DataType() arrow.DataType { return e.Type }

// DataType is the function's result type.
func (e *Call) DataType() arrow.DataType { return e.Type }

// DataType is the target type.
func (e *Cast) DataType() arrow.DataType { return e.Type }

// DataType is boolean.
func (e *Logic) DataType() arrow.DataType { return sqltype.Bool }

// DataType is the common type of the arms.
func (e *Case) DataType() arrow.DataType { return e.Type }

// DataType is the common type of the operands.
func (e *Coalesce) DataType() arrow.DataType { return e.Type }

// DataType is boolean.
func (e *In) DataType() arrow.DataType { return sqltype.Bool }

// Children is nil.
func (e *Column) Children() []Expr { return nil }

// Children is nil.
func (e *Literal) Children() []Expr { return nil }

// Children is nil.
func (e *Param) Children() []Expr { return nil }

// Children are the arguments.
func (e *Call) Children() []Expr { return e.Args }

// Children is the argument.
func (e *Cast) Children() []Expr { return []Expr{e.Arg} }

// Children are the operands.
func (e *Logic) Children() []Expr { return e.Args }

// Children are cond, then, cond, then, …, else.
func (e *Case) Children() []Expr {
	out := make([]Expr, 0, 2*len(e.Whens)+1)
	for _, w := range e.Whens {
		out = append(out, w.Cond, w.Then)
	}
	return append(out, e.Else)
}

// Children are the operands.
func (e *Coalesce) Children() []Expr { return e.Args }

// Children are the argument and the list.
func (e *In) Children() []Expr { return append([]Expr{e.Arg}, e.List...) }

// WithChildren is e itself.
func (e *Column) WithChildren([]Expr) Expr { return e }

// WithChildren is e itself.
func (e *Literal) WithChildren([]Expr) Expr { return e }

// WithChildren is e itself.
func (e *Param) WithChildren([]Expr) Expr { return e }

// WithChildren is a call of the same function on other arguments.
func (e *Call) WithChildren(c []Expr) Expr { n := *e; n.Args = c; return &n }

// WithChildren is the same cast of another argument.
func (e *Cast) WithChildren(c []Expr) Expr { n := *e; n.Arg = c[0]; return &n }

// WithChildren is the same connective over other operands.
func (e *Logic) WithChildren(c []Expr) Expr { n := *e; n.Args = c; return &n }

// WithChildren is the same CASE over other operands, in Children's order.
func (e *Case) WithChildren(c []Expr) Expr {
	n := *e
	n.Whens = make([]When, len(e.Whens))
	for i := range n.Whens {
		n.Whens[i] = When{c[2*i], c[2*i+1]}
	}
	n.Else = c[len(c)-1]
	return &n
}

// WithChildren is a COALESCE of other operands.
func (e *Coalesce) WithChildren(c []Expr) Expr { n := *e; n.Args = c; return &n }

// WithChildren is the same test over other operands.
func (e *In) WithChildren(c []Expr) Expr { n := *e; n.Arg, n.List = c[0], c[1:]; return &n }

// String is the column's name, or #index.
func (e *Column) String() string {
	if e.Name == "" {
		return fmt.Sprintf("#%d", e.Index)
	}
	return e.Name
}

// String is the SQL form of the constant.
func (e *Literal) String() string {
	if e.Value.IsNull(0) {
		return "NULL"
	}
	s := e.Value.ValueStr(0)
	if b, ok := e.Value.(*array.Binary); ok {
		s = fmt.Sprintf("\\x%x", b.Value(0))
	}
	switch sqltype.Category(e.Value.DataType()) {
	case 'N', 'B':
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// String is $n.
func (e *Param) String() string { return fmt.Sprintf("$%d", e.Index) }

// String is infix for operators and f(a, b) for functions.
func (e *Call) String() string {
	switch e.Func {
	case "array[]":
		return "ARRAY[" + join(e.Args) + "]"
	case "row":
		return "ROW(" + join(e.Args) + ")"
	case "[]":
		return e.Args[0].String() + "[" + e.Args[1].String() + "]"
	}
	if op, ok := strings.CutPrefix(e.Func, "any "); ok && len(e.Args) == 2 {
		return "(" + e.Args[0].String() + " " + op + " ANY (" + e.Args[1].String() + "))"
	}
	if op, ok := strings.CutPrefix(e.Func, "all "); ok && len(e.Args) == 2 {
		return "(" + e.Args[0].String() + " " + op + " ALL (" + e.Args[1].String() + "))"
	}
	symbolic := !strings.ContainsAny(e.Func, "abcdefghijklmnopqrstuvwxyz_")
	switch {
	case len(e.Args) == 2 && (symbolic || strings.Contains(e.Func, " ") || e.Func == "like" || e.Func == "ilike"):
		return "(" + e.Args[0].String() + " " + e.Func + " " + e.Args[1].String() + ")"
	case len(e.Args) == 1 && strings.HasPrefix(e.Func, "is "):
		return "(" + e.Args[0].String() + " " + e.Func + ")"
	case len(e.Args) == 1 && (symbolic || e.Func == "not"):
		return "(" + e.Func + " " + e.Args[0].String() + ")"
	}
	return e.Func + "(" + join(e.Args) + ")"
}

// String is arg::type.
func (e *Cast) String() string {
	op := "::"
	if e.Try {
		op = "::?"
	}
	return e.Arg.String() + op + sqltype.Name(e.Type)
}

// String joins the operands by AND or OR.
func (e *Logic) String() string {
	op := " AND "
	if e.Or {
		op = " OR "
	}
	parts := make([]string, len(e.Args))
	for i, a := range e.Args {
		parts[i] = a.String()
	}
	return "(" + strings.Join(parts, op) + ")"
}

// String is CASE WHEN … END.
func (e *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range e.Whens {
		fmt.Fprintf(&b, " WHEN %s THEN %s", w.Cond, w.Then)
	}
	fmt.Fprintf(&b, " ELSE %s END", e.Else)
	return b.String()
}

// String is COALESCE(…).
func (e *Coalesce) String() string { return "COALESCE(" + join(e.Args) + ")" }

// String is arg IN (…), shortened when the list is long.
func (e *In) String() string {
	not := ""
	if e.Negated {
		not = "NOT "
	}
	list := join(e.List)
	if len(e.List) > 20 {
		list = join(e.List[:20]) + fmt.Sprintf(", … %d more", len(e.List)-20)
	}
	return "(" + e.Arg.String() + " " + not + "IN (" + list + "))"
}

func join(list []Expr) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = a.String()
	}
	return strings.Join(parts, ", ")
}

// Walk calls f for e and all its descendants, parents first; it does not
// descend below a node for which f is false.
func Walk(e Expr, f func(Expr) bool) {
	if !f(e) {
		return
	}
	switch e := e.(type) {
	case *In: // its list may be long: no copy of it
		Walk(e.Arg, f)
		for _, c := range e.List {
			Walk(c, f)
		}
	case *Cast:
		Walk(e.Arg, f)
	default:
		for _, c := range e.Children() {
			Walk(c, f)
		}
	}
}

// Transform rebuilds e bottom-up: f is applied to each node whose operands are
// transformed already.
func Transform(e Expr, f func(Expr) Expr) Expr {
	kids := e.Children()
	changed := false
	out := kids
	for i, c := range kids {
		n := Transform(c, f)
		if n != c {
			if !changed {
				out = append([]Expr(nil), kids...)
				changed = true
			}
			out[i] = n
		}
	}
	if changed {
		e = e.WithChildren(out)
	}
	return f(e)
}
