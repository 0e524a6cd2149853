package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"pgregory.net/rapid"
)

func TestScatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom(types).Draw(t, "type")
		parts := make([]arrow.Array, rapid.IntRange(1, 4).Draw(t, "parts"))
		var want []string
		for i := range parts {
			parts[i] = drawArray(t, typ, rapid.IntRange(0, 20).Draw(t, "rows"))
			if keep := parts[i].Len() - parts[i].NullN(); rapid.Bool().Draw(t, "no NULL") {
				rows := make([]int32, 0, keep)
				for r := range parts[i].Len() {
					if !IsNull(parts[i], r) {
						rows = append(rows, int32(r))
					}
				}
				var err error
				if parts[i], err = Take(parts[i], rows); err != nil {
					t.Fatalf("%v", err)
				}
			}
			for r := range parts[i].Len() {
				want = append(want, str(parts[i], r))
			}
		}
		place := make([]int32, len(want))
		for k, at := range rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Perm(len(want)) {
			place[k] = int32(at)
		}
		got, err := Scatter(parts, place)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if got.Len() != len(want) {
			t.Fatalf("%d rows, want %d", got.Len(), len(want))
		}
		for k, at := range place {
			if s := str(got, int(at)); s != want[k] {
				t.Fatalf("row %d is %s, want %s", at, s, want[k])
			}
		}
	})
}
