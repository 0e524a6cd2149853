package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/spill"
	"volley/planner/physical"
)

// joinSpill joins what memory has no room for (the GRACE hash join):
//
//  1. Both sides are cut into partitions on disk by the hash of their keys.
//  2. Each pair of partitions is joined by itself: its build rows are read into
//     a hash table, its probe rows looked up. Every kind of join may be done so,
//     since rows that match are in the same pair.
//  3. A pair whose build rows do not fit is cut again by other bits of the hash.
//     One that cannot be cut, because its keys are equal or there are none, is
//     joined block by block (joinBlocks).
//
// Where NULL compares with rows of other partitions (nullsApart), rows with a NULL
// key are set apart. Those of the build side are read with every partition; those of
// the probe side are joined first, with all of the build side block by block.
type joinSpill struct {
	join  *join
	whole buildCount
	nulls *keptRows  // of the build side; nil: they are in the partitions
	apart *keptRows  // of the probe side
	parts []joinPart // still to join
	sub   *join      // joins the current pair; nil: none
	block *joinBlocks
	ended error
}

// joinPart is a pair of partitions; a nil file has no rows.
type joinPart struct {
	build, probe *spill.File
	depth        int // how often it was cut; maxSpillDepth: it is not to be cut
}

// buildCount is what IN needs to know of the whole build side.
type buildCount struct {
	rows  int64
	nulls bool // some row has a NULL key
}

// spillable tells whether the join can work from disk.
func (j *join) spillable() bool { return j.task.spill.Usable() && j.whole == nil }

// newJoinSpill makes what joins from disk.
func newJoinSpill(j *join) *joinSpill {
	s := &joinSpill{join: j}
	if j.rule == nullsApart {
		s.nulls = j.task.newKeptRows(j.input.Schema(), j.mem.stats)
		s.apart = j.task.newKeptRows(j.probe.Schema(), j.mem.stats)
	}
	return s
}

// begin writes both sides to disk; rest are records already read from the build side's
// input.
func (s *joinSpill) begin(ctx context.Context, rest []arrow.Record) error {
	j := s.join
	keys, err := j.task.eval.CompileAll(cutKeys(j.node, j.node.RightKeys))
	if err != nil {
		return err
	}
	count := func(rec arrow.Record, keys []arrow.Array) {
		s.whole.rows += rec.NumRows()
		s.whole.nulls = s.whole.nulls || len(nullKeys(keys, j.node.NullEqual, int(rec.NumRows()))) > 0
	}
	cut := &joinCut{parts: j.task.newSpillParts(j.input.Schema(), 0), keys: keys, each: count, apart: s.nulls}
	for i, rec := range rest {
		rest[i] = nil
		if err := cut.write(rec); err != nil {
			return err
		}
	}
	build, err := cut.all(ctx, j.input, j.mem.stats)
	if err != nil {
		return err
	}
	cut = &joinCut{parts: j.task.newSpillParts(j.probe.Schema(), 0), keys: cutKeys(j.node, j.leftKeys), apart: s.apart}
	probe, err := cut.all(ctx, j.probe, j.mem.stats)
	if err != nil {
		return err
	}
	s.push(build, probe, 1, 0)
	return s.beginApart(build)
}

// beginApart begins joining the probe rows set apart, before any part of the build
// side is cut again.
func (s *joinSpill) beginApart(build [spillFanout]*spill.File) error {
	if s.nulls == nil {
		return nil
	}
	if err := errors.Join(s.nulls.finish(), s.apart.finish()); err != nil || s.apart.count() == 0 {
		return err
	}
	j := s.join
	all := j.all
	if all == nil {
		parts := []storedRows{s.nulls}
		for _, f := range build {
			parts = append(parts, spilledRows{f, j.input.Schema()})
		}
		all = &chained{schema: j.input.Schema(), parts: parts}
	}
	var err error
	s.block, err = newJoinBlocks(j, &s.whole, all, s.apart)
	return err
}

// buildOf is the build rows of a pair.
func (s *joinSpill) buildOf(p joinPart) Operator {
	parts := []storedRows{spilledRows{p.build, s.join.input.Schema()}}
	if s.nulls != nil {
		parts = append(parts, s.nulls)
	}
	return &chained{schema: s.join.input.Schema(), parts: parts}
}

// probeOf is the probe rows of a pair.
func (s *joinSpill) probeOf(p joinPart) storedRows {
	return spilledRows{p.probe, s.join.probe.Schema()}
}

// joinCut cuts one side of a join into partitions.
type joinCut struct {
	parts *spillParts
	keys  []*eval.Program
	each  func(arrow.Record, []arrow.Array) // sees every record; nil: nobody does
	apart *keptRows                         // takes the rows with a NULL key; nil: nobody does
}

func (c *joinCut) write(rec arrow.Record) error {
	keys, err := evalAll(c.keys, eval.NewBatch(rec))
	if err != nil {
		return err
	}
	if c.each != nil {
		c.each(rec, keys)
	}
	if c.apart != nil {
		rest, err := setApart(rec, keys, c.apart)
		if err != nil || rest.NumRows() == 0 {
			return err
		}
		if rest != rec {
			rec = rest
			if keys, err = evalAll(c.keys, eval.NewBatch(rec)); err != nil {
				return err
			}
		}
	}
	return c.parts.write(rec, keys)
}

