package window

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/udf"
)

// Store keeps pages, arrays of as many rows each, outside of memory.
type Store interface {
	// Append keeps a page; pages are numbered from 0.
	Append(cols []arrow.Array, rows int) error
	// Page gives page i as it was.
	Page(i int) ([]arrow.Array, error)
}

// Disk makes what a paged partition needs of its operator.
type Disk struct {
	// Create makes a store for columns of some types.
	Create func(types []arrow.DataType) (Store, error)
	// Stop tells that the statement was cancelled; nil: it never is.
	Stop func() error
	// PageBytes is about how large pages should at most be.
	PageBytes int64

	made []*pages
}

// Trim gives up the pages in memory but those used last, to be read again.
func (d *Disk) Trim() {
	for _, p := range d.made {
		p.whole = largerPage{}
		if len(p.cache) > 1 {
			clear(p.cache[1:])
			p.cache = p.cache[:1]
		}
	}
}

func (d *Disk) stopped() error {
	if d.Stop == nil {
		return nil
	}
	return d.Stop()
}

// pageLevels is the most levels of a tree that a page has.
const pageLevels = 3

// cachedPages is how many pages are in memory: those at both ends of two spans
// of a frame, each of which may lie between two.
const cachedPages = 8

// pages are the arguments of some rows of a partition, in pages of fanout^levels
// rows. Where rows turn out wider, pages become smaller, and those in the store before
// are read in parts.
type pages struct {
	disk   *Disk
	store  Store            // nil: there are no columns
	types  []arrow.DataType // of the arguments
	consts []udf.Arg        // by argument: that of a literal; else without an array
	cols   []int            // arguments that are columns of the store
	levels int              // 0: nothing was added; it sinks until the last page is written
	larger []largerPages    // the first pages of the store
	stored int              // pages in the store after those
	whole  largerPage       // the one read last
	rows   int
	held   [][]arrow.Array // rows that make no page yet, by column
	heldN  int
	heldB  int64
	cache  []*page // the last ones used, last one first
}

// largerPages are pages of the store of more rows than pages have now.
type largerPages struct {
	count, size int
}

// largerPage is one of them in memory.
type largerPage struct {
	number int
	cols   []arrow.Array // nil: none is
	bytes  int64
}

// page is a page in memory.
type page struct {
	number int32
	args   []udf.Arg
	levels [][]arrow.Array // of the tree below the page's own node; nil: not made
	bytes  int64
}

// newPages makes pages of arguments of types; literal tells which are the same
// for all rows.
func newPages(d *Disk, types []arrow.DataType, literal []bool) (*pages, error) {
	p := &pages{disk: d, types: types, consts: make([]udf.Arg, len(types))}
	var stored []arrow.DataType
	for i, t := range types {
		if !literal[i] {
			p.cols, stored = append(p.cols, i), append(stored, t)
		}
	}
	if len(p.cols) == 0 {
		return p, nil
	}
	p.held = make([][]arrow.Array, len(p.cols))
	d.made = append(d.made, p)
	var err error
	p.store, err = d.Create(stored)
	return p, err
}

// add adds n rows.
func (p *pages) add(args []udf.Arg, n int) error {
	if n == 0 {
		return nil
	}
	size := int64(0)
	for k, i := range p.cols {
		a := args[i].Array
		if args[i].Const {
			var err error
			if a, err = kernel.Repeat(a, n); err != nil {
				return err
			}
		}
		p.held[k] = append(p.held[k], a)
		size += kernel.Bytes(a)
	}
	if p.levels == 0 {
		p.first(args)
	}
	p.rows, p.heldN, p.heldB = p.rows+n, p.heldN+n, p.heldB+size
	p.shrink()
	return p.flush(false)
}

// first takes the literals.
func (p *pages) first(args []udf.Arg) {
	for i := range args {
		if !slices.Contains(p.cols, i) {
			p.consts[i] = args[i]
		}
	}
	p.levels = pageLevels
}

// shrink makes pages smaller while one of rows such as those held would be too large.
func (p *pages) shrink() {
	for p.levels > 1 && p.heldB/int64(p.heldN)*int64(p.size()) > p.disk.PageBytes {
		if p.stored > 0 {
			p.larger, p.stored = append(p.larger, largerPages{p.stored, int(p.size())}), 0
		}
		p.levels--
	}
}

// size is the number of rows of a page.
func (p *pages) size() int32 {
	n := int32(1)
	for range p.levels {
		n *= fanout
	}
	return n
}

// finish writes the last page.
func (p *pages) finish() error { return p.flush(true) }

// flush writes the pages that are full, or all.
func (p *pages) flush(all bool) error {
	if p.store == nil {
		p.heldN = 0
		return nil
	}
	size := int(p.size())
	if p.heldN == 0 || p.heldN < size && !all {
		return nil
	}
	cols := make([]arrow.Array, len(p.held))
	for k, parts := range p.held {
		var err error
		if cols[k], err = kernel.Concat(parts); err != nil {
			return err
		}
	}
	lo := 0
	for lo+size <= p.heldN || all && lo < p.heldN {
		if err := p.disk.stopped(); err != nil {
			return err
		}
		hi := min(lo+size, p.heldN)
		if err := p.store.Append(sliceAll(cols, lo, hi), hi-lo); err != nil {
			return err
		}
		p.stored++
		lo = hi
	}
	p.heldB = 0
	for k, c := range cols {
		p.held[k] = nil
		if lo < p.heldN {
			rest := kernel.Slice(c, lo, p.heldN)
			p.held[k] = []arrow.Array{rest}
			p.heldB += kernel.Bytes(rest)
		}
	}
	p.heldN -= lo
	return nil
}

