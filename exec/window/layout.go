// Package window computes window functions over chunks of sorted rows.
//
// A chunk is some whole partitions, one after the other. Its Layout says where
// partitions and groups of peers begin; a Frames where the frame of each row
// lies. Every function computes one column for the whole chunk at a time:
//
//	rank.go       row_number, rank, … from the layout alone
//	value.go      lag, first_value, … by taking rows
//	running.go    aggregates over frames that begin where the partition does
//	moving.go     aggregates over other frames, row by row when these are short,
//	              else by a tree of partial states (tree.go)
//
// Rows are numbered by int32 in the chunk, from 0. Frames are clipped to their
// partition. Nothing here is safe for concurrent use.
//
// A partition that memory has no room for is paged: it is read twice, batch after
// batch. First every Column is given the rows' arguments, of which it keeps what
// it needs in pages on disk; then it gives its values. A Layout is then of one
// batch, whose rows are numbered from the start of the partition.
//
//	paged.go            where the partition's peers are
//	paged_frames.go     frames, with cursors that only move forward
//	paged_rank.go       ntile; other ranks need the layout alone
//	paged_value.go      lag, first_value, …: rows are taken from pages
//	paged_stepped.go    aggregates over frames from its start that are added row by row
//	paged_aggregate.go  aggregates: one value, a scan of pages, or a tree whose
//	                    lower levels are made page by page
//	pages.go            arguments on disk
//
// Both ways give the same values, bit for bit: trees are made from the beginning
// of each partition, and rows are added from left to right.
package window

// Layout is where the partitions and peers of a chunk are.
type Layout struct {
	parts  []int32 // first row of each partition, then the number of rows
	peers  []int32 // first row of each group of peers, then the number of rows
	partOf []int32 // by row
	peerOf []int32 // by row
	before Before
	// Of a batch of a paged partition: the number of its first row, and the
	// number of groups of peers before those that are in peers.
	first, firstPeer int32
}

// Before is what of the first partition has been computed in chunks before:
// numbers of rows and of groups of peers.
type Before struct{ Rows, Peers int64 }

// Continue says that the chunk begins in the middle of a partition, with a new
// group of peers.
func (l *Layout) Continue(b Before) { l.before = b }

// End is what of the last partition is in this chunk and before.
func (l *Layout) End() Before {
	p := len(l.parts) - 2
	lo, hi := l.parts[p], l.parts[p+1]
	b := Before{int64(hi - lo), int64(len(l.peers)-1) - int64(l.peerOf[lo])}
	if p == 0 {
		b.Rows, b.Peers = b.Rows+l.before.Rows, b.Peers+l.before.Peers
	}
	return b
}

// earlier is what of row i's partition is in chunks before.
func (l *Layout) earlier(i int) Before {
	if l.partOf[i] == 0 {
		return l.before
	}
	return Before{}
}

// NewLayout makes the layout of n rows. newPart and newPeer say of each row
// whether a partition or a group of peers begins with it; a new partition is
// also a new group.
func NewLayout(newPart, newPeer []bool) *Layout {
	n := len(newPart)
	l := &Layout{partOf: make([]int32, n), peerOf: make([]int32, n)}
	for i := range n {
		first := i == 0 || newPart[i]
		if first {
			l.parts = append(l.parts, int32(i))
		}
		if first || newPeer[i] {
			l.peers = append(l.peers, int32(i))
		}
		l.partOf[i], l.peerOf[i] = int32(len(l.parts)-1), int32(len(l.peers)-1)
	}
	l.parts, l.peers = append(l.parts, int32(n)), append(l.peers, int32(n))
	return l
}

// Rows is the number of rows.
func (l *Layout) Rows() int { return len(l.partOf) }

// Partitions is the number of partitions.
func (l *Layout) Partitions() int { return len(l.parts) - 1 }

// row is the number of row i of the chunk or batch.
func (l *Layout) row(i int) int32 { return l.first + int32(i) }

// groupsBefore is how many groups of peers its partition has before row i's, as
// far as it is in this chunk.
func (l *Layout) groupsBefore(i int) int64 {
	if l.first > 0 || l.firstPeer > 0 {
		return int64(l.firstPeer + l.peerOf[i])
	}
	return int64(l.peerOf[i] - l.peerOf[l.parts[l.partOf[i]]])
}

// part is the rows of row i's partition.
func (l *Layout) part(i int) (lo, hi int32) {
	p := l.partOf[i]
	return l.parts[p], l.parts[p+1]
}

// peersOf is the rows of row i's group of peers.
func (l *Layout) peersOf(i int) (lo, hi int32) {
	g := l.peerOf[i]
	return l.peers[g], l.peers[g+1]
}

// groups numbers each row by its partition, for accumulators.
func (l *Layout) groups() []uint32 {
	out := make([]uint32, len(l.partOf))
	for i, p := range l.partOf {
		out[i] = uint32(p)
	}
	return out
}
