package exec

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"pgregory.net/rapid"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/exec/spill"
	"volley/planner/physical"
	"volley/sqltype"
)

// spillTo is where the tests of this process spill.
var spillTo = filepath.Join(os.TempDir(), "volley-exec-test-"+strconv.Itoa(os.Getpid()))

func checkNoSpillFiles(t *testing.T) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(spillTo, "*")); len(left) > 0 {
		t.Errorf("spill files are left: %v", left)
	}
	_ = os.Remove(spillTo)
}

// naiveCompare orders two values of one type, NULL last.
func naiveCompare(a arrow.Array, i int, b arrow.Array, j int) int {
	switch {
	case a.IsNull(i) && b.IsNull(j):
		return 0
	case a.IsNull(i):
		return 1
	case b.IsNull(j):
		return -1
	}
	a, b = plainDecimals(a), plainDecimals(b)
	if d, ok := a.(*array.Dictionary); ok {
		return naiveCompare(d.Dictionary(), d.GetValueIndex(i), b, j)
	}
	if d, ok := b.(*array.Dictionary); ok {
		return naiveCompare(a, i, d.Dictionary(), d.GetValueIndex(j))
	}
	switch a := a.(type) {
	case *array.Boolean:
		return cmp.Compare(textOf(a, i), textOf(b, j)) // f < t
	case *array.Int16:
		return cmp.Compare(a.Value(i), b.(*array.Int16).Value(j))
	case *array.Int32:
		return cmp.Compare(a.Value(i), b.(*array.Int32).Value(j))
	case *array.Int64:
		return cmp.Compare(a.Value(i), b.(*array.Int64).Value(j))
	case *array.Float32:
		return compareFloats(float64(a.Value(i)), float64(b.(*array.Float32).Value(j)))
	case *array.Float64:
		return compareFloats(a.Value(i), b.(*array.Float64).Value(j))
	case *array.Date32:
		return cmp.Compare(a.Value(i), b.(*array.Date32).Value(j))
	case *array.Timestamp:
		return cmp.Compare(a.Value(i), b.(*array.Timestamp).Value(j))
	case *array.String:
		return strings.Compare(a.Value(i), b.(*array.String).Value(j))
	case *array.Binary:
		return bytes.Compare(a.Value(i), b.(*array.Binary).Value(j))
	case *array.Decimal128:
		return a.Value(i).Cmp(b.(*array.Decimal128).Value(j))
	case *sqltype.NumericArray:
		return a.Value(i).Cmp(b.(*sqltype.NumericArray).Value(j))
	case *sqltype.UUIDArray:
		return bytes.Compare(a.Value(i), b.(*sqltype.UUIDArray).Value(j))
	case *array.MonthDayNanoInterval:
		return cmp.Compare(naiveInterval(a.Value(i)), naiveInterval(b.(*array.MonthDayNanoInterval).Value(j)))
	}
	panic(a.DataType().String())
}

func naiveInterval(v arrow.MonthDayNanoInterval) int64 {
	return (int64(v.Months)*30+int64(v.Days))*86400e6 + v.Nanoseconds/1000
}

func compareFloats(a, b float64) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return 1
	case math.IsNaN(b):
		return -1
	}
	return cmp.Compare(a, b)
}

// naiveRow is a row of a record.
type naiveRow struct {
	rec arrow.Record
	row int
}

func rowsOf(recs []arrow.Record) []naiveRow {
	var rows []naiveRow
	for _, rec := range recs {
		for r := range int(rec.NumRows()) {
			rows = append(rows, naiveRow{rec, r})
		}
	}
	return rows
}

func (r naiveRow) text() []string {
	out := make([]string, r.rec.NumCols())
	for c, a := range r.rec.Columns() {
		out[c] = textOf(a, r.row)
	}
	return out
}

