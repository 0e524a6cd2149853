package rowkey

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// texts are keys of all lengths that are stored in different ways, of bytes that
// make many of them alike but for their ends, some of them NULL ("\x01null").
func texts(random *rand.Rand, n int) []string {
	keys := make([]string, n)
	for i := range keys {
		length := random.IntN(20)
		switch random.IntN(20) {
		case 0:
			length = longText - 2 + random.IntN(5)
		case 1:
			keys[i] = "\x01null"
			continue
		}
		keys[i] = strings.Repeat("\x00", length/2) + strings.Repeat("ab", length/4) + string(rune('a'+random.IntN(3))) + strings.Repeat("\x00", random.IntN(3))
	}
	return keys
}

func textArray(keys []string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for _, k := range keys {
		if k == "\x01null" {
			b.AppendNull()
		} else {
			b.Append(k)
		}
	}
	return b.NewArray()
}

// TestTexts compares tables of one and of two columns of texts with Go's maps,
// in batches small and large, while they grow past the processor's cache.
func TestTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	for _, columns := range []int{1, 2} {
		types := []arrow.DataType{arrow.BinaryTypes.String, arrow.BinaryTypes.String}[:columns]
		table := NewTable(types)
		table.Expect(2 * farSlots)
		want := map[[2]string]uint32{}
		var all [][2]string
		for _, n := range []int{1, 3, nearBatch - 1, nearBatch, nearBatch + 1, 5000, 20000, 1} {
			keys := make([][2]string, n)
			var cols []arrow.Array
			for c := range columns {
				column := texts(random, n)
				for i, k := range column {
					if random.IntN(3) == 0 && k != "\x01null" {
						column[i] += string(rune('A'+random.IntN(26))) + string(rune('A'+random.IntN(26)))
					}
					keys[i][c] = column[i]
				}
				cols = append(cols, textArray(column))
			}
			unknown := map[[2]string]bool{}
			groups := make([]uint32, n)
			table.NewProbe().Find(cols, n, groups)
			for i, k := range keys {
				g, ok := want[k]
				if !ok {
					unknown[k] = true
					g = NoGroup
				}
				if groups[i] != g {
					t.Fatalf("%d columns: %q found in group %d, not %d", columns, k, groups[i], g)
				}
			}
			fresh := table.Assign(cols, n, groups)
			if len(fresh) != len(unknown) {
				t.Fatalf("%d columns: %d new keys, not %d", columns, len(fresh), len(unknown))
			}
			for i, k := range keys {
				g, ok := want[k]
				if !ok {
					if g = uint32(len(all)); int(fresh[0]) != i {
						t.Fatalf("%d columns: new in row %d, not %d", columns, fresh[0], i)
					}
					fresh = fresh[1:]
					want[k], all = g, append(all, k)
				}
				if groups[i] != g {
					t.Fatalf("%d columns: %q has group %d, not %d", columns, k, groups[i], g)
				}
			}
		}
		if len(all) < 2*farSlots || table.Len() != len(all) {
			t.Errorf("%d columns: %d keys of %d", columns, table.Len(), len(all))
		}
	}
}
