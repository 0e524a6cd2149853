package window

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqlerr"
)

// A function's column may be many times as large as what it is computed from: an
// array_agg over the partition has all of its values in each row. So lists and
// texts are reserved before they are made; numbers are in the operator's account.

// maxColumnBytes is how large a column may be, well before offsets of 32 bits
// overflow: a partition with more of it is computed in pages.
const maxColumnBytes = 1 << 30

// takeResults is the rows of results that at names, negative ones for NULL.
func takeResults(in *Input, results arrow.Array, at []int32) (arrow.Array, error) {
	n := takenBytes(results, at)
	if n > maxColumnBytes && in.Reserve != nil {
		return nil, sqlerr.New(sqlerr.OutOfMemory, "out of memory: a window function's values of %d rows take %d bytes", len(at), n)
	}
	if err := in.reserve(n); err != nil {
		return nil, err
	}
	return kernel.Take(results, at)
}

// reserve takes memory for values until the whole chunk has been given.
func (in *Input) reserve(n int64) error {
	if in.Reserve == nil || n == 0 {
		return nil
	}
	return in.Reserve(n)
}

// takenBytes is about how much memory rows of lists or texts take; 0 for other types.
func takenBytes(a arrow.Array, rows []int32) int64 {
	if e, ok := a.(array.ExtensionArray); ok {
		a = e.Storage()
	}
	item := int64(1)
	switch l := a.(type) {
	case *array.List:
		values := l.ListValues()
		item = kernel.Bytes(values)/int64(max(values.Len(), 1)) + 1
	case *array.String, *array.Binary:
	default:
		return 0
	}
	offsets, _ := kernel.Offsets(a)
	sum := int64(0)
	for _, r := range rows {
		if r >= 0 {
			sum += int64(offsets[r+1] - offsets[r])
		}
	}
	return sum * item
}

// growing is a column of results that is reserved as it grows.
type growing struct {
	in       *Input
	chunks   *kernel.Chunks
	fixed    bool // values are of one size
	reserved int64
}

// reserveStep is how many bytes of results are reserved at once.
const reserveStep = 1 << 16

func newGrowing(in *Input) *growing {
	_, fixed := in.Type.(arrow.FixedWidthDataType)
	return &growing{in: in, chunks: kernel.NewChunks(in.Type), fixed: fixed}
}

// append adds results.
func (g *growing) append(a arrow.Array) error {
	if err := g.chunks.Append(a); err != nil || g.fixed {
		return err
	}
	if more := g.chunks.Bytes() - g.reserved; more >= reserveStep {
		g.reserved += more
		return g.in.reserve(more)
	}
	return nil
}

// take gives the results that at names, of which the others are given up.
func (g *growing) take(at []int32) (arrow.Array, error) {
	all, err := g.chunks.Slice(0, g.chunks.Len())
	if err != nil {
		return nil, err
	}
	out, err := takeResults(g.in, all, at)
	if err == nil {
		err = g.in.reserve(-g.reserved)
	}
	return out, err
}