// compareBy orders rows by sort keys over columns.
func compareBy(a, b naiveRow, cols []int, keys []physical.SortKey) int {
	for k, c := range cols {
		x, y := a.rec.Column(c), b.rec.Column(c)
		xn, yn := x.IsNull(a.row), y.IsNull(b.row)
		d := 0
		switch {
		case xn && yn:
			continue
		case xn || yn:
			d = 1
			if xn == keys[k].NullsFirst {
				d = -1
			}
		default:
			if d = naiveCompare(x, a.row, y, b.row); keys[k].Desc {
				d = -d
			}
		}
		if d != 0 {
			return d
		}
	}
	return 0
}

func drawSortKeys(t *rapid.T, schema *arrow.Schema) (cols []int, keys []physical.SortKey) {
	n := rapid.IntRange(1, schema.NumFields()).Draw(t, "sort keys")
	for c := range n {
		cols = append(cols, c)
		keys = append(keys, physical.SortKey{
			Expr: col(schema, c), Desc: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first"),
		})
	}
	return cols, keys
}

// drawMergeSizes makes keys of some bytes be long, or rows be wide, until undo.
func drawMergeSizes(t *rapid.T) (undo func()) {
	prefix, wide := keyPrefix, wideRow
	newPrefix := rapid.SampledFrom([]int{1, 3, 10, prefix}).Draw(t, "key prefix") // drawing may panic
	keyPrefix, wideRow = newPrefix, rapid.SampledFrom([]int64{0, wide}).Draw(t, "wide row")
	return func() { keyPrefix, wideRow = prefix, wide }
}

// TestSort compares with a stable sort by comparison: whole and top-N, in
// memory and spilling.
func TestSort(t *testing.T) {
	spilled := false
	rapid.Check(t, func(t *rapid.T) {
		defer drawMergeSizes(t)()
		schema := drawSchema(t, "type", rapid.IntRange(1, 3).Draw(t, "columns"))
		recs := drawRecords(t, "input", schema, 8)
		cols, keys := drawSortKeys(t, schema)
		w := newWorld()
		w.frag.Session.BatchRows = small(t)
		limit := rapid.SampledFrom([]int64{-1, -1, 0, 1, 5, 40}).Draw(t, "limit")
		if rapid.Bool().Draw(t, "spill") {
			w.env.Memory = NewMemory(nil, int64(rapid.IntRange(300, 3000).Draw(t, "memory")))
			w.env.SpillDir = spillTo
		}
		rows, report, err := w.run(&physical.Sort{Input: w.scan(schema, recs), Keys: keys, Limit: limit})
		if err != nil {
			t.Fatalf("%v", err)
		}
		spilled = spilled || report.Operators[0].Spilled > 0
		all := rowsOf(recs)
		slices.SortStableFunc(all, func(a, b naiveRow) int { return compareBy(a, b, cols, keys) })
		var want [][]string
		for i, r := range all {
			if limit < 0 || int64(i) < limit {
				want = append(want, r.text())
			}
		}
		equalRows(t, rows, want)
	})
	if !spilled {
		t.Error("nothing was ever spilled")
	}
	checkNoSpillFiles(t)
}

// TestSortOfManyRuns has more runs than one merge takes.
func TestSortOfManyRuns(t *testing.T) {
	schema := schemaOf(sqltype.Int32, sqltype.Int32)
	var recs []arrow.Record
	for b := range 3 * maxMergeRuns {
		var keys, seq []string
		for i := range 10 {
			keys = append(keys, strconv.Itoa((b*10+i)*7919%100))
			seq = append(seq, strconv.Itoa(b*10+i))
		}
		recs = append(recs, array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, keys...), parse(sqltype.Int32, seq...)}, 10))
	}
	w := newWorld()
	w.frag.Session.BatchRows = 50
	w.env.Memory, w.env.SpillDir = NewMemory(nil, 300), spillTo
	keys := []physical.SortKey{{Expr: col(schema, 0)}}
	all := rowsOf(recs)
	slices.SortStableFunc(all, func(a, b naiveRow) int { return compareBy(a, b, []int{0}, keys) })
	var want [][]string
	for _, r := range all {
		want = append(want, r.text())
	}
	equalRows(t, w.mustRun(t, &physical.Sort{Input: w.scan(schema, recs), Keys: keys, Limit: -1}), want)
	checkNoSpillFiles(t)
}

