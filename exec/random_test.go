package exec

import (
	"testing"

	"volley/planner/physical"
)

// TestRandomOf: another attempt draws the same numbers, another task or query does not.
func TestRandomOf(t *testing.T) {
	seed := [4]int64{1, 2, 3, 4}
	id := physical.TaskID{Query: "q", Stage: 1, Task: 2}
	first := randomOf(seed, id).Uint64()
	id.Attempt = 3
	if again := randomOf(seed, id).Uint64(); again != first {
		t.Errorf("%d in another attempt, not %d", again, first)
	}
	for _, other := range []physical.TaskID{{Query: "q", Stage: 1, Task: 3}, {Query: "q", Stage: 2, Task: 2}} {
		if randomOf(seed, other).Uint64() == first {
			t.Errorf("%s draws the same numbers", other)
		}
	}
	for i := range seed {
		other := seed
		other[i]++
		if randomOf(other, id).Uint64() == first {
			t.Errorf("a query of seed %v draws the same numbers", other)
		}
	}
}
