package exec

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

// windowInput is sorted rows of partition, key, a float, a number, and a text so
// wide that some hundred rows are more than the memory of these tests.
func windowInput(partitions ...int) (*arrow.Schema, []arrow.Record) {
	schema := schemaOf(sqltype.Int32, sqltype.Int64, sqltype.Float64, sqltype.Int64, sqltype.Text)
	r := rand.New(rand.NewPCG(uint64(len(partitions)), 7))
	cols := make([][]string, schema.NumFields())
	var recs []arrow.Record
	flush := func() {
		arrays := make([]arrow.Array, len(cols))
		for i := range cols {
			arrays[i] = parse(schema.Field(i).Type, cols[i]...)
			cols[i] = nil
		}
		recs = append(recs, array.NewRecord(schema, arrays, int64(arrays[0].Len())))
	}
	for p, n := range partitions {
		key := 0
		for range n {
			key += r.IntN(3)
			value := fmt.Sprint((r.Float64() - 0.3) * 1e6)
			if r.IntN(10) == 0 {
				value = null
			}
			for i, v := range []string{fmt.Sprint(p), fmt.Sprint(key), value, fmt.Sprint(r.IntN(100)), strings.Repeat("x", 300+r.IntN(100))} {
				cols[i] = append(cols[i], v)
			}
			if len(cols[0]) == 100 {
				flush()
			}
		}
	}
	if len(cols[0]) > 0 {
		flush()
	}
	return schema, recs
}

// windowOver is one call over these rows.
func windowOver(w *world, schema *arrow.Schema, recs []arrow.Record, calls ...physical.WindowCall) *physical.Window {
	fields := append([]arrow.Field(nil), schema.Fields()...)
	for i, c := range calls {
		fields = append(fields, arrow.Field{Name: fmt.Sprintf("w%d", i), Type: c.Type, Nullable: true})
	}
	return &physical.Window{
		Input: w.scan(schema, recs), PartitionBy: []expr.Expr{col(schema, 0)}, OrderBy: []physical.SortKey{{Expr: col(schema, 1)}},
		Calls: calls, Out: arrow.NewSchema(fields, nil),
	}
}

func bound(kind expr.BoundKind, offset string) expr.Bound {
	b := expr.Bound{Kind: kind}
	if offset != "" {
		b.Offset = lit(sqltype.Int64, offset)
	}
	return b
}

// windowCalls are calls of all kinds, by what they need of a partition.
func windowCalls(schema *arrow.Schema) []physical.WindowCall {
	all := expr.Frame{Unit: expr.Range, End: bound(expr.UnboundedFollowing, "")}
	toPeers := expr.Frame{Unit: expr.Range, End: bound(expr.CurrentRow, "")}
	rows := expr.Frame{Unit: expr.Rows, Start: bound(expr.Preceding, "50"), End: bound(expr.Following, "9")}
	groups := expr.Frame{Unit: expr.Groups, Start: bound(expr.Preceding, "40"), End: bound(expr.Preceding, "1"), Exclude: expr.ExcludeTies}
	distance := expr.Frame{Unit: expr.Range, Start: bound(expr.Preceding, "30"), End: bound(expr.Following, "400")}
	ahead := expr.Frame{Unit: expr.Rows, End: bound(expr.Following, "300")}
	rest := expr.Frame{Unit: expr.Rows, Start: bound(expr.CurrentRow, ""), End: bound(expr.UnboundedFollowing, "")}
	agg := func(name string, typ arrow.DataType, f expr.Frame, c int) physical.WindowCall {
		return physical.WindowCall{Func: name, Aggregate: true, Args: []expr.Expr{col(schema, c)}, ArgTypes: []arrow.DataType{schema.Field(c).Type}, Frame: f, Type: typ, Pos: -1}
	}
	plain := func(name string, typ arrow.DataType, f expr.Frame, args ...expr.Expr) physical.WindowCall {
		types := make([]arrow.DataType, len(args))
		for i, a := range args {
			types[i] = a.DataType()
		}
		return physical.WindowCall{Func: name, Args: args, ArgTypes: types, Frame: f, Type: typ, Pos: -1}
	}
	filtered := agg("sum", sqltype.Float64, rest, 2)
	filtered.Filter = call(">", sqltype.Bool, col(schema, 3), lit(sqltype.Int64, "30"))
	return []physical.WindowCall{
		agg("sum", sqltype.Float64, all, 2), agg("avg", sqltype.Float64, toPeers, 2), agg("count", sqltype.Int64, all, 4),
		agg("sum", sqltype.Float64, rows, 2), agg("max", sqltype.Float64, groups, 2), agg("sum", sqltype.Float64, distance, 2),
		agg("avg", sqltype.Float64, ahead, 2), filtered,
		plain("rank", sqltype.Int64, toPeers), plain("ntile", sqltype.Int32, toPeers, lit(sqltype.Int32, "7")),
		plain("percent_rank", sqltype.Float64, toPeers), plain("cume_dist", sqltype.Float64, toPeers),
		plain("lag", sqltype.Float64, toPeers, col(schema, 2), lit(sqltype.Int32, "200"), lit(sqltype.Float64, "-1")),
		plain("last_value", sqltype.Int64, all, col(schema, 3)), plain("nth_value", sqltype.Int64, rest, col(schema, 3), lit(sqltype.Int32, "500")),
	}
}

