package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/physical"
)

// joinBlocks joins a pair of files whose build rows do not fit into memory and
// cannot be cut by a key (the block nested-loop join): the build rows are taken
// a block at a time, and the probe rows are read once for each block. What
// depends on whether a probe row has a match in any block comes last.
type joinBlocks struct {
	spill   *joinSpill
	part    joinPart
	build   *spillSource
	pending arrow.Record // of the next block
	seen    *seenRows
	sub     *join // joins the current block
	last    *join // gives what depends on seen
	lastAt  int64 // its next probe row
	done    bool  // no more blocks
}

// seenRows are the probe rows, by number, that have a match.
type seenRows struct {
	bits kernel.Words
	mem  *reservation
}

func (s *seenRows) set(row int64) { s.bits.Set(int(row)) }

func newJoinBlocks(s *joinSpill, p joinPart) (*joinBlocks, error) {
	b := &joinBlocks{spill: s, part: p}
	if p.probe != nil {
		words := int((p.probe.Rows + 63) / 64)
		b.seen = &seenRows{mem: &reservation{memory: s.join.mem.memory, stats: s.join.mem.stats}}
		if err := b.seen.mem.resize(int64(8 * words)); err != nil {
			return nil, err
		}
		b.seen.bits = make(kernel.Words, words)
	}
	var err error
	b.build, err = newSpillSource(p.build, s.join.input.Schema())
	return b, err
}

// Next gives the next rows, or io.EOF.
func (b *joinBlocks) Next(ctx context.Context) (arrow.Record, error) {
	for {
		switch {
		case b.sub != nil:
			rec, err := b.sub.Next(ctx)
			if err != io.EOF {
				return rec, err
			}
			if err := b.endBlock(); err != nil {
				return nil, err
			}
		case b.done:
			return b.nextUnmatched(ctx)
		default:
			if err := b.nextBlock(ctx); err != nil {
				return nil, err
			}
		}
	}
}

func (b *joinBlocks) endBlock() error {
	err := b.sub.probe.Close()
	if e := b.sub.Close(); err == nil {
		err = e
	}
	b.sub = nil
	b.spill.join.mem.free()
	return err
}

// blockKind is the kind of join of one block: what needs to know of other blocks
// is left out.
func blockKind(k physical.JoinKind) physical.JoinKind {
	switch k {
	case physical.LeftOuter:
		return physical.Inner
	case physical.FullOuter:
		return physical.RightOuter
	}
	return k
}

// nextBlock reads build rows until memory is refused and joins them.
func (b *joinBlocks) nextBlock(ctx context.Context) error {
	j := b.spill.join
	r, err := j.newBuildReader(&j.mem)
	if err != nil {
		return err
	}
	if b.pending != nil {
		refused, err := r.add(b.pending)
		if err == nil {
			err = refused // not even one record fits
		}
		if err != nil {
			return err
		}
		b.pending = nil
	}
	refused, err := r.read(ctx, b.build)
	if err != nil {
		return err
	}
	if b.pending = r.last; refused == nil {
		b.done = true
	}
	if len(r.held.recs) == 0 {
		return refused
	}
	side, err := r.finish()
	if err != nil {
		return err
	}
	if b.sub, err = b.spill.newSub(blockKind(j.node.Kind), side, b.part.probe); err != nil {
		return err
	}
	b.sub.seen = b.seen
	return nil
}

// nextUnmatched gives, after all blocks, what the matches of whole probe batches
// decide.
func (b *joinBlocks) nextUnmatched(ctx context.Context) (arrow.Record, error) {
	kind := b.spill.join.node.Kind
	if b.part.probe == nil || kind == physical.Inner || kind == physical.RightOuter {
		return nil, io.EOF
	}
	if b.last == nil {
		r, err := b.spill.join.newBuildReader(&b.spill.join.mem)
		if err != nil {
			return nil, err
		}
		none, err := r.finish()
		if err == nil {
			b.last, err = b.spill.newSub(kind, none, b.part.probe)
		}
		if err != nil {
			return nil, err
		}
		b.last.matched = nil // build rows were given block by block
	}
	for {
		rec, err := b.last.probe.Next(ctx)
		if err != nil {
			return nil, err
		}
		c, err := b.last.lookUp(rec)
		if err != nil {
			return nil, err
		}
		n := int(rec.NumRows())
		found := make(kernel.Words, (n+63)/64)
		for i := range n {
			if b.seen.bits.Get(int(b.lastAt) + i) {
				found.Set(i)
			}
		}
		b.lastAt += int64(n)
		if c.flags {
			c.found = found
			rec, err = b.last.flagged(ctx, c)
		} else {
			var p pairs
			for _, row := range found.Not(n).Rows() {
				p.add(row, -1)
			}
			rec, err = b.last.output(rec, p)
		}
		if err != nil || rec != nil && rec.NumRows() > 0 {
			return rec, err
		}
	}
}

func (b *joinBlocks) close() error {
	if b.seen != nil {
		b.seen.mem.free()
	}
	err := b.build.Close()
	for _, j := range []*join{b.sub, b.last} {
		if j == nil {
			continue
		}
		if e := j.probe.Close(); err == nil {
			err = e
		}
	}
	b.sub, b.last = nil, nil
	return err
}
