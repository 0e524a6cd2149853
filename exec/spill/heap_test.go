package spill

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
)

func randomRows(rng *rand.Rand) arrow.Record {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	n := 1 + rng.IntN(500)
	for range n {
		b.Append(rng.Int64())
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	return array.NewRecord(schema, []arrow.Array{b.NewArray()}, int64(n))
}

// TestHeap: records are what was written while others come and go, and the file is not
// much longer than what is in it.
func TestHeap(t *testing.T) {
	h := NewHeap(t.TempDir())
	defer h.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	type kept struct {
		rec   arrow.Record
		place Place
	}
	var all []kept
	held := int64(0)
	for step := range 3000 {
		if len(all) > 50 || len(all) > 0 && rng.IntN(3) == 0 {
			i := rng.IntN(len(all))
			got, err := h.Read(all[i].place)
			if err != nil || !array.RecordEqual(got, all[i].rec) {
				t.Fatalf("step %d: %v, %v", step, got, err)
			}
			h.Remove(all[i].place)
			held -= all[i].place.length
			all[i] = all[len(all)-1]
			all = all[:len(all)-1]
			continue
		}
		rec := randomRows(rng)
		place, err := h.Write(rec)
		if err != nil {
			t.Fatal(err)
		}
		all, held = append(all, kept{rec, place}), held+place.length
	}
	if h.Size() < held || h.Size() > 3*held {
		t.Errorf("%d bytes of records are in a file of %d", held, h.Size())
	}
	for _, k := range all {
		h.Remove(k.place)
	}
	if h.Size() != 0 || len(h.free) != 0 {
		t.Errorf("of nothing there are %d bytes, %v free", h.Size(), h.free)
	}
}

// TestDamagedHeap: every byte of a record is checked.
func TestDamagedHeap(t *testing.T) {
	h := NewHeap(t.TempDir())
	defer h.Close()
	var place Place
	for range 2 {
		var err error
		if place, err = h.Write(record(0, 50)); err != nil {
			t.Fatal(err)
		}
	}
	for at := place.offset; at < place.offset+place.length; at++ {
		var b [1]byte
		if _, err := h.file.ReadAt(b[:], at); err != nil {
			t.Fatal(err)
		}
		flip := func() {
			b[0] ^= 0x20
			if _, err := h.file.WriteAt(b[:], at); err != nil {
				t.Fatal(err)
			}
		}
		flip()
		if _, err := h.Read(place); sqlerr.Code(err) != sqlerr.DataCorrupted {
			t.Fatalf("byte %d of the record: %v", at-place.offset, err)
		}
		flip()
	}
	if _, err := h.Read(place); err != nil {
		t.Fatal(err)
	}
	if _, err := NewHeap("/dev/null/nowhere").Write(randomRows(rand.New(rand.NewPCG(1, 2)))); sqlerr.Code(err) != sqlerr.IOError {
		t.Errorf("the error is %v", err)
	}
}