// TestWindowSpills: partitions that memory was refused for have the same values,
// bit for bit, as in memory.
func TestWindowSpills(t *testing.T) {
	for _, partitions := range [][]int{{2500}, {1, 40, 3, 1200, 30, 1, 900}, {30, 30, 30, 600, 30, 30, 700}} {
		schema, recs := windowInput(partitions...)
		calls := windowCalls(schema)
		for _, some := range [][]physical.WindowCall{calls[:1], calls[1:2], calls[8:9], calls[:8], calls[8:], {calls[3], calls[12], calls[9]}} {
			run := func(limit int64) ([][]string, int64) {
				w := newWorld()
				w.frag.Session.BatchRows = 100
				w.env.Memory, w.env.SpillDir = NewMemory(nil, limit), spillTo
				rows, report, err := w.run(windowOver(w, schema, recs, some...))
				if err != nil {
					t.Fatalf("%d bytes, %v: %v", limit, some, err)
				}
				if used := w.env.Memory.Used(); used != 0 {
					t.Fatalf("%d bytes are still reserved", used)
				}
				return rows, report.Operators[0].Spilled
			}
			want, spilled := run(0)
			if spilled != 0 {
				t.Fatalf("%d bytes were spilled without a limit", spilled)
			}
			got, spilled := run(350_000)
			equalRows(t, got, want)
			if streams := len(some) == 1 && (some[0].Func == "avg" || some[0].Func == "rank"); spilled > 0 == streams {
				t.Errorf("%v of %v rows: %d bytes were spilled", some, partitions, spilled)
			}
		}
	}
	checkNoSpillFiles(t)
}

// TestWindowOfManyPeersSpills: a running sum need not hold its partition, but all
// rows of equal keys, and goes on behind them.
func TestWindowOfManyPeersSpills(t *testing.T) {
	schema, recs := windowInput(3000)
	for i, rec := range recs {
		key := []string{"1", "2", "2", "2", "2", "2", "2", "2", "2", "2", "3", "3", "4"}[min(i, 12)]
		keys := make([]string, rec.NumRows())
		for r := range keys {
			keys[r] = key
		}
		cols := append([]arrow.Array(nil), rec.Columns()...)
		cols[1] = parse(sqltype.Int64, keys...)
		recs[i] = array.NewRecord(schema, cols, rec.NumRows())
	}
	calls := windowCalls(schema)
	var want [][]string
	for _, limit := range []int64{0, 350_000} {
		w := newWorld()
		w.frag.Session.BatchRows = 100
		w.env.Memory, w.env.SpillDir = NewMemory(nil, limit), spillTo
		rows, report, err := w.run(windowOver(w, schema, recs, calls[1], calls[8]))
		if err != nil {
			t.Fatal(err)
		}
		if limit == 0 {
			want = rows
		} else if equalRows(t, rows, want); report.Operators[0].Spilled == 0 {
			t.Error("nothing was spilled")
		}
	}
	checkNoSpillFiles(t)
}

