package parquet

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
)

// columnReader reads a column of one row group: the leaves' values in batches
// of whole records, assembled into lists and structs by their levels.
type columnReader struct {
	col      *column
	children []*columnReader

	// Of leaves only.
	pages   *pageReader
	flat    *flatLeaf         // without lists above
	records file.RecordReader // otherwise
}

// newColumnReader opens the leaves of col by open.
func newColumnReader(col *column, open func(*leaf) (*pageReader, error)) (*columnReader, error) {
	r := &columnReader{col: col}
	for _, c := range col.children {
		child, err := newColumnReader(c, open)
		if err != nil {
			return nil, err
		}
		r.children = append(r.children, child)
	}
	if col.kind != leafColumn {
		return r, nil
	}
	var err error
	if r.pages, err = open(col.leaf); err != nil {
		return nil, err
	}
	if col.leaf.descr.MaxRepetitionLevel() == 0 {
		r.flat = newFlatLeaf(col, r.pages)
		return r, nil
	}
	binaryType := arrow.DataType(arrow.BinaryTypes.Binary)
	if col.leaf.conv == bytesToText {
		binaryType = arrow.BinaryTypes.String
	}
	r.records = file.NewRecordReader(col.leaf.descr, col.levels, binaryType, memory.DefaultAllocator, nil)
	r.records.SetPageReader(r.pages)
	return r, nil
}

// skip passes over n records. Where there are no lists, whole pages are passed
// over without being decompressed.
func (r *columnReader) skip(ctx context.Context, n int64) error {
	for _, c := range r.children {
		if err := c.skip(ctx, n); err != nil {
			return err
		}
	}
	if r.col.kind != leafColumn {
		return nil
	}
	if r.flat != nil {
		return r.flat.skip(ctx, n)
	}
	for n > 0 {
		batch := min(n, batchRows)
		if err := r.load(ctx, batch); err != nil {
			return err
		}
		if r.records.Type() == parquet.Types.ByteArray || r.records.Type() == parquet.Types.FixedLenByteArray {
			r.records.(file.BinaryRecordReader).GetBuilderChunks() // empties the builder
		}
		n -= batch
	}
	return nil
}

// read gives the next n records as one array.
func (r *columnReader) read(ctx context.Context, n int64) (arrow.Array, error) {
	if err := r.load(ctx, n); err != nil {
		return nil, err
	}
	a, err := r.build(n)
	if err == nil && a.Len() != int(n) {
		err = fmt.Errorf("a column has %d values where there are %d rows", a.Len(), n)
	}
	return a, err
}

// load decodes the next n records of all leaves.
func (r *columnReader) load(ctx context.Context, n int64) error {
	for _, c := range r.children {
		if err := c.load(ctx, n); err != nil {
			return err
		}
	}
	if r.col.kind != leafColumn {
		return nil
	}
	r.pages.in.ctx = ctx
	if r.flat != nil {
		return r.flat.load(int(n))
	}
	r.records.Reset()
	if err := r.records.Reserve(n); err != nil {
		return err
	}
	for read := int64(0); read < n; {
		got, err := r.records.ReadRecords(n - read)
		if err == nil {
			err = r.pages.err
		}
		if err != nil {
			return err
		}
		if got == 0 {
			return fmt.Errorf("a column chunk ends before its row group does")
		}
		read += got
	}
	return nil
}

// build makes the array of the records loaded; bound is the largest length
// that it can have.
func (r *columnReader) build(bound int64) (arrow.Array, error) {
	switch r.col.kind {
	case listColumn:
		return r.buildList(bound)
	case structColumn:
		return r.buildStruct(bound)
	case variantColumn:
		a, err := r.children[0].build(bound)
		if err != nil {
			return nil, err
		}
		return variantsToJSONB(a)
	}
	if r.flat == nil {
		return r.col.leaf.convert(r.takeValues())
	}
	return r.flat.array()
}

