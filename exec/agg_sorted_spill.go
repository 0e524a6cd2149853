package exec

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/sqltype"
	"volley/udf"
)

// sortedRuns are the rows of an aggregate with ORDER BY that did not fit into
// memory: runs on disk, sorted by group and then by the keys. They are merged
// while results are given, group by group, so that only the states of the groups
// of one batch of results are in memory.
type sortedRuns struct {
	task   *task
	stats  *OperatorStats
	schema *arrow.Schema // group, then the arguments that are no constants
	rows   int           // of all runs
	runs   []runSource
	merged *merge
	held   func() error // accounts for what the states hold, which grow with each batch
	rec    arrow.Record // merged rows of groups still to come, from row at on
	at     int
}

// makeRoom writes the rows of the aggregates that wait for their order, or to be
// told apart, to disk, because memory was refused by cause.
func (a *aggregate) makeRoom(ctx context.Context, cause error) error {
	if !a.task.spill.Usable() {
		return cause
	}
	some := false
	for _, call := range a.groups.aggs {
		rows := call.sorted
		if rows == nil && call.seen != nil && !call.seen.frozen() {
			call.seen.freeze(a.task)
			some = true
		}
		if r := call.ranked; r != nil && r.gives(call) && r.rows > 0 {
			some = true
			if err := r.spill(a); err != nil {
				return err
			}
		}
		if rows == nil || len(rows.groups) == 0 {
			continue
		}
		some = true
		if err := rows.spill(ctx, a.task, a.stats); err != nil {
			return err
		}
	}
	if !some {
		return cause
	}
	return a.mem.resize(a.bytes())
}

// beginSorted ends the input of the aggregates that have rows on disk.
func (a *aggregate) beginSorted(ctx context.Context) error {
	for _, call := range a.groups.aggs {
		s := call.sorted
		if s == nil || s.spilled == nil {
			continue
		}
		if len(s.groups) > 0 {
			if err := s.spill(ctx, a.task, a.stats); err != nil {
				return err
			}
		}
		s.spilled.held = func() error { return a.mem.resize(a.bytes()) }
		if err := s.spilled.begin(ctx); err != nil {
			return err
		}
	}
	return nil
}

// spill writes the rows in memory as a run.
func (s *sortedArgs) spill(ctx context.Context, t *task, stats *OperatorStats) error {
	if s.spilled == nil {
		fields := []arrow.Field{{Name: "group", Type: sqltype.Int32}}
		for _, c := range s.args {
			if c != nil {
				fields = append(fields, arrow.Field{Name: "", Type: c.Type(), Nullable: true})
			}
		}
		s.spilled = &sortedRuns{task: t, stats: stats, schema: arrow.NewSchema(fields, nil)}
	}
	s.spilled.rows += len(s.groups)
	size := s.held()
	sorted, err := s.takeRun(ctx)
	if err != nil {
		return err
	}
	sorted.rows = t.spilledRows(size, len(sorted.order))
	run, err := t.writeRun(ctx, s.spilled.schema, sorted, stats)
	if err != nil {
		return err
	}
	s.spilled.runs = append(s.spilled.runs, run)
	return nil
}

// takeRun is the rows in memory, which are given up, sorted by group and keys.
func (s *sortedArgs) takeRun(ctx context.Context) (*sortedRun, error) {
	order, err := s.bytesK.SortUntil(ctx)
	if err != nil {
		return nil, err
	}
	run := &sortedRun{rows: s.rows, keys: s.bytesK, order: byGroup(order, s.groups), groups: s.groups}
	for i, c := range s.args {
		if c == nil {
			continue
		}
		whole, err := c.Slice(0, c.Len())
		if err != nil {
			return nil, err
		}
		run.args = append(run.args, whole)
		s.args[i] = kernel.NewChunks(c.Type())
	}
	s.bytesK, s.groups = rowkey.Keys{}, nil
	return run, nil
}

// byGroup sorts rows by their groups; those of one group keep their order.
func byGroup(rows []int32, groups []uint32) []int32 {
	next := make([]int32, slices.Max(groups)+2)
	if len(next) == 2 {
		return rows
	}
	for _, g := range groups {
		next[g+1]++
	}
	for g := range next[1:] {
		next[g+1] += next[g]
	}
	out := make([]int32, len(rows))
	for _, r := range rows {
		g := groups[r]
		out[next[g]] = r
		next[g]++
	}
	return out
}