// TestWindowThatCannotSpill says what takes the memory.
func TestWindowThatCannotSpill(t *testing.T) {
	schema, recs := windowInput(2500)
	array := physical.WindowCall{
		Func: "array_agg", Aggregate: true, Args: []expr.Expr{col(schema, 4)}, ArgTypes: []arrow.DataType{sqltype.Text},
		Frame: expr.Frame{End: bound(expr.UnboundedFollowing, "")}, Type: arrow.ListOf(sqltype.Text), Pos: -1,
	}
	for _, c := range []struct{ dir, want string }{
		{spillTo, "window: what array_agg keeps of the "}, {"", "window: the "},
	} {
		w := newWorld()
		w.frag.Session.BatchRows = 100
		w.env.Memory, w.env.SpillDir = NewMemory(nil, 350_000), c.dir
		_, _, err := w.run(windowOver(w, schema, recs, array))
		e := (*sqlerr.Error)(nil)
		if !errors.As(err, &e) || e.Code != sqlerr.OutOfMemory || !strings.HasPrefix(e.Message, c.want) || !strings.Contains(e.Message, "rows of one partition") || e.Hint == "" {
			t.Errorf("%v, not %q", err, c.want)
		}
	}
	checkNoSpillFiles(t)
}

// TestSpilledWindowIsCancelled while rows are written, and while they are read.
func TestSpilledWindowIsCancelled(t *testing.T) {
	schema, recs := windowInput(2500)
	for _, reading := range []bool{false, true} {
		w := newWorld()
		dir := t.TempDir()
		w.frag.Session.BatchRows = 100
		w.env.Memory, w.env.SpillDir = NewMemory(nil, 350_000), dir
		w.frag.Root = windowOver(w, schema, recs, windowCalls(schema)...)
		ctx, cancel := context.WithCancel(context.Background())
		op, err := Build(&w.env, &w.frag)
		if err != nil {
			t.Fatal(err)
		}
		files := func() int {
			all, err := filepath.Glob(filepath.Join(dir, "*", "*"))
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		if reading {
			if _, err := op.Next(ctx); err != nil {
				t.Fatal(err)
			}
			if files() == 0 {
				t.Fatal("nothing was spilled")
			}
			cancel()
		} else {
			w.format.stop = func() {
				if files() > 0 {
					cancel()
				}
			}
		}
		if _, err := op.Next(ctx); !errors.Is(err, context.Canceled) && sqlerr.Code(err) != sqlerr.QueryCanceled {
			t.Errorf("reading %v: %v", reading, err)
		}
		cancel()
		if err := op.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%d files are left, %v", len(left), err)
		}
	}
}

// TestWindowValuesLargerThanTheirRows: values that have the partition's rows in them
// are in the account, and are computed in batches of some bytes.
func TestWindowValuesLargerThanTheirRows(t *testing.T) {
	schema, recs := windowInput(40, 500, 20)
	numbers := arrow.ListOf(sqltype.Int64)
	array := func(f expr.Frame) physical.WindowCall {
		return physical.WindowCall{Func: "array_agg", Aggregate: true, Args: []expr.Expr{col(schema, 3)}, ArgTypes: []arrow.DataType{sqltype.Int64}, Frame: f, Type: numbers, Pos: -1}
	}
	frames := []expr.Frame{
		{Unit: expr.Range, End: bound(expr.UnboundedFollowing, "")},
		{Unit: expr.Rows, End: bound(expr.CurrentRow, "")},
		{Unit: expr.Rows, Start: bound(expr.Preceding, "300"), End: bound(expr.CurrentRow, "")},
		{Unit: expr.Rows, Start: bound(expr.CurrentRow, ""), End: bound(expr.UnboundedFollowing, "")},
	}
	const limit = 900_000 // more than the rows, less than their arrays
	for i, f := range frames {
		run := func(limit int64) ([][]string, int64) {
			w := newWorld()
			w.env.Memory, w.env.SpillDir = NewMemory(nil, limit), spillTo
			rows, report, err := w.run(windowOver(w, schema, recs, array(f)))
			if err != nil {
				t.Fatalf("frame %d: %v", i, err)
			}
			if used := w.env.Memory.Used(); used != 0 {
				t.Fatalf("%d bytes are still reserved", used)
			}
			return rows, report.Operators[0].Spilled
		}
		want, _ := run(0)
		got, spilled := run(limit)
		equalRows(t, got, want)
		if spilled == 0 {
			t.Errorf("frame %d: nothing was spilled", i)
		}
	}
	checkNoSpillFiles(t)
}
