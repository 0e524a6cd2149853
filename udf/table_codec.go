package udf

import (
	"reflect"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf/vector"
)

// goCodec is what is known of a Value's Go type.
type goCodec struct {
	t      arrow.DataType
	encode func(t arrow.DataType, values any) (arrow.Array, error)
}

// goCodecs are the Values that may be fields of a row.
var goCodecs = func() map[reflect.Type]goCodec {
	m := map[reflect.Type]goCodec{}
	addGoCodec[bool](m)
	addGoCodec[int16](m)
	addGoCodec[int32](m)
	addGoCodec[int64](m)
	addGoCodec[float32](m)
	addGoCodec[float64](m)
	addGoCodec[string](m)
	addGoCodec[[]byte](m)
	addGoCodec[time.Time](m)
	addGoCodec[Null[bool]](m)
	addGoCodec[Null[int16]](m)
	addGoCodec[Null[int32]](m)
	addGoCodec[Null[int64]](m)
	addGoCodec[Null[float32]](m)
	addGoCodec[Null[float64]](m)
	addGoCodec[Null[string]](m)
	addGoCodec[Null[[]byte]](m)
	addGoCodec[Null[time.Time]](m)
	addGoCodec[[]int32](m)
	addGoCodec[[]int64](m)
	addGoCodec[[]float64](m)
	addGoCodec[[]string](m)
	return m
}()

func addGoCodec[T Value](m map[reflect.Type]goCodec) {
	t, _ := sqlTypeOf[T]()
	m[reflect.TypeFor[T]()] = goCodec{t, func(t arrow.DataType, values any) (arrow.Array, error) {
		return encode(t, values.([]T), vector.Validity{})
	}}
}

func sqlTypeOfGo(t reflect.Type) arrow.DataType { return goCodecs[t].t }

// encodeGo is one column of a slice of rows.
func encodeGo(c typedColumn, rows reflect.Value) (arrow.Array, error) {
	if c.index == nil {
		return goCodecs[rows.Type().Elem()].encode(c.field.Type, rows.Interface())
	}
	t := rows.Type().Elem().FieldByIndex(c.index).Type
	values := reflect.MakeSlice(reflect.SliceOf(t), rows.Len(), rows.Len())
	for i := range rows.Len() {
		values.Index(i).Set(rows.Index(i).FieldByIndex(c.index))
	}
	return goCodecs[t].encode(c.field.Type, values.Interface())
}
