package worker

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec"
	"volley/exec/spill"
	"volley/flight"
	"volley/planner/physical"
	"volley/sqlerr"
)

// output is the rows of one attempt, cut into partitions. The attempt writes
// it (one goroutine) and seals it, then it is immutable but for free. Dictionary
// columns are kept as their indices, and the dictionary of a column once for all.
type output struct {
	schema     *arrow.Schema // every column plain
	partitions []partition
	columns    []storedDictionary
	memory     *exec.Memory
	rows       int64
	bytes      int64 // that readers of all partitions get

	mu       sync.Mutex
	reserved int64
	spill    *spill.Heap // what memory was refused for
	freed    bool
}

// partition is the rows for one consumer.
type partition struct {
	pieces  []piece
	rows    int64
	bytes   int64  // with every column plain, which is what work on them is judged by
	indexed []bool // by column: some piece has it as indices; nil: no column
	plain   []bool // by column: some piece has it plain
}

// piece is a batch in memory, or where it is on disk.
type piece struct {
	record arrow.Record
	place  spill.Place
}

func newOutput(schema *arrow.Schema, partitions int, memory *exec.Memory, dir string) *output {
	return &output{
		schema: plainSchema(schema), partitions: make([]partition, max(partitions, 1)),
		columns: make([]storedDictionary, schema.NumFields()), memory: memory, spill: spill.NewHeap(dir),
	}
}

// Write adds a batch to a partition: it is exec's Sink.
func (o *output) Write(at int, rec arrow.Record) error {
	if at < 0 || at >= len(o.partitions) {
		return sqlerr.New(sqlerr.InternalError, "partition %d of %d", at, len(o.partitions))
	}
	p := &o.partitions[at]
	rec, more, err := o.indices(p, rec)
	if err != nil {
		return err
	}
	size := flight.RecordBytes(rec)
	o.rows += rec.NumRows()
	o.bytes += size
	p.rows += rec.NumRows()
	p.bytes += size + more
	next := piece{record: rec}
	if o.memory.Reserve(size) == nil {
		o.reserved += size
	} else {
		if next.place, err = o.spill.Write(rec); err != nil {
			return err
		}
		next.record = nil
	}
	p.pieces = append(p.pieces, next)
	return nil
}

// sizes are the bytes of each partition; nil when there is one only.
func (o *output) sizes() []int64 {
	if len(o.partitions) == 1 {
		return nil
	}
	sizes := make([]int64, len(o.partitions))
	for i := range sizes {
		sizes[i] = o.partitions[i].bytes
	}
	return sizes
}

// open reads a partition. An output with one partition has it for everybody:
// that is what a broadcast is.
func (o *output) open(at int) (*outputReader, error) {
	if len(o.partitions) == 1 {
		at = 0
	}
	switch {
	case at == physical.AllPartitions:
		return o.reader(o.partitions)
	case at < 0 || at >= len(o.partitions):
		return nil, sqlerr.New(sqlerr.InternalError, "partition %d of %d", at, len(o.partitions))
	}
	return o.reader(o.partitions[at : at+1])
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
	_ = o.spill.Close() // it has no name
}
