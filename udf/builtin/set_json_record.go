package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsontext"
	"volley/udf"
)

// builderMemory is the Go heap.
var builderMemory = memory.DefaultAllocator

// registerJSONRecords adds json(b)_to_record(set), whose columns are those of
// the call's column definition list, and json(b)_populate_record(set), whose
// columns are those of their first argument.
func registerJSONRecords(b *registrar) {
	for _, t := range types(tJSON, tJSONB) {
		prefix := sqltype.Name(t)
		for _, f := range []struct {
			name string
			set  bool
		}{{"_to_record", false}, {"_to_recordset", true}} {
			b.table(udf.Table{
				Name: prefix + f.name, Params: types(t), Rows: 100,
				Volatility: udf.Stable, Open: jsonRecords(prefix+f.name, f.set),
			})
		}
		for n := 2; n <= 3; n++ {
			params := types(udf.AnyRecord, t, tBool)[:n]
			if n == 3 && t == tJSONB {
				break
			}
			b.scalar(udf.Scalar{
				Name: prefix + "_populate_record", Params: params, NullCall: true, Volatility: udf.Stable,
				ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil },
				Batch:     populateRecord(prefix + "_populate_record"),
			})
			b.table(udf.Table{
				Name: prefix + "_populate_recordset", Params: params, NullCall: true, Rows: 100, Volatility: udf.Stable,
				ReturnFor: func(args []arrow.DataType) ([]arrow.Field, error) { return args[0].(*arrow.StructType).Fields(), nil },
				Open:      jsonRecords(prefix+"_populate_recordset", true),
			})
		}
	}
}

// populateRecord reads objects into rows of the first argument's type, whose
// fields stand where an object has no member of their name.
func populateRecord(function string) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		base := args[0].Array
		t := base.DataType().(*arrow.StructType)
		if t.NumFields() == 0 {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "could not determine row type for result of %s", function).
				WithHint("Provide a non-null record argument, or call the function in the FROM clause using a column definition list.")
		}
		values, r := load[[]byte](args[1]), newRecordPopulator(ctx, t.Fields(), function)
		out := array.NewStructBuilder(builderMemory, t)
		fields := make([]array.Builder, t.NumFields())
		for i := range fields {
			fields[i] = out.FieldBuilder(i)
		}
		for i := range n {
			defaults := newRowDefaults(args[0], i)
			object, missing := []byte("{}"), isNullAt(args[1], i)
			if !missing {
				object = jsontext.Trim(values.At(i))
			}
			if missing && defaults == nil {
				out.AppendNull()
				continue
			}
			if err := r.checkObject(object, function); err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			out.Append(true)
			if err := r.append(fields, object, defaults); err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
		}
		return out.NewArray(), nil
	}
}

// jsonRecords gives the rows of a call: one for an object, or, of a set, one for
// each object of an array. The last argument that is JSON has them; one before
// it is the row of defaults.
func jsonRecords(function string, set bool) func(*udf.Context, []udf.Arg, []arrow.Field, int) (udf.TableRows, error) {
	return func(ctx *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
		from := 0
		if args[0].Array.DataType().ID() == arrow.STRUCT {
			from = 1
		}
		values, r := load[[]byte](args[from]), newRecordPopulator(ctx, columns, function)
		return udf.EachCall(n, columns, func(i int, to []array.Builder) (int, error) {
			if isNullAt(args[from], i) {
				return 0, nil
			}
			var defaults *rowDefaults
			if from > 0 {
				defaults = newRowDefaults(args[0], i)
			}
			text := jsontext.Trim(values.At(i))
			kind := jsontext.KindOf(text)
			if !set {
				if err := r.checkObject(text, function); err != nil {
					return 0, err
				}
				return 1, r.append(to, text, defaults)
			}
			if kind != jsontext.Array {
				return 0, sqlerr.New(sqlerr.InvalidParameterValue, "cannot call %s on %s", function, map[bool]string{true: "an object", false: "a scalar"}[kind == jsontext.Object])
			}
			rows := 0
			var err error
			jsontext.Items(text, func(_, item []byte) bool {
				if jsontext.KindOf(item) != jsontext.Object {
					err = sqlerr.New(sqlerr.InvalidParameterValue, "argument of %s must be an array of objects", function)
					return false
				}
				rows++
				err = r.append(to, item, defaults)
				return err == nil
			})
			return rows, err
		}), nil
	}
}

// recordPopulator reads objects into the fields of a row.
type recordPopulator struct {
	fields []arrow.Field
	read   []populator
	ctx    *udf.Context
	// copies append the fields of a default, each made when it is first needed.
	copies []func(to array.Builder, a arrow.Array, row int) error
}

func newRecordPopulator(ctx *udf.Context, fields []arrow.Field, function string) *recordPopulator {
	r := &recordPopulator{ctx: ctx, fields: fields, read: make([]populator, len(fields))}
	for i, f := range fields {
		r.read[i] = newPopulator(ctx, f.Type, function)
	}
	return r
}

func (r *recordPopulator) checkObject(value []byte, function string) error {
	switch jsontext.KindOf(value) {
	case jsontext.Object:
		return nil
	case jsontext.Array:
		return sqlerr.New(sqlerr.InvalidParameterValue, "cannot call %s on an array", function)
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "cannot call %s on a scalar", function)
}

// append reads the members named like the fields. A field without one has its
// default, or is NULL.
func (r *recordPopulator) append(to []array.Builder, object []byte, defaults *rowDefaults) error {
	for i, f := range r.fields {
		value, ok := jsontext.Member(object, f.Name)
		switch {
		case ok:
			if err := r.read[i](to[i], value, f.Name); err != nil {
				return err
			}
		case defaults != nil && !defaults.row.Field(i).IsNull(defaults.at):
			if err := r.copyDefault(i, to[i], defaults); err != nil {
				return err
			}
		default:
			to[i].AppendNull()
		}
	}
	return nil
}

// rowDefaults is a row whose fields stand for missing members.
type rowDefaults struct {
	row *array.Struct
	at  int
}

// newRowDefaults is nil for a row that is NULL.
func newRowDefaults(a udf.Arg, i int) *rowDefaults {
	if isNullAt(a, i) {
		return nil
	}
	return &rowDefaults{a.Array.(*array.Struct), rowOf(a, i)}
}

// copyDefault goes by the value's text, of which nothing is lost.
func (r *recordPopulator) copyDefault(field int, to array.Builder, d *rowDefaults) error {
	if r.copies == nil {
		r.copies = make([]func(array.Builder, arrow.Array, int) error, len(r.fields))
	}
	if r.copies[field] == nil {
		o := sqltype.TextOptions{TimeZone: r.ctx.TimeZone, Style: r.ctx.Style}
		encode, parse := sqltype.NewTextEncoder(r.fields[field].Type, o), sqltype.NewTextParser(r.fields[field].Type, o)
		var scratch []byte
		r.copies[field] = func(to array.Builder, a arrow.Array, row int) error {
			scratch = encode(scratch[:0], a, row)
			return parse(to, scratch)
		}
	}
	return r.copies[field](to, d.row.Field(field), d.at)
}
