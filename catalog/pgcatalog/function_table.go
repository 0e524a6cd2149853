package pgcatalog

import (
	"context"
	"io"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// registerTables adds the functions that give rows.
func registerTables(r *registrar) {
	texts := arrow.ListOf(tText)
	none := func(name string, columns []arrow.Field, args ...arrow.DataType) {
		r.table(name, args, columns, func(udf.Arg, int) [][]any { return nil })
	}
	none("pg_partition_ancestors", fields("relid", tClass), tClass)
	none("pg_partition_tree", fields("relid", tClass, "parentrelid", tClass, "isleaf", tBool, "level", tInt4), tClass)
	none("pg_options_to_table", fields("option_name", tText, "option_value", tText), texts)
	none("aclexplode", fields("grantor", tOID, "grantee", tOID, "privilege_type", tText, "is_grantable", tBool), texts)
	none("pg_listening_channels", fields("", tText))
	r.table("pg_get_keywords", nil, fields("word", tText, "catcode", tText, "barelabel", tBool, "catdesc", tText, "baredesc", tText),
		func(udf.Arg, int) [][]any {
			var out [][]any
			for word := range keywords {
				out = append(out, []any{word, "R", false, "reserved", "requires AS"})
			}
			slices.SortFunc(out, func(a, b []any) int {
				if a[0].(string) < b[0].(string) {
					return -1
				}
				return 1
			})
			return out
		})
	expand := udf.Table{
		Name: "information_schema._pg_expandarray", Params: params(udf.AnyArray), Rows: 10,
		ReturnFor: func(args []arrow.DataType) ([]arrow.Field, error) {
			return fields("x", sqltype.ElementType(args[0]), "n", tInt4), nil
		},
		Open: func(_ *udf.Context, args []udf.Arg, _ []arrow.Field, n int) (udf.TableRows, error) {
			return expandArrays(args[0], n)
		},
	}
	r.note(r.registry.RegisterTable(&expand))
	r.constant("acldefault", texts, nil, params(tText, tOID))
}

func (r *registrar) note(err error) {
	if err != nil {
		r.errs = append(r.errs, err)
	}
}

// fields are columns: name, type, ….
func fields(list ...any) []arrow.Field {
	out := make([]arrow.Field, len(list)/2)
	for i := range out {
		out[i] = arrow.Field{Name: list[2*i].(string), Type: list[2*i+1].(arrow.DataType), Nullable: true}
	}
	return out
}

// table registers a function whose rows f makes for each call.
func (r *registrar) table(name string, args []arrow.DataType, columns []arrow.Field, f func(arg udf.Arg, call int) [][]any) {
	t := udf.Table{Name: name, Params: args, Returns: columns, Rows: 1, Volatility: udf.Stable}
	t.Open = func(_ *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
		builders := make([]array.Builder, len(columns))
		for i, c := range columns {
			builders[i] = array.NewBuilder(memory.DefaultAllocator, c.Type)
		}
		out := &allRows{}
		for call := range n {
			var arg udf.Arg
			if len(args) > 0 {
				arg = args[0]
			}
			for _, row := range f(arg, call) {
				out.batch.Calls = append(out.batch.Calls, int32(call))
				for i, v := range row {
					appendValue(builders[i], v)
				}
			}
		}
		for _, b := range builders {
			out.batch.Columns = append(out.batch.Columns, b.NewArray())
		}
		return out, nil
	}
	r.note(r.registry.RegisterTable(&t))
}

// allRows gives rows that are there already.
type allRows struct {
	batch udf.TableBatch
	at    int
}

// Next gives the next rows.
func (a *allRows) Next(_ context.Context, limit int) (udf.TableBatch, error) {
	lo, n := a.at, len(a.batch.Calls)
	if lo == n {
		return udf.TableBatch{}, io.EOF
	}
	a.at = min(lo+limit, n)
	out := udf.TableBatch{Calls: a.batch.Calls[lo:a.at]}
	for _, c := range a.batch.Columns {
		out.Columns = append(out.Columns, array.NewSlice(c, int64(lo), int64(a.at)))
	}
	return out, nil
}

// expandArrays gives the elements of arrays with their numbers.
func expandArrays(arg udf.Arg, n int) (udf.TableRows, error) {
	list := vector.Elements(arg.Array)
	out := &allRows{}
	var items []int32
	numbers := array.NewInt32Builder(memory.DefaultAllocator)
	for call := range n {
		row := call
		if arg.Const {
			row = 0
		}
		lo, hi := list.Row(row)
		for at := lo; at < hi; at++ {
			out.batch.Calls = append(out.batch.Calls, int32(call))
			items = append(items, int32(at))
			numbers.Append(int32(at - lo + 1))
		}
	}
	elements, err := vector.Take(list.Values, items)
	if err != nil {
		return nil, err
	}
	out.batch.Columns = []arrow.Array{elements, numbers.NewArray()}
	return out, nil
}
