package exec

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// TestFirstWords compares the order of words with that of whole keys.
func TestFirstWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom(poolTypes).Draw(t, "type")
		n := rapid.IntRange(1, 30).Draw(t, "rows")
		a := drawArray(t, typ, n)
		o := rowkey.Order{Desc: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first")}
		words := make([]uint64, n)
		rowkey.FirstWords(a, o, words)
		keys := sortedKeys(t, a, o)
		for i := range n {
			for j := range n {
				if words[i] < words[j] && bytes.Compare(keys.Key(i), keys.Key(j)) >= 0 {
					t.Fatalf("%s: words %x < %x of keys %x, %x", typ, words[i], words[j], keys.Key(i), keys.Key(j))
				}
			}
		}
	})
}

func sortedKeys(t fataler, a arrow.Array, o rowkey.Order) *rowkey.Keys {
	a, err := kernel.Decode(a)
	if err != nil {
		t.Fatalf("%v", err)
	}
	keys := &rowkey.Keys{}
	keys.Append([]arrow.Array{a}, []rowkey.Order{o}, a.Len())
	return keys
}

// TestFirstWordsDiffer shows that words tell values of common types apart.
func TestFirstWordsDiffer(t *testing.T) {
	for _, c := range []struct {
		typ           arrow.DataType
		less, greater string
	}{
		{sqltype.Int32, "1", "2"},
		{sqltype.Int64, "9223372036854775806", "9223372036854775807"},
		{sqltype.Float64, "1.5", "1.5000000000000002"},
		{sqltype.Text, "abcdefgh", "abcdefgi"},
		{sqltype.Timestamp, "2020-01-01 00:00:00.000001", "2020-01-01 00:00:00.000002"},
		{sqltype.Decimal(30, 2), "-0.01", "0.01"},
		{sqltype.Numeric, "1.5", "2.5"},
	} {
		words := make([]uint64, 2)
		a := parse(c.typ, c.less, c.greater)
		if rowkey.FirstWords(a, rowkey.Order{}, words); words[0] >= words[1] {
			t.Errorf("%s: %x for %s, %x for %s", c.typ, words[0], c.less, words[1], c.greater)
		}
		if rowkey.FirstWords(a, rowkey.Order{Desc: true}, words); words[0] <= words[1] {
			t.Errorf("%s DESC: %x for %s, %x for %s", c.typ, words[0], c.less, words[1], c.greater)
		}
	}
}

// numbered adds the rows' numbers, counted from first, to records.
func numbered(schema *arrow.Schema, recs []arrow.Record, first int) (*arrow.Schema, []arrow.Record) {
	fields := append(slices.Clone(schema.Fields()), arrow.Field{Name: "row", Type: sqltype.Int64})
	out := make([]arrow.Record, len(recs))
	for i, rec := range recs {
		numbers := make([]string, rec.NumRows())
		for r := range numbers {
			numbers[r] = strconv.Itoa(first)
			first++
		}
		cols := append(slices.Clone(rec.Columns()), parse(sqltype.Int64, numbers...))
		at := slices.Clone(fields)
		for c := range at {
			at[c].Type = cols[c].DataType()
		}
		out[i] = array.NewRecord(arrow.NewSchema(at, nil), cols, rec.NumRows())
	}
	return arrow.NewSchema(fields, nil), out
}

// TestPartitionTopN runs tasks that share what they know of partitions, some of them
// several times, and wants each row that has too few others before it from the last
// attempt of its task.
func TestPartitionTopN(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		schema := schemaOf(rapid.SampledFrom(poolTypes).Draw(t, "key"), rapid.SampledFrom(poolTypes).Draw(t, "order"))
		order := physical.SortKey{Desc: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first")}
		count := rapid.IntRange(1, 4).Draw(t, "count")
		tasks := make([][]arrow.Record, rapid.IntRange(1, 4).Draw(t, "tasks"))
		var want wantedRows
		var full *arrow.Schema
		for i := range tasks {
			full, tasks[i] = numbered(schema, drawRecords(t, "task", schema, 3), len(want.rows))
			for _, rec := range tasks[i] {
				want.add(t, rec, order)
			}
		}
		node := &physical.PartitionTopN{Keys: []expr.Expr{col(full, 0)}, Count: int64(count)}
		order.Expr = col(full, 1)
		node.Order = []physical.SortKey{order}
		outputs := make([][][]string, len(tasks))
		shared := NewShared()
		attempts := rapid.SliceOfN(rapid.IntRange(0, len(tasks)-1), 0, 3).Draw(t, "again")
		for i := range tasks {
			attempts = append(attempts, i)
		}
		for _, task := range attempts {
			w := newWorld()
			w.env.Shared = shared
			w.frag.Task.Task = task
			n := *node
			n.Input = w.scan(full, tasks[task])
			outputs[task] = w.mustRun(t, &n)
		}
		given := map[string]bool{}
		for _, out := range outputs {
			for _, row := range out {
				if given[row[2]] {
					t.Fatalf("row %s is there twice", row[2])
				}
				given[row[2]] = true
			}
		}
		for i, r := range want.rows {
			if before := want.before(r); before < count && !given[strconv.Itoa(i)] {
				t.Fatalf("row %d is missing, which has only %d before it", i, before)
			}
		}
	})
}

