package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/exec/spill"
)

// spillParts are the files of one cut, by bits of the keys' hash.
type spillParts struct {
	dir    *spill.Dir
	schema *arrow.Schema
	shift  int
	files  [spillFanout]*spill.Writer
	held   [spillFanout]batcher
	hashes []uint64
}

func (t *task) newSpillParts(schema *arrow.Schema, depth int) *spillParts {
	p := &spillParts{dir: t.spill, schema: schema, shift: spillBits * depth}
	for i := range p.held {
		p.held[i].target, p.held[i].most = min(t.rows, 1024), spilledBatch
	}
	return p
}

// write cuts a record by its keys.
func (p *spillParts) write(rec arrow.Record, keys []arrow.Array) error {
	n := int(rec.NumRows())
	if len(keys) == 0 {
		rec, err := kernel.Conform(rec, p.schema)
		if err == nil {
			rec, err = p.held[0].add(rec)
		}
		if err != nil || rec == nil {
			return err
		}
		return p.writeTo(0, rec)
	}
	if cap(p.hashes) < n {
		p.hashes = make([]uint64, n)
	}
	hashes := p.hashes[:n]
	rowkey.Hash(keys, n, hashes)
	var rows [spillFanout][]int32
	for i, h := range hashes {
		at := p.part(h)
		rows[at] = append(rows[at], int32(i))
	}
	for at := range rows {
		if len(rows[at]) == 0 {
			continue
		}
		piece, err := kernel.TakeRecord(rec, rows[at])
		if err == nil {
			piece, err = kernel.Conform(piece, p.schema)
		}
		if err == nil {
			piece, err = p.held[at].add(piece)
		}
		if err == nil && piece != nil {
			err = p.writeTo(at, piece)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// part is the file for a hash. A table's places are by the lower bits.
func (p *spillParts) part(h uint64) int { return int(h >> (32 + p.shift) % spillFanout) }

func (p *spillParts) writeTo(at int, rec arrow.Record) error {
	if p.files[at] == nil {
		var err error
		if p.files[at], err = p.dir.Create(p.schema); err != nil {
			return err
		}
	}
	return p.files[at].Write(rec)
}

// finish ends the files; those of partitions without rows are nil.
func (p *spillParts) finish(stats *OperatorStats) (out [spillFanout]*spill.File, err error) {
	for at := range p.files {
		rest, err := p.held[at].rest()
		if err != nil {
			return out, err
		}
		if rest != nil {
			if err := p.writeTo(at, rest); err != nil {
				return out, err
			}
		}
		if p.files[at] == nil {
			continue
		}
		f, err := p.files[at].Finish()
		if err != nil {
			return out, err
		}
		stats.Spilled += f.Bytes
		out[at] = f
	}
	return out, nil
}
