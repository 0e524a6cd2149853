package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/spill"
)

// storedRows are rows that can be read any number of times.
type storedRows interface {
	count() int64
	open() (Operator, error)
}

// spilledRows are the rows of a spilled file; a nil file has none.
type spilledRows struct {
	file   *spill.File
	schema *arrow.Schema
}

func (s spilledRows) count() int64 {
	if s.file == nil {
		return 0
	}
	return s.file.Rows
}

func (s spilledRows) open() (Operator, error) { return newSpillSource(s.file, s.schema) }

// keptRows are rows set apart to be read later: in memory until that is refused,
// then on disk. finish ends writing; reading begins after it.
type keptRows struct {
	task   *task
	schema *arrow.Schema
	mem    reservation
	wait   batcher        // rows that are no batch yet
	recs   []arrow.Record // in memory
	bytes  int64          // of recs
	out    *spill.Writer  // nil: all are in memory
	file   *spill.File
	rows   int64
}

func (t *task) newKeptRows(schema *arrow.Schema, stats *OperatorStats) *keptRows {
	k := &keptRows{task: t, schema: schema, mem: reservation{memory: t.memory, stats: stats}}
	k.wait.target, k.wait.most = min(t.rows, 1024), spilledBatch
	return k
}

// add takes the rows of a record.
func (k *keptRows) add(rec arrow.Record) error {
	k.rows += rec.NumRows()
	rec, err := kernel.Conform(rec, k.schema)
	if err == nil {
		rec, err = k.wait.add(rec)
	}
	if err != nil || rec == nil {
		return err
	}
	return k.put(rec)
}

func (k *keptRows) put(rec arrow.Record) error {
	if k.out != nil {
		return k.out.Write(rec)
	}
	k.recs = append(k.recs, rec)
	k.bytes += kernel.RecordBytes(rec)
	refused := k.mem.resize(k.bytes)
	if refused == nil {
		return nil
	}
	if !k.task.spill.Usable() {
		return refused
	}
	var err error
	if k.out, err = k.task.spill.Create(k.schema); err != nil {
		return err
	}
	for _, r := range k.recs {
		if err := k.out.Write(r); err != nil {
			return err
		}
	}
	k.recs, k.bytes = nil, 0
	k.mem.free()
	return nil
}

// finish ends writing.
func (k *keptRows) finish() error {
	rest, err := k.wait.rest()
	if err == nil && rest != nil {
		err = k.put(rest)
	}
	if err != nil || k.out == nil {
		return err
	}
	if k.file, err = k.out.Finish(); err != nil {
		return err
	}
	k.mem.stats.Spilled += k.file.Bytes
	return nil
}

func (k *keptRows) count() int64 { return k.rows }

func (k *keptRows) open() (Operator, error) {
	if k.file != nil {
		return newSpillSource(k.file, k.schema)
	}
	return &recordsReader{schema: k.schema, recs: k.recs}, nil
}

// close gives memory back and removes the file; one that is not finished goes with the
// task's directory. It is idempotent.
func (k *keptRows) close() error {
	k.mem.free()
	f := k.file
	k.recs, k.file = nil, nil
	return removeSpilled(f)
}

// recordsReader gives records in memory as an operator.
type recordsReader struct {
	schema *arrow.Schema
	recs   []arrow.Record
	at     int
}

func (r *recordsReader) Schema() *arrow.Schema { return r.schema }

func (r *recordsReader) Next(ctx context.Context) (arrow.Record, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if r.at == len(r.recs) {
		return nil, io.EOF
	}
	r.at++
	return r.recs[r.at-1], nil
}

func (r *recordsReader) Close() error { return nil }

// chained gives the rows of one operator after those of the other.
type chained struct {
	schema *arrow.Schema
	parts  []storedRows // not opened yet
	open   Operator
}

func (c *chained) Schema() *arrow.Schema { return c.schema }

func (c *chained) Next(ctx context.Context) (arrow.Record, error) {
	for {
		if c.open == nil {
			if len(c.parts) == 0 {
				return nil, io.EOF
			}
			var err error
			if c.open, err = c.parts[0].open(); err != nil {
				return nil, err
			}
			c.parts = c.parts[1:]
		}
		rec, err := c.open.Next(ctx)
		if err != io.EOF {
			return rec, err
		}
		if err := c.Close(); err != nil {
			return nil, err
		}
	}
}

// Close closes what is open.
func (c *chained) Close() error {
	if c.open == nil {
		return nil
	}
	op := c.open
	c.open = nil
	return op.Close()
}
