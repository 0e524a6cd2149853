package window

import (
	"math"
	"math/bits"

	"volley/exec/kernel"
	"volley/sqlerr"
)

// Paged is a partition, or a group of peers of one, whose rows are not in memory:
// of each there is only one bit, whether a group of peers begins with it.
type Paged struct {
	peers  bitList
	before Before
	// Of the batches given: their rows, the groups that begin in them, and the
	// rows at which the last one of these begins and ends.
	given           int
	groups          int32
	group, groupEnd int32
}

// Add adds rows; a group of peers begins with the first one.
func (p *Paged) Add(newPeer []bool) error {
	if p.peers.n+len(newPeer) > math.MaxInt32 {
		return sqlerr.New(sqlerr.ProgramLimitExceeded, "a partition of a window has more than %d rows", math.MaxInt32)
	}
	if p.peers.n == 0 && len(newPeer) > 0 {
		newPeer[0] = true
	}
	p.peers.append(newPeer)
	return nil
}

// Continue is what of the partition came before these rows.
func (p *Paged) Continue(b Before) { p.before = b }

// End is what of the partition is in these rows, all of which were given, and
// before.
func (p *Paged) End() Before {
	return Before{p.before.Rows + int64(p.peers.n), p.before.Peers + int64(p.groups)}
}

// Rows is their number.
func (p *Paged) Rows() int { return p.peers.n }

// Bytes is the memory held.
func (p *Paged) Bytes() int64 { return p.peers.bytes() }

// nextPeers is the first row behind row at which a group begins, or the number of
// rows.
func (p *Paged) nextPeers(row int32) int32 {
	return int32(p.peers.next(int(row) + 1))
}

// Batch is the layout of the next n rows.
func (p *Paged) Batch(n int) *Layout {
	l := &Layout{
		parts:  []int32{0, int32(p.peers.n)},
		partOf: make([]int32, n), peerOf: make([]int32, n),
		before: p.before, first: int32(p.given), firstPeer: p.groups,
	}
	if l.first < p.groupEnd { // it begins in the middle of a group
		l.firstPeer--
	}
	for i := range n {
		if row := l.first + int32(i); row == p.groupEnd {
			p.group, p.groupEnd = row, p.nextPeers(row)
			p.groups++
		}
		if len(l.peers) == 0 || l.peers[len(l.peers)-1] != p.group {
			l.peers = append(l.peers, p.group)
		}
		l.peerOf[i] = int32(len(l.peers) - 1)
	}
	l.peers = append(l.peers, p.groupEnd)
	p.given += n
	return l
}

// bitList is bits that are appended.
type bitList struct {
	words kernel.Words
	n     int
}

func (b *bitList) append(v []bool) {
	for b.n+len(v) > 64*len(b.words) {
		b.words = append(b.words, 0)
	}
	for i, bit := range v {
		if bit {
			b.words.Set(b.n + i)
		}
	}
	b.n += len(v)
}

// next is the first bit set from bit i on, or the number of bits.
func (b *bitList) next(i int) int {
	if i >= b.n {
		return b.n
	}
	w := b.words[i/64] >> (i % 64)
	if w != 0 {
		return i + bits.TrailingZeros64(w)
	}
	for at := i/64 + 1; at < len(b.words); at++ {
		if b.words[at] != 0 {
			return at*64 + bits.TrailingZeros64(b.words[at])
		}
	}
	return b.n
}

func (b *bitList) bytes() int64 { return 8 * int64(cap(b.words)) }

// rankedBits tells of rows which ones pass a FILTER, and how many before one do.
type rankedBits struct {
	bitList
	ranks []int32 // by word: bits set before it
}

// add adds n rows, of which rows pass, or all.
func (b *rankedBits) add(rows []int32, all bool, n int) {
	passed := make([]bool, n)
	if all {
		for i := range passed {
			passed[i] = true
		}
	}
	for _, r := range rows {
		passed[r] = true
	}
	b.append(passed)
}

// finish makes the ranks.
func (b *rankedBits) finish() {
	b.ranks = make([]int32, len(b.words)+1)
	for i, w := range b.words {
		b.ranks[i+1] = b.ranks[i] + int32(bits.OnesCount64(w))
	}
}

// before is how many rows before row i pass.
func (b *rankedBits) before(i int32) int32 {
	w := i / 64
	if int(w) == len(b.words) {
		return b.ranks[w]
	}
	return b.ranks[w] + int32(bits.OnesCount64(b.words[w]&(1<<(i%64)-1)))
}

func (b *rankedBits) bytes() int64 { return b.bitList.bytes() + 4*int64(cap(b.ranks)) }
