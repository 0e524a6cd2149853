package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// registerJSONAgg adds the aggregates that make one json value of many rows.
func registerJSONAgg(b *registrar) {
	for _, f := range []struct {
		prefix string
		t      arrow.DataType
	}{{"json", tJSON}, {"jsonb", tJSONB}} {
		b.aggregate(udf.Aggregate{
			Name: f.prefix + "_agg", Params: types(tAny), Returns: f.t, State: states(tBytea), NullCall: true, Ordered: true,
			New: func(ctx *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
				separator := ", "
				if id := sqltype.Logical(args[0]).ID(); id == arrow.LIST || id == arrow.STRUCT {
					separator = ", \n "
				}
				return &jsonAcc{ctx: ctx, t: f.t, open: "[", close: "]", separator: separator}, nil
			},
		})
		b.aggregate(udf.Aggregate{
			Name: f.prefix + "_object_agg", Params: types(tAny, tAny), Returns: f.t, State: states(tBytea), NullCall: true, Ordered: true,
			New: func(ctx *udf.Context, _ []arrow.DataType) (udf.Accumulator, error) {
				return &jsonAcc{ctx: ctx, t: f.t, open: "{ ", close: " }", separator: ", "}, nil
			},
		})
	}
}

// jsonAcc collects elements, or members, as text with separators between them.
type jsonAcc struct {
	ctx                    *udf.Context
	t                      arrow.DataType
	open, close, separator string
	text                   [][]byte // nil: no row yet
	size                   int64
}

func (j *jsonAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	j.text = grow(j.text, n)
	var keys jsonArgs
	if len(args) == 2 {
		var err error
		if keys, err = newJSONKeys(j.ctx, args); err != nil {
			return err
		}
	}
	values := newJSONArgs(j.ctx, args)
	for i, g := range groups {
		dst := j.begin(g)
		before := cap(j.text[g])
		if len(args) == 2 {
			if isNullAt(args[0], i) {
				return &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.InvalidParameterValue, "field name must not be null")}
			}
			dst = append(keys.append(dst, 0, i), " : "...)
		}
		j.text[g] = values.append(dst, len(args)-1, i)
		j.size += int64(cap(j.text[g]) - before)
	}
	return nil
}

// begin is the text of a group up to where the next element goes.
func (j *jsonAcc) begin(g uint32) []byte {
	if j.text[g] == nil {
		return make([]byte, 0, 16)
	}
	return append(j.text[g], j.separator...)
}

func (j *jsonAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	j.text = grow(j.text, n)
	v, text := vector.ValidityOf(states[0]), vector.NewBinary(states[0])
	for i, g := range groups {
		if v.Valid(i) {
			j.text[g] = append(j.begin(g), text.At(i)...)
			j.size += int64(len(text.At(i)))
		}
	}
	return nil
}

func (j *jsonAcc) State(lo, hi int) ([]arrow.Array, error) {
	return one(j.write(tBytea, lo, hi, func(dst []byte, g int) ([]byte, error) { return append(dst, j.text[g]...), nil }))
}

func (j *jsonAcc) Result(lo, hi int) (arrow.Array, error) {
	return j.write(j.t, lo, hi, func(dst []byte, g int) ([]byte, error) {
		if j.t == tJSON {
			return append(append(append(dst, j.open...), j.text[g]...), j.close...), nil
		}
		whole := append(append(append([]byte(nil), j.open...), j.text[g]...), j.close...)
		return sqltype.AppendJSONB(dst, whole)
	})
}

func (j *jsonAcc) write(t arrow.DataType, lo, hi int, row func(dst []byte, g int) ([]byte, error)) (arrow.Array, error) {
	j.text = grow(j.text, hi)
	var v vector.Validity
	for g := lo; g < hi; g++ {
		if j.text[g] == nil {
			v.SetNull(g-lo, hi-lo)
		}
	}
	return writeText(nil, t, v, hi-lo, func(dst []byte, i int) ([]byte, error) { return row(dst, lo+i) })
}

func (j *jsonAcc) Bytes() int64 { return j.size + int64(cap(j.text))*24 }
