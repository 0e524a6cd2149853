package ahead

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"volley/catalog/objstore"
	"volley/catalog/objstore/objtest"
	"volley/sqlerr"
)

var ctx = context.Background()

// object gives a store with one object of n bytes, and these.
func object(n int) (*objtest.Store, []byte) {
	s, data := objtest.New(), objtest.Bytes(n, uint64(n))
	s.Put("mem://o", data)
	return s, data
}

// fresh gives an Ahead of which nothing is held once its readers are closed.
func fresh(t *testing.T, limit int64, requests int) *Ahead {
	a := New(limit, requests, nil)
	t.Cleanup(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.held != 0 || a.running != 0 || a.active != 0 {
			t.Errorf("%d bytes, %d requests and %d readers are left", a.held, a.running, a.active)
		}
	})
	return a
}

// TestSequential reads an announced range in order, as a split of a CSV file is.
func TestSequential(t *testing.T) {
	s, data := object(30 << 20)
	a := fresh(t, 64<<20, 8)
	r := objtest.Open(t, a.Wrap(s), "mem://o")
	objstore.Announce(ctx, r, objstore.Range{Off: 1000, End: 25 << 20})
	for off := int64(1000); off < 25<<20; off += 256 << 10 {
		objtest.Check(t, r, data, off, min(256<<10, 25<<20-off))
	}
	r.Close()
	at := int64(1000)
	for _, x := range s.Asked() {
		if x.Off != at || x.End-x.Off < minPiece {
			t.Errorf("request %v, want one of %d bytes at least from %d", x, minPiece, at)
		}
		at = x.End
	}
	if at != 25<<20 {
		t.Errorf("requests end at %d, want %d", at, 25<<20)
	}
}

// TestJoined announces ranges with little between them, and reads them out of order.
func TestJoined(t *testing.T) {
	s, data := object(4 << 20)
	a := fresh(t, 64<<20, 8)
	r := objtest.Open(t, a.Wrap(s), "mem://o")
	ranges := []objstore.Range{{Off: 100, End: 5000}, {Off: 6000, End: 90_000}, {Off: 90_000, End: 100_000}, {Off: 3 << 20, End: 4 << 20}}
	objstore.Announce(ctx, r, ranges...)
	for _, i := range []int{2, 0, 3, 1} {
		objtest.Check(t, r, data, ranges[i].Off, ranges[i].End-ranges[i].Off)
	}
	if got, want := s.Asked(), []objstore.Range{{Off: 100, End: 100_000}, {Off: 3 << 20, End: 4 << 20}}; !slices.Equal(got, want) {
		t.Errorf("requests %v, want %v", got, want)
	}
	a.mu.Lock()
	if a.held != 0 {
		t.Errorf("%d bytes are held after all was read", a.held)
	}
	a.mu.Unlock()
	r.Close()
}

// TestRandom announces and reads random ranges from several readers with little room.
func TestRandom(t *testing.T) {
	s, data := object(8 << 20)
	a := fresh(t, 3<<20, 3)
	var wg sync.WaitGroup
	for i := range uint64(6) {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(i, 2))
			for range 20 {
				r := objtest.Open(t, a.Wrap(s), "mem://o")
				var ranges []objstore.Range
				for range rnd.IntN(5) {
					off := rnd.Int64N(9 << 20)
					ranges = append(ranges, objstore.Range{Off: off, End: off + rnd.Int64N(2<<20)})
				}
				objstore.Announce(ctx, r, ranges...)
				for range 10 {
					objtest.Check(t, r, data, rnd.Int64N(8<<20), 1+rnd.Int64N(1<<20))
				}
				for _, x := range ranges {
					objtest.Check(t, r, data, x.Off, max(1, x.End-x.Off))
				}
				r.Close()
			}
		})
	}
	wg.Wait()
}

