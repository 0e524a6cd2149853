package keyset

import "math/bits"

// filter is a Bloom filter whose bits of one key are all in one word (Putze, Sanders and
// Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007): with eight bits a
// key it says of one in twenty keys that are not there that they may be.
type filter []uint64

const (
	filterBits = 8 // of a key, or half as many where there is little room
	scramble   = 0x9E3779B97F4A7C15
)

// newFilter makes a filter for n keys in the room that there is: nil for none.
func newFilter(room *Room, n int) filter {
	for b := filterBits; b >= filterBits/2; b /= 2 {
		if words := n*b/64 + 1; room.Take(8*words) == nil {
			return make(filter, words)
		}
	}
	return nil
}

// word is where a key's bits are, and which.
func (f filter) word(hash uint64) (at, mask uint64) {
	at, _ = bits.Mul64(hash, uint64(len(f)))
	x := hash * scramble
	return at, 1<<(x>>58) | 1<<(x>>52&63) | 1<<(x>>46&63) | 1<<(x>>40&63)
}

func (f filter) add(hash uint64) {
	at, mask := f.word(hash)
	f[at] |= mask
}

// may tells whether a key may have been added.
func (f filter) may(hash uint64) bool {
	at, mask := f.word(hash)
	return f[at]&mask == mask
}
