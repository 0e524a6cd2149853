package exec

import (
	"context"
	"errors"
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
	join    *join
	whole   *buildCount
	probe   storedRows
	build   Operator
	pending arrow.Record // of the next block
	seen    *seenRows
	unsure  *seenRows // nil: whole tells for which rows IN is NULL
	sub     *join     // joins the current block
	last    *join     // gives what depends on seen
	lastAt  int64     // its next probe row
	done    bool      // no more blocks
}

// seenRows are probe rows by number, such as those that have a match.
type seenRows struct {
	bits kernel.Words
	mem  *reservation
}

func (s *seenRows) set(row int64) { s.bits.Set(int(row)) }

func newSeenRows(j *join, rows int64) (*seenRows, error) {
	words := int((rows + 63) / 64)
	s := &seenRows{mem: &reservation{memory: j.mem.memory, stats: j.mem.stats}}
	if err := s.mem.resize(int64(8 * words)); err != nil {
		return nil, err
	}
	s.bits = make(kernel.Words, words)
	return s, nil
}

// read is the bits of n rows from the number at on.
func (s *seenRows) read(at int64, n int) kernel.Words {
	out := make(kernel.Words, (n+63)/64)
	for i := range n {
		if s.bits.Get(int(at) + i) {
			out.Set(i)
		}
	}
	return out
}

// newJoinBlocks joins build with probe as j does; whole is what is known of the
// whole build side, nil if build is that.
func newJoinBlocks(j *join, whole *buildCount, build Operator, probe storedRows) (*joinBlocks, error) {
	b := &joinBlocks{join: j, whole: whole, build: build, probe: probe}
	var err error
	if b.seen, err = newSeenRows(j, probe.count()); err != nil {
		return nil, err
	}
	if j.rule >= nullsWithin {
		b.unsure, err = newSeenRows(j, probe.count())
	}
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
	b.join.mem.free()
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
	j := b.join
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
	if b.sub, err = j.newSub(blockKind(j.node.Kind), side, b.probe, b.whole); err != nil {
		return err
	}
	b.sub.seen, b.sub.unsure = b.seen, b.unsure
	return nil
}

// nextUnmatched gives, after all blocks, what the matches of whole probe batches
// decide.
func (b *joinBlocks) nextUnmatched(ctx context.Context) (arrow.Record, error) {
	j := b.join
	kind := j.node.Kind
	if b.probe.count() == 0 || kind == physical.Inner || kind == physical.RightOuter {
		return nil, io.EOF
	}
	if b.last == nil {
		r, err := j.newBuildReader(&j.mem)
		if err != nil {
			return nil, err
		}
		none, err := r.finish()
		if err == nil {
			b.last, err = j.newSub(kind, none, b.probe, b.whole)
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
		found := b.seen.read(b.lastAt, n)
		var unknown kernel.Words
		if c.found = found; b.unsure != nil {
			unknown = b.unsure.read(b.lastAt, n)
		} else if unknown, err = b.last.unknown(ctx, c); err != nil {
			return nil, err
		}
		b.lastAt += int64(n)
		if c.flags {
			rec, err = b.last.flagged(c, unknown)
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
	for _, s := range []*seenRows{b.seen, b.unsure} {
		if s != nil {
			s.mem.free()
		}
	}
	err := b.build.Close()
	for _, j := range []*join{b.sub, b.last} {
		if j != nil {
			err = errors.Join(err, j.probe.Close(), j.Close())
		}
	}
	b.sub, b.last = nil, nil
	return err
}
