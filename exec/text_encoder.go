package exec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
)

// TextEncoding is which columns of text a task's output has as dictionary arrays.
type TextEncoding uint8

// The zero value is for outputs that other processes read: bytes on the wire cost
// more than finding equal texts does.
const (
	EncodeText  TextEncoding = iota // whatever has few values
	KeepEncoded                     // what comes so
	NothingKept                     // none
)

// textEncoder keeps the text of records of one schema as numbers of the values of
// its own dictionaries, one for each column, wherever the records came from: what is
// taken, joined, cut by partition or written is numbers. Columns whose values are
// too many stay plain, or become so: records encoded before then have another form.
type textEncoder struct {
	schema *arrow.Schema // all columns plain
	cols   []*textDictionary
	// last are the schemas of the last records that encode and mapped gave: most
	// have the same.
	last [2]*arrow.Schema
}

// newTextEncoder is an encoder of records of schema. Where the records have a
// column encoded that is plain there, it may be encoded in any way.
func newTextEncoder(schema *arrow.Schema, which TextEncoding) *textEncoder {
	e := &textEncoder{schema: schema, cols: make([]*textDictionary, schema.NumFields())}
	e.last = [2]*arrow.Schema{schema, schema}
	for i, f := range schema.Fields() {
		if id := f.Type.ID(); which != NothingKept && (id == arrow.STRING || id == arrow.BINARY) {
			e.cols[i] = newTextDictionary(f.Type, which == KeepEncoded)
		}
	}
	return e
}

// encode gives rec with numbers in place of text where it is worth it, and all other
// columns plain. changed says that some column is plain from now on that records
// before may have as numbers.
func (e *textEncoder) encode(rec arrow.Record) (out arrow.Record, changed bool, err error) {
	cols := make([]arrow.Array, rec.NumCols())
	for i := range cols {
		cols[i] = rec.Column(i)
		d := e.cols[i]
		if d != nil && !d.given {
			numbers, err := d.encode(cols[i])
			if err != nil {
				return nil, false, err
			}
			if numbers != nil {
				cols[i] = numbers
				continue
			}
			changed = changed || len(d.offsets) > 1
		}
		if kernel.Encoded(e.schema.Field(i).Type) {
			continue
		}
		if cols[i], err = kernel.Decode(cols[i]); err != nil {
			return nil, false, err
		}
	}
	return e.record(0, cols, int(rec.NumRows())), changed, nil
}

// numbered tells whether column i of a record that encode gave is numbers.
func (e *textEncoder) numbered(rec arrow.Record, i int) bool {
	return e.cols[i] != nil && rec.Column(i).DataType().ID() == arrow.UINT16
}

// dictionaries gives a record that encode gave with its numbers as dictionary
// arrays.
func (e *textEncoder) dictionaries(rec arrow.Record) arrow.Record {
	return e.mapped(rec, e.cols, func(a arrow.Array) arrow.Array { return a })
}

func (e *textEncoder) mapped(rec arrow.Record, dicts []*textDictionary, f func(arrow.Array) arrow.Array) arrow.Record {
	var cols []arrow.Array
	for i, d := range dicts {
		if d == nil || !e.numbered(rec, i) {
			continue
		}
		if cols == nil {
			cols = append(cols, rec.Columns()...)
		}
		cols[i] = f(kernel.Indexed(cols[i], d.array()))
	}
	if cols == nil {
		return rec
	}
	return e.record(1, cols, int(rec.NumRows()))
}

func (e *textEncoder) record(like int, cols []arrow.Array, n int) arrow.Record {
	rec := kernel.Record(e.last[like], cols, n)
	e.last[like] = rec.Schema()
	return rec
}

// plainer decodes what has numbers where the encoder has given them up.
func (e *textEncoder) plainer(rec arrow.Record) (out arrow.Record, err error) {
	out = e.mapped(rec, e.givenUp(), func(a arrow.Array) arrow.Array {
		plain, failure := kernel.Decode(a)
		if failure != nil {
			err = failure
			return a
		}
		return plain
	})
	return out, err
}

// growth is how many more bytes a record takes when it is made plainer.
func (e *textEncoder) growth(rec arrow.Record) (n int64) {
	e.mapped(rec, e.givenUp(), func(a arrow.Array) arrow.Array {
		n += kernel.DecodedBytes(a.(*array.Dictionary))
		return a
	})
	return n
}

// givenUp are the dictionaries that have been.
func (e *textEncoder) givenUp() []*textDictionary {
	out := make([]*textDictionary, len(e.cols))
	for i, d := range e.cols {
		if d != nil && d.given {
			out[i] = d
		}
	}
	return out
}

// giveUp leaves all columns plain from now on.
func (e *textEncoder) giveUp() {
	for _, d := range e.cols {
		if d != nil {
			d.giveUp()
		}
	}
}

// bytes is the memory held.
func (e *textEncoder) bytes() int64 {
	var n int64
	for _, d := range e.cols {
		if d != nil {
			n += d.bytes()
		}
	}
	return n
}
