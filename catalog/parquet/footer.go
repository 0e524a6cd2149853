package parquet

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/parquet/metadata"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqlerr"
)

const (
	magicPlain     = "PAR1"
	magicEncrypted = "PARE"
	tailBytes      = 8 // length of the footer, and the magic number

	// footerGuess is how much of the end of a file is fetched at first: most
	// footers are shorter, so one request gets them.
	footerGuess = 64 << 10
	// maxFooterBytes bounds what a file can make its reader allocate for its footer.
	maxFooterBytes = 256 << 20
	// maxSchemaDepth bounds the nesting of groups: schemas are walked recursively.
	maxSchemaDepth = 64
)

// footer is what is known of a file before its data is read. It is immutable.
type footer struct {
	path      string
	size      int64 // bytes of the file
	footerLen int64
	tail      []byte // the end of a remote file; nil: not kept
	meta      *metadata.FileMetaData
	columns   []*column // the top-level columns, in file order
	groups    []rowGroup
	rows      int64
}

// rowGroup is where one row group lies in the table's rows.
type rowGroup struct {
	first, rows int64
}

// EndBytes is how much of the end of a file is read first.
func (*Format) EndBytes() int64 { return footerGuess }

// readFooter reads and checks the footer of a file.
func readFooter(ctx context.Context, r objstore.Reader) (*footer, error) {
	path := r.Info().Path
	var f *footer
	err := guard(path, func() error {
		raw, tail, err := footerBytes(ctx, r)
		if err != nil {
			return err
		}
		variants, err := checkFooter(raw)
		if err != nil {
			return err
		}
		meta, err := metadata.NewFileMetaData(raw, nil)
		if err != nil {
			return fmt.Errorf("footer: %w", err)
		}
		if meta.IsSetEncryptionAlgorithm() {
			return errEncrypted()
		}
		f = &footer{path: path, size: r.Info().Size, footerLen: int64(len(raw)), meta: meta}
		if objstore.Scheme(path) != "" {
			f.tail = tail
		}
		if f.columns, err = buildColumns(meta.Schema, variants); err != nil {
			return err
		}
		return f.layRowGroups()
	})
	return f, err
}

func errEncrypted() error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "encrypted Parquet files are not supported")
}

// footerBytes reads the thrift structure at the end of the file, and gives all that
// was read of the end with it.
func footerBytes(ctx context.Context, r objstore.Reader) (raw, tail []byte, _ error) {
	size := r.Info().Size
	if size < int64(len(magicPlain))+tailBytes {
		return nil, nil, fmt.Errorf("%d bytes are too few", size)
	}
	tail = make([]byte, min(size, footerGuess))
	if err := readFull(ctx, r, tail, size-int64(len(tail))); err != nil {
		return nil, nil, err
	}
	end := tail[len(tail)-tailBytes:]
	switch string(end[4:]) {
	case magicPlain:
	case magicEncrypted:
		return nil, nil, errEncrypted()
	default:
		return nil, nil, fmt.Errorf("it does not end in %s", magicPlain)
	}
	length := int64(binary.LittleEndian.Uint32(end))
	if length > size-tailBytes-int64(len(magicPlain)) {
		return nil, nil, fmt.Errorf("a footer of %d bytes does not fit", length)
	}
	if length > maxFooterBytes {
		return nil, nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "Parquet footer of %d bytes is too large", length)
	}
	if in := int64(len(tail) - tailBytes); length <= in {
		return tail[in-length : in], tail, nil
	}
	raw = make([]byte, length)
	if err := readFull(ctx, r, raw, size-tailBytes-length); err != nil {
		return nil, nil, err
	}
	return raw, nil, nil
}

// readFull reads all of p at off.
func readFull(ctx context.Context, r objstore.Reader, p []byte, off int64) error {
	n, err := r.ReadAt(ctx, p, off)
	if n == len(p) && (err == nil || err == io.EOF) {
		return nil
	}
	if err == nil || err == io.EOF {
		return fmt.Errorf("it ends after %d of %d bytes at %d", n, len(p), off)
	}
	return err
}

// checkFooter walks a FileMetaData structure: all its lists fit into it, and
// its schema is not nested too deeply. The library's decoder trusts both. It gives
// the numbers of the schema's elements that are VARIANT, which the library does
// not know.
func checkFooter(raw []byte) (variants []int, _ error) {
	r := &thriftReader{buf: raw}
	for id, kind := r.field(0); kind != thriftStop && r.err == nil; id, kind = r.field(id) {
		if id == 2 && kind == thriftList {
			variants = checkSchema(r)
			continue
		}
		r.skip(kind, 0)
	}
	return variants, r.err
}

