package rowkey

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSelect: words of given ranks, whatever their distribution and however few may be
// kept, are those that sorting finds.
func TestSelect(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const n = 30_000
	distributions := map[string]func(i int) uint64{
		"any":       func(int) uint64 { return rnd.Uint64() },
		"small":     func(int) uint64 { return rnd.Uint64N(7) },
		"equal":     func(int) uint64 { return ^uint64(0) },
		"two":       func(i int) uint64 { return uint64(i%2) * ^uint64(0) },
		"clustered": func(i int) uint64 { return 1<<63 + rnd.Uint64()>>(i%64) },
		"dense":     func(i int) uint64 { return 1<<40 + uint64(i)*7919%n },
	}
	for name, word := range distributions {
		words := make([]uint64, n)
		for i := range words {
			words[i] = word(i)
		}
		sorted := slices.Sorted(slices.Values(words))
		for _, asked := range []int{1, 2, 50, n} {
			ranks := make([]int64, asked)
			for i := range ranks {
				ranks[i] = int64(rnd.IntN(n))
			}
			if slices.Sort(ranks); asked == 2 {
				ranks[0], ranks[1] = 0, n-1
			}
			want := make([]uint64, asked)
			for i, r := range ranks {
				want[i] = sorted[r]
			}
			reads := 0
			source := func(f func([]uint64)) error {
				reads++
				for some := range slices.Chunk(words, 1000) {
					f(some)
				}
				return nil
			}
			for _, room := range []int{1, 100, n / 16, n} {
				reads = 0
				got := make([]uint64, asked)
				s := Selector{Room: room}
				if err := s.Select(source, sorted[0], sorted[n-1], ranks, got); err != nil || !slices.Equal(got, want) {
					t.Fatalf("%s, %d ranks, room for %d: %v %v, want %v", name, asked, room, err, got, want)
				}
				if room >= n && reads > 2 {
					t.Errorf("%s, %d ranks: read %d times", name, asked, reads)
				}
				if kept := cap(s.kept); kept > room {
					t.Errorf("%s, %d ranks, room for %d: %d were kept", name, asked, room, kept)
				}
			}
			got := make([]uint64, asked)
			new(Selector).SelectFrom(slices.Clone(words), ranks, got)
			if !slices.Equal(got, want) {
				t.Fatalf("%s, %d ranks: %v, want %v", name, asked, got, want)
			}
		}
	}
}