// count is the number of pages.
func (p *pages) count() int {
	if p.rows == 0 {
		return 0
	}
	return (p.rows + int(p.size()) - 1) / int(p.size())
}

// page gives page i.
func (p *pages) page(i int32) (*page, error) {
	for k, pg := range p.cache {
		if pg.number == i {
			copy(p.cache[1:k+1], p.cache[:k])
			p.cache[0] = pg
			return pg, nil
		}
	}
	if err := p.disk.stopped(); err != nil {
		return nil, err
	}
	pg := &page{number: i, args: slices.Clone(p.consts)}
	if p.store != nil {
		cols, err := p.read(int(i))
		if err != nil {
			return nil, err
		}
		for k, c := range cols {
			pg.args[p.cols[k]] = udf.Arg{Array: c}
			pg.bytes += kernel.Bytes(c)
		}
	}
	if len(p.cache) == cachedPages {
		p.cache = p.cache[:cachedPages-1]
	}
	p.cache = slices.Insert(p.cache, 0, pg)
	return pg, nil
}

// read gives the columns of page i, which may be a part of a larger one.
func (p *pages) read(i int) ([]arrow.Array, error) {
	size := int(p.size())
	row, before := i*size, 0
	for _, l := range p.larger {
		if row >= l.count*l.size {
			row, before = row-l.count*l.size, before+l.count
			continue
		}
		if err := p.readWhole(before + row/l.size); err != nil {
			return nil, err
		}
		return sliceAll(p.whole.cols, row%l.size, row%l.size+size), nil
	}
	return p.store.Page(before + row/size)
}

// readWhole reads a larger page.
func (p *pages) readWhole(number int) error {
	if p.whole.cols != nil && p.whole.number == number {
		return nil
	}
	cols, err := p.store.Page(number)
	if err != nil {
		return err
	}
	p.whole = largerPage{number: number, cols: cols}
	for _, c := range cols {
		p.whole.bytes += kernel.Bytes(c)
	}
	return nil
}

// pageRows is the number of rows of page i.
func (p *pages) pageRows(i int32) int {
	return min(int(p.size()), p.rows-int(i)*int(p.size()))
}

// bytes is the memory held.
func (p *pages) bytes() int64 {
	n := p.heldB + p.whole.bytes
	for _, pg := range p.cache {
		n += pg.bytes
	}
	return n
}

// take is the arguments of rows by number; a negative one gives NULL.
func (p *pages) take(rows []int32) ([]udf.Arg, error) {
	out := slices.Clone(p.consts)
	if p.store == nil {
		return out, nil
	}
	found, order, err := p.gather(rows)
	if err != nil {
		return nil, err
	}
	for k, i := range p.cols {
		parts := make([]arrow.Array, 0, len(found)+1)
		for _, cols := range found {
			parts = append(parts, cols[k])
		}
		if len(parts) == 0 {
			parts = append(parts, kernel.Nulls(p.types[i], 0))
		}
		a, err := kernel.Concat(parts)
		if err == nil && order != nil {
			a, err = kernel.Take(a, order)
		}
		if err != nil {
			return nil, err
		}
		out[i].Array = a
	}
	return out, nil
}

// gather takes rows from their pages, one page after the other. order, unless nil,
// says where each of the rows is then.
func (p *pages) gather(rows []int32) (found [][]arrow.Array, order []int32, err error) {
	size := p.size()
	slots := map[int32]int{}         // by page
	var numbers []int32              // by slot: the page
	var within [][]int32             // by slot: rows of the page
	slotOf := make([]int, len(rows)) // by row, −1 for NULL
	order = make([]int32, len(rows))
	last, slot := int32(-1), -1
	straight := true
	for i, r := range rows {
		if r < 0 {
			slotOf[i], order[i], straight = -1, noRow, false
			continue
		}
		if number := r / size; number != last {
			var ok bool
			if slot, ok = slots[number]; !ok {
				slot = len(numbers)
				slots[number] = slot
				numbers, within = append(numbers, number), append(within, nil)
			}
			straight = straight && !ok
			last = number
		}
		slotOf[i], order[i] = slot, int32(len(within[slot]))
		within[slot] = append(within[slot], r%size)
	}
	starts := make([]int32, len(numbers)+1)
	for s, number := range numbers {
		starts[s+1] = starts[s] + int32(len(within[s]))
		pg, err := p.page(number)
		if err != nil {
			return nil, nil, err
		}
		cols := make([]arrow.Array, len(p.cols))
		for k, i := range p.cols {
			if cols[k], err = kernel.Take(pg.args[i].Array, within[s]); err != nil {
				return nil, nil, err
			}
		}
		found = append(found, cols)
	}
	if straight {
		return found, nil, nil
	}
	for i, s := range slotOf {
		if s >= 0 {
			order[i] += starts[s]
		}
	}
	return found, order, nil
}
