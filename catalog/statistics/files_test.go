package statistics

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqltype"
)

// meeting is a format of which each split has its number as only value. Splits that are
// opened wait until so many are; those of number broken panic.
type meeting struct {
	catalog.Format
	splits, wanted, broken int

	mu   sync.Mutex
	open int
	all  chan struct{} // closed when so many are
	met  int           // that did not wait in vain
}

func meet(splits, wanted int) *Files {
	f := &meeting{splits: splits, wanted: wanted, broken: -1, all: make(chan struct{})}
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: sqltype.Int64, Nullable: true}}, nil)
	return &Files{Format: f, Def: &catalog.TableDef{Schema: schema}, Rows: int64(splits)}
}

func (m *meeting) Splits(context.Context, objstore.Store, *catalog.TableDef, *catalog.ScanSpec, catalog.SplitTarget) ([]catalog.Split, error) {
	out := make([]catalog.Split, m.splits)
	for i := range out {
		out[i] = catalog.Split{Start: int64(i), End: int64(i) + 1, Index: i}
	}
	return out, nil
}

func (m *meeting) Open(_ context.Context, _ objstore.Store, spec *catalog.ScanSpec, s catalog.Split) (catalog.Reader, error) {
	m.mu.Lock()
	if m.open++; m.open == m.wanted {
		close(m.all)
	}
	m.mu.Unlock()
	if s.Index == m.broken {
		panic("in the format")
	}
	select {
	case <-m.all:
		m.mu.Lock()
		defer m.mu.Unlock()
		m.met++
		return &attendant{spec: spec, n: s.Start}, nil
	case <-time.After(2 * time.Second):
		return nil, errors.New("nobody else came")
	}
}

// attendant reads a split of a meeting.
type attendant struct {
	catalog.Reader
	spec *catalog.ScanSpec
	n    int64
	done bool
}

func (a *attendant) Next(context.Context) (arrow.Record, error) {
	if a.done {
		return nil, io.EOF
	}
	a.done = true
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.Append(a.n)
	return array.NewRecord(a.spec.Out(), []arrow.Array{b.NewArray()}, 1), nil
}

func (a *attendant) Close() error { return nil }

// TestPlacesAtOnce: the places of a sample, and the splits of a small table, are read at
// once, and their rows come in order.
func TestPlacesAtOnce(t *testing.T) {
	f := meet(9, sampleBlocks)
	if c := f.Column(t.Context(), 0); c.Distinct < sampleBlocks || f.Format.(*meeting).met != sampleBlocks {
		t.Errorf("%d values are guessed, of %d places, want %d", c.Distinct, f.Format.(*meeting).met, sampleBlocks)
	}
	const splits = 3 * blocksAtOnce
	values := meet(splits, blocksAtOnce).Whole(t.Context(), 0)
	if values == nil || values.Len() != splits {
		t.Fatalf("the table's values are %v", values)
	}
	for i, v := range values.(*array.Int64).Int64Values() {
		if v != int64(i) {
			t.Fatalf("value %d is %d", i, v)
		}
	}
}

// TestPlaceThatPanics: a format that panics beside the statement leaves the process alone.
func TestPlaceThatPanics(t *testing.T) {
	f := meet(9, sampleBlocks)
	f.Format.(*meeting).broken = 4
	if c := f.Column(t.Context(), 0); c.Distinct < sampleBlocks-1 {
		t.Errorf("%d values are guessed of the places that can be read", c.Distinct)
	}
	f = meet(9, 9)
	f.Format.(*meeting).broken = 4
	if values := f.Whole(t.Context(), 0); values != nil {
		t.Errorf("the table's values are %v without one of its splits", values)
	}
}
