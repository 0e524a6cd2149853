package exec

import (
	"math/rand/v2"
	"testing"
)

// TestTallyVectors counts bytes many at a time, and one by one.
func TestTallyVectors(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		n := 1 + r.IntN(vectorValues)
		codes := make([]uint8, r.IntN(30_000))
		common := r.IntN(n)
		for i := range codes {
			if codes[i] = uint8(common); r.IntN(3) == 0 {
				codes[i] = uint8(r.IntN(n + 1)) // one that is not counted, too
			}
		}
		var got, want [256]uint32
		for i := range got {
			got[i] = r.Uint32()
			want[i] = got[i]
		}
		done := tallyVectors(codes, n, &got)
		if done > len(codes) || hasTally && len(codes)-done >= 32 {
			t.Fatalf("%d of %d codes counted", done, len(codes))
		}
		for _, c := range codes[:done] {
			want[c]++
		}
		for v := range n {
			if got[v] != want[v] {
				t.Fatalf("%d of %d values, %d codes: %d times, want %d", v, n, len(codes), got[v], want[v])
			}
		}
	}
}
