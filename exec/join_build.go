package exec

import (
	"context"
	"errors"
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
	table *rowkey.Table
	// The rows of group g are rows[starts[g]:starts[g+1]], ascending. Rows with a
	// NULL key are in no group.
	starts []int32
	rows   []int32
	null   []int32 // rows with a NULL key
}

func (b *buildSide) len() int { return int(b.rec.NumRows()) }

// group is the rows of a group.
func (b *buildSide) group(g uint32) []int32 {
	if g == rowkey.NoGroup {
		return nil
	}
	return b.rows[b.starts[g]:b.starts[g+1]]
}

// sharedBuild gives the build side, made once for all tasks of the query on
// this process when every task reads the same rows.
func (j *join) sharedBuild(ctx context.Context) (*buildSide, error) {
	src, ok := j.node.Right.(*physical.ExchangeSource)
	if !ok || !src.Broadcast || j.task.env.Shared == nil {
		return j.readBuild(ctx, &j.mem)
	}
	key := fmt.Sprintf("join build of stage %d from stage %d: %s", j.task.frag.Task.Stage, src.Stage, j.node)
	for {
		v, err := j.task.env.Shared.Get(key, func() (any, error) {
			// The query's account keeps what is shared until the query ends.
			var m reservation
			m.memory, m.stats = j.mem.memory, j.mem.stats
			b, err := j.readBuild(ctx, &m)
			if err != nil {
				m.free()
			}
			return b, err
		})
		if err == nil {
			return v.(*buildSide), nil
		}
		// The task that was building may have been cancelled; this one was not.
		if ctx.Err() != nil || !errors.Is(err, context.Canceled) {
			return nil, err
		}
	}
}

// readBuild reads the build side.
func (j *join) readBuild(ctx context.Context, mem *reservation) (*buildSide, error) {
	exprs, err := j.task.eval.CompileAll(j.node.RightKeys)
	if err != nil {
		return nil, err
	}
	b := &buildSide{table: rowkey.NewTable(dataTypes(j.node.RightKeys))}
	var recs []arrow.Record
	var groups []uint32 // of each row
	var bytes int64
	for {
		rec, err := j.input.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		n := int(rec.NumRows())
		keys, err := evalAll(exprs, eval.NewBatch(rec))
		if err != nil {
			return nil, err
		}
		bytes += kernel.RecordBytes(rec) + int64(8*n)
		if err := mem.resize(bytes + b.table.Bytes()); err != nil {
			return nil, err
		}
		base := len(groups)
		groups = append(groups, make([]uint32, n)...)
		b.table.Assign(keys, n, groups[base:])
		for _, r := range nullKeys(keys, j.node.NullEqual, n) {
			groups[base+int(r)] = rowkey.NoGroup
			b.null = append(b.null, int32(base)+r)
		}
		recs = append(recs, rec)
	}
	if b.rec, err = kernel.ConcatRecords(j.input.Schema(), recs); err != nil {
		return nil, err
	}
	b.index(groups)
	return b, nil
}

// index sorts the rows by group, keeping their order.
func (b *buildSide) index(groups []uint32) {
	b.starts = make([]int32, b.table.Len()+1)
	for _, g := range groups {
		if g != rowkey.NoGroup {
			b.starts[g+1]++
		}
	}
	for g := range b.table.Len() {
		b.starts[g+1] += b.starts[g]
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