// sortedRun gives rows in memory by batches.
type sortedRun struct {
	rows   int
	keys   rowkey.Keys // without the groups
	order  []int32
	groups []uint32
	args   []arrow.Array
	at     int
}

func (r *sortedRun) next(ctx context.Context) (arrow.Record, *rowkey.Keys, error) {
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	if r.at == len(r.order) {
		return nil, nil, io.EOF
	}
	rows := r.order[r.at:min(r.at+r.rows, len(r.order))]
	r.at += len(rows)
	groups := make([]int32, len(rows))
	keys := rowkey.Keys{Offsets: make([]int, 1, len(rows)+1)}
	for i, row := range rows {
		groups[i] = int32(r.groups[row])
		keys.Data = append(binary.BigEndian.AppendUint32(keys.Data, r.groups[row]), r.keys.Key(int(row))...)
		keys.Offsets = append(keys.Offsets, len(keys.Data))
	}
	fields := []arrow.Field{{Name: "group", Type: sqltype.Int32}}
	cols := []arrow.Array{kernel.FromValues(sqltype.Int32, groups, nil)}
	for _, a := range r.args {
		taken, err := kernel.Take(a, rows)
		if err != nil {
			return nil, nil, err
		}
		cols = append(cols, taken)
		fields = append(fields, arrow.Field{Name: "", Type: taken.DataType(), Nullable: true})
	}
	return kernel.Record(arrow.NewSchema(fields, nil), cols, len(rows)), &keys, nil
}

func (r *sortedRun) close() error { return nil }

// begin ends the input: the merge can be read.
func (s *sortedRuns) begin(ctx context.Context) error {
	var err error
	if s.runs, err = s.task.reduceRuns(ctx, s.schema, s.runs, nil, s.stats); err != nil {
		return err
	}
	s.merged = s.task.newMerge(s.schema, s.runs, nil)
	return nil
}

// upTo gives the rows of groups below hi to f, in order.
func (s *sortedRuns) upTo(ctx context.Context, hi int, f func(groups []int32, rec arrow.Record) error) error {
	for {
		if s.rec == nil || s.at == int(s.rec.NumRows()) {
			rec, _, err := s.merged.next(ctx)
			if err == io.EOF {
				s.rec = nil
				return nil
			}
			if err != nil {
				return err
			}
			s.rec, s.at = rec, 0
		}
		groups := kernel.Values[int32](s.rec.Column(0))
		end := s.at
		for end < len(groups) && int(groups[end]) < hi {
			end++
		}
		if end > s.at {
			if err := f(groups[s.at:end], sliceRecord(s.rec, int64(s.at), int64(end))); err != nil {
				return err
			}
		}
		if s.at = end; end < len(groups) {
			return nil
		}
	}
}

func (s *sortedRuns) close() error {
	var err error
	for _, r := range s.runs {
		err = errors.Join(err, r.close())
	}
	return err
}

// merging is the result column of groups lo to hi−1, whose rows are on disk.
func (a *aggCall) merging(ctx context.Context, lo, hi int) (arrow.Array, error) {
	acc, err := a.fresh()
	if err != nil {
		return nil, placedAt(err, a.call.Pos)
	}
	a.acc = acc
	a.expect(acc, lo, hi)
	if a.seen != nil {
		a.seen = a.newSeen()
	}
	n := hi - lo
	err = a.sorted.spilled.upTo(ctx, hi, func(of []int32, rec arrow.Record) error {
		groups := make([]uint32, len(of))
		for i, g := range of {
			groups[i] = uint32(int(g) - lo)
		}
		args := make([]udf.Arg, len(a.sorted.args))
		next := 1
		for i, c := range a.sorted.args {
			if args[i] = a.sorted.consts[i]; c != nil {
				args[i].Array = rec.Column(next)
				next++
			}
		}
		var err error
		if a.seen != nil {
			err = a.addDistinct(groups, n, args)
		} else {
			err = a.acc.Update(groups, n, args)
		}
		if err != nil {
			return err
		}
		return a.sorted.spilled.held()
	})
	if err == nil {
		err = a.grow(n)
	}
	if err != nil {
		return nil, placedAt(err, a.call.Pos)
	}
	r, err := a.acc.Result(0, n)
	return r, placedAt(err, a.call.Pos)
}
