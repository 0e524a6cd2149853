package exec

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/exec/spill"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// spillFanout partitions are made of what does not fit, maxSpillDepth times at
// most.
const (
	spillFanout   = 8
	spillBits     = 3
	maxSpillDepth = 6
)

// aggSpill aggregates in partitions on disk:
//
//  1. Whenever memory is refused, all groups are written as (seq, keys, states)
//     to the partition of their key's hash, and the table starts anew. seq
//     counts groups in the order in which they appeared.
//  2. At the end every partition is merged by itself; one that does not fit is
//     cut again by other bits of the hash. Its results are in the order of seq.
//  3. The partitions' results are merged by seq: the order of the output is
//     that of an aggregation in memory.
type aggSpill struct {
	task   *task
	node   *physical.Aggregate // as asked for
	merger *physical.Aggregate // Final, over the columns of spilled groups
	schema *arrow.Schema       // of spilled groups
	mem    *reservation
	stats  *OperatorStats
	seq    int64
	parts  *spillParts
	runs   []runSource
	out    *merge
}

func newAggSpill(a *aggregate) *aggSpill {
	s := &aggSpill{task: a.task, node: a.node, mem: &a.mem, stats: a.stats}
	s.merger, s.schema = stateMerger(a, arrow.Field{Name: "seq", Type: sqltype.Int64})
	s.parts = s.task.newSpillParts(s.schema, 0)
	return s
}

// stateMerger is the Final aggregation that merges states which a made, and the
// schema of its input: the fields given, the keys and the states.
func stateMerger(a *aggregate, fields ...arrow.Field) (*physical.Aggregate, *arrow.Schema) {
	merger := *a.node
	merger.Mode = physical.Final
	merger.Keys = nil
	column := func(t arrow.DataType) expr.Expr {
		fields = append(fields, arrow.Field{Name: "", Type: t, Nullable: true})
		return &expr.Column{Index: len(fields) - 1, Type: t}
	}
	for i := range a.node.Keys {
		merger.Keys = append(merger.Keys, column(a.node.Out.Field(i).Type))
	}
	merger.Aggs = append([]physical.AggCall(nil), a.node.Aggs...)
	for i, call := range a.groups.aggs {
		m := &merger.Aggs[i]
		m.Args, m.Distinct, m.Filter, m.OrderBy = nil, false, nil, nil
		for _, t := range call.states {
			m.Args = append(m.Args, column(t))
		}
	}
	return &merger, arrow.NewSchema(fields, nil)
}

// spillable tells whether all aggregates can be kept as states.
func (g *groupTable) spillable() bool {
	for _, a := range g.aggs {
		if a.seen != nil || a.sorted != nil || a.ranked != nil {
			return false
		}
	}
	return len(g.keys) > 0
}

// spillGroups makes room after memory was refused by cause: a Partial
// aggregation gives its groups to the consumer, others write them to disk.
func (a *aggregate) spillGroups(ctx context.Context, cause error) error {
	if a.node.Mode == physical.Partial && len(a.keys) > 0 {
		a.state = aggFlush
		return nil
	}
	if !a.task.spill.Usable() {
		return cause
	}
	if !a.groups.spillable() {
		if err := a.makeRoom(ctx, cause); err != nil {
			return a.beginOverflow(err)
		}
		return nil
	}
	if a.spill == nil {
		a.spill = newAggSpill(a)
	}
	return a.spillRest()
}

// spillRest writes all groups and starts a new table.
func (a *aggregate) spillRest() error {
	if err := a.spill.writeGroups(a.spill.parts, a.groups, nil); err != nil {
		return err
	}
	var err error
	if a.groups, err = newGroupTable(a.task, a.node); err != nil {
		return err
	}
	return a.mem.resize(0)
}

// writeGroups writes the groups of a table; seqs are theirs, nil for new ones.
func (s *aggSpill) writeGroups(parts *spillParts, g *groupTable, seqs []int64) error {
	step := s.task.rowsOf(g.width())
	for lo := 0; lo < g.len(); lo += step {
		hi := min(lo+step, g.len())
		cols, err := g.output(context.Background(), lo, hi, true)
		if err != nil {
			return err
		}
		seq := make([]int64, hi-lo)
		for i := range seq {
			if seqs != nil {
				seq[i] = seqs[lo+i]
			} else {
				seq[i] = s.seq
				s.seq++
			}
		}
		if err := s.writeNumbered(parts, seq, cols); err != nil {
			return err
		}
	}
	return nil
}

