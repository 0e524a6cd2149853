package parquet

import "testing"

// FuzzIndexes decodes page indexes and headers of Bloom filters.
func FuzzIndexes(f *testing.F) {
	c := writtenChunk{pages: []writtenPage{{offset: 4, size: 100}, {offset: 104, size: 70, firstRow: 20000}}}
	f.Add(c.encodeOffsetIndex())
	b := &leafBuffer{offsets: []int64{0, 1, 3}, data: []byte("abc")}
	e := chunkEncoder{buffer: b, out: &writtenChunk{pages: []writtenPage{{values: 2, lo: 0, hi: 1}, {nulls: 3, lo: -1, hi: -1}}}}
	f.Add(e.columnIndex())
	f.Add(newBloomFilter(1000, 0.01).header())
	f.Fuzz(func(t *testing.T, data []byte) {
		if pages, err := parseOffsetIndex(data); err == nil && len(pages) > len(data) {
			t.Errorf("%d pages of %d bytes", len(pages), len(data))
		}
		if x, err := parseColumnIndex(data); err == nil && len(x.mins) > len(data) {
			t.Errorf("%d bounds of %d bytes", len(x.mins), len(data))
		}
		if size, _, err := parseBloomHeader(data); err == nil && size%bloomBlockBytes != 0 {
			t.Errorf("a filter of %d bytes", size)
		}
	})
}

func TestIndexesReadBack(t *testing.T) {
	pages := []writtenPage{{offset: 4, size: 100}, {offset: 104, size: 70, firstRow: 20000}}
	got, err := parseOffsetIndex((&writtenChunk{pages: pages}).encodeOffsetIndex())
	if err != nil || len(got) != 2 || got[1] != (pageLocation{104, 70, 20000}) {
		t.Errorf("offset index %v, %v", got, err)
	}
	b := &leafBuffer{offsets: []int64{0, 1, 3}, data: []byte("abc")}
	e := chunkEncoder{buffer: b, order: orderPhysical, out: &writtenChunk{pages: []writtenPage{{values: 2, lo: 0, hi: 1}, {nulls: 3, lo: -1, hi: -1}}}}
	x, err := parseColumnIndex(e.columnIndex())
	if err != nil || len(x.mins) != 2 || string(x.mins[0]) != "a" || string(x.maxs[0]) != "bc" || x.nullPages[0] || !x.nullPages[1] || x.nulls[1] != 3 {
		t.Errorf("column index %+v, %v", x, err)
	}
}

func TestBloomFilter(t *testing.T) {
	f := newBloomFilter(1000, 0.01)
	hash := func(i int) uint64 { return bloomHash([]byte{byte(i), byte(i >> 8), 7}) }
	for i := range 1000 {
		f.insert(hash(i))
	}
	wrong := 0
	for i := range 11_000 {
		switch {
		case i < 1000 && !f.mayHold(hash(i)):
			t.Fatalf("value %d is lost", i)
		case i >= 1000 && f.mayHold(hash(i)):
			wrong++
		}
	}
	if wrong > 200 { // 1 % of 10,000 are expected at most
		t.Errorf("%d of 10000 false positives", wrong)
	}
}
