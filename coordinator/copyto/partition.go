package copyto

import (
	"cmp"
	"encoding/binary"
	"net/url"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/hive"
	"volley/catalog/objstore"
	"volley/exec/kernel"
	"volley/sqltype"
)

// partition is a directory of files, written one after the other.
type partition struct {
	w    *Writer
	dir  string // below the target: k=v/…
	n    int    // files begun
	step int    // between the numbers of two files; 0: 1
	file *file
	sink sink // of file; nil: none is begun
	rows []int32
}

// begin begins the next file.
func (p *partition) begin() (err error) {
	if p.file, err = p.w.newFile(p.dir, p.n); err != nil {
		return err
	}
	p.n += max(p.step, 1)
	p.sink, err = newSink(p.file, p.w.schema, &p.w.opts)
	return err
}

// write adds rows of a record of the writer's input.
func (p *partition) write(rec arrow.Record, rows []int32) error {
	limit := p.w.opts.FileBytes
	for rest := true; rest; {
		if p.sink == nil {
			if err := p.begin(); err != nil {
				return err
			}
		}
		part, some := rec, rows
		rest = false
		if limit > 0 { // a file ends where a row group does
			part, some, rec, rows = cut(rec, rows, p.sink.room())
			rest = rec != nil
		}
		if err := p.sink.write(part, some); err != nil {
			return err
		}
		if limit > 0 && p.sink.written() >= limit {
			if err := p.finish(); err != nil {
				return err
			}
		}
	}
	return nil
}

// cut gives the first n rows, and the rest: nil when there is none.
func cut(rec arrow.Record, rows []int32, n int64) (part arrow.Record, some []int32, rest arrow.Record, others []int32) {
	switch {
	case rows != nil && int64(len(rows)) > n:
		return rec, rows[:n], rec, rows[n:]
	case rows == nil && rec.NumRows() > n:
		return rec.NewSlice(0, n), nil, rec.NewSlice(n, rec.NumRows()), nil
	}
	return rec, rows, nil, nil
}

// finish ends the file at hand.
func (p *partition) finish() error {
	if p.sink == nil {
		return nil
	}
	err := p.sink.finish()
	p.sink = nil
	if err == nil {
		err = p.file.rest()
	}
	return err
}

func (p *partition) buffered() int64 {
	if p.sink == nil {
		return 0
	}
	return p.sink.buffered()
}

// flush writes the rows that are kept.
func (p *partition) flush() error {
	if p.sink == nil {
		return nil
	}
	return p.sink.flush()
}

// writePartitions adds the rows of a record to their partitions.
func (w *Writer) writePartitions(rec arrow.Record) error {
	numbers, err := w.keys.number(rec)
	if err != nil {
		return err
	}
	for len(w.partitions) < len(w.keys.dirs) {
		w.partitions = append(w.partitions, &partition{w: w, dir: w.keys.dirs[len(w.partitions)]})
	}
	var touched []*partition
	for row, n := range numbers {
		p := w.partitions[n]
		if len(p.rows) == 0 {
			touched = append(touched, p)
		}
		p.rows = append(p.rows, int32(row))
	}
	cols := make([]arrow.Array, len(w.keep))
	for i, c := range w.keep {
		cols[i] = rec.Column(c)
	}
	content := kernel.Record(w.schema, cols, int(rec.NumRows()))
	for _, p := range touched {
		err := p.write(content, p.rows)
		p.rows = p.rows[:0]
		if err != nil {
			return err
		}
	}
	if err := w.limitMemory(); err != nil {
		return err
	}
	return w.limitBuffers()
}

// limitMemory flushes the partitions that keep most rows when all together keep
// too many, and all where there is no memory for the rows.
func (w *Writer) limitMemory() error {
	if total := w.buffered(); total > w.opts.Memory {
		if err := w.flush(total, w.opts.Memory/2); err != nil {
			return err
		}
	}
	return w.held.Settle(w.buffered, func() error { return w.flush(w.buffered(), 0) })
}

