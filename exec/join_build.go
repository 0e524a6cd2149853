package exec

import (
	"context"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// buildSide is the rows of a join's build side by key. It does not change once
// made, and may be shared by the tasks of a query on one process.
type buildSide struct {
	rec   arrow.Record
	bytes int64 // of rec
	table *rowkey.Table
	// The rows of group g are rows[starts[g]:starts[g+1]], ascending. Rows with a
	// NULL key are in no group.
	starts []int32
	rows   []int32
	unique bool    // every group has one row: group g has rows[g]
	null   []int32 // rows with a NULL key
	shared bool    // by the tasks of the query
	early  []*keySet
	nulls  nullClasses
}

func (b *buildSide) len() int { return int(b.rec.NumRows()) }

// width is how many bytes a row takes in the mean.
func (b *buildSide) width() int64 { return b.bytes / int64(max(b.len(), 1)) }

// group is the rows of a group.
func (b *buildSide) group(g uint32) []int32 {
	if g == rowkey.NoGroup {
		return nil
	}
	return b.rows[b.starts[g]:b.starts[g+1]]
}

// sharedBuild gives the build side, made once for all tasks of the query on
// this process when every task reads the same rows. It is nil when memory was
// refused but the join can spill; rest are the records that were read from this
// task's input until then.
func (j *join) sharedBuild(ctx context.Context) (b *buildSide, rest []arrow.Record, err error) {
	src, ok := j.node.Right.(*physical.ExchangeSource)
	if !ok || !src.Broadcast || j.task.env.Shared == nil {
		return j.buildOrRest(ctx, &j.mem)
	}
	key := fmt.Sprintf("join build of stage %d from stage %d: %s", j.task.frag.Task.Stage, src.Stage, j.node)
	v, err := j.task.env.Shared.getFor(ctx, key, func() (any, error) {
		// The query's account keeps what is shared until the query ends.
		var m reservation
		m.memory, m.stats = j.task.env.Memory, j.mem.stats
		var b *buildSide
		var err error
		b, rest, err = j.buildOrRest(ctx, &m)
		if b == nil {
			m.free()
		} else {
			b.shared = true
		}
		return b, err
	})
	if err != nil {
		return nil, nil, err
	}
	return v.(*buildSide), rest, nil
}

// buildOrRest reads the whole build side, or gives what was read of it when
// memory was refused and the join can spill.
func (j *join) buildOrRest(ctx context.Context, mem *reservation) (*buildSide, []arrow.Record, error) {
	r, err := j.newBuildReader(mem)
	if err != nil {
		return nil, nil, err
	}
	r.early = j.early
	refused, err := r.read(ctx, j.input)
	if err != nil {
		return nil, nil, err
	}
	if refused != nil {
		if !j.spillable() {
			return nil, nil, refused
		}
		mem.free()
		return nil, append(r.held.records(), r.last), nil
	}
	b, err := r.finish()
	return b, nil, err
}

// buildReader collects the rows of a build side.
type buildReader struct {
	mem    *reservation
	node   *physical.Join
	keys   []*eval.Program
	build  *buildSide
	held   *heldRecords
	early  []earlyKey
	groups []uint32     // of each row
	last   arrow.Record // the record for which memory was refused
}

func (j *join) newBuildReader(mem *reservation) (*buildReader, error) {
	exprs, err := j.task.eval.CompileAll(j.node.RightKeys)
	return &buildReader{
		mem: mem, node: j.node, held: newHeldRecords(j.input.Schema()), keys: exprs,
		build: &buildSide{table: rowkey.NewTable(dataTypes(j.node.RightKeys))},
	}, err
}

// read takes all records of input, or up to the one for which memory is refused.
func (r *buildReader) read(ctx context.Context, input Operator) (refused, err error) {
	for {
		rec, err := input.Next(ctx)
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if refused, err = r.add(rec); err != nil || refused != nil {
			r.last = rec
			return refused, err
		}
	}
}

// add takes a record unless memory for it is refused.
func (r *buildReader) add(rec arrow.Record) (refused, err error) {
	n := int(rec.NumRows())
	b := r.build
	keys, err := evalAll(r.keys, eval.NewBatch(rec))
	if err != nil {
		return nil, err
	}
	bytes, err := r.held.offer(rec)
	if err != nil {
		return nil, err
	}
	growth := int64(0)
	if b.table.Len() > 0 { // the first batch is taken whatever it makes of the table
		growth = b.table.Growth(n)
	}
	// The records are held twice while they are put together.
	if err := r.mem.resize(2*bytes + int64(16*(len(r.groups)+n)) + b.table.Bytes() + growth); err != nil {
		return err, nil
	}
	if err := r.held.take(); err != nil {
		return nil, err
	}
	base := len(r.groups)
	r.groups = append(r.groups, make([]uint32, n)...)
	b.table.Assign(keys, n, r.groups[base:])
	for _, row := range nullKeys(keys, r.node.NullEqual, n) {
		r.groups[base+int(row)] = rowkey.NoGroup
		b.null = append(b.null, int32(base)+row)
	}
	return nil, nil
}

// finish gives the build side of the records taken.
func (r *buildReader) finish() (*buildSide, error) {
	b := r.build
	var err error
	if b.rec, err = r.held.together(); err != nil {
		return nil, err
	}
	b.bytes = kernel.RecordBytes(b.rec)
	b.nulls.mem = reservation{memory: r.mem.memory, stats: new(OperatorStats)}
	b.index(r.groups)
	bytes := b.bytes + int64(8*len(r.groups)) + b.table.Bytes()
	if err := r.mem.resize(bytes); err != nil {
		return b, err
	}
	b.early, err = keySets(r.early, b.rec, func(n int64) bool { return r.mem.resize(bytes+n) == nil })
	return b, err
}

// index sorts the rows by group, keeping their order.
func (b *buildSide) index(groups []uint32) {
	b.starts = make([]int32, b.table.Len()+1)
	for _, g := range groups {
		if g != rowkey.NoGroup {
			b.starts[g+1]++
		}
	}
	b.unique = true
	for g := range b.table.Len() {
		b.starts[g+1] += b.starts[g]
		b.unique = b.unique && int(b.starts[g+1]) == g+1
	}
	b.rows = make([]int32, len(groups)-len(b.null))
	at := append([]int32(nil), b.starts...)
	for r, g := range groups {
		if g != rowkey.NoGroup {
			b.rows[at[g]] = int32(r)
			at[g]++
		}
	}
}
