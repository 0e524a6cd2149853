package statistics

import (
	"context"
	"testing"
)

// Who waits for another's work goes when his own context ends, and does the work
// himself when the other was interrupted.
func TestMemo(t *testing.T) {
	var m Memo[int]
	started, finish, ended := make(chan bool), make(chan bool), make(chan bool)
	go func() {
		m.Get(t.Context(), 1, func() (int, bool) {
			close(started)
			return 7, <-finish
		})
		close(ended)
	}()
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := m.Get(ctx, 1, nil); ok {
		t.Error("a value was given to one who has gone")
	}
	if v, ok := m.Get(t.Context(), 2, func() (int, bool) { return 8, true }); !ok || v != 8 {
		t.Errorf("another number waits: %d %v", v, ok)
	}
	finish <- false
	<-ended
	for range 2 {
		if v, ok := m.Get(t.Context(), 1, func() (int, bool) { return 9, true }); !ok || v != 9 {
			t.Errorf("%d %v", v, ok)
		}
	}
	if v, ok := m.Get(t.Context(), 1, nil); !ok || v != 9 {
		t.Errorf("not remembered: %d %v", v, ok)
	}
}
