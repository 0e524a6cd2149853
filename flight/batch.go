package flight

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	arrowflight "github.com/apache/arrow/go/v15/arrow/flight"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"volley/exec/kernel"
	"volley/sqlerr"
)

// writer writes batches as IPC messages of bounded size.
type writer struct {
	w    *arrowflight.Writer
	skip int // batches not to be sent: the reader has them
}

func newWriter(stream arrowflight.DataStreamWriter, schema *arrow.Schema) *writer {
	return &writer{w: arrowflight.NewRecordWriter(sealer{stream}, ipc.WithSchema(schema))}
}

// write sends a record, in slices if it is large.
func (w *writer) write(rec arrow.Record) (err error) {
	defer recovered(&err, "could not encode a batch")
	n := rec.NumRows()
	if size := RecordBytes(rec); size > maxBatch && n > 1 {
		parts := min((size+maxBatch-1)/maxBatch, n)
		for i := range parts {
			if err := w.write(rec.NewSlice(n*i/parts, n*(i+1)/parts)); err != nil {
				return err
			}
		}
		return nil
	}
	if w.skip > 0 {
		w.skip--
		return nil
	}
	return w.w.Write(kernel.Writable(rec))
}

// close sends the schema if there was no batch.
func (w *writer) close() (err error) {
	defer recovered(&err, "could not encode a schema")
	return w.w.Close()
}

// recovered turns a panic of the IPC library, which corrupt data causes, into
// an error.
func recovered(err *error, what string) {
	if p := recover(); p != nil {
		*err = sqlerr.New(sqlerr.DataCorrupted, "%s: %s", what, fmt.Sprint(p))
	}
}

// RecordBytes is about how many bytes the rows of a record take on the wire.
// Unlike the sizes of its buffers, it is right for slices. Dictionaries are not in
// it: a stream has each of them once, before the first record.
func RecordBytes(rec arrow.Record) int64 {
	var n int64
	for _, c := range rec.Columns() {
		n += ArrayBytes(c)
	}
	return n
}

// ArrayBytes is RecordBytes of one column.
func ArrayBytes(a arrow.Array) int64 {
	n := int64(a.Len())
	if n == 0 { // an empty array may have no offsets
		return 0
	}
	validity := int64(0)
	if a.NullN() > 0 {
		validity = bitutil.BytesForBits(n)
	}
	switch a := a.(type) {
	case *array.Null:
		return 0
	case array.ExtensionArray:
		return ArrayBytes(a.Storage())
	case *array.Dictionary:
		return ArrayBytes(a.Indices())
	case *array.Struct:
		for i := range a.NumField() {
			validity += ArrayBytes(a.Field(i))
		}
		return validity
	case *array.List:
		lo, _ := a.ValueOffsets(0)
		_, hi := a.ValueOffsets(int(n) - 1)
		values := array.NewSlice(a.ListValues(), lo, hi)
		return validity + 4*(n+1) + ArrayBytes(values)
	case *array.String:
		return validity + 4*(n+1) + int64(len(a.ValueBytes()))
	case *array.Binary:
		return validity + 4*(n+1) + int64(len(a.ValueBytes()))
	}
	if t, ok := a.DataType().(arrow.FixedWidthDataType); ok {
		return validity + (n*int64(t.BitWidth())+7)/8
	}
	for _, b := range a.Data().Buffers() { // some other layout: an upper bound
		if b != nil {
			validity += int64(b.Len())
		}
	}
	return validity
}
