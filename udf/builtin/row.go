package builtin

import (
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

// registerRow adds ROW(…) as "row" and field selection as "field", whose second
// argument is the field's number, from 1.
func registerRow(b *registrar) {
	fields := func(args []arrow.DataType) (arrow.DataType, error) { return rowType(args), nil }
	b.scalar(udf.Scalar{Name: "row", Params: types(), ReturnFor: fields, NullCall: true, Batch: constructRow})
	b.scalar(udf.Scalar{Name: "row", Params: types(tAny), Variadic: true, ReturnFor: fields, NullCall: true, Batch: constructRow})
	b.scalar(udf.Scalar{Name: "field", Params: types(udf.AnyRecord, tInt4), Returns: tText, NullCall: true, Batch: selectField})
	b.scalar(udf.Scalar{Name: "row is null", Params: types(udf.AnyRecord), Returns: tBool, NullCall: true, Batch: rowTest(false)})
	b.scalar(udf.Scalar{Name: "row is not null", Params: types(udf.AnyRecord), Returns: tBool, NullCall: true, Batch: rowTest(true)})
}

// rowType is a row type with fields f1, f2, ….
func rowType(args []arrow.DataType) arrow.DataType {
	fields := make([]arrow.Field, len(args))
	for i, t := range args {
		fields[i] = arrow.Field{Name: "f" + strconv.Itoa(i+1), Type: t, Nullable: true}
	}
	return arrow.StructOf(fields...)
}

func constructRow(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	fields := make([]arrow.Array, len(args))
	for i, a := range args {
		var err error
		if fields[i], err = expand(a, n); err != nil {
			return nil, err
		}
	}
	return vector.FromFields(rowType(argTypes(args)), n, fields, vector.Validity{}), nil
}

func selectField(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	s := args[0].Array.(*array.Struct)
	at := int(load[int32](args[1]).At(0)) - 1
	if at < 0 || at >= s.NumField() {
		return nil, sqlerr.New(sqlerr.InternalError, "a row has no field %d", at+1)
	}
	rows := make([]int32, n)
	for i := range rows {
		row := rowOf(args[0], i)
		if rows[i] = int32(row); s.IsNull(row) {
			rows[i] = -1
		}
	}
	if !args[0].Const && s.NullN() == 0 {
		return s.Field(at), nil
	}
	return vector.Take(s.Field(at), rows)
}

// rowTest is IS NULL or IS NOT NULL of rows: whether all fields are NULL, or
// none is. A row that is NULL itself counts as one of NULLs.
func rowTest(valid bool) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		s := args[0].Array.(*array.Struct)
		out := make([]bool, n)
		for i := range out {
			row := rowOf(args[0], i)
			out[i] = true
			for f := range s.NumField() {
				out[i] = out[i] && (s.IsValid(row) && s.Field(f).IsValid(row)) == valid
			}
			if s.IsNull(row) && valid {
				out[i] = false
			}
		}
		return vector.FromBools(out, vector.Validity{}), nil
	}
}