// buffered is how many bytes of rows are kept.
func (w *Writer) buffered() (total int64) {
	for _, p := range w.partitions {
		total += p.buffered()
	}
	return total
}

// flush has the partitions that keep most rows write them, until of all total bytes no
// more than keep are left.
func (w *Writer) flush(total, keep int64) error {
	all := slices.Clone(w.partitions)
	slices.SortFunc(all, func(a, b *partition) int { return cmp.Compare(b.buffered(), a.buffered()) })
	for _, p := range all {
		if total <= keep || p.sink == nil {
			break
		}
		total -= p.buffered()
		if err := p.sink.flush(); err != nil {
			return err
		}
	}
	return nil
}

// limitBuffers ends the files of which the store holds most when it holds too much of all
// together. What they have is sent at once, so that Commit need not.
func (w *Writer) limitBuffers() error {
	if w.opts.Buffers == 0 {
		return nil
	}
	var holding []*partition
	var total int64
	for _, p := range w.partitions {
		if held := p.held(); held > 0 {
			holding, total = append(holding, p), total+held
		}
	}
	if total <= w.opts.Buffers {
		return nil
	}
	slices.SortFunc(holding, func(a, b *partition) int { return cmp.Compare(b.held(), a.held()) })
	var ended []*file
	for _, p := range holding {
		if total <= w.opts.Buffers/2 {
			break
		}
		total -= p.held()
		if err := p.finish(); err != nil {
			return err
		}
		ended = append(ended, p.file)
	}
	return prepare(ended)
}

// held is what the store holds of the file at hand.
func (p *partition) held() int64 {
	if p.sink == nil {
		return 0
	}
	if b, ok := p.file.w.(objstore.Buffering); ok {
		return b.Buffered()
	}
	return 0
}

// partitioner numbers the distinct values of the partition columns.
type partitioner struct {
	columns []int
	names   []string
	encode  []sqltype.TextEncoder
	numbers map[string]int32
	dirs    []string // of each number
	key     []byte
	out     []int32
}

func newPartitioner(schema *arrow.Schema, columns []int) *partitioner {
	p := &partitioner{columns: columns, numbers: map[string]int32{}}
	for _, c := range columns {
		f := schema.Field(c)
		p.names = append(p.names, f.Name)
		p.encode = append(p.encode, sqltype.NewTextEncoder(f.Type, sqltype.TextOptions{}))
	}
	return p
}

// number gives the number of each row's partition; the slice is used again.
func (p *partitioner) number(rec arrow.Record) ([]int32, error) {
	cols := make([]arrow.Array, len(p.columns))
	for i, c := range p.columns {
		var err error
		if cols[i], err = kernel.Decode(rec.Column(c)); err != nil {
			return nil, err
		}
	}
	p.out = p.out[:0]
	for row := range int(rec.NumRows()) {
		p.key = p.key[:0]
		for i, c := range cols {
			at := len(p.key)
			p.key = append(p.key, 0, 0, 0, 0)
			if c.IsNull(row) || c.DataType().ID() == arrow.NULL {
				continue
			}
			p.key = p.encode[i](p.key, c, row)
			binary.LittleEndian.PutUint32(p.key[at:], uint32(len(p.key)-at-3)) // 0 is NULL
		}
		n, ok := p.numbers[string(p.key)]
		if !ok {
			n = int32(len(p.dirs))
			p.numbers[string(p.key)] = n
			p.dirs = append(p.dirs, p.directory())
		}
		p.out = append(p.out, n)
	}
	return p.out, nil
}

// directory names the partition of the key at hand.
func (p *partitioner) directory() string {
	var parts []string
	key := p.key
	for _, name := range p.names {
		n := binary.LittleEndian.Uint32(key)
		key = key[4:]
		value := hive.NullPartition
		if n > 0 {
			value = escape(string(key[:n-1]))
			key = key[n-1:]
		}
		parts = append(parts, escape(name)+"="+value)
	}
	return strings.Join(parts, "/")
}

// escape percent-encodes what may not be in the name of a directory.
func escape(s string) string {
	return strings.ReplaceAll(url.PathEscape(s), "=", "%3D")
}
