package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf/vector"
)

// textWriter builds an array of variable-width values in one growing buffer.
type textWriter struct {
	offsets []int32
	data    []byte
}

func newTextWriter(rows int) *textWriter {
	w := &textWriter{offsets: make([]int32, 1, rows+1), data: make([]byte, 0, 16*rows)}
	return w
}

// endRow ends the value that was appended to data since the last call.
func (w *textWriter) endRow() error {
	if len(w.data) > math.MaxInt32 {
		return sqlerr.New(sqlerr.ProgramLimitExceeded, "a batch of text results exceeds 2 GB")
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
