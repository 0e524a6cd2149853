package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// join reads its right input into a hash table (the build side) and then, batch
// by batch, looks up the rows of its left input (the probe side). Output is in
// the order of the probe side, and for each of its rows in the order of the
// build side; the rows of the build side that only a right or full join gives
// come last. A build side for which memory is refused is joined in partitions or
// blocks from disk, and its rows come in their order (joinSpill).
//
// Candidate pairs are made a batch at a time, so that one probe row with very
// many matches does not need memory for all of them. A join without keys pairs
// every row with every row: the nested-loop join.
type join struct {
	task     *task
	node     *physical.Join
	probe    Operator
	input    Operator // build side
	all      Operator // the whole of it, where input is a part (physical.Join.Whole); nil: none
	leftKeys []*eval.Program
	residual *eval.Program // nil: none
	mem      reservation
	rule     nullRule

	early     []earlyKey
	rightKeys []*eval.Program // nil until needed
	patterns  *nullPatterns   // of the probe side; nil until needed

	spill   *joinSpill  // nil until memory was refused
	whole   *buildCount // of all of the build side, when build is a part of it
	apart   *keptRows   // probe rows with a NULL key that need all of the build side
	last    *joinBlocks // joins them, after the others
	seen    *seenRows   // nil: matches of probe rows are not noted across blocks
	unsure  *seenRows   // the same, of those for which IN is NULL
	cand    pairs       // scratch
	numbers []int32     // scratch: 0, 1, 2, …

	build   *buildSide
	finder  *rowkey.Probe
	matched kernel.Words // build rows with a match; right and full only
	read    int64        // probe rows
	cursor  *probeCursor // nil: read the next probe batch
	tail    int          // next build row to look at after the probe side's end
	ended   bool         // the probe side has ended
}

func newJoin(t *task, n *physical.Join, c *counted) (Operator, error) {
	if err := allKeyable(n.LeftKeys); err != nil {
		return nil, err
	}
	j := &join{task: t, node: n, probe: c.inputs[0], input: c.inputs[1], mem: t.reserve(c), rule: nullRuleOf(n), early: earlyKeys(n, c.inputs[0])}
	if len(c.inputs) > 2 {
		j.all = c.inputs[2]
	}
	var err error
	if j.leftKeys, err = t.eval.CompileAll(n.LeftKeys); err != nil {
		return nil, err
	}
	if n.Residual != nil {
		j.residual, err = t.eval.Compile(n.Residual)
	}
	return j, err
}

func (j *join) Schema() *arrow.Schema { return j.node.Out }

func (j *join) Next(ctx context.Context) (arrow.Record, error) {
	if j.build == nil && j.spill == nil {
		if err := j.open(ctx); err != nil {
			return nil, err
		}
	}
	if j.spill != nil {
		return j.spill.next(ctx)
	}
	for {
		switch {
		case j.last != nil:
			return j.last.Next(ctx)
		case j.ended && j.apart != nil && j.apart.count() > 0:
			if err := j.joinApart(); err != nil {
				return nil, err
			}
			continue
		case j.ended:
			return j.unmatchedBuild()
		}
		if j.cursor == nil {
			rec, err := j.probe.Next(ctx)
			if err == io.EOF {
				j.ended = true
				continue
			}
			if err != nil {
				return nil, err
			}
			if j.cursor, err = j.lookUp(rec); err != nil {
				return nil, err
			}
			j.cursor.base = j.read
			j.read += rec.NumRows()
		}
		if ctx.Err() != nil { // one probe batch may give very many
			return nil, context.Cause(ctx)
		}
		rec, done, err := j.step(ctx, j.cursor)
		if done {
			j.cursor = nil
		}
		if err != nil {
			return nil, err
		}
		if rec != nil && rec.NumRows() > 0 {
			return rec, nil
		}
	}
}

func (j *join) open(ctx context.Context) error {
	b, rest, err := j.sharedBuild(ctx)
	if err != nil {
		return err
	}
	if b == nil {
		j.spill = newJoinSpill(j)
		return j.spill.begin(ctx, rest)
	}
	if j.all != nil {
		j.apart = j.task.newKeptRows(j.probe.Schema(), j.mem.stats)
	}
	j.use(b)
	j.filterScans()
	return nil
}

// joinApart begins joining the rows set apart with all of the build side.
func (j *join) joinApart() error {
	if err := j.apart.finish(); err != nil {
		return err
	}
	j.dropBuild()
	var err error
	j.last, err = newJoinBlocks(j, nil, j.all, j.apart)
	return err
}

// dropBuild gives the memory of the build side back.
func (j *join) dropBuild() {
	if j.build != nil && !j.build.shared {
		j.build.nulls.mem.free()
	}
	j.mem.free()
	j.build, j.finder = nil, nil
}

// use makes b the build side of the probe rows to come.
func (j *join) use(b *buildSide) {
	j.build = b
	j.finder = b.table.NewProbe()
	if k := j.node.Kind; k == physical.RightOuter || k == physical.FullOuter {
		j.matched = make(kernel.Words, (b.len()+63)/64)
	}
}

// lookUp finds the build rows of each row of a probe batch.
func (j *join) lookUp(rec arrow.Record) (*probeCursor, error) {
	keys, err := evalAll(j.leftKeys, eval.NewBatch(rec))
	if err != nil {
		return nil, err
	}
	if j.apart != nil {
		if rec, keys, err = j.withoutApart(rec, keys); err != nil {
			return nil, err
		}
	}
	n := int(rec.NumRows())
	c := &probeCursor{rec: rec, groups: make([]uint32, n), limit: j.pairLimit(rec)}
	if j.rule >= nullsWithin {
		if c.keys, err = plainKeys(keys); err != nil {
			return nil, err
		}
	}
	j.finder.Find(keys, n, c.groups)
	c.null = nullKeys(keys, j.node.NullEqual, n)
	for _, r := range c.null {
		c.groups[r] = rowkey.NoGroup
	}
	if c.flags = j.wantsFlags(); c.flags {
		c.found = make(kernel.Words, (n+63)/64)
	}
	return c, nil
}

// wantsFlags: the output depends only on whether a probe row has a match.
func (j *join) wantsFlags() bool {
	switch j.node.Kind {
	case physical.Semi, physical.Anti, physical.Mark:
		return true
	}
	return false
}

// nullKeys are the rows that match nothing because a key is NULL.
func nullKeys(keys []arrow.Array, nullEqual []bool, n int) []int32 {
	var all kernel.Words
	for i, k := range keys {
		if i < len(nullEqual) && nullEqual[i] {
			continue
		}
		plain, err := kernel.Decode(k)
		if err != nil {
			plain = k
		}
		if valid := kernel.Valid(plain); valid != nil {
			if all == nil {
				all = kernel.Ones(n)
			}
			for w := range all {
				all[w] &= valid[w]
			}
		}
	}
	if all == nil {
		return nil
	}
	return all.Not(n).Rows()
}

func (j *join) Close() error {
	var err error
	if j.spill != nil {
		err = j.spill.close()
	}
	if j.last != nil {
		err = errors.Join(err, j.last.close())
	}
	if j.apart != nil {
		err = errors.Join(err, j.apart.close())
	}
	j.dropBuild()
	j.cursor, j.spill, j.last, j.apart = nil, nil, nil, nil
	return err
}
