package cast

import (
	"bytes"
	"math"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

// toText is the cast of any type to text, cut and padded as Options say.
func toText(from arrow.DataType, o Options) Func {
	if sqltype.IsString(from) && from.ID() == arrow.STRING {
		if o.Length <= 0 {
			return func(a arrow.Array) (arrow.Array, error) { return a, nil }
		}
		return func(a arrow.Array) (arrow.Array, error) {
			s := a.(*array.String)
			return encode(a, func(dst []byte, i int) []byte { return append(dst, s.Value(i)...) }, o)
		}
	}
	if from.ID() == arrow.BOOL { // a cast spells booleans out
		return func(a arrow.Array) (arrow.Array, error) {
			b := a.(*array.Boolean)
			return encode(a, func(dst []byte, i int) []byte { return sqltype.AppendBoolWord(dst, b.Value(i)) }, o)
		}
	}
	enc := sqltype.NewTextEncoder(from, sqltype.TextOptions{TimeZone: o.TimeZone, Style: o.Style})
	return func(a arrow.Array) (arrow.Array, error) {
		return encode(a, func(dst []byte, i int) []byte { return enc(dst, a, i) }, o)
	}
}

func encode(a arrow.Array, f func(dst []byte, i int) []byte, o Options) (arrow.Array, error) {
	n := a.Len()
	offsets := make([]int32, n+1)
	data := make([]byte, 0, 12*n)
	for i := range n {
		if !a.IsNull(i) {
			at := len(data)
			data = f(data, i)
			if o.Length > 0 {
				data = fit(data, at, o)
			}
			if len(data) > math.MaxInt32 {
				return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "a batch holds more than 2 GiB of text")
			}
		}
		offsets[i+1] = int32(len(data))
	}
	return kernel.FromBinary(sqltype.Text, offsets, data, kernel.Valid(a)), nil
}

// fit cuts data[at:] to Length characters. Trailing blanks of char(n) count in
// no operation and are not kept.
func fit(data []byte, at int, o Options) []byte {
	data = cut(data, at, o)
	if o.Pad {
		return append(data[:at], bytes.TrimRight(data[at:], " ")...)
	}
	return data
}

func cut(data []byte, at int, o Options) []byte {
	chars := 0
	for p := at; p < len(data); chars++ {
		if chars == o.Length {
			return data[:p]
		}
		_, size := utf8.DecodeRune(data[p:])
		p += size
	}
	return data
}

// fromText is the cast of text by the target type's input syntax.
func fromText(to arrow.DataType, o Options) Func {
	switch to.ID() {
	case arrow.INT16:
		return parsed(to, o, func(b []byte) (int16, error) { v, err := sqltype.ParseInt(b, 16); return int16(v), err })
	case arrow.INT32:
		return parsed(to, o, func(b []byte) (int32, error) { v, err := sqltype.ParseInt(b, 32); return int32(v), err })
	case arrow.INT64:
		return parsed(to, o, func(b []byte) (int64, error) { return sqltype.ParseInt(b, 64) })
	case arrow.FLOAT32:
		return parsed(to, o, func(b []byte) (float32, error) { v, err := sqltype.ParseFloat(b, 32); return float32(v), err })
	case arrow.FLOAT64:
		return parsed(to, o, func(b []byte) (float64, error) { return sqltype.ParseFloat(b, 64) })
	}
	parse := sqltype.NewTextParser(to, sqltype.TextOptions{TimeZone: o.TimeZone, Style: o.Style, Now: o.Now, Names: o.Names, Canceled: o.Canceled})
	return func(a arrow.Array) (arrow.Array, error) {
		b := builder(to, a.Len())
		offsets, data := kernel.Offsets(a)
		r := newOutcome(a, o)
		for i := range a.Len() {
			if r.isNull(i) {
				b.AppendNull()
				continue
			}
			if err := parse(b, data[offsets[i]:offsets[i+1]]); err != nil {
				if err = r.failed(i, err); err != nil {
					return nil, err
				}
				b.AppendNull()
			}
		}
		return b.NewArray(), nil
	}
}

func builder(t arrow.DataType, n int) array.Builder {
	if sqltype.IsUnconstrainedNumeric(t) {
		return sqltype.NewNumericBuilder(n)
	}
	b := array.NewBuilder(memory.DefaultAllocator, t)
	b.Reserve(n)
	return b
}

func parsed[D any](to arrow.DataType, o Options, parse func([]byte) (D, error)) Func {
	return func(a arrow.Array) (arrow.Array, error) {
		offsets, data := kernel.Offsets(a)
		return rows(a, to, o, func(i int) (D, error) { return parse(data[offsets[i]:offsets[i+1]]) })
	}
}

// throughText converts by the text form of values.
func throughText(from, to arrow.DataType, o Options) Func {
	text, parse := toText(from, Options{TimeZone: o.TimeZone, Style: o.Style}), fromText(to, o)
	return func(a arrow.Array) (arrow.Array, error) {
		t, err := text(a)
		if err != nil {
			return nil, err
		}
		return parse(t)
	}
}

// stringOf views bytes as a string for the length of a call.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
