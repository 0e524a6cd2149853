package exec

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/udf"
)

// rankedArgs keeps the values of ordered-set aggregates that need a few of them, by their
// places in the order (udf.Ranked), until all are there. Each value is a word
// (rowkey.Words), inverted where the order is descending; NULLs are left out. Nothing is
// sorted: what is asked for is selected at the end (agg_ranked_select.go). Words that do
// not fit into memory go to disk as they are (agg_ranked_spill.go).
type rankedArgs struct {
	calls []*aggCall // of one argument, filter and direction; the first gives the rows
	typ   arrow.DataType
	flip  uint64 // what inverts words
	keyed bool   // there may be several groups

	words  [][]uint64 // blocks, in the order in which the values came
	groups [][]uint32 // the groups of words; without keys there are none
	rows   int        // in the blocks
	held   int64      // bytes of the blocks
	sizes  []int64    // values of each group, wherever they are
	// least and most bound all words.
	least, most uint64
	signed      bool  // a negative zero is among them
	asked       int64 // about how many values of each group

	row      []uint64 // scratch
	of       []uint32 // scratch
	selector rowkey.Selector
	disk     *rankedDisk // nil: all is in memory
}

// A block is as large as all before it, within these bounds.
const (
	leastBlock = 1 << 8
	mostBlock  = 1 << 16
)

// newRankedArgs is nil for aggregates that are not of this kind, or whose direct argument
// or values are not.
func newRankedArgs(a *aggCall) *rankedArgs {
	call := a.call
	if _, ok := a.acc.(udf.Ranked); !ok || len(call.Args) != 2 || len(call.OrderBy) != 1 {
		return nil
	}
	direct, ok := call.Args[0].(*expr.Literal)
	value := call.Args[1]
	if !ok || !rowkey.HasWords(value.DataType()) || !expr.Equal(value, call.OrderBy[0].Expr) {
		return nil
	}
	r := &rankedArgs{calls: []*aggCall{a}, typ: value.DataType(), least: ^uint64(0), asked: fractionsOf(direct.Value)}
	if call.OrderBy[0].Desc {
		r.flip = ^uint64(0)
	}
	return r
}

// fractionsOf is how many values a direct argument, a number or an array, asks for.
func fractionsOf(direct arrow.Array) int64 {
	for {
		list, ok := direct.(*array.List)
		if !ok {
			return int64(direct.Len())
		}
		direct = list.ListValues()
	}
}

// shareRanked lets the aggregates of a table that ask for values of the same rows in the
// same order keep these once.
func (g *groupTable) shareRanked(env *eval.Env, keys int) {
	var all []*rankedArgs
	for _, a := range g.aggs {
		own := a.ranked
		if own == nil {
			continue
		}
		at := slices.IndexFunc(all, func(r *rankedArgs) bool {
			return r.flip == own.flip && sameSet(env, r.calls[0].call, a.call)
		})
		if at < 0 {
			own.keyed = keys > 0
			all = append(all, own)
			continue
		}
		a.ranked = all[at]
		a.ranked.calls, a.ranked.asked = append(a.ranked.calls, a), a.ranked.asked+own.asked
	}
}

// sameSet tells whether two aggregates have the same values, the last arguments.
func sameSet(env *eval.Env, a, b *physical.AggCall) bool {
	if (a.Filter == nil) != (b.Filter == nil) || a.Filter != nil && !sameValue(env, a.Filter, b.Filter) {
		return false
	}
	return sameValue(env, a.Args[1], b.Args[1])
}

// gives tells whether a is the aggregate that gives the rows to its values.
func (r *rankedArgs) gives(a *aggCall) bool { return r.calls[0] == a }

// add keeps the values of rows whose groups, of n so far, are given.
func (r *rankedArgs) add(groups []uint32, n int, arg udf.Arg) error {
	a := arg.Array
	if arg.Const {
		var err error
		if a, err = kernel.Repeat(a, len(groups)); err != nil {
			return err
		}
	}
	if cap(r.row) < len(groups) {
		r.row = make([]uint64, len(groups))
	}
	words := r.row[:len(groups)]
	rowkey.Words(a, words)
	if a.NullN() > 0 {
		words, groups = r.present(words, groups, kernel.Valid(a))
	}
	if rowkey.HasNegativeZero(r.typ) {
		r.signed = r.signed || slices.Contains(words, rowkey.NegativeZero)
	}
	if r.flip != 0 {
		for i, w := range words {
			words[i] = ^w
		}
	}
	for _, w := range words {
		r.least, r.most = min(r.least, w), max(r.most, w)
	}
	r.ensure(n)
	if !r.keyed {
		r.sizes[0] += int64(len(words))
		r.keep(words, nil)
		return nil
	}
	for _, g := range groups {
		r.sizes[g]++
	}
	r.keep(words, groups)
	return nil
}

// present are the rows that are valid.
func (r *rankedArgs) present(words []uint64, groups []uint32, valid kernel.Words) ([]uint64, []uint32) {
	kept, of := words[:0], r.of[:0]
	for i, w := range words {
		if valid.Get(i) {
			kept, of = append(kept, w), append(of, groups[i])
		}
	}
	r.of = of
	return kept, of
}

// ensure makes sizes of n groups.
func (r *rankedArgs) ensure(n int) {
	r.sizes = append(r.sizes, make([]int64, max(n-len(r.sizes), 0))...)
}

// keep appends to the blocks.
func (r *rankedArgs) keep(words []uint64, groups []uint32) {
	for len(words) > 0 {
		last := len(r.words) - 1
		if last < 0 || len(r.words[last]) == cap(r.words[last]) {
			r.grow()
			last++
		}
		n := min(len(words), cap(r.words[last])-len(r.words[last]))
		r.words[last] = append(r.words[last], words[:n]...)
		words = words[n:]
		if r.keyed {
			r.groups[last] = append(r.groups[last], groups[:n]...)
			groups = groups[n:]
		}
		r.rows += n
	}
}

// grow adds a block.
func (r *rankedArgs) grow() {
	n := min(max(r.rows, leastBlock), mostBlock)
	r.words = append(r.words, make([]uint64, 0, n))
	r.held += int64(8 * n)
	if r.keyed {
		r.groups = append(r.groups, make([]uint32, 0, n))
		r.held += int64(4 * n)
	}
}

// stateBytes is what the state of a group takes, and what it takes for each value that is
// asked for, of which one may need two.
const (
	stateBytes = 64
	askedBytes = 64
)

// bytes is what is held, with what selecting will need.
func (r *rankedArgs) bytes() int64 {
	n := r.held + int64(8*cap(r.row)+4*cap(r.of)) + int64(len(r.sizes))*(8+stateBytes+askedBytes*r.asked)
	if r.keyed {
		return n + int64(8*r.rows) // the words of each group together
	}
	return n + int64(8*r.rows/roomAmong)
}
