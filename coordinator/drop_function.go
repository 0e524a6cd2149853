package coordinator

import (
	"context"
	"strings"

	"volley/catalog"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
)

// function drops the function of a name and, where args are said (not nil), of
// their types.
func (d *dropping) function(ctx context.Context, q ast.QName, args []ast.ColumnDef) error {
	f, err := d.findFunction(q, args)
	if err != nil {
		return err
	}
	return d.s.dropCatalogFunction(ctx, d.tx, f)
}

func (d *dropping) findFunction(q ast.QName, args []ast.ColumnDef) (*catalog.Function, error) {
	name := strings.Join(q.Parts, ".")
	signature := ""
	if args != nil {
		params, err := functionParams(args, d.s.rowTypes(context.Background()))
		if err != nil {
			return nil, err
		}
		signature = signatureOf(&planner.Function{Params: params})
	}
	for _, schema := range d.s.schemas(q) {
		list := d.s.objects().Functions(schema, q.Parts[len(q.Parts)-1])
		if args == nil && len(list) > 1 {
			return nil, sqlerr.New(sqlerr.AmbiguousFunction, "function name %q is not unique", name).
				WithHint("Specify the argument list to select the function unambiguously.")
		}
		for _, f := range list {
			if args == nil || f.Signature == signature {
				return f, nil
			}
		}
	}
	if args == nil && !d.st.IfExists {
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "could not find a function named %q", name)
	}
	return nil, sqlerr.New(sqlerr.UndefinedFunction, "function %s(%s) does not exist", name, signature)
}
