package ahead

import (
	"testing"

	"volley/catalog/memorytest"
	"volley/catalog/objstore"
	"volley/catalog/objstore/objtest"
)

// TestReserved: what is fetched ahead is in an account of the process; where that has no
// room, as much as a reader waits for is fetched, and nothing fails.
func TestReserved(t *testing.T) {
	for _, c := range []struct{ limit, least, most int64 }{
		{1 << 30, 5 * minPiece, 64 << 20}, // as without
		{9 << 20, minPiece, 9 << 20},
		{0, 0, 0},
	} {
		s, data := object(30 << 20)
		account := &memorytest.Account{Limit: c.limit}
		a := fresh(t, 64<<20, 8)
		a.memory = account
		r := objtest.Open(t, a.Wrap(s), "mem://o")
		objstore.Announce(ctx, r, objstore.Range{Off: 0, End: 30 << 20})
		most := int64(0)
		for off := int64(0); off < 30<<20; off += 256 << 10 {
			a.mu.Lock()
			most = max(most, account.Used)
			if account.Used > a.held || c.limit > 64<<20 && account.Used != a.held {
				t.Errorf("%d bytes are held, %d reserved", a.held, account.Used)
			}
			a.mu.Unlock()
			objtest.Check(t, r, data, off, 256<<10)
		}
		r.Close()
		if most < c.least || most > c.most || account.Used != 0 {
			t.Errorf("of %d bytes: %d were reserved, want %d to %d; %d still are", c.limit, most, c.least, c.most, account.Used)
		}
	}
}
