package builtin

import (
	crand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
)

// randomUUIDs are n UUIDs of version 4, made of a task's random numbers, or, outside of
// tasks (nil), of the machine's.
func randomUUIDs(source *rand.Rand, n int) [][16]byte {
	out := make([][16]byte, n)
	for i := range out {
		if source == nil {
			_, _ = crand.Read(out[i][:]) // never fails
		} else {
			binary.LittleEndian.PutUint64(out[i][:], source.Uint64())
			binary.LittleEndian.PutUint64(out[i][8:], source.Uint64())
		}
		out[i][6] = out[i][6]&0x0f | 0x40
		out[i][8] = out[i][8]&0x3f | 0x80
	}
	return out
}
