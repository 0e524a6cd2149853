package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// coerce converts e to type t where PostgreSQL does so in context ctx. Literals
// are converted here and now, so that bad ones fail with their own position.
func (b *binder) coerce(e expr.Expr, t arrow.DataType, ctx sqltype.Context, pos int) (expr.Expr, error) {
	switch x := e.(type) {
	case *untyped:
		return b.literalOf(x, t)
	case *expr.Param:
		if isUnknown(x.Type) {
			if isUnknown(t) {
				return e, nil
			}
			if e = b.decide(x, written(t)); sqltype.IsReg(t) {
				return &expr.Cast{Arg: e, Type: t, Pos: pos}, nil
			}
		}
	}
	from := e.DataType()
	if sqltype.Equal(from, t) || isUnknown(t) {
		return e, nil
	}
	if !sqltype.CanCast(from, t, ctx) {
		if ctx == sqltype.Explicit {
			return nil, sqlerr.At(pos, sqlerr.CannotCoerce, "cannot cast type %s to %s", typeName(from), typeName(t))
		}
		return nil, sqlerr.At(pos, sqlerr.DatatypeMismatch, "expression is of type %s but type %s is needed", typeName(from), typeName(t)).
			WithHint("You will need to rewrite or cast the expression.")
	}
	if l, ok := e.(*expr.Literal); ok {
		if c := convertLiteral(l, t); c != nil {
			return c, nil
		}
	}
	return &expr.Cast{Arg: e, Type: t, Pos: pos}, nil
}

// literalOf is the value of an untyped literal as a t.
func (b *binder) literalOf(u *untyped, t arrow.DataType) (expr.Expr, error) {
	switch {
	case isUnknown(t):
		return u, nil
	case u.null:
		return nullOf(t), nil
	case isClockWord(u.text) && sqltype.IsTemporal(t), sqltype.IsReg(t):
		// Depends on when the query runs, or on the catalog, so the cast stays.
		text, err := sqltype.Scalar(sqltype.Text, u.text)
		if err != nil {
			return nil, at(err, u.pos)
		}
		return &expr.Cast{Arg: &expr.Literal{Value: text}, Type: t, Pos: u.pos}, nil
	}
	if sqltype.Dimensions(t) > 0 {
		t = sqltype.ArrayTypeOfText(t, u.text)
	}
	v, err := sqltype.ScalarIn(t, u.text, sqltype.TextOptions{TimeZone: b.opts.TimeZone, Style: b.opts.Style})
	if err != nil {
		return nil, at(err, u.pos)
	}
	return &expr.Literal{Value: v}, nil
}

// written is the type in which a parameter of type t is sent: the name of an
// object is text until the catalog is asked, and a number is rounded where the
// query says so only.
func written(t arrow.DataType) arrow.DataType {
	if sqltype.IsReg(t) {
		return sqltype.Text
	}
	return sqltype.Unmodified(t)
}

