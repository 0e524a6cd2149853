package exec

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"pgregory.net/rapid"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

// tri is SQL's three-valued truth: −1 false, 0 NULL, 1 true.
func tri(a arrow.Array, i int, b arrow.Array, j int, nullEqual bool) int {
	switch {
	case (a.IsNull(i) || b.IsNull(j)) && !nullEqual:
		return 0
	case naiveCompare(a, i, b, j) == 0:
		return 1
	}
	return -1
}

// naiveJoin joins row by row. The last column of each side is an int32 v;
// residual: left v + right v must be true for left.v < right.v.
func naiveJoin(n *physical.Join, left, right []naiveRow) [][]string {
	nl, nr := n.Left.Schema().NumFields(), n.Right.Schema().NumFields()
	nulls := func(k int) []string {
		out := make([]string, k)
		for i := range out {
			out[i] = null
		}
		return out
	}
	match := func(l, r naiveRow) int {
		res := 1
		for k := range n.LeftKeys {
			key := tri(l.rec.Column(k), l.row, r.rec.Column(k), r.row, n.NullEqual != nil && n.NullEqual[k])
			if key < 1 && k >= len(n.LeftKeys)-n.EqualKeys {
				key = -1 // as if it were in the residual
			}
			res = min(res, key)
		}
		if n.Residual != nil {
			a, b := l.rec.Column(nl-1).(*array.Int32), r.rec.Column(nr-1).(*array.Int32)
			if a.IsNull(l.row) || b.IsNull(r.row) || a.Value(l.row) >= b.Value(r.row) {
				return -1 // the residual filters the build side: not true is out
			}
		}
		return res
	}
	used := make([]bool, len(right))
	var out [][]string
	for _, l := range left {
		best := -1
		for i, r := range right {
			m := match(l, r)
			best = max(best, m)
			if m == 1 {
				used[i] = true
				if n.Kind <= physical.FullOuter {
					out = append(out, append(l.text(), r.text()...))
				}
			}
		}
		if !n.NullAware && best == 0 {
			best = -1
		}
		switch n.Kind {
		case physical.LeftOuter, physical.FullOuter:
			if best < 1 {
				out = append(out, append(l.text(), nulls(nr)...))
			}
		case physical.Semi:
			if best == 1 {
				out = append(out, l.text())
			}
		case physical.Anti:
			if best == -1 {
				out = append(out, l.text())
			}
		case physical.Mark:
			out = append(out, append(l.text(), []string{"f", null, "t"}[best+1]))
		}
	}
	if n.Kind == physical.RightOuter || n.Kind == physical.FullOuter {
		for i, r := range right {
			if !used[i] {
				out = append(out, append(nulls(nl), r.text()...))
			}
		}
	}
	return out
}

func joinOut(kind physical.JoinKind, left, right *arrow.Schema) *arrow.Schema {
	fields := append([]arrow.Field(nil), left.Fields()...)
	switch kind {
	case physical.Semi, physical.Anti:
	case physical.Mark:
		fields = append(fields, arrow.Field{Name: "mark", Type: sqltype.Bool, Nullable: true})
	default:
		fields = append(fields, right.Fields()...)
	}
	return arrow.NewSchema(fields, nil)
}

// drawJoin is a join of any kind, with and without keys and residual, over
// random records.
func drawJoin(t *rapid.T, w *world, batches int) (n *physical.Join, left, right []arrow.Record) {
	nkeys := rapid.IntRange(0, 3).Draw(t, "keys")
	var types []arrow.DataType
	for range nkeys {
		types = append(types, rapid.SampledFrom(poolTypes).Draw(t, "type"))
	}
	schema := schemaOf(append(types, sqltype.Int32)...)
	left, right = drawRecords(t, "left", schema, batches), drawRecords(t, "right", schema, batches)
	w.frag.Session.BatchRows = small(t)
	n = &physical.Join{
		Left: w.scan(schema, left), Right: w.scan(schema, right),
		Kind: physical.JoinKind(rapid.IntRange(0, int(physical.Mark)).Draw(t, "kind")),
	}
	n.LeftKeys, n.RightKeys = keyColumns(schema, []int{0, 1, 2}[:nkeys]), keyColumns(schema, []int{0, 1, 2}[:nkeys])
	n.Out = joinOut(n.Kind, schema, schema)
	if nkeys == 0 || rapid.Bool().Draw(t, "residual") {
		v := expr.Column{Index: 2*schema.NumFields() - 1, Type: sqltype.Int32}
		n.Residual = call("<", sqltype.Bool, col(schema, nkeys), &v)
	}
	if n.Kind == physical.Anti || n.Kind == physical.Mark {
		n.NullAware = nkeys > 0 && rapid.Bool().Draw(t, "null aware")
	}
	if n.NullAware {
		n.EqualKeys = rapid.IntRange(0, nkeys-1).Draw(t, "equal keys")
	}
	if !n.NullAware && nkeys > 0 && rapid.Bool().Draw(t, "null equal") {
		n.NullEqual = make([]bool, nkeys)
		n.NullEqual[0] = true
	}
	return n, left, right
}

