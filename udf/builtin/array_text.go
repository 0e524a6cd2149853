package builtin

import (
	"bytes"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

func registerArrayText(b *registrar) {
	for _, params := range [][]arrow.DataType{types(udf.AnyArray, tText), types(udf.AnyArray, tText, tText)} {
		b.scalar(udf.Scalar{Name: "array_to_string", Params: params, Returns: tText, Volatility: udf.Stable, NullCall: true, Batch: arrayToString})
	}
	for _, params := range [][]arrow.DataType{types(tText, tText), types(tText, tText, tText)} {
		b.scalar(udf.Scalar{Name: "string_to_array", Params: params, Returns: arrow.ListOf(tText), NullCall: true, Batch: stringToArray})
	}
}

func arrayToString(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l := vector.Elements(args[0].Array)
	v := vector.Validity{}
	for i := range n {
		if args[0].Array.IsNull(rowOf(args[0], i)) || args[1].Array.IsNull(rowOf(args[1], i)) {
			v.SetNull(i, n)
		}
	}
	enc := sqltype.NewTextEncoder(l.Values.DataType(), sqltype.TextOptions{TimeZone: ctx.TimeZone, Style: ctx.Style})
	delimiter := load[[]byte](args[1])
	return writeText(ctx, tText, v, n, func(dst []byte, i int) ([]byte, error) {
		lo, hi := l.Row(rowOf(args[0], i))
		first := true
		for k := lo; k < hi; k++ {
			null := l.Values.IsNull(k)
			if null && (len(args) < 3 || args[2].Array.IsNull(rowOf(args[2], i))) {
				continue
			}
			if !first {
				dst = append(dst, delimiter.At(i)...)
			}
			first = false
			if null {
				dst = append(dst, load[[]byte](args[2]).At(i)...)
			} else {
				dst = enc(dst, l.Values, k)
			}
		}
		return dst, nil
	})
}

// splitter calls emit with the parts of s, by PostgreSQL's rules of
// string_to_array: a NULL delimiter separates all characters, an empty one
// nothing, and an empty s has no parts.
func splitter(s, delimiter []byte, byCharacter bool, emit func(part []byte)) {
	switch {
	case len(s) == 0:
	case byCharacter:
		for len(s) > 0 {
			_, size := utf8.DecodeRune(s)
			emit(s[:size])
			s = s[size:]
		}
	case len(delimiter) == 0:
		emit(s)
	default:
		for {
			at := bytes.Index(s, delimiter)
			if at < 0 {
				emit(s)
				return
			}
			emit(s[:at])
			s = s[at+len(delimiter):]
		}
	}
}

// textParts splits the rows of string_to_array's arguments; parts equal to the
// third argument are NULL.
type textParts struct {
	args             []udf.Arg
	text, by, asNull vector.Column[[]byte]
}

func newTextParts(args []udf.Arg) textParts {
	p := textParts{args: args, text: load[[]byte](args[0]), by: load[[]byte](args[1])}
	if len(args) > 2 {
		p.asNull = load[[]byte](args[2])
	}
	return p
}

// each calls emit for the parts of row i; ok is false when the text is NULL.
func (p *textParts) each(i int, emit func(part []byte, null bool)) (ok bool) {
	if p.args[0].Array.IsNull(rowOf(p.args[0], i)) {
		return false
	}
	var null []byte
	if len(p.args) > 2 && p.args[2].Array.IsValid(rowOf(p.args[2], i)) {
		null = append([]byte{}, p.asNull.At(i)...)
	}
	splitter(p.text.At(i), p.by.At(i), p.args[1].Array.IsNull(rowOf(p.args[1], i)), func(part []byte) {
		emit(part, null != nil && bytes.Equal(part, null))
	})
	return true
}

func stringToArray(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	p, w := newTextParts(args), newListWriter(ctx, n)
	for i := range n {
		if !p.each(i, w.append) {
			w.setNull(i)
		}
		if err := w.endRow(); err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
	}
	return w.array(), nil
}

// listWriter builds text[].
type listWriter struct {
	text    *textWriter
	rows    int
	nulls   []int // elements
	offsets []int32
	v       vector.Validity
	err     error
}

func newListWriter(ctx *udf.Context, rows int) *listWriter {
	return &listWriter{text: newTextWriter(ctx, rows), rows: rows, offsets: make([]int32, 1, rows+1)}
}

func (w *listWriter) append(part []byte, null bool) {
	if null {
		w.nulls = append(w.nulls, len(w.text.offsets)-1)
	} else {
		w.text.data = append(w.text.data, part...)
	}
	if err := w.text.endRow(); err != nil && w.err == nil {
		w.err = err
	}
}

func (w *listWriter) setNull(row int) { w.v.SetNull(row, w.rows) }

func (w *listWriter) endRow() error {
	w.offsets = append(w.offsets, int32(len(w.text.offsets)-1))
	return w.err
}

func (w *listWriter) array() arrow.Array {
	n := len(w.text.offsets) - 1
	var v vector.Validity
	for _, i := range w.nulls {
		v.SetNull(i, n)
	}
	return vector.FromList(arrow.ListOf(tText), w.offsets, w.text.array(tText, v), w.v)
}