// isClockWord tells whether a text may hold a word that stands for the time of
// the query.
func isClockWord(s string) bool {
	if strings.IndexByte(s, 'o') < 0 && strings.IndexByte(s, 'O') < 0 && !strings.ContainsAny(s, "yY") {
		return false // all of them have one
	}
	s = strings.ToLower(s)
	for _, w := range [...]string{"now", "today", "tomorrow", "yesterday"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func nullOf(t arrow.DataType) *expr.Literal { return &expr.Literal{Value: sqltype.NullArray(t, 1)} }

// convertLiteral widens a numeric constant without loss; nil when a cast must
// do it at run time (it may fail or round).
func convertLiteral(l *expr.Literal, t arrow.DataType) expr.Expr {
	from := l.DataType()
	if l.Value.IsNull(0) {
		return nullOf(t)
	}
	exact := sqltype.IsInteger(from) && sqltype.IsNumeric(t) ||
		sqltype.IsDecimal(from) && (sqltype.IsFloat(t) || sqltype.IsUnconstrainedNumeric(t)) ||
		sqltype.IsDecimal(from) && sqltype.IsDecimal(t) && widens(from, t)
	if !exact {
		return nil
	}
	if n, ok := sqltype.IntegerValue(l.Value, 0); ok {
		if v := sqltype.IntegerScalar(t, n); v != nil {
			return &expr.Literal{Value: v}
		}
	}
	text := sqltype.NewTextEncoder(from, sqltype.TextOptions{})(nil, l.Value, 0)
	v, err := sqltype.Scalar(t, string(text))
	if err != nil {
		return nil
	}
	return &expr.Literal{Value: v}
}

func widens(from, to arrow.DataType) bool {
	f, t := from.(*arrow.Decimal128Type), to.(*arrow.Decimal128Type)
	return t.Scale >= f.Scale && t.Precision-t.Scale >= f.Precision-f.Scale
}

// boolean coerces the operand of a construct that takes a condition.
func (b *binder) boolean(e expr.Expr, construct string, pos int) (expr.Expr, error) {
	if t := e.DataType(); !isUnknown(t) && t.ID() != arrow.BOOL {
		return nil, sqlerr.At(pos, sqlerr.DatatypeMismatch, "argument of %s must be type boolean, not type %s", construct, typeName(t))
	}
	if hasSet([]expr.Expr{e}) {
		return nil, sqlerr.At(pos, sqlerr.DatatypeMismatch, "argument of %s must not return a set", construct)
	}
	return b.coerce(e, sqltype.Bool, sqltype.Implicit, pos)
}

// unify coerces several expressions to their common type, as UNION, CASE and
// COALESCE do; pos is that of each of them.
func (b *binder) unify(construct string, list []expr.Expr, pos func(int) int) (arrow.DataType, error) {
	types := make([]arrow.DataType, len(list))
	for i, e := range list {
		types[i] = b.settled(e)
	}
	if construct != "VALUES" {
		if _, err := b.meetCollations(list, pos); err != nil {
			return nil, err
		}
	}
	t, err := b.commonType(construct, list, types)
	if err != nil {
		return nil, at(err, pos(mismatched(types)))
	}
	for i, e := range list {
		if list[i], err = b.coerce(e, t, sqltype.Implicit, pos(i)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// commonType is that of expressions of some types. Beside a numeric(p,s), values whose
// type it decides are numeric, as they are not rounded to become like it.
func (b *binder) commonType(construct string, list []expr.Expr, types []arrow.DataType) (arrow.DataType, error) {
	t, err := sqltype.CommonTypeIn(construct, types)
	if err == nil && slices.ContainsFunc(list, b.undecided) {
		t = sqltype.Unmodified(t)
	}
	return t, err
}

// undecided tells whether e is a value whose type its surroundings decide: a parameter, or
// a literal in quotes.
func (b *binder) undecided(e expr.Expr) bool {
	if u, ok := e.(*untyped); ok {
		return !u.null
	}
	_, ok := e.(*expr.Param)
	return ok && isUnknown(b.settled(e))
}

// settled is e's type, which for a parameter may have been decided since it was
// bound.
func (b *binder) settled(e expr.Expr) arrow.DataType {
	if p, ok := e.(*expr.Param); ok && isUnknown(p.Type) && b.params[p.Index-1] != nil {
		return b.params[p.Index-1]
	}
	return e.DataType()
}

// mismatched is the first whose type does not go with the ones before it.
func mismatched(types []arrow.DataType) int {
	for i := range types {
		if _, err := sqltype.CommonType(types[:i+1]); err != nil {
			return i
		}
	}
	return 0
}

// resolveUnknown makes text of an output column that stayed untyped.
func (b *binder) resolveUnknown(e expr.Expr, pos int) (expr.Expr, error) {
	if !isUnknown(e.DataType()) {
		return e, nil
	}
	return b.coerce(e, sqltype.Text, sqltype.Implicit, pos)
}

// assign coerces a query's columns to those of an INSERT's target; a nil target
// type takes any.
func (b *binder) assign(rel relation, targets []arrow.DataType, pos int) (relation, error) {
	if len(targets) < len(rel.names) {
		return rel, sqlerr.At(pos, sqlerr.SyntaxError, "INSERT has more expressions than target columns")
	}
	if len(targets) > len(rel.names) {
		return rel, sqlerr.At(pos, sqlerr.SyntaxError, "INSERT has more target columns than expressions")
	}
	return b.convert(rel, targets, sqltype.Assignment, pos)
}

// convert coerces the columns of a relation. Where the plan's top computes
// them, its expressions are converted, so that untyped literals get the type
// that is wanted.
func (b *binder) convert(rel relation, types []arrow.DataType, ctx sqltype.Context, pos int) (relation, error) {
	one := func(e expr.Expr, i, pos int) (expr.Expr, error) {
		t := types[i]
		if t == nil {
			return b.resolveUnknown(e, pos)
		}
		out, err := b.coerce(e, t, ctx, pos)
		if err != nil && ctx == sqltype.Assignment {
			err = b.named(err, i, e, t)
		}
		return out, err
	}
	var err error
	if rel.node, err = b.retype(rel.node, types, ctx, pos); err != nil {
		return rel, err
	}
	switch n := rel.node.(type) {
	case *logical.Project:
		exprs := make([]expr.Expr, len(n.Exprs))
		for i, e := range n.Exprs {
			var err error
			if exprs[i], err = one(e, i, pos); err != nil {
				return rel, err
			}
		}
		return relation{logical.NewProject(n.Input, exprs, rel.names), rel.names}, nil
	case *logical.Values:
		return b.convertValues(n, rel.names, func(e expr.Expr, r, i int) (expr.Expr, error) {
			if v := b.inserted; v != nil && len(v.Rows) == len(n.Rows) {
				return one(e, i, v.Rows[r][i].Position())
			}
			return one(e, i, pos)
		})
	}
	exprs, changed := columnsOf(rel.node), false
	for i, e := range exprs {
		c, err := one(e, i, pos)
		if err != nil {
			return rel, err
		}
		changed = changed || c != e
		exprs[i] = c
	}
	if !changed {
		return rel, nil
	}
	return relation{logical.NewProject(rel.node, exprs, rel.names), rel.names}, nil
}

// retype gives a plan's untyped columns the types that are wanted of them, where they are
// computed: below what sorts and counts rows, whose keys have types. A nil type wants
// nothing.
func (b *binder) retype(n logical.Node, types []arrow.DataType, ctx sqltype.Context, pos int) (_ logical.Node, err error) {
	unknown := false
	for _, f := range n.Schema().Fields() {
		unknown = unknown || isUnknown(f.Type)
	}
	if !unknown {
		return n, nil
	}
	switch n := n.(type) {
	case *logical.Sort:
		out := *n
		out.Input, err = b.retype(n.Input, types, ctx, pos)
		return &out, err
	case *logical.Limit:
		out := *n
		out.Input, err = b.retype(n.Input, types, ctx, pos)
		return &out, err
	case *logical.Project:
		exprs, names := slices.Clone(n.Exprs), make([]string, len(n.Exprs))
		below := make([]arrow.DataType, n.Input.Schema().NumFields())
		for i, e := range exprs {
			names[i] = n.Out.Field(i).Name
			if i >= len(types) || types[i] == nil || !isUnknown(e.DataType()) {
				continue
			}
			if c, ok := e.(*expr.Column); ok {
				typed := *c
				typed.Type, below[c.Index] = types[i], types[i]
				exprs[i] = &typed
			} else if exprs[i], err = b.coerce(e, types[i], ctx, pos); err != nil {
				return n, err
			}
		}
		in, err := b.retype(n.Input, below, ctx, pos)
		return logical.NewProject(in, exprs, names), err
	}
	return n, nil
}

// named says which column of an INSERT or UPDATE cannot take a value's type.
func (b *binder) named(err error, i int, e expr.Expr, t arrow.DataType) error {
	mismatch := sqlerr.Find(err)
	if mismatch.Code == sqlerr.DatatypeMismatch && i < len(b.opts.TargetNames) {
		mismatch.Message = fmt.Sprintf("column \"%s\" is of type %s but expression is of type %s",
			b.opts.TargetNames[i], typeName(t), typeName(b.settled(e)))
	}
	return err
}

func (b *binder) convertValues(n *logical.Values, names []string, one func(e expr.Expr, row, column int) (expr.Expr, error)) (relation, error) {
	rows := make([][]expr.Expr, len(n.Rows))
	fields := n.Out.Copy()
	for r, row := range n.Rows {
		rows[r] = make([]expr.Expr, len(row))
		for i, e := range row {
			var err error
			if rows[r][i], err = one(e, r, i); err != nil {
				return relation{}, err
			}
			fields[i].Type = rows[r][i].DataType()
		}
	}
	return relation{&logical.Values{Rows: rows, Out: logical.NewSchema(fields)}, names}, nil
}

// columnsOf refers to each output column of a node.
func columnsOf(n logical.Node) []expr.Expr {
	s := n.Schema()
	out := make([]expr.Expr, s.NumFields())
	for i, f := range s.Fields() {
		out[i] = &expr.Column{Index: i, Name: f.Name, Type: f.Type}
	}
	return out
}

// boolLiteral is TRUE or FALSE.
func boolLiteral(v bool) *expr.Literal {
	return &expr.Literal{Value: sqltype.BoolScalar(v)}
}

// int64Literal is a bigint constant.
func int64Literal(v int64) *expr.Literal {
	return &expr.Literal{Value: sqltype.Int64Scalar(v)}
}
