package csv

import "math/bits"

// A structure says where the fields and rows of a region of a window end: a bit
// for each of its bytes, made 64 bytes at a time by a kernel. Rows are then
// found by counting and clearing bits; no byte is looked at again before it is
// parsed.
//
//	text      7,"a,b",1.5⏎8,"x""y",2⏎
//	quotes    ..1...1.......1..11.1..
//	inside    ..1111........111.11...   prefix XOR of quotes
//	ends      .1.....1...1.1......1.1   delimiters and newlines outside
//	newlines  ...........1..........1
//
// The region begins at a record and ends after one. It ends early, before the
// record that has it, where a quote does not stand where one should: in the
// middle of a field, or closing it before something else than its end. Such a
// record is for the exact way.
type structure struct {
	blocks   []block
	base     int64 // of the window when this was made
	from, to int   // the region, in the window
	size     int   // bytes that the next one may have
	quoted   bool  // there are quotes in the region
	escaped  bool  // some of them doubled, within fields
}

// block has the structure of 64 bytes, the first in the lowest bit.
type block struct {
	ends     uint64 // delimiters and newlines outside quotes
	newlines uint64 // the newlines among them
}

const (
	blockLen = 64
	// regionBytes and its structure stay in the first-level cache until the rows
	// are found.
	regionBytes = 16 << 10
)

// symbols are the bytes that structure a text.
type symbols struct {
	delim, newline, quote byte // quote 0: none
	doubled               bool // two quotes are one within quotes
	escaped               bool // another byte escapes them: every quote is for the exact way
}

func (s *symbols) quoting() quoting { return quoting{doubled: s.doubled, refused: s.escaped} }

// kernel is a build of the loop that makes structures.
type kernel struct {
	name string
	// index sets the blocks of buf[from:to] and gives the position before which
	// they hold: to, or where a quote stands wrong. out has a block for each 64
	// bytes begun; buf has pad readable bytes after to.
	index func(buf []byte, from, to int, s symbols, out []block) (limit int, q quoting)
}

// kernels are those that this machine can run, the fastest first.
var kernels = []kernel{{"swar", indexSWAR}}

// quoting is the state of quotes between two blocks.
type quoting struct {
	inside  uint64 // all ones: the next block begins within quotes
	closed  uint64 // 1: the byte before the next block closed quotes
	ending  uint64 // 1: it is the carriage return after closed quotes
	doubled bool
	refused bool // every quote is wrong
	seen    bool // there were quotes
	escaped bool // there were doubled ones
}

// block takes the quotes of a block into account: the bits of its delimiters and
// newlines (ends), newlines, quotes and carriage returns. begin is 1 if a field
// begins with the block. wrong has the bits of quotes that stand where none
// should, and of what follows a closing quote and should not; only what is before
// the first of them holds.
func (q *quoting) block(ends, newlines, quotes, returns, begin uint64) (b block, wrong uint64) {
	inside := prefixXor(quotes) ^ q.inside
	opening, closing := quotes&inside, quotes&^inside
	b = block{ends: ends &^ inside, newlines: newlines &^ inside}
	after := closing<<1 | q.closed
	begins := b.ends<<1 | begin
	if q.doubled {
		begins |= after
		q.escaped = q.escaped || opening&after != 0
	}
	ended := after & returns &^ b.ends // must begin \r\n
	wrong = opening&^begins | after&^(b.ends|opening|ended) | (ended<<1|q.ending)&^b.newlines
	if q.refused {
		wrong = quotes
	}
	q.inside = uint64(int64(inside) >> 63)
	q.closed, q.ending = closing>>63, ended>>63
	q.seen = true
	return b, wrong
}

// pending tells whether the next block needs to know about quotes before it.
func (q *quoting) pending() uint64 { return q.inside | q.closed | q.ending }

// prefixXor has in each bit the parity of the bits of x up to it: a carry-less
// multiplication by all ones.
func prefixXor(x uint64) uint64 {
	x ^= x << 1
	x ^= x << 2
	x ^= x << 4
	x ^= x << 8
	x ^= x << 16
	return x ^ x<<32
}

// covers tells whether the record at pos of w is in the region.
func (x *structure) covers(w *window) bool {
	return x.base == w.base && x.from <= w.pos && w.pos < x.to
}

// build makes the structure of the whole records that follow pos in w, or of the
// first part of them; ok is false if there is none that quotes leave alone.
func (x *structure) build(w *window, s symbols) (ok bool) {
	x.base, x.from, x.to = w.base, w.pos, w.pos
	x.size = max(x.size, regionBytes)
	for {
		to := min(w.pos+x.size, w.lim)
		n := (to - w.pos + blockLen - 1) / blockLen
		if cap(x.blocks) < n {
			x.blocks = make([]block, n)
		}
		x.blocks = x.blocks[:n]
		limit, q := kernels[0].index(w.buf, w.pos, to, s, x.blocks)
		x.quoted, x.escaped = q.seen, q.escaped
		x.to = w.pos + x.afterLastNewline(limit-w.pos)
		if x.to > x.from || limit < to || to == w.lim {
			return x.to > x.from
		}
		x.size *= 2 // the record is longer
	}
}

// afterLastNewline is the position after the last newline of the first n bytes,
// 0 if there is none.
func (x *structure) afterLastNewline(n int) int {
	for b := (n - 1) / blockLen; b >= 0; b-- {
		m := x.blocks[b].newlines
		if rest := n - b*blockLen; rest < blockLen {
			m &= 1<<rest - 1
		}
		if m != 0 {
			return b*blockLen + bits.Len64(m)
		}
	}
	return 0
}
