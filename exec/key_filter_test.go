package exec

import (
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"pgregory.net/rapid"

	"volley/planner/physical"
	"volley/sqltype"
)

// TestKeyFilter compares the filter with one that looks at all pairs of rows.
func TestKeyFilter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		nkeys := rapid.IntRange(1, 3).Draw(t, "keys")
		var types []arrow.DataType
		var keys []int
		for k := range nkeys {
			types, keys = append(types, rapid.SampledFrom(poolTypes).Draw(t, "type")), append(keys, k)
		}
		schema := schemaOf(append(types, sqltype.Int32)...)
		input, from := drawRecords(t, "input", schema, 3), drawRecords(t, "from", schema, 3)
		w.frag.Session.BatchRows = small(t)
		src := w.source(schema, from)
		src.Broadcast = true
		n := &physical.KeyFilter{Input: w.scan(schema, input), From: src, Keys: keys, FromKeys: keys}
		var want [][]string
		for _, l := range rowsOf(input) {
			for _, r := range rowsOf(from) {
				match := 1
				for k := range nkeys {
					match = min(match, tri(l.rec.Column(k), l.row, r.rec.Column(k), r.row, false))
				}
				if match == 1 {
					want = append(want, l.text())
					break
				}
			}
		}
		equalRows(t, w.mustRun(t, n), want)
	})
}

// integerRecords are batches of 4,096 rows with the values of each row number.
func integerRecords(rows int, value func(int) int) (*arrow.Schema, []arrow.Record) {
	schema := schemaOf(sqltype.Int64)
	var recs []arrow.Record
	for lo := 0; lo < rows; lo += 4096 {
		var list []string
		for i := lo; i < min(lo+4096, rows); i++ {
			list = append(list, strconv.Itoa(value(i)))
		}
		recs = append(recs, array.NewRecord(schema, []arrow.Array{parse(sqltype.Int64, list...)}, int64(len(list))))
	}
	return schema, recs
}

// TestKeyFilterGivesUp: a filter that keeps nearly all rows, and one for whose
// keys there is no memory, let all rows pass.
func TestKeyFilterGivesUp(t *testing.T) {
	const rows = 60_000
	for _, c := range []struct {
		name   string
		every  int // one key of so many is there
		memory int64
		least  int
		most   int
	}{
		{"selective", 10, 0, rows / 10, rows / 10},
		{"useless", 1, 0, rows, rows},
		{"sparse", 10_000_000, 0, 1, 1},
		{"no memory", 10, 1000, rows, rows},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			if c.memory > 0 {
				w.env.Memory = NewMemory(nil, c.memory)
			}
			schema, input := integerRecords(rows, func(i int) int { return i })
			_, from := integerRecords(rows, func(i int) int { return i * c.every })
			src := w.source(schema, from)
			src.Broadcast = true
			got := len(w.mustRun(t, &physical.KeyFilter{Input: w.scan(schema, input), From: src, Keys: []int{0}, FromKeys: []int{0}}))
			if got < c.least || got > c.most {
				t.Errorf("%d rows, want %d to %d", got, c.least, c.most)
			}
		})
	}
}

// TestKeyFilterNarrowsTheScan: the reader gets the bounds of the keys.
func TestKeyFilterNarrowsTheScan(t *testing.T) {
	for _, typ := range []arrow.DataType{sqltype.Int16, sqltype.Int32, sqltype.Int64, sqltype.Date} {
		w := newWorld()
		schema := schemaOf(sqltype.Bool, typ)
		record := func(values ...string) []arrow.Record {
			flags := parse(sqltype.Bool, slices.Repeat([]string{"t"}, len(values))...)
			return []arrow.Record{array.NewRecord(schema, []arrow.Array{flags, parse(typ, values...)}, int64(len(values)))}
		}
		low, mid, high := "-7", "5", "300"
		if typ == sqltype.Date {
			low, mid, high = "1969-12-25", "1970-01-06", "1970-10-28"
		}
		src := w.source(schema, record(mid, null, high, low))
		src.Broadcast = true
		n := &physical.KeyFilter{Input: w.scan(schema, record(low, null, mid, mid)), From: src, Keys: []int{1}, FromKeys: []int{1}}
		if got := len(w.mustRun(t, n)); got != 3 {
			t.Errorf("%s: %d rows, want 3", typ, got)
		}
		p := w.format.spec.Pruning
		if len(p) != 2 || p[0].Op != ">=" || p[1].Op != "<=" || p[0].Column != 1 {
			t.Fatalf("%s: the reader skips by %v", typ, p)
		}
		for i, want := range []string{low, high} {
			if got := p[i].Values[0]; naiveCompare(got, 0, parse(typ, want), 0) != 0 {
				t.Errorf("%s: bound %d is %v, want %s", typ, i, got, want)
			}
		}
	}
}
