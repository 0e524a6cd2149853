package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindCollate takes the collations by which text is compared anyway. What it
// gives has the collation explicitly: it must not meet another one.
func (x *exprBinder) bindCollate(e *ast.Collate) (expr.Expr, error) {
	arg, err := x.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	if t := sqltype.ElementType(x.settled(arg)); !isUnknown(t) && !sqltype.IsString(t) {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "collations are not supported by type %s", typeName(t))
	}
	if err := CheckCollation(e.Name); err != nil {
		return nil, err
	}
	if _, shared := arg.(*expr.Column); shared {
		arg = arg.WithChildren(nil)
	}
	return x.collated(arg, e.Name.Parts[len(e.Name.Parts)-1]), nil
}

// CheckCollation refuses collations other than those by which text is compared:
// that of its bytes, by PostgreSQL's names for it.
func CheckCollation(name ast.QName) error {
	last := len(name.Parts) - 1
	if last > 0 && name.Parts[last-1] != "pg_catalog" {
		return sqlerr.At(name.Position(), sqlerr.InvalidSchemaName, "schema \"%s\" does not exist", name.Parts[last-1])
	}
	switch name.Parts[last] {
	case "C", "POSIX", "default", "ucs_basic", "C.utf8":
		return nil
	}
	return sqlerr.At(name.Position(), sqlerr.UndefinedObject, "collation \"%s\" for encoding \"UTF8\" does not exist", name.Parts[last])
}

// collated notes that e has a collation explicitly, "" for none. Only text has.
func (b *binder) collated(e expr.Expr, collation string) expr.Expr {
	if t := sqltype.ElementType(e.DataType()); collation != "" && (isUnknown(t) || sqltype.IsString(t)) {
		if b.collations == nil {
			b.collations = map[expr.Expr]string{}
		}
		b.collations[e] = collation
	}
	return e
}

// meetCollations is the explicit collation of what takes all of list, "" for
// none; two different ones are 42P21.
func (b *binder) meetCollations(list []expr.Expr, pos func(int) int) (string, error) {
	if len(b.collations) == 0 {
		return "", nil
	}
	found := ""
	for i, e := range list {
		c := b.collations[e]
		if c != "" && found != "" && c != found {
			return "", sqlerr.At(pos(i), sqlerr.CollationMismatch, "collation mismatch between explicit collations \"%s\" and \"%s\"", found, c)
		}
		if c != "" {
			found = c
		}
	}
	return found, nil
}