// TestJoin compares every kind of join with one that tries all pairs of rows.
func TestJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		n, left, right := drawJoin(t, w, 3)
		equalRows(t, w.mustRun(t, n), naiveJoin(n, rowsOf(left), rowsOf(right)))
	})
}

// TestJoinSpills: with little memory, joins give the same rows from disk.
func TestJoinSpills(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		n, left, right := drawJoin(t, w, 12)
		w.env.SpillDir = dir
		w.env.Memory = NewMemory(nil, rapid.Int64Range(2_000, 20_000).Draw(t, "memory"))
		rows, _, err := w.run(n)
		if sqlerr.Code(err) == sqlerr.OutOfMemory {
			return // not even one record fits
		}
		if err != nil {
			t.Fatalf("%v", err)
		}
		if used := w.env.Memory.Used(); used != 0 {
			t.Fatalf("%d bytes are still reserved", used)
		}
		equalRows(t, sortedRows(rows), sortedRows(naiveJoin(n, rowsOf(left), rowsOf(right))))
	})
}

// TestNullAwareJoinByPartition: NOT IN gives the same rows where both sides are cut by
// hash, with much memory and with little.
func TestNullAwareJoinByPartition(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		n, left, right := drawJoin(t, w, 4)
		if len(n.LeftKeys) == 0 {
			return
		}
		n.Kind, n.NullAware, n.NullEqual = physical.Mark, true, nil
		n.Out = joinOut(n.Kind, n.Left.Schema(), n.Right.Schema())
		n.EqualKeys = rapid.IntRange(0, len(n.LeftKeys)-1).Draw(t, "equal keys, too")
		nulls := [2]physical.NullPlacement{physical.NullsTogether, physical.NullsEverywhere}
		switch nullRuleOf(n) {
		case nullsCounted:
			nulls = [2]physical.NullPlacement{physical.NullsHashed, physical.NullSamples}
		case nullsWithin:
			nulls = [2]physical.NullPlacement{}
		}
		const parts = 3
		schema := n.Left.Schema()
		cut := func(scan physical.Node, keys []expr.Expr, nulls physical.NullPlacement) *physical.ExchangeSource {
			src := w.source(schema, nil)
			w.frag.Root, w.frag.Output = scan, physical.Partitioning{Kind: physical.Hash, Keys: cutKeys(n, keys), Count: parts, Nulls: nulls}
			out := collector{}
			if _, err := Run(context.Background(), &w.env, &w.frag, out); err != nil {
				t.Fatalf("%v", err)
			}
			for p := range parts {
				w.exchange[[3]int{src.Stage, 0, p}] = out[p]
			}
			return src
		}
		by := *n
		l, r := cut(n.Left, n.LeftKeys, nulls[0]), cut(n.Right, n.RightKeys, nulls[1])
		by.Left, by.Right = l, r
		if nullRuleOf(n) == nullsApart {
			whole := *r
			whole.Broadcast = true
			by.Whole = &whole
		}
		w.frag.Output = physical.Partitioning{}
		w.env.SpillDir = dir
		if rapid.Bool().Draw(t, "little memory") {
			w.env.Memory = NewMemory(nil, rapid.Int64Range(2_000, 20_000).Draw(t, "memory"))
		}
		var rows [][]string
		for p := range parts {
			w.frag.Partition = p
			some, _, err := w.run(&by)
			if sqlerr.Code(err) == sqlerr.OutOfMemory {
				return // not even one record fits
			}
			if err != nil {
				t.Fatalf("%v", err)
			}
			if used := w.env.Memory.Used(); used != 0 {
				t.Fatalf("%d bytes are still reserved", used)
			}
			rows = append(rows, some...)
		}
		equalRows(t, sortedRows(rows), sortedRows(naiveJoin(n, rowsOf(left), rowsOf(right))))
	})
}

