package coordinator

import (
	"context"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// rowTypes finds the type of a table's rows by the table's name; nil for other
// names.
type rowTypes func(ast.TypeName) arrow.DataType

func (s *Session) rowTypes(ctx context.Context) rowTypes {
	return func(t ast.TypeName) arrow.DataType {
		found, err := (&names{s: s}).Resolve(ctx, strings.Split(t.Name, "."))
		if err != nil || found.Table == nil || found.Table.Schema == nil || len(t.Mods) > 0 {
			return nil
		}
		fields := make([]arrow.Field, found.Table.Schema.NumFields())
		for i, f := range found.Table.Schema.Fields() {
			fields[i] = arrow.Field{Name: f.Name, Type: f.Type, Nullable: true}
		}
		return sqltype.ArrayOf(arrow.StructOf(fields...), t.Array)
	}
}

// functionResult gives the function what it returns: the OUT parameters, a row
// of what the body gives, or a type.
func functionResult(f *planner.Function, st *ast.CreateFunction, rows rowTypes) error {
	outs, err := outParams(st.Out, rows)
	if err != nil {
		return err
	}
	f.Columns = append(f.Columns, outs...)
	declared := arrow.DataType(nil)
	switch st.Returns.Name {
	case "", "void":
	case "record":
		f.Record = len(outs) == 0
	default:
		if declared, err = parameterType(st.Returns, rows); err != nil {
			return err
		}
	}
	switch {
	case len(outs) > 1 && declared != nil:
		return sqlerr.At(st.Position(), invalidFunction, "function result type must be record because of OUT parameters")
	case len(outs) == 1 && declared != nil && !sqltype.Equal(declared, outs[0].Type):
		return sqlerr.At(st.Position(), invalidFunction, "function result type must be %s because of OUT parameters", sqltype.Name(outs[0].Type))
	case len(outs) == 1 && !st.SetOf:
		f.Returns, f.Columns, f.Result = outs[0].Type, nil, outs[0].Name
		return nil
	}
	f.Returns = declared
	if len(outs) > 0 {
		f.Returns = nil
	}
	if row, ok := f.Returns.(*arrow.StructType); ok && row.NumFields() > 0 {
		f.Returns, f.Columns = nil, row.Fields()
	}
	for _, p := range append(fieldTypes(f.Columns), f.Returns) {
		if !udf.IsPolymorphic(p) {
			continue
		}
		known := false
		for _, q := range f.Params {
			known = known || udf.IsPolymorphic(q.Type)
		}
		if !known {
			return sqlerr.At(st.Position(), invalidFunction, "cannot determine result data type").
				WithDetail("A result of type %s requires at least one input of type anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange.", p.Name())
		}
	}
	return nil
}

func fieldTypes(fields []arrow.Field) []arrow.DataType {
	out := make([]arrow.DataType, len(fields))
	for i, f := range fields {
		out[i] = f.Type
	}
	return out
}

// outParams are the columns of OUT parameters; those without a name are column1
// and so on.
func outParams(defs []ast.ColumnDef, rows rowTypes) ([]arrow.Field, error) {
	out := make([]arrow.Field, len(defs))
	for i, d := range defs {
		t, err := parameterType(d.Type, rows)
		if err != nil {
			return nil, err
		}
		out[i] = arrow.Field{Name: d.Name, Type: t, Nullable: true}
		if d.Name == "" && len(defs) > 1 {
			out[i].Name = "column" + strconv.Itoa(i+1)
		}
	}
	return out, nil
}
