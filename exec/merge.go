package exec

import (
	"bytes"
	"container/heap"
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/rowkey"
)

// merge gives the rows of sorted runs in one order; among equal keys those of
// the first run come first.
type merge struct {
	schema *arrow.Schema
	runs   []runSource
	rows   int   // a batch has, at most
	bytes  int64 // and as many, about
	whole  *wholeKeys
	keyed  bool      // next gives the keys too
	heads  mergeHeap // nil until the first next
	begun  bool
}

// newMerge merges runs whose keys have been cut where whole is not nil.
func (t *task) newMerge(schema *arrow.Schema, runs []runSource, whole *wholeKeys) *merge {
	return &merge{schema: schema, runs: runs, rows: t.rows, bytes: t.batchBytes(), whole: whole}
}

// mergeHead is the batch a run is at.
type mergeHead struct {
	run   int
	src   runSource
	rec   arrow.Record
	width int64 // bytes of a row of rec, in the mean
	keys  *rowkey.Keys
	at    int // next row to give
	from  int // first row given into the batch being made
	// piece is the number of the piece those rows are, valid when at > from.
	piece int32

	whole   *wholeKeys // nil: keys are whole
	made    []byte     // the whole key of row madeFor−1
	madeFor int
}

func (m *merge) head(run int, src runSource, rec arrow.Record, keys *rowkey.Keys) *mergeHead {
	return &mergeHead{run: run, src: src, rec: rec, width: rowWidth(rec), keys: keys, whole: m.whole}
}

func (h *mergeHead) key() []byte { return h.keys.Key(h.at) }

// compare compares the rows that two heads are at.
func (h *mergeHead) compare(o *mergeHead) int {
	a := h.key()
	c := bytes.Compare(a, o.key())
	if c != 0 || h.whole == nil || len(a) < keyPrefix {
		return c
	}
	return bytes.Compare(h.wholeKey(), o.wholeKey())
}

// wholeKey is the key of the row that the head is at, made once.
func (h *mergeHead) wholeKey() []byte {
	if h.madeFor != h.at+1 {
		h.made, h.madeFor = h.whole.of(h.rec, h.at), h.at+1
	}
	return h.made
}

// mergeHeap has the head with the least row on top.
type mergeHeap []*mergeHead

func (h mergeHeap) Len() int { return len(h) }
func (h mergeHeap) Less(i, j int) bool {
	c := h[i].compare(h[j])
	return c < 0 || c == 0 && h[i].run < h[j].run
}
func (h mergeHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *mergeHeap) Push(x any)   { *h = append(*h, x.(*mergeHead)) }
func (h *mergeHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

func (m *merge) begin(ctx context.Context) error {
	m.begun = true
	for i, src := range m.runs {
		rec, keys, err := src.next(ctx)
		if err == io.EOF {
			continue
		}
		if err != nil {
			return err
		}
		m.heads = append(m.heads, m.head(i, src, rec, keys))
	}
	heap.Init(&m.heads)
	return nil
}

// next makes a batch: rows are chosen one by one, each as (head, row in order
// of choice); then the pieces that the heads gave are joined and permuted.
func (m *merge) next(ctx context.Context) (arrow.Record, *rowkey.Keys, error) {
	if !m.begun {
		if err := m.begin(ctx); err != nil {
			return nil, nil, err
		}
	}
	if len(m.heads) == 0 {
		return nil, nil, io.EOF
	}
	out := mergeBatch{keyed: m.keyed}
	for out.n < m.rows && out.bytes < m.bytes && len(m.heads) > 0 {
		h := m.heads[0]
		out.choose(h)
		if h.at < h.keys.Len() {
			heap.Fix(&m.heads, 0)
			continue
		}
		out.end(h)
		rec, keys, err := h.src.next(ctx)
		switch {
		case err == io.EOF:
			heap.Pop(&m.heads)
		case err != nil:
			return nil, nil, err
		default:
			*h = *m.head(h.run, h.src, rec, keys)
			heap.Fix(&m.heads, 0)
		}
	}
	for _, h := range m.heads {
		out.end(h)
	}
	if err := m.whole.failed(); err != nil {
		return nil, nil, err
	}
	return out.build(m.schema)
}

func (m *merge) close() error {
	var err error
	for _, r := range m.runs {
		err = errors.Join(err, r.close())
	}
	return err
}

// mergeBatch is a batch in the making.
type mergeBatch struct {
	n      int
	bytes  int64
	keyed  bool // with keys
	keys   rowkey.Keys
	pieces []arrow.Record
	chosen []chosenRow
}

// chosenRow is row `row` of piece `piece`.
type chosenRow struct{ piece, row int32 }

// choose takes the next row of h.
func (b *mergeBatch) choose(h *mergeHead) {
	if h.at == h.from { // the head's first row in this batch
		h.piece = int32(len(b.pieces))
		b.pieces = append(b.pieces, nil)
	}
	b.chosen = append(b.chosen, chosenRow{h.piece, int32(h.at - h.from)})
	if b.keyed {
		if len(b.keys.Offsets) == 0 {
			b.keys.Offsets = append(b.keys.Offsets, 0)
		}
		b.keys.Data = append(b.keys.Data, h.key()...)
		b.keys.Offsets = append(b.keys.Offsets, len(b.keys.Data))
	}
	h.at++
	b.n++
	b.bytes += h.width
}

// end closes the piece of rows that h gave.
func (b *mergeBatch) end(h *mergeHead) {
	if h.at > h.from {
		b.pieces[h.piece] = sliceRecord(h.rec, int64(h.from), int64(h.at))
	}
	h.from = h.at
}

func (b *mergeBatch) build(schema *arrow.Schema) (arrow.Record, *rowkey.Keys, error) {
	if len(b.pieces) > 1 && b.bytes > wideRow*int64(b.n) {
		rec, err := kernel.ConcatRecords(schema, b.stretches())
		return rec, &b.keys, err
	}
	base := make([]int32, len(b.pieces))
	next := int32(0)
	for i, p := range b.pieces {
		base[i] = next
		next += int32(p.NumRows())
	}
	rec, err := kernel.ConcatRecords(schema, b.pieces)
	if err != nil {
		return nil, nil, err
	}
	if len(b.pieces) > 1 {
		rows := make([]int32, len(b.chosen))
		for i, c := range b.chosen {
			rows[i] = base[c.piece] + c.row
		}
		if rec, err = kernel.TakeRecord(rec, rows); err != nil {
			return nil, nil, err
		}
	}
	return rec, &b.keys, nil
}

// wideRow is from how many bytes on rows are put in order as slices: they are copied
// once then.
var wideRow int64 = 4 << 10 // a variable for tests

// stretches are the rows in order, neighbours of one piece together.
func (b *mergeBatch) stretches() []arrow.Record {
	var out []arrow.Record
	for lo, hi := 0, 0; lo < b.n; lo = hi {
		first := b.chosen[lo]
		for hi = lo + 1; hi < b.n && b.chosen[hi] == (chosenRow{first.piece, first.row + int32(hi-lo)}); {
			hi++
		}
		out = append(out, sliceRecord(b.pieces[first.piece], int64(first.row), int64(first.row)+int64(hi-lo)))
	}
	return out
}
