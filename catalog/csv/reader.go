package csv

import (
	"context"
	"io"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqlerr"
)

// reader is the catalog.Reader of one split.
type reader struct {
	rowFinder
	store   objstore.Store
	spec    *catalog.ScanSpec
	split   catalog.Split
	layout  *layout
	out     *arrow.Schema
	made    *arrow.Schema // of the last record
	parsers []column      // one for each of rowFinder.need
	// schemaColumns are the ordinals in the table's schema of what is needed.
	schemaColumns []int

	started bool
	guessed bool  // the start is a speculation
	first   int64 // where the first record starts
	last    int64 // where the last one ended; −1 while unknown
	from    int64 // where the last batch began
	end     int64 // records that start before it belong to the split
	left    int64 // rows still wanted
	room    int   // rows in a batch
	err     error // what Next gives from now on
	rejects rejects
	late    *lateFilter                   // nil: none
	misfit  func(column int, text []byte) // told of each value that does not fit; nil: nobody
}

// Open starts reading a split; no byte is read before the first Next.
func (Format) Open(ctx context.Context, store objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (catalog.Reader, error) {
	o, err := parseOptions(spec.Options)
	if err != nil {
		return nil, err
	}
	r := &reader{store: store, spec: spec, split: split, out: spec.Out(), first: split.Start, last: -1, left: math.MaxInt64}
	r.options, r.made = o, r.out
	if spec.Limit > 0 {
		r.left = spec.Limit
	}
	if r.layout, err = newLayout(spec, o, split.File.Path); err != nil {
		return nil, err
	}
	if r.end = split.End; r.layout.whole {
		r.end = math.MaxInt64 // Split.End counts the bytes of the compressed file
	}
	if split.Exact && split.Start >= split.End && split.Start > 0 {
		r.err, r.last = io.EOF, split.Start
		return r, nil
	}
	at := split.Start
	if !split.Exact && at > 0 {
		at-- // a newline there makes at a record boundary
	}
	src, err := openSource(ctx, store, o, split.File, at)
	if err != nil {
		return nil, err
	}
	if spec.Limit == 0 {
		src.announce(ctx, split.End)
	}
	r.window = newWindow(src, at)
	return r, nil
}

// Next gives the next batch of rows.
func (r *reader) Next(ctx context.Context) (arrow.Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	rec, err := r.next(ctx)
	if err != nil {
		r.err = err
		return nil, err
	}
	return rec, nil
}

func (r *reader) next(ctx context.Context) (arrow.Record, error) {
	if !r.started {
		if err := r.start(ctx); err != nil {
			return nil, r.judge(ctx, err)
		}
		r.started = true
	}
	rows, err := r.batch(ctx)
	if err != nil {
		return nil, r.judge(ctx, err)
	}
	if rows == 0 {
		if r.left > 0 {
			r.last = r.offset()
		}
		return nil, io.EOF
	}
	rec, err := r.makeRecord(rows)
	if err == nil {
		rec, err = r.dropRows(rec)
	}
	if err != nil {
		return nil, err
	}
	r.left -= rec.NumRows()
	return rec, nil
}

// batch finds and parses the rows of one record.
func (r *reader) batch(ctx context.Context) (rows int, err error) {
	r.from = r.offset()
	r.rejects.records = r.rejects.records[:0]
	if len(r.need) == 0 {
		return r.countBatch(ctx)
	}
	room := int(min(int64(r.room), r.left))
	if r.late != nil {
		if r.late = r.late.settle(); r.late != nil {
			r.late.begin()
		}
	}
	for rows < room {
		want := room - rows
		n, more := r.find(want, r.end)
		full := n == want
		if r.late != nil {
			n = r.late.filter(r.buf, r.spans, n)
		}
		if err := r.parse(rows, n); err != nil {
			return 0, err
		}
		rows += n
		if r.fault != nil {
			if n, err = r.excuse(ctx, rows); err != nil {
				return 0, err
			}
			rows += n
			continue
		}
		switch {
		case full && rows < room: // of which the filter has left some out
			continue
		case !more || r.eof && r.pos == r.lim:
			return rows, nil
		case rows > 0 && r.offset()-r.from >= batchBytes:
			return rows, nil
		}
		if err := r.refill(ctx); err != nil {
			return 0, err
		}
	}
	return rows, nil
}

// countBatch is batch without columns: as many rows as a block has.
func (r *reader) countBatch(ctx context.Context) (rows int, err error) {
	room := r.left
	if len(r.layout.projection) > 0 { // columns of constants are made
		room = min(room, int64(r.batchRows))
	}
	for rows == 0 && room > 0 {
		var n int
		var more bool
		if room == math.MaxInt64 {
			n, more = r.count(r.end)
		} else {
			n, more = r.find(int(min(room, math.MaxInt)), r.end)
		}
		rows += n
		if r.fault != nil {
			if _, err = r.excuse(ctx, 0); err != nil {
				return 0, err
			}
			continue
		}
		if !more || r.eof && r.pos == r.lim {
			break
		}
		if err := r.refill(ctx); err != nil {
			return 0, err
		}
	}
	return rows, nil
}

// fillBytes is how much to read next: up to the next multiple of a block, as which a cache
// has its bytes, or near the split's end what is left of it and a little more for its last
// record.
func (r *reader) fillBytes() int {
	const lastRecord = 4 << 10
	if r.layout.whole {
		return blockBytes
	}
	at := r.base + int64(r.lim)
	want := max(r.split.End-at, 0) + lastRecord
	// One byte too many, so that the end of the file is seen with its last byte.
	return int(min(want, max(r.split.File.Size-at, 0)+1, blockBytes-at%blockBytes))
}

// parse reads the fields of the n rows that find has found, as rows of the
// batch from index rows on. The first bad row of all columns is the one to
// complain about, as if rows were read one by one.
func (r *reader) parse(rows, n int) error {
	if r.tolerant() {
		return r.parseTolerant(rows, n)
	}
	bad, fault := n, (*fault)(nil)
	for k, c := range r.parsers {
		at, err := c.append(r.buf, r.spans[k][:bad])
		if err != nil {
			bad = at
			fault = r.valueFault(r.spans[k][at], r.schemaColumns[k], err)
		}
	}
	if fault != nil {
		return fault
	}
	return nil
}

// makeRecord makes the record of the rows parsed.
func (r *reader) makeRecord(rows int) (arrow.Record, error) {
	parsed := make([]arrow.Array, len(r.parsers))
	for k, c := range r.parsers {
		parsed[k] = c.finish(rows)
	}
	columns := make([]arrow.Array, len(r.layout.projection))
	for i, p := range r.layout.projection {
		if p.constant == nil {
			columns[i] = parsed[p.parser]
			continue
		}
		var err error
		if columns[i], err = p.constant.rows(rows); err != nil {
			return nil, err
		}
	}
	return array.NewRecord(r.schemaOf(columns), columns, int64(rows)), nil
}

// schemaOf is the schema of a record of these columns, some of which may be
// dictionary-encoded.
func (r *reader) schemaOf(columns []arrow.Array) *arrow.Schema {
	same := true
	for i, c := range columns {
		same = same && (c.DataType().ID() == arrow.DICTIONARY) == (r.made.Field(i).Type.ID() == arrow.DICTIONARY)
	}
	if !same {
		fields := append([]arrow.Field(nil), r.out.Fields()...)
		for i, c := range columns {
			fields[i].Type = c.DataType()
		}
		r.made = arrow.NewSchema(fields, nil)
	}
	return r.made
}

// Bounds gives the file offsets between which the records lie that were read.
// They start at 0 for the split at a file's start: the header belongs to it.
func (r *reader) Bounds() catalog.Bounds {
	if r.layout.whole {
		return catalog.Bounds{Start: r.split.Start, End: r.split.End}
	}
	return catalog.Bounds{Start: r.first, End: r.last}
}

// Close ends reading.
func (r *reader) Close() error {
	r.err = sqlerr.New(sqlerr.InternalError, "csv reader is closed")
	if r.src == nil {
		return nil
	}
	r.held.Release()
	src := r.src
	r.src, r.buf, r.parsers = nil, nil, nil
	return src.close()
}

// start finds the first record of the split and prepares the parsers.
func (r *reader) start(ctx context.Context) error {
	switch {
	case r.split.Start == 0:
		header, err := r.skipHead(ctx, r.fillBytes())
		if err != nil {
			return err
		}
		if err := r.checkHeader(header); err != nil {
			return err
		}
	case r.byName:
		header, err := readHeader(ctx, r.store, r.options, r.split.File)
		if err != nil {
			return err
		}
		r.layout.bindNames(header)
	}
	r.columns = r.layout.columns
	r.need, r.schemaColumns = r.layout.bind(r.onError == skipOnError)
	rows := int(min(int64(r.batchRows), r.left))
	if !r.layout.whole { // a small split does not need room for a whole batch
		size := r.split.End - r.split.Start + 1
		rows = int(min(int64(rows), size, int64(1.25*float64(size)/r.options.rowBytes)+16))
	}
	r.room = rows
	r.spans = make([][]span, len(r.need))
	r.parsers = make([]column, len(r.need))
	for k, c := range r.schemaColumns {
		r.spans[k] = make([]span, rows)
		r.parsers[k] = newColumn(r.spec.Schema.Field(c), r.options, rows)
	}
	r.late = r.newLateFilter()
	if r.split.Start > 0 && !r.split.Exact {
		return r.speculate(ctx)
	}
	return nil
}

func (r *reader) checkHeader(header []string) error {
	switch {
	case header == nil:
		return nil
	case r.byName:
		r.layout.bindNames(columnNames(header, len(header)))
	case !r.declared && !r.renamed:
		return r.layout.checkNames(header, r.split.File.Path)
	}
	return nil
}
