package builtin

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRandomUUIDs: a task's source gives the same ones again, and all are of version 4.
func TestRandomUUIDs(t *testing.T) {
	source := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	first := randomUUIDs(source(), 5)
	if again := randomUUIDs(source(), 5); !slices.Equal(first, again) {
		t.Errorf("%x in another attempt, not %x", again, first)
	}
	for _, u := range append(first, randomUUIDs(nil, 5)...) {
		if u[6]>>4 != 4 || u[8]>>6 != 2 {
			t.Errorf("%x is not of version 4", u)
		}
	}
	if first[0] == first[1] {
		t.Errorf("%x twice", first[0])
	}
}
