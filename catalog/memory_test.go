package catalog

import (
	"context"
	"errors"
	"testing"

	"volley/catalog/objstore"
)

type account struct{ used, limit int64 }

func (a *account) Reserve(n int64) error {
	if a.used+n > a.limit {
		return errors.New("refused")
	}
	a.used += n
	return nil
}

func (a *account) Release(n int64) { a.used -= n }

func TestHeld(t *testing.T) {
	a := &account{limit: 100 << 20}
	ctx := objstore.WithMemory(context.Background(), a)
	var h Held
	for _, step := range []struct {
		grow, used int64
		ok         bool
	}{{LargeBuffer, 0, true}, {50 << 20, 50 << 20, true}, {20 << 20, 50 << 20, true}, {101 << 20, 50 << 20, false}, {90 << 20, 90 << 20, true}} {
		if err := h.Grow(ctx, step.grow); (err == nil) != step.ok || a.used != step.used {
			t.Errorf("after %d: %v, %d used", step.grow, err, a.used)
		}
	}
	h.Release()
	h.Release()
	if a.used != 0 {
		t.Errorf("%d used in the end", a.used)
	}
	if err := h.Grow(context.Background(), 1<<40); err != nil {
		t.Errorf("without an account: %v", err)
	}
}
