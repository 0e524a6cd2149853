package parquet

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestUnpackLong compares what is decoded many values at a time with the bits of
// each, from every width and place.
func TestUnpackLong(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for width := uint(1); width <= 16; width++ {
		for range 60 {
			at, n, more := r.IntN(100), r.IntN(300), r.IntN(40)
			packed := make([]byte, (at+n+7)/8*int(width)+more)
			for i := range packed {
				packed[i] = byte(r.Uint32())
			}
			want := make([]uint16, n)
			for i := range want {
				want[i] = uint16(bitsAt(packed, uint(at+i)*width, width))
			}
			got := make([]uint16, n)
			if unpackWords(got, packed, at, width); !slices.Equal(got, want) {
				t.Fatalf("%d words of %d bits from %d: %v, want %v", n, width, at, got, want)
			}
			if width > 8 {
				continue
			}
			small := make([]byte, n)
			unpackSmall(small, packed, at, width)
			for i, v := range small {
				if uint16(v) != want[i] {
					t.Fatalf("%d bytes of %d bits from %d: %v, want %v", n, width, at, small, want)
				}
			}
		}
	}
}

// TestBoundsLong puts one value that is too large into long rows.
func TestBoundsLong(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		length, bound := 1+r.IntN(200), 1+r.IntN(256)
		small, words := make([]byte, length), make([]uint16, length)
		for i := range small {
			small[i] = byte(r.IntN(bound))
			words[i] = uint16(small[i]) << 8
		}
		if !allBelow(small, bound) || !allWordsBelow(words, bound<<8) {
			t.Fatalf("%v are not all below %d", small, bound)
		}
		if bound == 256 {
			continue
		}
		at := r.IntN(length)
		small[at], words[at] = byte(bound), uint16(bound)<<8
		if allBelow(small, bound) || allWordsBelow(words, bound<<8) {
			t.Fatalf("%v are all below %d", small, bound)
		}
	}
}