// TestRequestsAtOnce counts requests and bytes under way when readers announce much.
func TestRequestsAtOnce(t *testing.T) {
	s, data := object(32 << 20)
	second, began := make(chan struct{}), atomic.Int64{}
	s.Before = func(context.Context, objstore.Range) error {
		switch began.Add(1) {
		case 1: // until there are two
			<-second
		case 2:
			close(second)
		}
		return nil
	}
	a := fresh(t, 1<<30, 4)
	var readers []objstore.Reader
	for range 3 {
		r := objtest.Open(t, a.Wrap(s), "mem://o")
		objstore.Announce(ctx, r, objstore.Range{Off: 0, End: 32 << 20})
		readers = append(readers, r)
	}
	for _, r := range readers {
		objtest.Check(t, r, data, 0, 32<<20)
		r.Close()
	}
	if most := s.AtOnce(); most > 5 { // one more is begun when it is read and was not
		t.Errorf("%d requests at once, at most 4 and one", most)
	} else if most < 2 {
		t.Error("no two requests at once")
	}
}

// TestFailures: what could not be fetched ahead has failed, since the stores below
// have tried as often as anybody should.
func TestFailures(t *testing.T) {
	s, data := object(1 << 20)
	a := fresh(t, 64<<20, 8)
	failed := errors.New("a fault")
	var asked atomic.Int64
	s.Before = func(context.Context, objstore.Range) error {
		asked.Add(1)
		return failed
	}
	r := objtest.Open(t, a.Wrap(s), "mem://o")
	objstore.Announce(ctx, r, objstore.Range{Off: 0, End: 1 << 20})
	if _, err := r.ReadAt(ctx, make([]byte, 10), 0); !errors.Is(err, failed) || asked.Load() != 1 {
		t.Errorf("error %v after %d requests, want %v after one", err, asked.Load(), failed)
	}
	s.Before = nil
	objtest.Check(t, r, data, 0, 1<<20)
	r.Close()
}

// TestCanceledAnnouncement reads what was not fetched since its announcement's
// context has ended, which is not the reader's.
func TestCanceledAnnouncement(t *testing.T) {
	s, data := object(1 << 20)
	a := fresh(t, 64<<20, 8)
	s.Before = func(ctx context.Context, _ objstore.Range) error { return ctx.Err() }
	r := objtest.Open(t, a.Wrap(s), "mem://o")
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	objstore.Announce(canceled, r, objstore.Range{Off: 0, End: 1 << 20})
	objtest.Check(t, r, data, 0, 1<<20)
	r.Close()
}

// TestSharedFailure has many read what could not be fetched ahead, and announces to a
// reader that is closed.
func TestSharedFailure(t *testing.T) {
	s, data := object(1 << 20)
	a := fresh(t, 64<<20, 8)
	var once sync.Once
	s.Before = func(context.Context, objstore.Range) (err error) {
		once.Do(func() { err = context.Canceled })
		return err
	}
	r := objtest.Open(t, a.Wrap(s), "mem://o")
	objstore.Announce(ctx, r, objstore.Range{Off: 0, End: 1 << 20})
	var wg sync.WaitGroup
	for i := range int64(8) {
		wg.Go(func() { objtest.Check(t, r, data, i<<16, 1<<19) })
	}
	wg.Wait()
	r.Close()
	objstore.Announce(ctx, r, objstore.Range{Off: 0, End: 1 << 20})
}

// TestPanic has a store panic: the process goes on.
func TestPanic(t *testing.T) {
	s, data := object(1 << 20)
	a := fresh(t, 64<<20, 8)
	var once sync.Once
	s.Before = func(context.Context, objstore.Range) error {
		once.Do(func() { panic("odd") })
		return nil
	}
	r := objtest.Open(t, a.Wrap(s), "mem://o")
	objstore.Announce(ctx, r, objstore.Range{Off: 0, End: 1 << 20})
	if _, err := r.ReadAt(ctx, make([]byte, 10), 0); sqlerr.Code(err) != sqlerr.InternalError {
		t.Errorf("error %v", err)
	}
	objtest.Check(t, r, data, 0, 1<<20)
	r.Close()
}

