package worker

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec"
	"volley/flight"
	"volley/planner/physical"
	"volley/sqlerr"
)

// output is the rows of one attempt, cut into partitions. The attempt writes
// it (one goroutine), then it is immutable but for free.
type output struct {
	schema     *arrow.Schema
	partitions [][]piece
	// partitionBytes are the sizes of the partitions.
	partitionBytes []int64
	memory         *exec.Memory
	dir            string
	rows           int64
	bytes          int64

	mu       sync.Mutex
	reserved int64
	spill    *spillFile // nil until memory is refused
	freed    bool
}

// piece is a batch in memory, or where it is in the spill file.
type piece struct {
	record arrow.Record
	chunk  chunk
}

func newOutput(frag *physical.Fragment, memory *exec.Memory, dir string) *output {
	n := max(frag.Output.Count, 1)
	return &output{
		schema: frag.Root.Schema(), partitions: make([][]piece, n), partitionBytes: make([]int64, n),
		memory: memory, dir: dir,
	}
}

// Write adds a batch to a partition: it is exec's Sink.
func (o *output) Write(partition int, rec arrow.Record) error {
	if partition < 0 || partition >= len(o.partitions) {
		return sqlerr.New(sqlerr.InternalError, "partition %d of %d", partition, len(o.partitions))
	}
	size := flight.RecordBytes(rec)
	o.rows += rec.NumRows()
	o.bytes += size
	p := piece{record: rec}
	if o.memory.Reserve(size) == nil {
		o.reserved += size
	} else {
		var err error
		if o.spill == nil {
			if o.spill, err = newSpillFile(o.dir); err != nil {
				return err
			}
		}
		if p.chunk, err = o.spill.write(rec); err != nil {
			return err
		}
		p.record = nil
	}
	o.partitions[partition] = append(o.partitions[partition], p)
	o.partitionBytes[partition] += size
	return nil
}

// sizes are the bytes of each partition; nil when there is one only.
func (o *output) sizes() []int64 {
	if len(o.partitions) == 1 {
		return nil
	}
	return o.partitionBytes
}

// open reads a partition. An output with one partition has it for everybody:
// that is what a broadcast is.
func (o *output) open(partition int) (exec.Operator, error) {
	if len(o.partitions) == 1 {
		partition = 0
	}
	if partition == physical.AllPartitions {
		return &outputReader{output: o, pieces: slices.Concat(o.partitions...)}, nil
	}
	if partition < 0 || partition >= len(o.partitions) {
		return nil, sqlerr.New(sqlerr.InternalError, "partition %d of %d", partition, len(o.partitions))
	}
	return &outputReader{output: o, pieces: o.partitions[partition]}, nil
}

// free gives memory and disk back. Readers keep the batches they have, and
// those in memory.
func (o *output) free() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.freed {
		return
	}
	o.freed = true
	o.memory.Release(o.reserved)
	if o.spill != nil {
		o.spill.close()
	}
}

// outputReader reads one partition from its start.
type outputReader struct {
	output *output
	pieces []piece
	whole  bool // the reader is the output's only one: closing it frees it
	closed bool
}

func (r *outputReader) Schema() *arrow.Schema { return r.output.schema }

func (r *outputReader) Next(ctx context.Context) (arrow.Record, error) {
	for {
		switch {
		case r.closed:
			return nil, sqlerr.New(sqlerr.InternalError, "the output is closed")
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case len(r.pieces) == 0:
			return nil, io.EOF
		}
		p := r.pieces[0]
		r.pieces = r.pieces[1:]
		rec := p.record
		if rec == nil {
			var err error
			if rec, err = r.output.spill.read(p.chunk); err != nil {
				return nil, err
			}
		}
		if rec.NumRows() > 0 {
			return rec, nil
		}
	}
}

func (r *outputReader) Close() error {
	if !r.closed && r.whole {
		r.output.free()
	}
	r.closed = true
	return nil
}