// takeValues moves the values loaded out of the library's reader.
func (r *columnReader) takeValues() physicalValues {
	v := physicalValues{n: r.records.ValuesWritten(), nulls: int(r.records.NullCount())}
	switch r.records.Type() {
	case parquet.Types.ByteArray, parquet.Types.FixedLenByteArray:
		// The builder makes binary arrays even where their type is text.
		v.binary = array.MakeFromData(r.records.(file.BinaryRecordReader).GetBuilderChunks()[0].Data())
		v.n, v.nulls = v.binary.Len(), v.binary.NullN()
		return v
	}
	if valid := r.records.ReleaseValidBits(); v.nulls > 0 {
		v.valid = valid
	}
	if r.records.Type() == parquet.Types.Boolean {
		v.fixed = r.records.ReleaseValues().Bytes()[:v.n]
	} else {
		v.fixed = r.records.ReleaseValues().Bytes()[:v.n*r.col.leaf.width]
	}
	return v
}

// levels are the levels of the records loaded, as any leaf below has them that
// has no more lists above it than r itself, or as the first one has them.
func (r *columnReader) levels() (def, rep []int16) {
	at := r
	for at.col.kind != leafColumn {
		next := at.children[0]
		for _, c := range at.children {
			if !c.col.repeated() {
				next = c
				break
			}
		}
		at = next
	}
	if at.flat != nil {
		return at.flat.levels(), nil
	}
	n := at.records.LevelsPos()
	def = at.records.DefLevels()[:n]
	return def, at.records.RepLevels()[:n]
}

// buildList makes the offsets of a list from its levels, and its elements.
func (r *columnReader) buildList(bound int64) (arrow.Array, error) {
	def, rep := r.levels()
	offsets := make([]int32, bound+1)
	io := file.ValidityBitmapInputOutput{ReadUpperBound: bound}
	if r.col.nullable {
		io.ValidBits = make([]byte, bitutil.BytesForBits(bound))
	}
	if err := file.DefRepLevelsToListInfo(def, rep, r.col.levels, &io, offsets); err != nil {
		return nil, err
	}
	n := io.Read
	// Lists inside the elements can be as many as there are elements; nulls of a
	// nullable ancestor may take slots besides.
	items, err := r.children[0].build(int64(offsets[n]) + io.NullCount)
	if err != nil {
		return nil, err
	}
	if items.Len() < int(offsets[n]) {
		return nil, fmt.Errorf("a list has %d elements where its levels have %d", items.Len(), offsets[n])
	}
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(bytesOf(offsets[:n+1]))}
	if io.NullCount > 0 {
		buffers[0] = memory.NewBufferBytes(io.ValidBits)
	}
	data := array.NewData(r.col.typ, int(n), buffers, []arrow.ArrayData{items.Data()}, int(io.NullCount), 0)
	return array.MakeFromData(data), nil
}

// buildStruct makes the validity of a struct from the levels of a field, and
// its fields.
func (r *columnReader) buildStruct(bound int64) (arrow.Array, error) {
	n := int64(-1)
	var nulls int
	buffers := []*memory.Buffer{nil}
	if r.col.levels.HasNullableValues() && bound > 0 {
		io, err := r.structValidity(bound)
		if err != nil {
			return nil, err
		}
		n, nulls = io.Read, int(io.NullCount)
		if nulls > 0 {
			buffers[0] = memory.NewBufferBytes(io.ValidBits)
		}
	}
	children := make([]arrow.ArrayData, len(r.children))
	for i, c := range r.children {
		a, err := c.build(bound)
		if err != nil {
			return nil, err
		}
		if n < 0 {
			n = int64(a.Len())
		}
		if int64(a.Len()) != n {
			return nil, fmt.Errorf("a field has %d values where its group has %d", a.Len(), n)
		}
		children[i] = a.Data()
	}
	return array.MakeFromData(array.NewData(r.col.typ, int(n), buffers, children, nulls, 0)), nil
}

func (r *columnReader) structValidity(bound int64) (*file.ValidityBitmapInputOutput, error) {
	def, rep := r.levels()
	io := &file.ValidityBitmapInputOutput{
		ReadUpperBound: bound,
		ValidBits:      make([]byte, bitutil.BytesForBits(bound)),
	}
	if r.fieldsRepeated() {
		return io, file.DefRepLevelsToBitmap(def, rep, r.col.levels, io)
	}
	file.DefLevelsToBitmap(def, r.col.levels, io)
	return io, nil
}

// fieldsRepeated tells whether every field has a list in it, so that the levels
// at hand have more entries than the struct has values.
func (r *columnReader) fieldsRepeated() bool {
	for _, c := range r.children {
		if !c.col.repeated() {
			return false
		}
	}
	return true
}
