package parquet

import (
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
)

// flatLeaf reads a leaf without lists above it: as many levels as rows. It
// decodes values densely and spreads them afterwards, which is much faster than
// the library's record reader where there are nulls.
type flatLeaf interface {
	// load decodes the values of the next n rows.
	load(n int) error
	// take moves the values loaded out of the reader.
	take() (physicalValues, error)
	// levels are the definition levels of the rows loaded; nil when no field on
	// the way to the leaf is optional.
	levels() []int16
}

// newFlatLeaf opens a leaf over the pages of a column chunk.
func newFlatLeaf(l *leaf, pages *pageReader) (flatLeaf, error) {
	chunk := file.NewColumnReader(l.descr, pages, memory.DefaultAllocator, nil)
	switch c := chunk.(type) {
	case *file.BooleanColumnChunkReader:
		return newFlat(l, pages, c, fixedFlat[bool]), nil
	case *file.Int32ColumnChunkReader:
		return newFlat(l, pages, c, fixedFlat[int32]), nil
	case *file.Int64ColumnChunkReader:
		return newFlat(l, pages, c, fixedFlat[int64]), nil
	case *file.Int96ColumnChunkReader:
		return newFlat(l, pages, c, fixedFlat[parquet.Int96]), nil
	case *file.Float32ColumnChunkReader:
		return newFlat(l, pages, c, fixedFlat[float32]), nil
	case *file.Float64ColumnChunkReader:
		return newFlat(l, pages, c, fixedFlat[float64]), nil
	case *file.ByteArrayColumnChunkReader:
		pages.keepPages = true
		return newFlat(l, pages, c, variableFlat), nil
	case *file.FixedLenByteArrayColumnChunkReader:
		pages.keepPages = true
		return newFlat(l, pages, c, fixedBytesFlat), nil
	}
	return nil, fmt.Errorf("column of unknown type %s", l.physical)
}

// batchReader is the library's reader of a column chunk of one type.
type batchReader[T any] interface {
	ReadBatch(n int64, values []T, def, rep []int16) (rows int64, read int, err error)
	Err() error
}

type flat[T any] struct {
	leaf    *leaf
	pages   *pageReader
	chunk   batchReader[T]
	max     int16 // definition level of a value
	def     []int16
	values  []T // those that are not null, then room for the nulls
	read    int
	convert func(f *flat[T], v physicalValues) (physicalValues, error)
}

func newFlat[T any](l *leaf, pages *pageReader, chunk batchReader[T], convert func(*flat[T], physicalValues) (physicalValues, error)) flatLeaf {
	return &flat[T]{leaf: l, pages: pages, chunk: chunk, max: l.descr.MaxDefinitionLevel(), convert: convert}
}

func (f *flat[T]) levels() []int16 { return f.def }

func (f *flat[T]) load(n int) error {
	f.values = make([]T, n)
	f.read = 0
	if f.max > 0 {
		if cap(f.def) < n {
			f.def = make([]int16, n)
		}
		f.def = f.def[:n]
	}
	for rows := 0; rows < n; {
		var def []int16
		if f.max > 0 {
			def = f.def[rows:]
		}
		got, read, err := f.chunk.ReadBatch(int64(n-rows), f.values[f.read:], def, nil)
		if err == nil {
			err = f.chunk.Err()
		}
		if err == nil {
			err = f.pages.err
		}
		if err != nil {
			return err
		}
		if got == 0 {
			return errors.New("a column chunk ends before its row group does")
		}
		rows += int(got)
		f.read += read
	}
	return nil
}

func (f *flat[T]) take() (physicalValues, error) {
	v := physicalValues{n: len(f.values)}
	if f.max > 0 {
		if err := f.spread(&v); err != nil {
			return v, err
		}
	} else if f.read != v.n {
		return v, fmt.Errorf("a column has %d values where there are %d rows", f.read, v.n)
	}
	v, err := f.convert(f, v)
	f.values = nil // the array's now
	return v, err
}

// spread moves the values to their rows and makes the validity bitmap.
func (f *flat[T]) spread(v *physicalValues) error {
	if v.nulls = v.n - f.read; v.nulls == 0 {
		return nil
	}
	bits := make([]byte, bitutil.BytesForBits(int64(v.n)))
	next := f.read
	for i := v.n - 1; i >= 0; i-- {
		if f.def[i] != f.max {
			continue
		}
		if next--; next < 0 {
			return errors.New("a page has fewer values than its levels say")
		}
		f.values[i] = f.values[next]
		bits[i/8] |= 1 << (i % 8)
	}
	if next != 0 {
		return errors.New("a page has more values than its levels say")
	}
	v.valid = memory.NewBufferBytes(bits)
	return nil
}

func fixedFlat[T any](f *flat[T], v physicalValues) (physicalValues, error) {
	v.fixed = bytesOf(f.values)
	return v, nil
}

// variableFlat copies byte arrays out of their pages.
func variableFlat(f *flat[parquet.ByteArray], v physicalValues) (physicalValues, error) {
	offsets := make([]int32, v.n+1)
	total := 0
	for i, b := range f.values {
		if !v.isNull(i) {
			total += len(b)
		}
		if total > math.MaxInt32 {
			return v, errors.New("the values of a few rows take more than 2 GiB")
		}
		offsets[i+1] = int32(total)
	}
	data := make([]byte, total)
	for i, b := range f.values {
		copy(data[offsets[i]:offsets[i+1]], b)
	}
	t := arrow.DataType(arrow.BinaryTypes.Binary)
	if f.leaf.conv == bytesToText {
		t = arrow.BinaryTypes.String
	}
	buffers := []*memory.Buffer{v.valid, memory.NewBufferBytes(bytesOf(offsets)), memory.NewBufferBytes(data)}
	v.binary = array.MakeFromData(array.NewData(t, v.n, buffers, nil, v.nulls, 0))
	return v, nil
}

func fixedBytesFlat(f *flat[parquet.FixedLenByteArray], v physicalValues) (physicalValues, error) {
	width := f.leaf.width
	data := make([]byte, v.n*width)
	for i, b := range f.values {
		if !v.isNull(i) {
			copy(data[i*width:(i+1)*width], b)
		}
	}
	buffers := []*memory.Buffer{v.valid, memory.NewBufferBytes(data)}
	t := &arrow.FixedSizeBinaryType{ByteWidth: width}
	v.binary = array.MakeFromData(array.NewData(t, v.n, buffers, nil, v.nulls, 0))
	return v, nil
}