// TestReduceRuns: of more runs than one merge takes, as few rows as must be are written
// again, and equal rows stay in the order of their runs.
func TestReduceRuns(t *testing.T) {
	schema := schemaOf(sqltype.Int32)
	for _, c := range []struct{ runs, merged int }{{8, 0}, {9, 2}, {15, 8}, {16, 10}, {64, 64}, {65, 64}} {
		tk := &task{spill: spill.NewDir(spillTo), memory: NewMemory(nil, 8*mergeRunSize), rows: 10}
		var runs []runSource
		originals := map[runSource]bool{}
		for i := range c.runs {
			rec := array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, strconv.Itoa(i))}, 1)
			var keys rowkey.Keys // all are equal
			keys.Append([]arrow.Array{parse(sqltype.Int32, "7")}, []rowkey.Order{{}}, 1)
			run := &memoryRun{rec: rec, keys: keys, order: []int32{0}, rows: 1}
			runs, originals[run] = append(runs, run), true
		}
		var stats OperatorStats
		reduced, err := tk.reduceRuns(t.Context(), schema, runs, nil, &stats)
		if err != nil {
			t.Fatal(err)
		}
		kept := 0
		for _, r := range reduced {
			if originals[r] {
				kept++
			}
		}
		if len(reduced) > 8 {
			t.Errorf("%d runs are left of %d", len(reduced), c.runs)
		}
		if merged := c.runs - kept; merged != c.merged {
			t.Errorf("of %d runs %d were merged, not %d", c.runs, merged, c.merged)
		}
		m := tk.newMerge(schema, reduced, nil)
		next := 0
		for {
			rec, _, err := m.next(t.Context())
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range kernel.Values[int32](rec.Column(0)) {
				if int(v) != next {
					t.Fatalf("of %d runs, row %d comes at %d", c.runs, v, next)
				}
				next++
			}
		}
		if next != c.runs {
			t.Errorf("%d rows of %d", next, c.runs)
		}
		if err := errors.Join(m.close(), tk.spill.Close()); err != nil {
			t.Error(err)
		}
	}
	checkNoSpillFiles(t)
}

// TestMergeSource merges sorted producer outputs; equal rows come in the order
// of the producers.
func TestMergeSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		defer drawMergeSizes(t)()
		schema := drawSchema(t, "type", rapid.IntRange(1, 2).Draw(t, "columns"))
		cols, keys := drawSortKeys(t, schema)
		var outputs [][]arrow.Record
		var all []naiveRow
		for range rapid.IntRange(0, 4).Draw(t, "producers") {
			recs := drawRecords(t, "producer", schema, 3)
			p := newWorld()
			p.frag.Session.BatchRows = small(t)
			p.frag.Root = &physical.Sort{Input: p.scan(schema, recs), Keys: keys, Limit: -1}
			out := collector{}
			if _, err := Run(t.Context(), &p.env, &p.frag, out); err != nil {
				t.Fatalf("%v", err)
			}
			outputs = append(outputs, out[0])
			all = append(all, rowsOf(out[0])...)
		}
		slices.SortStableFunc(all, func(a, b naiveRow) int { return compareBy(a, b, cols, keys) })
		w := newWorld()
		w.frag.Session.BatchRows = small(t)
		src := w.source(schema, outputs...)
		src.Merge = keys
		src.Limit = rapid.SampledFrom([]int64{-1, -1, 0, 7}).Draw(t, "limit")
		var want [][]string
		for i, r := range all {
			if src.Limit < 0 || int64(i) < src.Limit {
				want = append(want, r.text())
			}
		}
		equalRows(t, w.mustRun(t, src), want)
	})
}
