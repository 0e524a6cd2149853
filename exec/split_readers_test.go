package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/mem"
	"volley/planner/physical"
)

// gate is a format whose readers are counted, and open when they may.
type gate struct {
	catalog.Format
	mu           sync.Mutex
	begun        []int
	open, closed int
	may          chan struct{} // closed: all may
	fails, panic int           // split of which opening fails; −1: none
}

func newGate() *gate { return &gate{may: make(chan struct{}), fails: -1, panic: -1} }

var errGate = errors.New("no way in")

func (g *gate) Open(ctx context.Context, _ objstore.Store, _ *catalog.ScanSpec, s catalog.Split) (catalog.Reader, error) {
	g.mu.Lock()
	g.begun = append(g.begun, s.Index)
	g.mu.Unlock()
	select {
	case <-g.may:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch s.Index {
	case g.fails:
		return nil, errGate
	case g.panic:
		panic("in Open")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open++
	return &gateReader{fakeReader{split: s}, g}, nil
}

type gateReader struct {
	fakeReader
	of *gate
}

func (r *gateReader) Close() error {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	r.of.closed++
	return nil
}

// await waits until so many splits are being opened, and tells which.
func (g *gate) await(t *testing.T, n int) []int {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		begun := slices.Sorted(slices.Values(g.begun))
		g.mu.Unlock()
		if len(begun) >= n {
			return begun
		}
		if time.Now().After(end) {
			t.Fatalf("splits %v are being opened, want %d", begun, n)
		}
	}
}

func (g *gate) check(t *testing.T, opened int) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.begun) != opened || g.open != g.closed {
		t.Errorf("splits %v were opened, want %d; of %d readers %d were closed", g.begun, opened, g.open, g.closed)
	}
}

func gateOf(g *gate, scheme string, splits int, bytes int64, limit int64) (*Env, *physical.Scan, *physical.Fragment) {
	env := &Env{Store: mem.New(), Formats: map[string]catalog.Format{"gate": g}}
	n := &physical.Scan{ID: 3, Spec: catalog.ScanSpec{Format: "gate", Limit: limit}}
	frag := &physical.Fragment{Root: n, Splits: map[int][]catalog.Split{3: nil}}
	for i := range splits {
		frag.Splits[3] = append(frag.Splits[3], catalog.Split{Index: i, Bytes: bytes, File: catalog.FileInfo{Path: fmt.Sprint(scheme, i)}})
	}
	return env, n, frag
}

// TestOpenedAhead: the splits of remote files are opened before it is their turn, so
// many and in order, and all that was opened is closed.
func TestOpenedAhead(t *testing.T) {
	for _, c := range []struct {
		scheme       string
		splits       int
		bytes, limit int64
		first        int // splits that are being opened when the first is wanted
	}{
		{"s3://b/", 40, 1, 0, 1 + maxOpenAhead},
		{"s3://b/", 3, 1, 0, 3},
		{"s3://b/", 40, openAheadBytes / 4, 0, 1 + 4},
		{"s3://b/", 40, openAheadBytes * 2, 0, 1 + 1},
		{"s3://b/", 40, 1, 10, 1},
		{"/files/", 40, 1, 0, 1},
	} {
		g := newGate()
		env, n, frag := gateOf(g, c.scheme, c.splits, c.bytes, c.limit)
		s, err := newSplitReaders(env, n, frag.Splits[3])
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.splits {
			if i == 0 {
				go func() {
					g.await(t, c.first)
					close(g.may)
				}()
			}
			r, err := s.next(t.Context())
			if err != nil {
				t.Fatalf("%+v: split %d: %v", c, i, err)
			}
			if i == 0 && len(g.await(t, c.first)) < c.first {
				t.Errorf("%+v: %v", c, g.begun)
			}
			if got := r.Bounds(); got.Start != 0 || r.(*gateReader).split.Index != i {
				t.Fatalf("%+v: split %d instead of %d", c, r.(*gateReader).split.Index, i)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		s.close()
		g.check(t, c.splits)
	}
}

// TestOpenedAheadFails: an error comes when it is the split's turn, also if opening
// panics; what is open is closed.
func TestOpenedAheadFails(t *testing.T) {
	for _, panics := range []bool{false, true} {
		g := newGate()
		close(g.may)
		if g.fails = 2; panics {
			g.fails, g.panic = -1, 2
		}
		env, n, frag := gateOf(g, "s3://b/", 6, 1, 0)
		s, err := newSplitReaders(env, n, frag.Splits[3])
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			r, err := s.next(t.Context())
			if (err != nil) != (i == 2) || !panics && i == 2 && !errors.Is(err, errGate) {
				t.Fatalf("split %d: %v", i, err)
			}
			if r != nil {
				_ = r.Close()
			}
		}
		s.close()
		g.check(t, 6)
	}
}

// TestOpenedBeforeItsTurn: what is opened for a fragment that waits is what its scan
// reads; given up, it is closed, also while it is being opened.
func TestOpenedBeforeItsTurn(t *testing.T) {
	g := newGate()
	env, n, frag := gateOf(g, "s3://b/", 4, 1, 0)
	env.Opened = OpenAhead(t.Context(), env, frag)
	if begun := g.await(t, 4); len(begun) != 4 {
		t.Fatalf("splits %v are being opened", begun)
	}
	close(g.may)
	op, err := Build(env, frag)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := op.Next(t.Context()); err != io.EOF {
		t.Errorf("the rows of empty splits end with %v", err)
	}
	if err := op.Close(); err != nil {
		t.Error(err)
	}
	env.Opened.Close()
	g.check(t, 4)

	g = newGate()
	env, _, frag = gateOf(g, "s3://b/", 4, 1, 0)
	opened := OpenAhead(t.Context(), env, frag)
	g.await(t, 4)
	opened.Close()
	g.check(t, 4)

	// predicates that are found by running decide what is read
	if o := OpenAhead(t.Context(), env, &physical.Fragment{Root: &physical.KeyFilter{Input: n, From: &physical.Values{}}, Splits: frag.Splits}); o != nil {
		t.Error("the scan below a filter by keys was opened")
	}
	// and of two scans one may not be read at all
	other := &physical.Scan{ID: 4, Spec: n.Spec}
	if o := OpenAhead(t.Context(), env, &physical.Fragment{Root: &physical.Join{Left: n, Right: other}, Splits: frag.Splits}); o != nil {
		t.Error("one of two scans was opened")
	}
}
