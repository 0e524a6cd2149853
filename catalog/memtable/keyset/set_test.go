package keyset

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"volley/catalog/memtable/block/blocktest"
	"volley/exec/spill"
)

// TestSet compares random histories, parts of which are taken back, with a map, in so
// little memory that most keys are on disk.
func TestSet(t *testing.T) {
	onDisk, merged := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		memory := blocktest.NewAccount(rapid.Int64Range(0, 200_000).Draw(t, "memory"))
		heap := spill.NewHeap("")
		defer heap.Close()
		s := New(memory, heap)
		log := NewLog(memory, heap)
		model := map[string]bool{}
		most := rapid.IntRange(1, 30_000).Draw(t, "keys")
		long := rapid.IntRange(0, 3).Draw(t, "long keys") * rapid.IntRange(0, 5000).Draw(t, "length")
		name := func(n int) []byte {
			if n%200 == 1 {
				return []byte(fmt.Sprint(n, strings.Repeat("x", long)))
			}
			return []byte(fmt.Sprint(n))
		}
		check := func(key []byte) {
			if got, err := s.Has(key); err != nil || got != model[string(key)] {
				t.Fatalf("has %.20q: %v, %v", key, got, err)
			}
		}
		toggle := func(key []byte) {
			check(key)
			var err error
			what := uint32(0)
			if model[string(key)] {
				err = s.Remove(key)
				delete(model, string(key))
			} else {
				err = s.Add(key)
				model[string(key)], what = true, 1
			}
			if err == nil {
				err = log.Push(key, what)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			size := log.Size()
			from, n := rapid.IntRange(0, most).Draw(t, "from"), rapid.IntRange(0, most).Draw(t, "n")
			for i := range n {
				toggle(name((from + i*7919) % most))
			}
			if rapid.Bool().Draw(t, "rollback") {
				s.Restore(func() {
					for log.Size() > size {
						key, what, err := log.Pop()
						if err == nil && what == 1 {
							err = s.Remove(key)
							delete(model, string(key))
						} else if err == nil {
							err = s.Add(key)
							model[string(key)] = true
						}
						if err != nil {
							t.Fatal(err)
						}
					}
				})
			}
			if s.Len() != len(model) {
				t.Fatalf("%d keys, not %d", s.Len(), len(model))
			}
		}
		for i := range most {
			check(name(i))
		}
		if s.tree != nil {
			onDisk++
			for i := range s.tree.parts {
				if len(s.tree.parts[i].runs) > 1 {
					merged++
				}
			}
		}
		s.Free()
		log.Free()
		if used := memory.Used(); used != 0 {
			t.Fatalf("%d bytes are still taken", used)
		}
		if size := heap.Size(); size != 0 {
			t.Fatalf("%d bytes are still on disk", size)
		}
	})
	if onDisk == 0 || merged == 0 {
		t.Errorf("%d sets were on disk, %d partitions had several runs", onDisk, merged)
	}
}

// TestEqualHashes: keys of one hash are told apart, over the border of pages too.
func TestEqualHashes(t *testing.T) {
	heap := spill.NewHeap(t.TempDir())
	defer heap.Close()
	tree := &tree{heap: heap, room: NewRoom(blocktest.NewAccount(1 << 20))}
	w := tree.newRun(4000)
	key := func(i int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(i)) }
	hash := func(i int) uint64 { return uint64(i/1000) << 60 }
	for i := 0; i < 4000; i += 2 {
		if err := w.add(hash(i), key(i), alive); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	if len(w.run.pages) < 3 {
		t.Fatalf("%d pages", len(w.run.pages))
	}
	for i := range 4000 {
		want := unknown
		if i%2 == 0 {
			want = alive
		}
		if got, err := w.run.get(tree, hash(i), key(i)); err != nil || got != want {
			t.Errorf("key %d: %v, %v", i, got, err)
		}
	}
}

// TestDamage: keys that are not what was written are an error, never other keys.
func TestDamage(t *testing.T) {
	memory := blocktest.NewAccount(100_000)
	heap := spill.NewHeap(t.TempDir())
	s := New(memory, heap)
	for i := range 50_000 {
		if err := s.Add(fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range s.tree.parts {
		for _, r := range s.tree.parts[i].runs {
			for _, p := range r.pages {
				heap.Remove(p.place)
			}
		}
	}
	for range 1000 { // over them
		if _, err := heap.WriteBytes(make([]byte, pageBytes)); err != nil {
			t.Fatal(err)
		}
	}
	failed := 0
	for i := range 50_000 {
		switch has, err := s.Has(fmt.Append(nil, i)); {
		case err != nil:
			failed++
		case !has:
			t.Fatalf("key %d is lost", i)
		}
	}
	if failed == 0 {
		t.Error("nothing was found damaged")
	}
}

// TestDiskFull: a key that has room nowhere is refused, and the others are there; a change
// can be taken back all the same.
func TestDiskFull(t *testing.T) {
	memory := blocktest.NewAccount(300_000)
	heap := spill.NewHeap(t.TempDir())
	s := New(memory, heap)
	n := 0
	key := func(i int) []byte { return fmt.Append(nil, i) }
	fill := func(most int) (err error) {
		for ; n < most && err == nil; n++ {
			err = s.Add(key(n))
		}
		return err
	}
	if err := fill(50_000); err != nil {
		t.Fatal(err)
	}
	heap.Close() // no write succeeds after that
	if err := fill(500_000); err == nil {
		t.Fatal("keys were written to a closed file")
	}
	n--
	if s.Len() != n {
		t.Fatalf("%d keys, not %d", s.Len(), n)
	}
	s.Restore(func() {
		for ; n > 50_000; n-- {
			if err := s.Remove(key(n - 1)); err != nil {
				t.Fatal(err)
			}
		}
	})
	if s.Len() != n {
		t.Fatalf("%d keys after a rollback, not %d", s.Len(), n)
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, limit := range []int64{1 << 30, 20 << 20} {
		b.Run(fmt.Sprintf("%dMB", limit>>20), func(b *testing.B) {
			for range b.N {
				heap := spill.NewHeap(b.TempDir())
				s := New(blocktest.NewAccount(limit), heap)
				key := make([]byte, 8)
				for i := range 5_000_000 {
					binary.LittleEndian.PutUint64(key, uint64(i))
					if twice, err := s.Has(key); twice || err != nil {
						b.Fatal(twice, err)
					}
					if err := s.Add(key); err != nil {
						b.Fatal(err)
					}
				}
				heap.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/5e6, "ns/key")
		})
	}
}

// fullAccount is one of so many bytes of which others have all.
type fullAccount struct {
	*blocktest.Account
	limit int64
}

func (a fullAccount) Limit() int64 { return a.limit }

// TestFewKeysLeaveLowMemory: a set takes little without an account that is very low, so
// that small tests have keys on disk.
func TestFewKeysLeaveLowMemory(t *testing.T) {
	for limit, onDisk := range map[int64]bool{16 << 10: true, 1 << 30: false} {
		s := New(fullAccount{blocktest.NewAccount(0), limit}, spill.NewHeap(t.TempDir()))
		for i := range 200 {
			if err := s.Add([]byte(strconv.Itoa(i))); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 201 {
			if has, err := s.Has([]byte(strconv.Itoa(i))); has != (i < 200) || err != nil {
				t.Errorf("limit %d: has %d: %v, %v", limit, i, has, err)
			}
		}
		if (s.tree != nil) != onDisk {
			t.Errorf("limit %d: on disk is %v", limit, s.tree != nil)
		}
		s.Free()
	}
}
