package exec

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"pgregory.net/rapid"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

func int32Record(texts ...string) arrow.Record {
	schema := schemaOf(sqltype.Int32)
	return array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, texts...)}, int64(len(texts)))
}

// TestPipeline: scan with a filter, filter, project, limit and union keep the
// order of rows, for any batch size.
func TestPipeline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		schema := schemaOf(sqltype.Int32, sqltype.Text)
		recs := drawRecords(t, "input", schema, 5)
		w := newWorld()
		w.frag.Session.BatchRows = small(t)
		scan := w.scan(schema, recs)
		scan.Filter = call(">", sqltype.Bool, col(schema, 0), lit(sqltype.Int32, "0"))
		skip, count := int64(rapid.IntRange(0, 10).Draw(t, "offset")), int64(rapid.IntRange(-1, 10).Draw(t, "count"))
		node := &physical.Limit{Offset: skip, Count: count, Input: &physical.Project{
			Names: []string{"a", "b"}, Exprs: []expr.Expr{col(schema, 1), col(schema, 0)},
			Input: &physical.Union{Out: schema, Parts: []physical.Node{
				&physical.Filter{Input: scan, Predicate: call("is not null", sqltype.Bool, col(schema, 1))},
				w.scan(schema, recs),
			}},
		}}
		var all [][]string
		for _, r := range rowsOf(recs) {
			if a := r.rec.Column(0).(*array.Int32); !a.IsNull(r.row) && a.Value(r.row) > 0 && r.text()[1] != null {
				all = append(all, []string{r.text()[1], r.text()[0]})
			}
		}
		for _, r := range rowsOf(recs) {
			all = append(all, []string{r.text()[1], r.text()[0]})
		}
		all = all[min(int(skip), len(all)):]
		if count >= 0 {
			all = all[:min(int(count), len(all))]
		}
		equalRows(t, w.mustRun(t, node), all)
	})
}

func TestScanCountsRowsWithoutColumns(t *testing.T) {
	schema := schemaOf(sqltype.Int32)
	none := arrow.NewSchema(nil, nil)
	w := newWorld()
	w.frag.Session.BatchRows = 3
	scan := w.scan(schema, []arrow.Record{array.NewRecord(none, nil, 10), array.NewRecord(none, nil, 1)})
	scan.Spec.Projection = nil
	aggs := []physical.AggCall{{Func: "count", Type: sqltype.Int64, Pos: -1}}
	rows := w.mustRun(t, &physical.Aggregate{Input: scan, Aggs: aggs, Out: schemaOf(sqltype.Int64)})
	equalRows(t, rows, [][]string{{"11"}})
}

