package udf

import (
	"math"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf/vector"
)

// encodeBinary makes an array of text or bytea. Text that is not UTF-8 is an
// error (22021), as from a client.
func encodeBinary[T string | []byte](t arrow.DataType, values []T, v vector.Validity) (arrow.Array, error) {
	size := 0
	for i, s := range values {
		if v.Valid(i) {
			size += len(s)
		}
	}
	if size > math.MaxInt32 {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "a batch of results exceeds 2 GB")
	}
	offsets, data := make([]int32, 1, len(values)+1), make([]byte, 0, size)
	for i, s := range values {
		if v.Valid(i) {
			data = append(data, s...)
		}
		offsets = append(offsets, int32(len(data)))
	}
	if t.ID() == arrow.STRING && !utf8.Valid(data) {
		return nil, sqlerr.New(sqlerr.CharacterNotInRepertory, "invalid byte sequence for encoding \"UTF8\"")
	}
	return vector.FromBinary(t, offsets, data, v), nil
}