// checkSchema walks the list of schema elements, a tree in pre-order in which
// each element says how many children follow.
func checkSchema(r *thriftReader) (variants []int) {
	n, kind := r.list()
	if kind != thriftStruct {
		r.fail(errThriftType)
	}
	open := make([]int64, 0, maxSchemaDepth+1) // children still to come, by depth
	for i := 0; i < n && r.err == nil; i++ {
		var children int64
		for id, k := r.field(0); k != thriftStop && r.err == nil; id, k = r.field(id) {
			switch {
			case id == 5 && k == thriftI32:
				children = r.int()
			case id == 10 && k == thriftStruct:
				if hideUnknownLogicalType(r) == variantLogicalType {
					variants = append(variants, i)
				}
			default:
				r.skip(k, 1)
			}
		}
		if children < 0 || children > int64(n) {
			r.fail(fmt.Errorf("a schema group has %d children", children))
		}
		for len(open) > 0 && open[len(open)-1] == 0 {
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			open[len(open)-1]--
		}
		if open = append(open, children); len(open) > maxSchemaDepth {
			r.fail(sqlerr.New(sqlerr.ProgramLimitExceeded, "Parquet schema is nested more than %d deep", maxSchemaDepth))
		}
	}
	return variants
}

// variantLogicalType is the number of VARIANT in the union of logical types.
const variantLogicalType = 16

// hideUnknownLogicalType passes over a LogicalType, whose field's head was just
// read. The library fails on types that are newer than it is. Readers should
// take such a column as its physical type, so the field gets an id that nobody
// knows; that is possible where it is the last one of its element, as it is. It
// gives the number of the type.
func hideUnknownLogicalType(r *thriftReader) int16 {
	const newest = 15 // FLOAT16
	head := r.pos - 1
	id, kind := r.field(0)
	for ; kind != thriftStop && r.err == nil; _, kind = r.field(id) {
		r.skip(kind, 1)
	}
	last := r.pos < len(r.buf) && r.buf[r.pos] == thriftStop
	if id > newest && last && r.buf[head]>>4 != 0 {
		r.buf[head] |= 0xf0
	}
	return id
}

// layRowGroups numbers the rows and checks what the row groups say.
func (f *footer) layRowGroups() error {
	f.groups = make([]rowGroup, len(f.meta.RowGroups))
	for i, g := range f.meta.RowGroups {
		if len(g.Columns) != f.meta.Schema.NumColumns() {
			return fmt.Errorf("row group %d has %d columns, the schema %d", i, len(g.Columns), f.meta.Schema.NumColumns())
		}
		rows := g.NumRows
		if rows < 0 || f.rows+rows < f.rows {
			return fmt.Errorf("row group %d has %d rows", i, rows)
		}
		for j, c := range g.Columns {
			if err := f.checkChunk(i, j); err != nil {
				return err
			}
			if flat := f.meta.Schema.Column(j).MaxRepetitionLevel() == 0; flat && c.MetaData.NumValues != rows {
				return fmt.Errorf("row group %d has %d rows, its column %d has %d", i, rows, j, c.MetaData.NumValues)
			}
		}
		f.groups[i] = rowGroup{first: f.rows, rows: rows}
		f.rows += rows
	}
	return nil
}

// chunkRange is the bytes of a column chunk.
func (f *footer) chunkRange(group, leaf int) (off, end int64) {
	m := f.meta.RowGroups[group].Columns[leaf].MetaData
	off = m.DataPageOffset
	// Some writers set the offset of a dictionary that is not there to 0.
	if m.DictionaryPageOffset != nil && *m.DictionaryPageOffset > 0 && *m.DictionaryPageOffset < off {
		off = *m.DictionaryPageOffset
	}
	end = off + m.TotalCompressedSize
	if f.meta.WriterVersion().LessThan(metadata.Parquet816FixedVersion) {
		// parquet-mr before 1.2.9 left the dictionary's page header out of the
		// total (PARQUET-816).
		end = min(end+100, f.size-tailBytes)
	}
	return off, end
}

func (f *footer) checkChunk(group, leaf int) error {
	c := f.meta.RowGroups[group].Columns[leaf]
	switch {
	case c.MetaData == nil && c.CryptoMetadata != nil:
		return errEncrypted()
	case c.MetaData == nil:
		return fmt.Errorf("row group %d says nothing of column %d", group, leaf)
	case c.FilePath != nil && *c.FilePath != "":
		return sqlerr.New(sqlerr.FeatureNotSupported, "Parquet files whose columns are in other files are not supported")
	case int(c.MetaData.Type) != int(f.meta.Schema.Column(leaf).PhysicalType()):
		return fmt.Errorf("column %d is stored as another type than the schema's", leaf)
	}
	off, end := f.chunkRange(group, leaf)
	if off < 0 || end < off || end > f.size {
		return fmt.Errorf("column %d of row group %d lies outside of the file", leaf, group)
	}
	return nil
}

// openFooter gives the footer of a file, from the cache if it is known.
func (p *Format) openFooter(ctx context.Context, store objstore.Store, file catalog.FileInfo) (*footer, error) {
	if f := p.footers.get(file); f != nil {
		return f, nil
	}
	r, err := file.Open(ctx, store)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return p.footerOf(ctx, r, file)
}

// footerOf is openFooter with the file open already. The file must be the
// version that file names.
func (p *Format) footerOf(ctx context.Context, r objstore.Reader, file catalog.FileInfo) (*footer, error) {
	if v := r.Info().Version; file.Version != "" && v != file.Version {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "file changed while it was read").WithFile(file.Path, 0, "")
	}
	if f := p.footers.get(file); f != nil {
		return f, nil
	}
	f, err := readFooter(ctx, r)
	if err != nil {
		return nil, err
	}
	p.footers.put(file, f)
	return f, nil
}
