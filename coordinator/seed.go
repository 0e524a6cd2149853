package coordinator

import (
	crand "crypto/rand"
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// seed is that of a query: of the session's setseed, or one that nobody can guess.
func (s *Session) seed() (seed [4]int64) {
	if s.random != nil {
		for i := range seed {
			seed[i] = int64(s.random.Uint64())
		}
		return seed
	}
	var bytes [8 * len(seed)]byte
	_, _ = crand.Read(bytes[:]) // never fails
	for i := range seed {
		seed[i] = int64(binary.LittleEndian.Uint64(bytes[8*i:]))
	}
	return seed
}

// SetSeed is setseed().
func (h sessionHandle) SetSeed(seed float64) {
	h.s.random = rand.New(rand.NewPCG(math.Float64bits(seed), 0))
}
