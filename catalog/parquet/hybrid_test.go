package parquet

import (
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// encodeHybrid writes values in runs whose kinds are drawn.
func encodeHybrid(t *rapid.T, values []int32, width uint) []byte {
	var out []byte
	for at := 0; at < len(values); {
		same := at
		for same < len(values) && values[same] == values[at] {
			same++
		}
		if n := same - at; rapid.Bool().Draw(t, "repeat") {
			n = rapid.IntRange(1, n).Draw(t, "count")
			out = binary.AppendUvarint(out, uint64(n)<<1)
			for i := range (width + 7) / 8 {
				out = append(out, byte(uint32(values[at])>>(8*i)))
			}
			at += n
			continue
		}
		groups := rapid.IntRange(1, 1+(len(values)-at)/8).Draw(t, "groups")
		out = binary.AppendUvarint(out, uint64(groups)<<1|1)
		packed := make([]byte, groups*int(width))
		for i := range groups * 8 {
			if at+i < len(values) {
				for b := range width {
					if uint32(values[at+i])>>b&1 != 0 {
						bit := uint(i)*width + b
						packed[bit/8] |= 1 << (bit % 8)
					}
				}
			}
		}
		out = append(out, packed...)
		at += groups * 8
	}
	return out
}

func TestHybrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.UintRange(0, maxHybridWidth).Draw(t, "width")
		n := rapid.IntRange(0, 500).Draw(t, "values")
		kinds := rapid.SliceOfN(rapid.Uint32Range(0, uint32(1<<width-1)), 1, 5).Draw(t, "kinds")
		values := make([]int32, n)
		for i := range values {
			values[i] = int32(rapid.SampledFrom(kinds).Draw(t, "value"))
		}
		d := newHybrid(encodeHybrid(t, values, width), width)
		got := make([]int32, n)
		for at := 0; at < n; {
			k := rapid.IntRange(1, n-at).Draw(t, "read")
			same, err := d.skipRun(uint32(values[at]), k)
			if err != nil {
				t.Fatal(err)
			}
			fill(got[at:at+same], values[at])
			if err := d.read(got[at+same : at+k]); err != nil {
				t.Fatal(err)
			}
			at += k
		}
		if !slices.Equal(got, values) {
			t.Fatalf("width %d: got %v, want %v", width, got, values)
		}
		d = newHybrid(encodeHybrid(t, values, width), width)
		for at := 0; at < n; { // some values of stretches
			k := rapid.IntRange(1, n-at).Draw(t, "stretch")
			var some, want []int32
			for i := range k {
				if rapid.IntRange(0, 3).Draw(t, "some") == 0 {
					some, want = append(some, int32(i)), append(want, values[at+i])
				}
			}
			got := make([]int32, len(some))
			if err := d.readAt(got, some, k); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("width %d: got %v, want %v at %v", width, got, want, some)
			}
			at += k
		}
		if width > 16 {
			return
		}
		d = newHybrid(encodeHybrid(t, values, width), width)
		words := make([]uint16, n)
		for at := 0; at < n; {
			k := rapid.IntRange(1, n-at).Draw(t, "read words")
			if err := d.readWords(words[at : at+k]); err != nil {
				t.Fatal(err)
			}
			at += k
		}
		bound := rapid.IntRange(1, 1<<16).Draw(t, "bound")
		below := true
		for i, v := range words {
			if int32(v) != values[i] {
				t.Fatalf("width %d: word %d is %d, want %d", width, i, v, values[i])
			}
			below = below && int(v) < bound
		}
		if allWordsBelow(words, bound) != below {
			t.Fatalf("that %v are all below %d is %v", words, bound, below)
		}
		if width > 8 {
			return
		}
		d = newHybrid(encodeHybrid(t, values, width), width)
		small := make([]byte, n)
		for at := 0; at < n; {
			k := rapid.IntRange(1, n-at).Draw(t, "read small")
			if err := d.readSmall(small[at : at+k]); err != nil {
				t.Fatal(err)
			}
			at += k
		}
		for i, v := range small {
			if int32(v) != values[i] {
				t.Fatalf("width %d: got %v, want %v", width, small, values)
			}
		}
	})
}

func TestAllBelow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 256).Draw(t, "n")
		values := rapid.SliceOfN(rapid.ByteRange(0, byte(rapid.IntRange(0, 255).Draw(t, "most"))), 0, 40).Draw(t, "values")
		want := !slices.ContainsFunc(values, func(v byte) bool { return int(v) >= n })
		if got := allBelow(values, n); got != want {
			t.Fatalf("%v below %d: %v", values, n, got)
		}
	})
}

// FuzzHybrid: whatever the bytes, decoding ends, without a panic.
func FuzzHybrid(f *testing.F) {
	f.Add([]byte{3, 0xff, 0x10, 4, 1}, uint8(3))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x1f}, uint8(32))
	f.Fuzz(func(t *testing.T, in []byte, width uint8) {
		d := newHybrid(in, uint(width)%(maxHybridWidth+1))
		dst := make([]int32, 37)
		for range 1000 {
			if err := d.read(dst); err != nil {
				return
			}
		}
	})
}
