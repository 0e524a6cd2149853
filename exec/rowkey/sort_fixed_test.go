package rowkey

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSortOneLength: keys of one length, in which few bytes, many or none vary, anywhere,
// are sorted as their bytes are, and equal ones keep their order.
func TestSortOneLength(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, width := range []int{1, 7, 8, 9, 17, 18, 27, 64, 65} {
		for _, varying := range []int{0, 1, 3, 8, 9, 20} {
			for _, n := range []int{1, 2, 300, 5000} {
				places := rnd.Perm(width)[:min(varying, width)]
				constant := make([]byte, width)
				for i := range constant {
					constant[i] = byte(rnd.Uint32())
				}
				k := Keys{Data: []byte("before"), Offsets: []int{6}}
				for range n {
					key := slices.Clone(constant)
					for _, p := range places {
						key[p] = byte(rnd.IntN(1 + 255/len(places)))
					}
					k.Data = append(k.Data, key...)
					k.Offsets = append(k.Offsets, len(k.Data))
				}
				want := make([]int32, n)
				for i := range want {
					want[i] = int32(i)
				}
				slices.SortStableFunc(want, func(a, b int32) int { return bytes.Compare(k.Key(int(a)), k.Key(int(b))) })
				k.Data = slices.Clip(k.Data)
				if got := k.Sort(); !slices.Equal(got, want) {
					t.Fatalf("%d rows of %d bytes, of which %v vary: %v, want %v", n, width, places, got, want)
				}
			}
		}
	}
}

// BenchmarkSortTwoNumbers sorts by two columns of numbers in small ranges.
func BenchmarkSortTwoNumbers(b *testing.B) {
	const n = 1 << 20
	rnd := rand.New(rand.NewPCG(5, 6))
	k := Keys{Offsets: []int{0}}
	for range n {
		k.Data = binary.BigEndian.AppendUint64(append(k.Data, 1), 1<<63|rnd.Uint64N(1000))
		k.Data = binary.BigEndian.AppendUint64(append(k.Data, 1), 1<<63|rnd.Uint64N(100_000_000))
		k.Offsets = append(k.Offsets, len(k.Data))
	}
	for b.Loop() {
		k.Sort()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
