package exec

import (
	"testing"

	"volley/planner/physical"
)

// TestRandomOf: another attempt draws the same numbers, another task or query does not.
func TestRandomOf(t *testing.T) {
	first := randomOf(physical.TaskID{Query: "q", Stage: 1, Task: 2}).Uint64()
	if again := randomOf(physical.TaskID{Query: "q", Stage: 1, Task: 2, Attempt: 3}).Uint64(); again != first {
		t.Errorf("%d in another attempt, not %d", again, first)
	}
	for _, id := range []physical.TaskID{{Query: "q", Stage: 1, Task: 3}, {Query: "q", Stage: 2, Task: 2}, {Query: "r", Stage: 1, Task: 2}} {
		if randomOf(id).Uint64() == first {
			t.Errorf("%s draws the same numbers", id)
		}
	}
}
