package exec

import (
	"context"
	"slices"

	"volley/exec/rowkey"
	"volley/planner/expr"
	"volley/udf"
)

// roomAmong is how many times the words that are kept at once, while some of them are
// selected, are less than all that are in memory.
const roomAmong = 16

// ranksAsked are the ranks that groups' values are wanted for, ascending in each group,
// and the words that were found for them.
type ranksAsked struct {
	ranks []int64
	ends  []int32 // by group
	words []uint64
}

// of are the ranks of a group and where their words are put.
func (a *ranksAsked) of(group int) ([]int64, []uint64) {
	lo := int32(0)
	if group > 0 {
		lo = a.ends[group-1]
	}
	hi := a.ends[group]
	return a.ranks[lo:hi], a.words[lo:hi]
}

// finish gives all aggregates the values that they ask for, of n groups.
func (r *rankedArgs) finish(ctx context.Context, n int) error {
	r.ensure(n)
	each := make([]ranksAsked, len(r.calls))
	for i, a := range r.calls {
		acc := a.acc.(udf.Ranked)
		acc.Expect(r.sizes)
		ranks, ends, err := acc.Ranks(n, a.call.Args[0].(*expr.Literal).Value)
		if err != nil {
			return placedAt(err, a.call.Pos)
		}
		each[i] = ranksAsked{ranks, ends, make([]uint64, len(ranks))}
	}
	all := &each[0]
	if len(each) > 1 {
		all = together(each, n)
	}
	if err := r.find(ctx, all); err != nil {
		return err
	}
	r.words, r.groups, r.selector = nil, nil, rowkey.Selector{}
	for i, a := range r.calls {
		words := each[i].words
		if len(each) > 1 {
			each[i].takeFrom(all)
		}
		if r.flip != 0 {
			for k, w := range words {
				words[k] = ^w
			}
		}
		a.acc.(udf.Ranked).Keep(rowkey.FromWords(r.typ, words))
	}
	return nil
}

// together is what several ask for, each rank of a group once.
func together(each []ranksAsked, groups int) *ranksAsked {
	all := &ranksAsked{ends: make([]int32, groups)}
	for g := range groups {
		from := len(all.ranks)
		for i := range each {
			ranks, _ := each[i].of(g)
			all.ranks = append(all.ranks, ranks...)
		}
		some := all.ranks[from:]
		slices.Sort(some)
		all.ranks = all.ranks[:from+len(slices.Compact(some))]
		all.ends[g] = int32(len(all.ranks))
	}
	all.words = make([]uint64, len(all.ranks))
	return all
}

// takeFrom takes the words of a's ranks from those of all.
func (a *ranksAsked) takeFrom(all *ranksAsked) {
	for g := range a.ends {
		ranks, words := a.of(g)
		theirs, found := all.of(g)
		at := 0
		for i, rank := range ranks {
			for theirs[at] < rank {
				at++
			}
			words[i] = found[at]
		}
	}
}

// find finds the words of all ranks.
func (r *rankedArgs) find(ctx context.Context, asked *ranksAsked) error {
	switch {
	case len(asked.ranks) == 0:
		return nil
	case r.disk != nil:
		return r.findOnDisk(ctx, asked)
	case !r.keyed:
		r.selector.Room = max(r.rows/roomAmong, 1)
		return r.findOne(0, r.inMemory(ctx), asked)
	}
	of := newGroupWords(r, 0, r.sizes)
	for i, words := range r.words {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		of.add(words, r.groups[i])
		r.words[i], r.groups[i] = nil, nil
	}
	return of.find(ctx, asked)
}

// inMemory are the words of all blocks.
func (r *rankedArgs) inMemory(ctx context.Context) rowkey.WordSource {
	return func(f func([]uint64)) error {
		for _, words := range r.words {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			f(words)
		}
		return nil
	}
}

// findOne finds the words of a group, which a source gives, by reading this several times.
func (r *rankedArgs) findOne(group int, source rowkey.WordSource, asked *ranksAsked) error {
	ranks, words := asked.of(group)
	if len(ranks) == 0 {
		return nil
	}
	plain, least, most := source, r.least, r.most
	if r.signed {
		positive, _ := r.zeros()
		least, most = min(least, positive), max(most, positive)
		var scratch []uint64
		plain = func(f func([]uint64)) error {
			return source(func(words []uint64) {
				scratch = append(scratch[:0], words...)
				r.oneZero(scratch)
				f(scratch)
			})
		}
	}
	if err := r.selector.Select(plain, least, most, ranks, words); err != nil {
		return err
	}
	return r.signs(source, ranks, words)
}

// zeros are the words of the two zeros.
func (r *rankedArgs) zeros() (positive, negative uint64) {
	return rowkey.Zero ^ r.flip, rowkey.NegativeZero ^ r.flip
}

// oneZero makes negative zeros positive, which they equal.
func (r *rankedArgs) oneZero(words []uint64) {
	positive, negative := r.zeros()
	for i, w := range words {
		if w == negative {
			words[i] = positive
		}
	}
}

// signs makes the zeros among the words that were found those that are at the ranks: equal
// values are in the order in which they came.
func (r *rankedArgs) signs(source rowkey.WordSource, ranks []int64, words []uint64) error {
	positive, negative := r.zeros()
	if !r.signed || !slices.Contains(words, positive) {
		return nil
	}
	less := int64(0)
	if err := source(func(all []uint64) {
		for _, w := range all {
			if w < min(positive, negative) {
				less++
			}
		}
	}); err != nil {
		return err
	}
	first, _ := slices.BinarySearch(ranks, less)
	at := first
	return source(func(all []uint64) {
		for _, w := range all {
			if w != positive && w != negative {
				continue
			}
			if at < len(ranks) && ranks[at] == less {
				words[at] = w
				at++
			}
			less++
		}
	})
}

// groupWords are the words of neighbouring groups, put together by group.
type groupWords struct {
	ranked *rankedArgs
	first  int     // group
	ends   []int64 // where the words of each group end
	next   []int64 // where the next word of each group goes
	words  []uint64
}

// newGroupWords makes room for the words of groups from one on, which have so many each.
func newGroupWords(r *rankedArgs, first int, sizes []int64) *groupWords {
	w := &groupWords{ranked: r, first: first, ends: make([]int64, len(sizes)), next: make([]int64, len(sizes))}
	total := int64(0)
	for i, n := range sizes {
		w.next[i] = total
		total += n
		w.ends[i] = total
	}
	w.words = make([]uint64, total)
	return w
}

// add takes the words that belong to these groups.
func (w *groupWords) add(words []uint64, groups []uint32) {
	for i, g := range groups {
		if at := int(g) - w.first; at >= 0 && at < len(w.next) {
			w.words[w.next[at]] = words[i]
			w.next[at]++
		}
	}
}

// find finds the words of all ranks of the groups.
func (w *groupWords) find(ctx context.Context, asked *ranksAsked) error {
	r, lo := w.ranked, int64(0)
	for i, hi := range w.ends {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		words := w.words[lo:hi]
		lo = hi
		if ranks, dst := asked.of(w.first + i); len(words) > 0 && !r.signed {
			r.selector.SelectFrom(words, ranks, dst)
			continue
		}
		r.selector.Room = max(len(words), 1)
		if err := r.findOne(w.first+i, func(f func([]uint64)) error { f(words); return nil }, asked); err != nil {
			return err
		}
	}
	return nil
}