// TestSpillingJoinStops: one that is cancelled while it writes its sides to disk ends
// with that error, and gives everything back.
func TestSpillingJoinStops(t *testing.T) {
	schema := schemaOf(sqltype.Int32, sqltype.Int32)
	var vals []string
	for i := range 500 {
		vals = append(vals, strconv.Itoa(i))
	}
	rec := array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, vals...), parse(sqltype.Int32, vals...)}, 500)
	for nkeys := 1; nkeys <= 2; nkeys++ {
		w := newWorld()
		w.frag.Session.BatchRows = 50
		w.env.SpillDir, w.env.Memory = t.TempDir(), NewMemory(nil, 12_000)
		recs := []arrow.Record{rec, rec, rec, rec}
		w.frag.Root = &physical.Join{
			Left: w.scan(schema, recs), Right: w.scan(schema, recs), Out: joinOut(physical.Anti, schema, schema), Kind: physical.Anti, NullAware: true,
			LeftKeys: keyColumns(schema, []int{0, 1}[:nkeys]), RightKeys: keyColumns(schema, []int{0, 1}[:nkeys]),
		}
		ctx, cancel := context.WithCancel(t.Context())
		read := 0
		w.format.stop = func() {
			if read++; read == 7 { // of the probe side
				cancel()
			}
		}
		if _, err := Run(ctx, &w.env, &w.frag, collector{}); err == nil || read < 7 {
			t.Errorf("%d keys: %d records were read, and the error is %v", nkeys, read, err)
		}
		cancel()
		if used := w.env.Memory.Used(); used != 0 {
			t.Errorf("%d keys: %d bytes are still reserved", nkeys, used)
		}
	}
}

// TestJoinSpillsWhatDoesNotFit: a build side beyond the memory is on disk,
// whether it is cut into partitions by its keys or, without keys, into blocks.
func TestJoinSpillsWhatDoesNotFit(t *testing.T) {
	schema := schemaOf(sqltype.Int32, sqltype.Int32)
	var recs []arrow.Record
	for b := range 12 {
		var keys, vals []string
		for i := range 50 {
			keys, vals = append(keys, strconv.Itoa((b*50+i)%97)), append(vals, strconv.Itoa(b*50+i))
		}
		recs = append(recs, array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, keys...), parse(sqltype.Int32, vals...)}, 50))
	}
	for nkeys := range 2 {
		w := newWorld()
		w.frag.Session.BatchRows = 50
		w.env.SpillDir, w.env.Memory = t.TempDir(), NewMemory(nil, 12_000)
		n := &physical.Join{
			Left: w.scan(schema, recs), Right: w.scan(schema, recs), Out: joinOut(physical.Inner, schema, schema),
			LeftKeys: keyColumns(schema, []int{0}[:nkeys]), RightKeys: keyColumns(schema, []int{0}[:nkeys]),
		}
		n.Residual = call("<", sqltype.Bool, col(schema, 1), &expr.Column{Index: 3, Type: sqltype.Int32})
		rows, report, err := w.run(n)
		if err != nil {
			t.Fatalf("%d keys: %v", nkeys, err)
		}
		if report.Operators[0].Spilled == 0 {
			t.Errorf("%d keys: nothing was spilled", nkeys)
		}
		equalRows(t, sortedRows(rows), sortedRows(naiveJoin(n, rowsOf(recs), rowsOf(recs))))
	}
}

func sortedRows(rows [][]string) [][]string {
	slices.SortFunc(rows, slices.Compare)
	return rows
}

// TestJoinSharesBroadcast: tasks of one query build a broadcast side once.
func TestJoinSharesBroadcast(t *testing.T) {
	schema := schemaOf(sqltype.Int32)
	rec := array.NewRecord(schema, []arrow.Array{parse(sqltype.Int32, "1", "2", "3")}, 3)
	w := newWorld()
	src := w.source(schema, []arrow.Record{rec})
	src.Broadcast = true
	w.env.Shared = NewShared()
	opens := &countingExchange{ExchangeReader: w.exchange}
	w.env.Exchange = opens
	w.frag.Root = &physical.Join{
		Left: w.scan(schema, []arrow.Record{rec}), Right: src, Out: joinOut(physical.Inner, schema, schema),
		LeftKeys: keyColumns(schema, []int{0}), RightKeys: keyColumns(schema, []int{0}),
	}
	var wg sync.WaitGroup
	for task := range 4 {
		frag := w.frag
		frag.Partition = task
		wg.Go(func() {
			out := collector{}
			if _, err := Run(t.Context(), &w.env, &frag, out); err != nil {
				t.Error(err)
			}
			equalRows(t, textRows(out[0]), [][]string{{"1", "1"}, {"2", "2"}, {"3", "3"}})
		})
	}
	wg.Wait()
	if opens.n != 1 {
		t.Errorf("the broadcast output was opened %d times, want 1", opens.n)
	}
}

type countingExchange struct {
	ExchangeReader
	mu sync.Mutex
	n  int
}

func (c *countingExchange) Open(ctx context.Context, src physical.Source, partition int) (Operator, error) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return c.ExchangeReader.Open(ctx, src, partition)
}