// all writes the rest of input and ends the files.
func (c *joinCut) all(ctx context.Context, input Operator, stats *OperatorStats) (files [spillFanout]*spill.File, err error) {
	for {
		rec, err := input.Next(ctx)
		if err == io.EOF {
			return c.parts.finish(stats)
		}
		if err == nil {
			err = c.write(rec)
		}
		if err != nil {
			return files, err
		}
	}
}

// push adds pairs of partitions, of which some are not worth cutting again.
func (s *joinSpill) push(build, probe [spillFanout]*spill.File, depth int, parentRows int64) {
	for at := range build {
		p := joinPart{build: build[at], probe: probe[at], depth: depth}
		if len(s.join.leftKeys) == 0 || p.build != nil && p.build.Rows > parentRows/10*9 && parentRows > 0 {
			p.depth = maxSpillDepth
		}
		if p.build != nil || p.probe != nil {
			s.parts = append(s.parts, p)
		}
	}
}

func (s *joinSpill) next(ctx context.Context) (arrow.Record, error) {
	for s.ended == nil {
		var op interface {
			Next(context.Context) (arrow.Record, error)
		}
		switch {
		case s.block != nil:
			op = s.block
		case s.sub != nil:
			op = s.sub
		case len(s.parts) == 0:
			s.ended = io.EOF
			continue
		default:
			p := s.parts[len(s.parts)-1]
			s.parts = s.parts[:len(s.parts)-1]
			s.ended = s.open(ctx, p)
			continue
		}
		rec, err := op.Next(ctx)
		if err == nil {
			return rec, nil
		}
		if err != io.EOF {
			s.ended = err
			continue
		}
		s.ended = s.closeCurrent()
	}
	return nil, s.ended
}

// open starts joining a pair, or cuts it.
func (s *joinSpill) open(ctx context.Context, p joinPart) error {
	j := s.join
	src := s.buildOf(p)
	defer src.Close()
	r, err := j.newBuildReader(&j.mem)
	if err != nil {
		return err
	}
	refused, err := r.read(ctx, src)
	switch {
	case err != nil:
		return err
	case refused == nil:
		b, err := r.finish()
		if err != nil {
			return err
		}
		s.sub, err = j.newSub(j.node.Kind, b, s.probeOf(p), &s.whole)
		return err
	}
	j.mem.free()
	if p.build != nil && p.depth < maxSpillDepth {
		return s.cutAgain(ctx, p)
	}
	s.block, err = newJoinBlocks(j, &s.whole, s.buildOf(p), s.probeOf(p))
	return err
}

// newSub is a join of a part of the build side, of which whole is known, with probe
// rows.
func (j *join) newSub(kind physical.JoinKind, b *buildSide, probe storedRows, whole *buildCount) (*join, error) {
	src, err := probe.open()
	if err != nil {
		return nil, err
	}
	node := *j.node
	node.Kind = kind
	sub := &join{
		task: j.task, node: &node, probe: src, input: j.input, leftKeys: j.leftKeys, residual: j.residual, rule: j.rule,
		mem: reservation{memory: j.mem.memory, stats: j.mem.stats}, whole: whole,
	}
	sub.use(b)
	return sub, nil
}

func (s *joinSpill) cutAgain(ctx context.Context, p joinPart) error {
	j := s.join
	keys, err := j.task.eval.CompileAll(cutKeys(j.node, j.node.RightKeys))
	if err != nil {
		return err
	}
	cut := func(f *spill.File, schema *arrow.Schema, keys []*eval.Program) (files [spillFanout]*spill.File, err error) {
		src, err := newSpillSource(f, schema)
		if err != nil {
			return files, err
		}
		c := &joinCut{parts: j.task.newSpillParts(schema, p.depth), keys: keys}
		files, err = c.all(ctx, src, j.mem.stats)
		return files, errors.Join(err, src.Close(), removeSpilled(f))
	}
	build, err := cut(p.build, j.input.Schema(), keys)
	if err != nil {
		return err
	}
	probe, err := cut(p.probe, j.probe.Schema(), cutKeys(j.node, j.leftKeys))
	if err != nil {
		return err
	}
	s.push(build, probe, p.depth+1, p.build.Rows)
	return nil
}

// closeCurrent ends the current pair.
func (s *joinSpill) closeCurrent() error {
	var err error
	if s.sub != nil {
		err = errors.Join(s.sub.probe.Close(), s.sub.Close())
	}
	if s.block != nil {
		err = errors.Join(err, s.block.close())
	}
	s.sub, s.block = nil, nil
	s.join.mem.free()
	return err
}

func (s *joinSpill) close() error {
	s.parts, s.ended = nil, errClosed
	err := s.closeCurrent()
	for _, k := range []*keptRows{s.nulls, s.apart} {
		if k != nil {
			err = errors.Join(err, k.close())
		}
	}
	return err
}
