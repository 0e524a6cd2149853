package block

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
)

// account has a limit of bytes.
type account struct {
	mu          sync.Mutex
	used, limit int64
}

func (a *account) Reserve(n int64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.used+n > a.limit {
		return errors.New("no memory")
	}
	a.used += n
	return nil
}

func (a *account) Release(n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.used -= n; a.used < 0 {
		panic("more is released than was reserved")
	}
}

func (a *account) holds() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.used
}

// numbered has rows of one text each, which begins with a number.
func numbered(number, rows int) arrow.Record {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range rows {
		b.Append(fmt.Sprintf("%d: row %d", number, i))
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "t", Type: arrow.BinaryTypes.String}}, nil)
	return array.NewRecord(schema, []arrow.Array{b.NewArray()}, int64(rows))
}

func newBlock(t *testing.T, p *Pool, number, rows int) *Block {
	t.Helper()
	b, err := p.New(numbered(number, rows))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// holdsNumber fails unless a block has the rows that it was made of.
func holdsNumber(t *testing.T, b *Block, number int) {
	t.Helper()
	rec, err := b.Record()
	if err != nil {
		t.Fatal(err)
	}
	if want := numbered(number, int(b.Rows())); !array.RecordEqual(rec, want) {
		t.Fatalf("block %d has %v", number, rec)
	}
}

// eventually waits until the garbage collector has told the pool.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 500 {
		if runtime.GC(); ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("it never was true that %s", what)
}

// TestBlocks: whatever the account allows, all blocks can be read, by several at once,
// and what is garbage gives its memory and its room in the file back.
func TestBlocks(t *testing.T) {
	for _, limit := range []int64{0, 2000, 50_000, 1 << 40} {
		m := &account{limit: limit}
		p := NewPool(m, t.TempDir())
		var blocks sync.Map
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(worker), 1))
				for i := range 200 {
					number := worker*1000 + i
					blocks.Store(number, newBlock(t, p, number, 1+rng.IntN(100)))
					if rng.IntN(3) == 0 {
						blocks.Delete(worker*1000 + rng.IntN(i+1))
					}
					if b, ok := blocks.Load(rng.IntN(4)*1000 + rng.IntN(i+1)); ok {
						_, err := b.(*Block).Record()
						if err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		n := 0
		blocks.Range(func(number, b any) bool {
			holdsNumber(t, b.(*Block), number.(int))
			n++
			return true
		})
		if n < 300 || m.holds() > limit || (p.heap.Size() > 0) != (limit < 1<<40) {
			t.Errorf("limit %d: %d blocks hold %d bytes of memory and %d of the file", limit, n, m.holds(), p.heap.Size())
		}
		blocks.Clear()
		eventually(t, "nothing is held", func() bool { return m.holds() == 0 && p.heap.Size() == 0 })
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestTheBlockUsedLastStays in memory.
func TestTheBlockUsedLastStays(t *testing.T) {
	m := &account{limit: 5 * 4000}
	p := NewPool(m, t.TempDir())
	blocks := []*Block{newBlock(t, p, 0, 100)}
	for i := 1; i < 50; i++ {
		blocks = append(blocks, newBlock(t, p, i, 100))
		holdsNumber(t, blocks[0], 0)
	}
	if blocks[0].held.place != nil {
		t.Error("the block that was used all the time was written")
	}
	if blocks[1].held.place == nil || m.holds() < 2*blocks[0].Bytes() {
		t.Errorf("of blocks of %d bytes, memory holds %d bytes", blocks[0].Bytes(), m.holds())
	}
}

// TestADiskThatFails: the error is the one who brings rows', and no rows are lost.
func TestADiskThatFails(t *testing.T) {
	m := &account{limit: 5000}
	p := NewPool(m, "/dev/null/nowhere")
	kept := newBlock(t, p, 1, 50)
	if _, err := p.New(numbered(2, 2000)); sqlerr.Code(err) != sqlerr.IOError {
		t.Errorf("the error is %v", err)
	}
	holdsNumber(t, kept, 1)
	if m.holds() != kept.Bytes() {
		t.Errorf("memory holds %d bytes, the block has %d", m.holds(), kept.Bytes())
	}
}
