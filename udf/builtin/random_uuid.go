package builtin

import crand "crypto/rand"

// randomUUIDs are of version 4 (RFC 9562).
func randomUUIDs(n int) [][16]byte {
	out := make([][16]byte, n)
	for i := range out {
		_, _ = crand.Read(out[i][:]) // never fails
		out[i][6] = out[i][6]&0x0f | 0x40
		out[i][8] = out[i][8]&0x3f | 0x80
	}
	return out
}
