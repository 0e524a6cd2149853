package objstore_test

import (
	"testing"

	"volley/catalog/objstore"
)

// TestBuffers: memory is used again once all have let go of it, for lengths like it, and
// no more of it is kept than allowed.
func TestBuffers(t *testing.T) {
	const mib = 1 << 20
	s := objstore.NewBuffers(8 * mib)
	a := s.Get(3*mib - 5)
	if len(a.Bytes) != 3*mib-5 {
		t.Fatalf("a buffer of %d bytes", len(a.Bytes))
	}
	place := &a.Bytes[0]
	a.Hold()
	a.Release()
	if b := s.Get(3 * mib); &b.Bytes[0] == place {
		t.Fatal("a buffer that somebody holds was given to another one")
	}
	a.Release()
	if b := s.Get(mib); &b.Bytes[0] == place {
		t.Error("a long buffer was given for a short one")
	}
	b := s.Get(2*mib + 1)
	if &b.Bytes[0] != place || len(b.Bytes) != 2*mib+1 {
		t.Error("a buffer was not used again")
	}
	b.Release()
	for range 3 { // 9 MiB with it
		c := s.Get(6 * mib)
		c.Release()
	}
	if d := s.Get(3 * mib); &d.Bytes[0] == place {
		t.Error("more is kept than allowed")
	}
	for _, n := range []int64{0, 1, 1000} {
		b := s.Get(n)
		if int64(len(b.Bytes)) != n {
			t.Errorf("%d bytes, want %d", len(b.Bytes), n)
		}
		b.Release()
	}
}
