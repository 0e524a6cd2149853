package expr

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqltype"
)

// MapColumns is e with every column replaced by f's result.
func MapColumns(e Expr, f func(*Column) Expr) Expr {
	switch e := e.(type) {
	case *Column:
		return f(e)
	case *Literal, *Param:
		return e
	case *In: // its list may be long and never has columns
		if arg := MapColumns(e.Arg, f); arg != e.Arg {
			return &In{Arg: arg, List: e.List, Negated: e.Negated}
		}
		return e
	}
	kids := e.Children()
	var out []Expr
	for i, c := range kids {
		n := MapColumns(c, f)
		if n != c && out == nil {
			out = append([]Expr(nil), kids...)
		}
		if out != nil {
			out[i] = n
		}
	}
	if out == nil {
		return e
	}
	return e.WithChildren(out)
}

// Shift is e with every column's ordinal moved by n.
func Shift(e Expr, n int) Expr {
	if n == 0 {
		return e
	}
	return MapColumns(e, func(c *Column) Expr { return &Column{Index: c.Index + n, Name: c.Name, Type: c.Type} })
}

// EachColumn calls f for every column reference of e.
func EachColumn(e Expr, f func(*Column)) {
	switch e := e.(type) {
	case *Column:
		f(e)
	case *Literal, *Param:
	case *In:
		EachColumn(e.Arg, f)
	default:
		for _, c := range e.Children() {
			EachColumn(c, f)
		}
	}
}

// HasColumns tells whether e depends on its input.
func HasColumns(e Expr) bool {
	found := false
	EachColumn(e, func(*Column) { found = true })
	return found
}

// Equal tells whether two expressions compute the same, as far as their form
// shows it. Names and positions do not count.
func Equal(a, b Expr) bool {
	switch x := a.(type) {
	case *Column:
		y, ok := b.(*Column)
		return ok && x.Index == y.Index
	case *Literal:
		y, ok := b.(*Literal)
		return ok && (x.Value == y.Value || sqltype.Equal(x.DataType(), y.DataType()) && sameValue(x.Value, y.Value))
	case *Param:
		y, ok := b.(*Param)
		return ok && x.Index == y.Index && sqltype.Equal(x.Type, y.Type)
	case *Call:
		y, ok := b.(*Call)
		return ok && x.Func == y.Func && equalLists(x.Args, y.Args)
	case *Cast:
		y, ok := b.(*Cast)
		return ok && sqltype.Equal(x.Type, y.Type) && x.Try == y.Try && x.VarcharLen == y.VarcharLen && x.Pad == y.Pad && x.Bounded == y.Bounded && Equal(x.Arg, y.Arg)
	case *Logic:
		y, ok := b.(*Logic)
		return ok && x.Or == y.Or && equalLists(x.Args, y.Args)
	case *Case:
		y, ok := b.(*Case)
		return ok && equalLists(x.Children(), y.Children())
	case *Coalesce:
		y, ok := b.(*Coalesce)
		return ok && equalLists(x.Args, y.Args)
	case *In:
		y, ok := b.(*In)
		return ok && x.Negated == y.Negated && Equal(x.Arg, y.Arg) && equalLists(x.List, y.List)
	}
	return a == b
}

// sameValue compares the values of literals of one type. NaN is itself, and 0 is
// not -0.
func sameValue(a, b arrow.Array) bool {
	x, ok := a.(*array.Float64)
	if !ok {
		return array.Equal(a, b)
	}
	y, ok := b.(*array.Float64)
	return ok && x.IsNull(0) == y.IsNull(0) && (x.IsNull(0) || math.Float64bits(x.Value(0)) == math.Float64bits(y.Value(0)))
}

func equalLists(a, b []Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// Conjuncts splits e at its top-level ANDs; nil has none.
func Conjuncts(e Expr) []Expr {
	if e == nil {
		return nil
	}
	if l, ok := e.(*Logic); ok && !l.Or {
		var out []Expr
		for _, a := range l.Args {
			out = append(out, Conjuncts(a)...)
		}
		return out
	}
	return []Expr{e}
}

// And joins conjuncts; nil for none.
func And(list []Expr) Expr {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return &Logic{Args: list}
}
