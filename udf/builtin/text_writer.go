package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

// textWriter builds an array of variable-width values in one growing buffer.
type textWriter struct {
	offsets []int32
	data    []byte
	limit   int64 // bytes of data; math.MaxInt32 when the memory says no less
}

// newTextWriter makes a writer for so many rows. ctx, which may be nil, limits
// what they take together.
func newTextWriter(ctx *udf.Context, rows int) *textWriter {
	w := &textWriter{offsets: make([]int32, 1, rows+1), data: make([]byte, 0, 16*rows), limit: math.MaxInt32}
	if ctx != nil && ctx.MaxText > 0 {
		w.limit = min(w.limit, ctx.MaxText)
	}
	return w
}

// endRow ends the value that was appended to data since the last call.
func (w *textWriter) endRow() error {
	switch begin := int(w.offsets[len(w.offsets)-1]); {
	case len(w.data)-begin > maxTextSize:
		return errTextTooLong()
	case int64(len(w.data)) > w.limit:
		return sqlerr.New(sqlerr.OutOfMemory, "out of memory: the texts of %d rows take more than %d bytes", len(w.offsets), w.limit).
			WithHint("Raise --memory, or lower volley.batch_rows.")
	}
	w.offsets = append(w.offsets, int32(len(w.data)))
	return nil
}

func (w *textWriter) array(t arrow.DataType, v vector.Validity) arrow.Array {
	return vector.FromBinary(t, w.offsets, w.data, v)
}

func internalType(t arrow.DataType) error {
	return sqlerr.New(sqlerr.InternalError, "no kernel for type %v", t)
}