func TestReport(t *testing.T) {
	w := newWorld()
	schema := schemaOf(sqltype.Int32)
	scan := w.scan(schema, []arrow.Record{int32Record("1"), int32Record("2"), int32Record("3"), int32Record("4")})
	_, report, err := w.run(scan)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]catalog.Bounds{0: {Start: 0, End: 2}, 2: {Start: 2, End: 4}}
	if len(report.Bounds) != 2 || report.Bounds[0] != want[0] || report.Bounds[2] != want[2] {
		t.Errorf("bounds are %v, want %v", report.Bounds, want)
	}
	if len(report.Operators) != 1 || report.Operators[0].Rows != 4 || report.Operators[0].Batches != 4 {
		t.Errorf("operators are %+v", report.Operators)
	}

	// A limit stops before the second split and leaves the first one's end open.
	w.format.opened = nil
	_, report, err = w.run(&physical.Limit{Input: scan, Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(w.format.opened) != 1 || len(report.Bounds) != 1 || report.Bounds[0] != (catalog.Bounds{Start: 0, End: -1}) {
		t.Errorf("opened %v, bounds %v", w.format.opened, report.Bounds)
	}
}

func TestErrorsSayFileAndPosition(t *testing.T) {
	schema := schemaOf(sqltype.Int32)
	w := newWorld()
	scan := w.scan(schema, []arrow.Record{int32Record("1"), int32Record("2"), int32Record("3"), int32Record("0")})
	div := &expr.Call{Func: "/", Args: []expr.Expr{lit(sqltype.Int32, "1"), col(schema, 0)}, Type: sqltype.Int32, Pos: 7}
	_, _, err := w.run(&physical.Project{Input: scan, Exprs: []expr.Expr{div}, Names: []string{"x"}})
	e := sqlerr.Find(err)
	if e.Code != sqlerr.DivisionByZero || e.Position != 8 || e.File != "/t0/2.csv" {
		t.Errorf("got %s at %d in %q: %v", e.Code, e.Position, e.File, err)
	}
	// The line is found through filters, a limit, and slices of a large record.
	w.frag.Session.BatchRows = 2
	scan = w.scan(schema, []arrow.Record{int32Record("9", "9"), int32Record("1", "5", "2", "0", "1")})
	scan.Filter = call("<>", sqltype.Bool, col(schema, 0), lit(sqltype.Int32, "1"))
	_, _, err = w.run(&physical.Project{Names: []string{"x"}, Exprs: []expr.Expr{div}, Input: &physical.Limit{
		Offset: 1, Count: -1, Input: &physical.Filter{Input: scan, Predicate: call("<>", sqltype.Bool, col(schema, 0), lit(sqltype.Int32, "2"))},
	}})
	if e := sqlerr.Find(err); e.Code != sqlerr.DivisionByZero || e.Line != 6 || e.File != "/t1/0.csv" {
		t.Errorf("got %s in %q line %d", e.Code, e.File, e.Line)
	}
	// So it is where a record is read in slices because texts are made of it.
	repeat := call("repeat", sqltype.Text, lit(sqltype.Text, "x"), col(schema, 0))
	_, _, err = w.run(&physical.Project{Names: []string{"t", "x"}, Exprs: []expr.Expr{repeat, div}, Input: scan})
	if e := sqlerr.Find(err); e.Code != sqlerr.DivisionByZero || e.Line != 6 || e.File != "/t1/0.csv" {
		t.Errorf("got %s in %q line %d", e.Code, e.File, e.Line)
	}
	// Above a pipeline breaker rows have no file any more.
	sorted := &physical.Sort{Input: scan, Keys: []physical.SortKey{{Expr: col(schema, 0)}}, Limit: -1}
	_, _, err = w.run(&physical.Project{Input: sorted, Exprs: []expr.Expr{div}, Names: []string{"x"}})
	if e := sqlerr.Find(err); e.Code != sqlerr.DivisionByZero || e.File != "" {
		t.Errorf("got %s in %q", e.Code, e.File)
	}
}

func TestUserFunctionFailure(t *testing.T) {
	r := udf.NewRegistry()
	err := r.RegisterScalar(&udf.Scalar{
		Name: "picky", Params: []arrow.DataType{sqltype.Int32}, Returns: sqltype.Int32, User: true,
		Batch: func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			a := args[0].Array.(*array.Int32)
			for i := range n {
				if a.Value(i) == 13 {
					return nil, &udf.RowError{Row: i, Err: errors.New("unlucky")}
				}
				if a.Value(i) == 14 {
					panic("oh")
				}
			}
			return a, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	schema := schemaOf(sqltype.Int32)
	w := newWorld()
	w.env.Registry = r
	node := func(v string) physical.Node {
		return &physical.Project{
			Names: []string{"x"}, Exprs: []expr.Expr{call("picky", sqltype.Int32, col(schema, 0))},
			Input: w.scan(schema, []arrow.Record{int32Record("1", v)}),
		}
	}
	_, _, err = w.run(node("13"))
	e := sqlerr.Find(err)
	if e.Code != sqlerr.ExternalRoutine || !strings.Contains(e.Message, "picky") || e.Detail != "picky(13)" || e.File == "" {
		t.Errorf("got %+v", e)
	}
	_, _, err = w.run(node("14"))
	if e := sqlerr.Find(err); e.Code != sqlerr.ExternalRoutine {
		t.Errorf("got %+v", e)
	}
}

type panicker struct{ catalog.Format }

func TestPanicIsAnError(t *testing.T) {
	w := newWorld()
	w.env.Formats["fake"] = panicker{} // its Open is nil
	var log strings.Builder
	w.env.Log = slog.New(slog.NewTextHandler(&log, nil))
	w.frag.Task.Query = "q17"
	_, _, err := w.run(w.scan(schemaOf(sqltype.Int32), []arrow.Record{int32Record("1")}))
	e := sqlerr.Find(err)
	if e.Code != sqlerr.InternalError || e.Detail != "" || e.Hint == "" || strings.Contains(e.Message, "goroutine") {
		t.Errorf("got %+v", e)
	}
	if got := log.String(); !strings.Contains(got, "query=q17") || !strings.Contains(got, "exec.(*") {
		t.Errorf("the log has no stack of the query:\n%s", got)
	}
}

func TestCancelled(t *testing.T) {
	w := newWorld()
	w.frag.Root = w.scan(schemaOf(sqltype.Int32), []arrow.Record{int32Record("1")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, &w.env, &w.frag, collector{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestOutputPartitions: every row is in exactly one partition; equal keys are
// in the same one, whether dictionary-encoded or not.
func TestOutputPartitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		schema := schemaOf(sqltype.Text, sqltype.Int32)
		recs := drawRecords(t, "input", schema, 5)
		w := newWorld()
		w.frag.Session.BatchRows = small(t)
		count := rapid.IntRange(1, 4).Draw(t, "partitions")
		w.frag.Output = physical.Partitioning{Kind: physical.Hash, Keys: keyColumns(schema, []int{0}), Count: count}
		if rapid.Bool().Draw(t, "round robin") {
			w.frag.Output = physical.Partitioning{Kind: physical.RoundRobin, Count: count}
		}
		w.frag.Root = w.scan(schema, recs)
		out := collector{}
		if _, err := Run(t.Context(), &w.env, &w.frag, out); err != nil {
			t.Fatalf("%v", err)
		}
		n := 0
		home := map[string]int{}
		for p, recs := range out {
			if p < 0 || p >= count {
				t.Fatalf("partition %d of %d", p, count)
			}
			for _, row := range textRows(recs) {
				n++
				if at, ok := home[row[0]]; ok && at != p && w.frag.Output.Kind == physical.Hash {
					t.Fatalf("key %q is in partitions %d and %d", row[0], at, p)
				}
				home[row[0]] = p
			}
		}
		if n != len(rowsOf(recs)) {
			t.Fatalf("%d rows, want %d", n, len(rowsOf(recs)))
		}
	})
}

func TestOutOfMemoryWithoutSpill(t *testing.T) {
	schema := schemaOf(sqltype.Int32)
	recs := []arrow.Record{int32Record("1", "2", "3", "4", "5")}
	for name, node := range map[string]func(*world) physical.Node{
		"sort": func(w *world) physical.Node {
			return &physical.Sort{Input: w.scan(schema, recs), Keys: []physical.SortKey{{Expr: col(schema, 0)}}, Limit: -1}
		},
		"aggregate": func(w *world) physical.Node {
			return &physical.Aggregate{Input: w.scan(schema, recs), Keys: keyColumns(schema, []int{0}), Out: schema}
		},
		"join": func(w *world) physical.Node {
			return &physical.Join{Left: w.scan(schema, recs), Right: w.scan(schema, recs), Out: joinOut(physical.Inner, schema, schema)}
		},
	} {
		w := newWorld()
		w.env.Memory = NewMemory(nil, 50)
		if _, _, err := w.run(node(w)); sqlerr.Code(err) != sqlerr.OutOfMemory {
			t.Errorf("%s: got %v", name, err)
		}
		if w.env.Memory.Used() != 0 {
			t.Errorf("%s: %d bytes are still reserved", name, w.env.Memory.Used())
		}
	}
}

func TestValuesAndEncodeText(t *testing.T) {
	schema := schemaOf(sqltype.Int32, sqltype.Text, sqltype.Float64)
	w := newWorld()
	row := func(a, b, c string) []expr.Expr {
		return []expr.Expr{lit(sqltype.Int32, a), lit(sqltype.Text, b), lit(sqltype.Float64, c)}
	}
	values := &physical.Values{Out: schema, Rows: [][]expr.Expr{
		row("1", "plain", "1.5"), row(null, null, null), row("2", "", "NaN"), row("3", "a,b", "-0"),
		row("4", `say "hi"`, "1e300"), row("5", "two\nlines", "0"), row("6", `back\slash`, "1e-7"),
	}}
	encode := func(f physical.TextFormat) string {
		rows := w.mustRun(t, &physical.Project{
			Names: []string{"x"}, Exprs: []expr.Expr{&expr.Cast{Arg: &expr.Column{Type: sqltype.Bytea}, Type: sqltype.Text, Pos: -1}},
			Input: &physical.EncodeText{Input: values, Format: f},
		})
		out, err := sqltype.ParseBytea(nil, []byte(rows[0][0]))
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if got, want := encode(physical.TextFormat{CSV: true}), "1,plain,1.5\n,,\n2,\"\",NaN\n3,\"a,b\",-0\n4,\"say \"\"hi\"\"\",1e+300\n5,\"two\nlines\",0\n6,back\\slash,1e-07\n"; got != want {
		t.Errorf("csv is\n%q, want\n%q", got, want)
	}
	if got, want := encode(physical.TextFormat{Null: `\N`}), "1\tplain\t1.5\n\\N\t\\N\t\\N\n2\t\tNaN\n3\ta,b\t-0\n4\tsay \"hi\"\t1e+300\n5\ttwo\\nlines\t0\n6\tback\\\\slash\t1e-07\n"; got != want {
		t.Errorf("text is\n%q, want\n%q", got, want)
	}
	if got, want := encode(physical.TextFormat{CSV: true, Delimiter: ';', Null: "NaN", ForceQuote: []bool{true, false, false}}), "\"1\";plain;1.5\nNaN;NaN;NaN\n\"2\";;\"NaN\"\n"; !strings.HasPrefix(got, want) {
		t.Errorf("csv is\n%q, want\n%q…", got, want)
	}
}

// TestTaskThatCannotBeBuilt: its error is what was wrong, and the log has no panic.
func TestTaskThatCannotBeBuilt(t *testing.T) {
	var log strings.Builder
	w := newWorld()
	w.env.Log = slog.New(slog.NewTextHandler(&log, nil))
	w.frag.Root = &physical.Union{Out: schemaOf(sqltype.Int32), Parts: []physical.Node{&physical.ExchangeSource{Stage: 1, Merge: []physical.SortKey{{Expr: call("nobody", sqltype.Int32)}}, Out: schemaOf(sqltype.Int32)}}}
	if _, err := Run(t.Context(), &w.env, &w.frag, nil); err == nil || log.Len() > 0 {
		t.Errorf("%v\n%s", err, log.String())
	}
}