// writeStates writes keys and states that are not in a table.
func (s *aggSpill) writeStates(rec arrow.Record) error {
	seq := make([]int64, rec.NumRows())
	for i := range seq {
		seq[i] = s.seq
		s.seq++
	}
	return s.writeNumbered(s.parts, seq, rec.Columns())
}

func (s *aggSpill) writeNumbered(parts *spillParts, seq []int64, cols []arrow.Array) error {
	cols = append([]arrow.Array{kernel.FromValues(sqltype.Int64, seq, nil)}, cols...)
	return parts.write(kernel.Record(s.schema, cols, len(seq)), cols[1:1+len(s.merger.Keys)])
}

// finish merges all partitions.
func (s *aggSpill) finish(ctx context.Context) error {
	files, err := s.parts.finish(s.stats)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f == nil {
			continue
		}
		if err := s.mergePartition(ctx, f, 1); err != nil {
			return err
		}
	}
	if s.runs, err = s.task.reduceRuns(ctx, s.node.Out, s.runs, nil, s.stats); err != nil {
		return err
	}
	s.out = s.task.newMerge(s.node.Out, s.runs, nil)
	return nil
}

// mergePartition merges one partition and adds its results as a run, or cuts it
// again when it does not fit.
func (s *aggSpill) mergePartition(ctx context.Context, f *spill.File, depth int) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	g, err := newGroupTable(s.task, s.merger)
	if err != nil {
		return err
	}
	var seqs []int64
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := g.add(rec.Columns()[1:1+len(s.merger.Keys)], eval.NewBatch(rec)); err != nil {
			return err
		}
		seqs = appendSeqs(seqs, rec, g.groups)
		if err := s.mem.resize(g.bytes() + int64(8*cap(seqs))); err != nil {
			if depth == maxSpillDepth {
				return err
			}
			return s.cutAgain(ctx, r, f, g, seqs, depth)
		}
	}
	if err := s.writeResults(ctx, g, seqs); err != nil {
		return err
	}
	return errors.Join(s.mem.resize(0), f.Remove())
}

// appendSeqs adds the seq of the groups that appeared in rec, whose rows' groups
// are given.
func appendSeqs(seqs []int64, rec arrow.Record, groups []uint32) []int64 {
	for i, q := range kernel.Values[int64](rec.Column(0)) {
		if int(groups[i]) == len(seqs) {
			seqs = append(seqs, q)
		}
	}
	return seqs
}

// cutAgain writes the groups merged so far and the rows not read yet to
// partitions by the next bits of the hash.
func (s *aggSpill) cutAgain(ctx context.Context, r *spill.Reader, f *spill.File, g *groupTable, seqs []int64, depth int) error {
	parts := s.task.newSpillParts(s.schema, depth)
	if err := s.writeGroups(parts, g, seqs); err != nil {
		return err
	}
	if err := s.mem.resize(0); err != nil {
		return err
	}
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = parts.write(rec, rec.Columns()[1:1+len(s.merger.Keys)])
		}
		if err != nil {
			return err
		}
	}
	if err := f.Remove(); err != nil {
		return err
	}
	files, err := parts.finish(s.stats)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f == nil {
			continue
		}
		if err := s.mergePartition(ctx, f, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// writeResults writes a merged partition's results as a run sorted by seq.
func (s *aggSpill) writeResults(ctx context.Context, g *groupTable, seqs []int64) error {
	if err := g.finish(ctx); err != nil {
		return err
	}
	schema := withKeyColumn(s.node.Out)
	w, err := s.task.spill.Create(schema)
	if err != nil {
		return err
	}
	step := s.task.spilledRows(g.bytes(), g.len())
	for lo := 0; lo < g.len(); lo += step {
		hi := min(lo+step, g.len())
		cols, err := g.output(context.Background(), lo, hi, false)
		if err == nil {
			keys := rowkey.Keys{Offsets: []int{0}}
			for _, q := range seqs[lo:hi] {
				keys.Data = binary.BigEndian.AppendUint64(keys.Data, uint64(q))
				keys.Offsets = append(keys.Offsets, len(keys.Data))
			}
			err = w.Write(kernel.Record(schema, append(cols, keys.Array()), hi-lo))
		}
		if err != nil {
			_ = w.Abort() // the first error is the one to tell
			return err
		}
	}
	file, err := w.Finish()
	if err != nil {
		return err
	}
	s.stats.Spilled += file.Bytes
	s.runs = append(s.runs, &spilledRun{file: file})
	return nil
}

func (s *aggSpill) close() error {
	var err error
	for _, r := range s.runs {
		err = errors.Join(err, r.close())
	}
	return err
}
