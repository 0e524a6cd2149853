package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/memtable"
	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/sqlerr"
)

// copySource is where rows came from: their text and their lines in the data.
type copySource struct {
	text  []byte
	ends  []int
	lines []int64
}

func (c *copySource) add(text []byte, line int64) {
	c.text = append(c.text, text...)
	c.ends, c.lines = append(c.ends, len(c.text)), append(c.lines, line)
}

func (c *copySource) rows() int { return len(c.lines) }

func (c *copySource) row(i int) []byte {
	if i == 0 {
		return c.text[:c.ends[0]]
	}
	return c.text[c.ends[i-1]:c.ends[i]]
}

func (c *copySource) clear() { c.text, c.ends, c.lines = c.text[:0], c.ends[:0], nil }

// maxCopyText is where PostgreSQL cuts data in the context of an error.
const maxCopyText = 100

func shortened(text []byte) string {
	if len(text) <= maxCopyText {
		return string(text)
	}
	cut := maxCopyText
	for cut > 0 && text[cut]&0xc0 == 0x80 {
		cut--
	}
	return string(text[:cut]) + "..."
}

// flush converts the rows gathered.
func (l *copyLoad) flush() error {
	if l.source.rows() == 0 {
		return nil
	}
	texts := make([]arrow.Array, len(l.text))
	for i, b := range l.text {
		texts[i] = b.NewArray()
	}
	return l.prepare(texts)
}

// prepare makes records of the gathered rows, whose fields are data. When that
// fails it goes from row to row, to fail as the first bad row does.
func (l *copyLoad) prepare(data []arrow.Array) error {
	if l.ctx.Err() != nil { // one message may hold very many rows
		return context.Cause(l.ctx)
	}
	n := l.source.rows()
	rec, kept, err := l.records(data, n)
	if err != nil {
		return l.firstFault(data, n, err)
	}
	lines := l.source.lines
	if kept != nil {
		lines = make([]int64, len(kept))
		for i, row := range kept {
			lines[i] = l.source.lines[row]
		}
	}
	if len(lines) > 0 {
		l.batches = append(l.batches, copyRecord{rec, lines})
	}
	l.source.clear()
	return nil
}

// firstFault is the error of the first row that cannot be taken.
func (l *copyLoad) firstFault(data []arrow.Array, n int, all error) error {
	one := make([]arrow.Array, len(data))
	for row := range n {
		for i, a := range data {
			one[i] = array.NewSlice(a, int64(row), int64(row+1))
		}
		line := l.source.lines[row]
		for i := range one {
			if _, err := l.convert(i, one[i]); err != nil {
				return l.badField(one[i], i, line, err)
			}
		}
		if _, _, err := l.records(one, 1); err != nil {
			e := *sqlerr.Find(err)
			if l.binary != nil {
				return e.WithContext("COPY %s, line %d", l.def.Name, line)
			}
			return e.WithContext("COPY %s, line %d: \"%s\"", l.def.Name, line, shortened(l.source.row(row)))
		}
	}
	return all
}

// badField is the error of a field that its column does not take.
func (l *copyLoad) badField(field arrow.Array, i int, line int64, err error) error {
	e := *sqlerr.Find(err)
	name := l.def.Columns[l.columns[i]].Name
	text, ok := field.(*array.String)
	switch {
	case l.binary != nil || !ok:
		return e.WithContext("COPY %s, line %d, column %s", l.def.Name, line, name)
	case text.IsNull(0):
		return e.WithContext("COPY %s, line %d, column %s: null input", l.def.Name, line, name)
	}
	return e.WithContext("COPY %s, line %d, column %s: \"%s\"", l.def.Name, line, name, shortened([]byte(text.Value(0))))
}

// convert casts fields to the type of their column, its length included.
func (l *copyLoad) convert(i int, a arrow.Array) (arrow.Array, error) {
	if l.binary == nil {
		var err error
		if a, err = l.casts[i](a); err != nil {
			return nil, err
		}
	}
	return l.def.Fit(l.columns[i], a)
}

// records makes rows of the table of n rows of data. kept are those for which
// WHERE holds, nil for all.
func (l *copyLoad) records(data []arrow.Array, n int) (rec arrow.Record, kept []int32, err error) {
	cols := make([]arrow.Array, len(l.def.Columns))
	for i, c := range l.columns {
		if cols[c], err = l.convert(i, data[i]); err != nil {
			return nil, nil, err
		}
	}
	for c := range cols {
		switch {
		case cols[c] != nil:
		case l.rules.generated[c] != nil:
			cols[c] = kernel.Nulls(l.def.Columns[c].Type, n)
		default:
			if cols[c], err = l.rules.defaults(l.s, c, n); err != nil {
				return nil, nil, err
			}
		}
	}
	if l.where != nil {
		if kept, err = l.filter(cols, n); err != nil {
			return nil, nil, err
		}
		n = len(kept)
	}
	if err := l.rules.generate(l.s, cols, n); err != nil {
		return nil, nil, err
	}
	if rec, err = l.table.Conform(cols, int64(n)); err != nil {
		return nil, nil, err
	}
	return rec, kept, l.rules.check(l.s, rec)
}

// filter keeps the rows for which WHERE holds.
func (l *copyLoad) filter(cols []arrow.Array, n int) (kept []int32, err error) {
	program, err := l.s.compile(l.where)
	if err != nil {
		return nil, err
	}
	result, err := program.Array(eval.Columns(cols, n))
	if err != nil {
		return nil, err
	}
	kept = make([]int32, 0, n)
	if holds, ok := result.(*array.Boolean); ok {
		for row := range n {
			if holds.IsValid(row) && holds.Value(row) {
				kept = append(kept, int32(row))
			}
		}
	}
	for c := range cols {
		if cols[c], err = kernel.Take(cols[c], kept); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// insert adds all batches.
func (l *copyLoad) insert(ctx context.Context, tx *memtable.Tx) error {
	for _, b := range l.batches {
		inserted, err := tx.Apply(ctx, l.table, memtable.Change{Insert: []arrow.Record{b.rec}})
		if err != nil {
			return l.duplicate(ctx, tx, b, err)
		}
		l.count += countRows(inserted)
	}
	l.batches = nil
	return nil
}

// duplicate finds the row at which a batch broke a unique constraint, by halves.
func (l *copyLoad) duplicate(ctx context.Context, tx *memtable.Tx, b copyRecord, err error) error {
	for sqlerr.Code(err) == sqlerr.UniqueViolation && len(b.lines) > 1 {
		half := len(b.lines) / 2
		first := b.rec.NewSlice(0, int64(half))
		if _, broken := tx.Apply(ctx, l.table, memtable.Change{Insert: []arrow.Record{first}}); broken != nil {
			b, err = copyRecord{first, b.lines[:half]}, broken
		} else {
			b = copyRecord{b.rec.NewSlice(int64(half), b.rec.NumRows()), b.lines[half:]}
		}
	}
	e := *sqlerr.Find(err)
	if e.Code == sqlerr.UniqueViolation && len(b.lines) == 1 {
		return e.WithContext("COPY %s, line %d", l.def.Name, b.lines[0])
	}
	return &e
}