// wantedRows are rows' partitions and keys in an order.
type wantedRows struct {
	rows []wantedRow
}

type wantedRow struct {
	partition string
	key       []byte
}

func (w *wantedRows) add(t fataler, rec arrow.Record, order physical.SortKey) {
	partitions := sortedKeys(t, rec.Column(0), rowkey.Order{})
	keys := sortedKeys(t, rec.Column(1), rowkey.Order{Desc: order.Desc, NullsFirst: order.NullsFirst})
	for i := range int(rec.NumRows()) {
		w.rows = append(w.rows, wantedRow{string(partitions.Key(i)), keys.Key(i)})
	}
}

// before counts the rows of r's partition that are less.
func (w *wantedRows) before(r wantedRow) int {
	n := 0
	for _, x := range w.rows {
		if x.partition == r.partition && bytes.Compare(x.key, r.key) < 0 {
			n++
		}
	}
	return n
}

// TestPartitionTopNDrops shows what is left out: rows that come later, of the same
// task and of the next one, but not of the next process or attempt; and, without an
// order, all rows after the first.
func TestPartitionTopNDrops(t *testing.T) {
	schema := schemaOf(sqltype.Text, sqltype.Int64)
	rec := array.NewRecord(schema, []arrow.Array{
		parse(sqltype.Text, "a", "b", "a", "a", "b", "a", null, null),
		parse(sqltype.Int64, "5", "1", "4", "6", "2", null, "9", "9"),
	}, 8)
	node := &physical.PartitionTopN{Keys: []expr.Expr{col(schema, 0)}, Count: 1}
	node.Order = []physical.SortKey{{Expr: col(schema, 1)}}
	run := func(task int, shared *Shared) [][]string {
		w := newWorld()
		w.env.Shared = shared
		w.frag.Task.Task = task
		n := *node
		n.Input = w.scan(schema, []arrow.Record{rec})
		return w.mustRun(t, &n)
	}
	shared := NewShared()
	first := [][]string{{"a", "5"}, {"b", "1"}, {"a", "4"}, {null, "9"}, {null, "9"}}
	equalRows(t, run(0, shared), first)
	equalRows(t, run(1, shared), [][]string{{"b", "1"}, {"a", "4"}, {null, "9"}, {null, "9"}})
	equalRows(t, run(1, shared), first)
	equalRows(t, run(2, NewShared()), first)
	node.Order = nil
	for task := range 2 {
		equalRows(t, run(task, shared), [][]string{{"a", "5"}, {"b", "1"}, {null, "9"}})
	}
}

// TestPartitionTopNGivesUp lets rows pass that are of too many partitions for the
// memory, or nearly all of which pass.
func TestPartitionTopNGivesUp(t *testing.T) {
	schema := schemaOf(sqltype.Int64)
	b := array.NewInt64Builder(memory.DefaultAllocator)
	const rows = 8192
	var recs []arrow.Record
	for i := range 400 {
		for r := range rows {
			b.Append(int64(i*rows + r))
		}
		recs = append(recs, array.NewRecord(schema, []arrow.Array{b.NewArray()}, rows))
	}
	for name, limit := range map[string]int64{"memory": 1 << 20, "trial": 0} {
		w := newWorld()
		w.env.Memory = NewMemory(nil, limit)
		op, err := Build(&w.env, &physical.Fragment{Root: &physical.PartitionTopN{
			Input: w.scan(schema, recs), Keys: []expr.Expr{col(schema, 0)}, Order: []physical.SortKey{{Expr: col(schema, 0)}}, Count: 10,
		}, Splits: w.frag.Splits})
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for {
			rec, err := op.Next(context.Background())
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			n += rec.NumRows()
		}
		if heads := op.(*task).root.op.(*partitionTopN).heads; n != 400*rows || heads != nil {
			t.Errorf("%s: %d rows, heads %p", name, n, heads)
		}
		if err := op.Close(); err != nil || w.env.Memory.Used() != 0 {
			t.Errorf("%s: %d bytes are reserved, %v", name, w.env.Memory.Used(), err)
		}
	}
}