// TestClosed closes a reader whose requests are under way.
func TestClosed(t *testing.T) {
	s, _ := object(20 << 20)
	s.Before = func(ctx context.Context, _ objstore.Range) error {
		<-ctx.Done()
		return sqlerr.New(sqlerr.QueryCanceled, "cancelled")
	}
	a := fresh(t, 64<<20, 8)
	r := objtest.Open(t, a.Wrap(s), "mem://o")
	objstore.Announce(ctx, r, objstore.Range{Off: 0, End: 20 << 20})
	short, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := r.ReadAt(short, make([]byte, 10), 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	r.Close()
}

// TestLink has pieces follow the link.
func TestLink(t *testing.T) {
	for _, x := range []struct {
		wait  time.Duration
		rate  float64
		piece int64
	}{
		{20 * time.Millisecond, 40e6, 8e6},
		{time.Millisecond, 40e6, minPiece},
		{100 * time.Millisecond, 100e6, maxPiece},
	} {
		l := link{wait: firstWait, rate: firstRate}
		for range 200 {
			l.measured(1000, x.wait)
			n := int64(8 << 20)
			l.measured(n, x.wait+time.Duration(float64(n)/x.rate*1e9))
		}
		if got := l.pieceLen(); got > x.piece+x.piece/100 || got < x.piece-x.piece/100 {
			t.Errorf("%v, %g bytes a second: pieces of %d, want %d", x.wait, x.rate, got, x.piece)
		}
	}
}

// nearby is a store of which the first bytes of each object are on a disk.
type nearby struct {
	objstore.Reader
	until *atomic.Int64
}

func (r *nearby) Near(off int64) int64 { return max(0, r.until.Load()-off) }

// openNearby opens the object of s as one whose first bytes are on a disk.
func openNearby(t *testing.T, a *Ahead, s *objtest.Store, until *atomic.Int64) objstore.Reader {
	t.Helper()
	return objtest.Open(t, a.Wrap(objstore.WrapReaders(s, func(r objstore.Reader) objstore.Reader { return &nearby{r, until} })), "mem://o")
}

// TestNear: what is on a disk is not read before it is asked for, and tells nothing of
// the link; the rest is fetched as ever.
func TestNear(t *testing.T) {
	const size, step = 64 << 20, 300_000
	s, data := object(size)
	a := fresh(t, 1<<30, 8)
	var until atomic.Int64
	until.Store(size)
	link := a.link
	r := openNearby(t, a, s, &until)
	objstore.Announce(t.Context(), r, objstore.Range{Off: 0, End: size})
	for off := int64(0); off < 20<<20; off += step {
		objtest.Check(t, r, data, off, step)
	}
	a.mu.Lock()
	if a.held != 0 || a.active != 0 || a.link != link {
		t.Errorf("%d bytes are held by %d readers, the link is %+v by what was read from a disk", a.held, a.active, a.link)
	}
	a.mu.Unlock()
	for _, x := range s.Asked() {
		if x.End-x.Off > step {
			t.Errorf("%v was read from a disk for reads of %d bytes", x, step)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}

	until.Store(20<<20 + 5)
	r = openNearby(t, a, s, &until)
	objstore.Announce(t.Context(), r, objstore.Range{Off: 0, End: size})
	a.mu.Lock()
	if a.held <= 4<<20 {
		t.Errorf("%d bytes are fetched ahead after what is on the disk", a.held)
	}
	a.mu.Unlock()
	for off := int64(0); off < size; off += step {
		objtest.Check(t, r, data, off, min(step, size-off))
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// TestNearNoMore: what was on a disk when it was announced and went is fetched in large
// pieces, once.
func TestNearNoMore(t *testing.T) {
	const size, step, left = 64 << 20, 300_000, 10 << 20
	s, data := object(size)
	a := fresh(t, 1<<30, 8)
	var until atomic.Int64
	until.Store(size)
	r := openNearby(t, a, s, &until)
	objstore.Announce(t.Context(), r, objstore.Range{Off: 0, End: size / 2}, objstore.Range{Off: size/2 + 10, End: size})
	for off := int64(0); off < size; off += step {
		if off > left {
			until.Store(left)
		}
		objtest.Check(t, r, data, off, min(step, size-off))
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if n := len(s.Asked()); n > left/step+size/minPiece+5 {
		t.Errorf("%d requests", n)
	}
	if given := s.Given(); given > size+step {
		t.Errorf("%d bytes were given of %d", given, size)
	}
}
