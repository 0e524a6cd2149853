package keyset

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"volley/catalog/memtable/block/blocktest"
)

// TestTable compares random changes with a map.
func TestTable(t *testing.T) {
	memory := blocktest.NewAccount(1 << 30)
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 20 {
		s := New(memory, nil)
		model := map[string]bool{}
		most := 1 << rng.IntN(12)
		for range 20_000 {
			key := fmt.Sprint(rng.IntN(most))
			if rng.IntN(500) == 0 {
				key = strings.Repeat(key+" ", 20_000+rng.IntN(10)) // longer than a chunk
			}
			if got, err := s.Has([]byte(key)); err != nil || got != model[key] {
				t.Fatalf("round %d: has %.20q: %v, %v", round, key, got, err)
			}
			switch {
			case model[key]:
				if err := s.Remove([]byte(key)); err != nil {
					t.Fatal(err)
				}
				delete(model, key)
			case rng.IntN(3) > 0:
				if err := s.Add([]byte(key)); err != nil {
					t.Fatal(err)
				}
				model[key] = true
			}
			if s.Len() != len(model) {
				t.Fatalf("round %d: %d keys, not %d", round, s.Len(), len(model))
			}
		}
		for key := range model {
			if got, err := s.Has([]byte(key)); err != nil || !got {
				t.Fatalf("round %d: no %.20q: %v", round, key, err)
			}
		}
		s.Free()
		if used := memory.Used(); used != 0 {
			t.Fatalf("round %d: %d bytes are still taken", round, used)
		}
	}
}

// TestKeysTakeLittle: short keys take a slot or two each.
func TestKeysTakeLittle(t *testing.T) {
	memory := blocktest.NewAccount(1 << 30)
	s := New(memory, nil)
	const n = 100_000
	for i := range n {
		if err := s.Add([]byte{byte(i), byte(i >> 8), byte(i >> 16), 0}); err != nil {
			t.Fatal(err)
		}
	}
	if used := memory.Used(); used > 20*n || used < 10*n {
		t.Errorf("%d keys take %d bytes", n, used)
	}
}
