package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/exec"
	"volley/exec/kernel"
	"volley/flight"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// textSchema is of a key, text, bytes and lists of text.
var textSchema = arrow.NewSchema([]arrow.Field{
	{Name: "k", Type: sqltype.Int64, Nullable: true},
	{Name: "t", Type: sqltype.Text, Nullable: true},
	{Name: "b", Type: sqltype.Bytea, Nullable: true},
	{Name: "l", Type: arrow.ListOf(sqltype.Text), Nullable: true},
}, nil)

// given is an operator, and an exchange, of records that are there already.
type given struct{ recs []arrow.Record }

// Open gives all of them.
func (g *given) Open(context.Context, physical.Source, int) (exec.Operator, error) {
	return &given{g.recs}, nil
}

func (g *given) Schema() *arrow.Schema { return textSchema }

func (g *given) Next(context.Context) (arrow.Record, error) {
	if len(g.recs) == 0 {
		return nil, io.EOF
	}
	rec := g.recs[0]
	g.recs = g.recs[1:]
	return rec, nil
}

func (g *given) Close() error { return nil }

// longText is the text of number v of those that a column has.
func longText(v int) string {
	return fmt.Sprintf("a text with the number %d ", v%7) + strings.Repeat("x", v)
}

// dictionaryOf is a dictionary of so many texts in any order, now and then with some
// twice or NULL.
func dictionaryOf(t *rapid.T, typ arrow.DataType, n int) arrow.Array {
	order := rapid.Permutation(upTo(n)).Draw(t, "order of values")
	b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	for _, v := range order {
		b.Append([]byte(longText(v)))
		if rapid.IntRange(0, 20).Draw(t, "odd value") == 0 {
			if rapid.Bool().Draw(t, "null value") {
				b.AppendNull()
			} else {
				b.Append([]byte(longText(v)))
			}
		}
	}
	d := b.NewArray().Data()
	return array.MakeFromData(array.NewData(typ, d.Len(), d.Buffers(), nil, d.NullN(), 0))
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// drawText is a random column of n rows over dict, encoded or not, sliced or not.
func drawText(t *rapid.T, dict arrow.Array, n int) arrow.Array {
	skip := rapid.SampledFrom([]int{0, 0, 3, 9}).Draw(t, "offset")
	index := rapid.SampledFrom([]arrow.DataType{
		arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Int32,
	}).Draw(t, "index type")
	if dict.Len() > 255 {
		index = arrow.PrimitiveTypes.Int32
	}
	b := array.NewBuilder(memory.DefaultAllocator, index)
	nulls := rapid.SampledFrom([]int{0, 0, 4}).Draw(t, "nulls")
	first := rapid.IntRange(0, max(dict.Len()-1, 0)).Draw(t, "first value")
	for i := range n + skip {
		if dict.Len() == 0 || nulls > 0 && i%nulls == 0 {
			b.AppendNull()
			continue
		}
		if err := b.AppendValueFromString(fmt.Sprint((first + i*i*31) % dict.Len())); err != nil {
			t.Fatal(err)
		}
	}
	indices := b.NewArray()
	typ := &arrow.DictionaryType{IndexType: index, ValueType: dict.DataType()}
	a := array.NewSlice(array.NewDictionaryArray(typ, indices, dict), int64(skip), int64(n+skip))
	if !rapid.Bool().Draw(t, "encoded") {
		plain, err := kernel.Decode(a)
		if err != nil {
			t.Fatal(err)
		}
		return plain
	}
	return a
}

func drawTexts(t *rapid.T) []arrow.Record {
	dicts := make([]arrow.Array, 2)
	var out []arrow.Record
	key := int64(0)
	for b := range rapid.IntRange(0, 12).Draw(t, "batches") {
		if b == 0 || rapid.IntRange(0, 3).Draw(t, "replaced") == 0 {
			distinct := rapid.SampledFrom([]int{0, 1, 7, 60, 300, 1200}).Draw(t, "values")
			dicts = []arrow.Array{dictionaryOf(t, sqltype.Text, distinct), dictionaryOf(t, sqltype.Bytea, min(distinct, 60))}
		}
		n := rapid.SampledFrom([]int{1, 5, 40, 300, 900}).Draw(t, "rows")
		keys := array.NewInt64Builder(memory.DefaultAllocator)
		lists := array.NewListBuilder(memory.DefaultAllocator, sqltype.Text)
		for i := range n {
			keys.Append(key)
			key++
			lists.Append(true)
			lists.ValueBuilder().(*array.StringBuilder).Append(longText(i % 3))
		}
		cols := []arrow.Array{keys.NewArray(), drawText(t, dicts[0], n), drawText(t, dicts[1], n), lists.NewArray()}
		out = append(out, kernel.Record(textSchema, cols, n))
	}
	return out
}

// texts are the rows that an operator gives. All its records have one schema and,
// for each column, one dictionary.
func texts(t fataler, op exec.Operator) (rows []string, encoded bool) {
	defer op.Close()
	dicts := map[int]arrow.ArrayData{}
	for {
		rec, err := op.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return rows, encoded
		}
		if err != nil {
			t.Fatalf("%v", err)
		}
		if !rec.Schema().Equal(op.Schema()) {
			t.Fatalf("a record of %s in a stream of %s", rec.Schema(), op.Schema())
		}
		for i, c := range rec.Columns() {
			if d, ok := c.(*array.Dictionary); ok {
				encoded = true
				if of := dicts[i]; of != nil && of != d.Dictionary().Data() {
					t.Fatalf("column %d has several dictionaries", i)
				}
				dicts[i] = d.Dictionary().Data()
			}
		}
		rows = append(rows, rowsOf(t, rec)...)
	}
}

type fataler interface{ Fatalf(string, ...any) }

func rowsOf(t fataler, rec arrow.Record) []string {
	rows := make([]string, rec.NumRows())
	for _, c := range rec.Columns() {
		plain, err := kernel.Decode(c)
		if err != nil {
			t.Fatalf("%v", err)
		}
		for i := range rows {
			rows[i] += "|" + plain.ValueStr(i)
		}
	}
	return rows
}

// served is a worker whose outputs are read over Flight.
func served(t *testing.T, w **Worker) (pool *flight.Pool, address string) {
	s, err := flight.Listen("127.0.0.1:0", flight.ServerConfig{
		Open: func(ctx context.Context, task physical.TaskID, partition int) (flight.Records, error) {
			return (*w).Records(ctx, task, partition)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	pool = flight.NewPool("", nil)
	t.Cleanup(func() {
		pool.Close()
		s.Close()
	})
	return pool, s.Addr()
}

// Text of any encoding keeps its values through the partitioner, an output in memory
// or on disk, and Flight; and where it has few values, it arrives encoded.
func TestTextSurvivesExchanges(t *testing.T) {
	var w *Worker
	pool, address := served(t, &w)
	dir := t.TempDir()
	kept, lost, mixed, onDisk := 0, 0, 0, 0
	check := func(t *rapid.T) {
		recs := drawTexts(t)
		partitions := rapid.SampledFrom([]int{1, 2, 5}).Draw(t, "partitions")
		limit := rapid.SampledFrom([]int64{0, 1, 40_000}).Draw(t, "limit")
		budget := exec.NewMemory(nil, 0)
		w = New(Config{ID: "w", Memory: budget, SpillDir: dir, Run: exec.Run, Remote: &given{recs}})
		w.outputs = exec.NewMemory(budget, limit)
		source := &physical.ExchangeSource{Out: textSchema, Limit: -1}
		task := physical.TaskID{Query: "q", Stage: 1}
		_, err := w.Run(context.Background(), &physical.Fragment{
			Task: task, Root: source, Sources: map[int][]physical.Source{0: {{Worker: "other"}}},
			Output:  physical.Partitioning{Kind: physical.Hash, Count: partitions, Keys: []expr.Expr{&expr.Column{Type: sqltype.Int64}}},
			Session: physical.Session{BatchRows: rapid.SampledFrom([]int{1, 100, 8192}).Draw(t, "batch rows")},
		})
		if err != nil {
			t.Fatalf("%v", err)
		}
		var got, want []string
		for p := range partitions {
			op, err := w.Open(task, p)
			if err != nil {
				t.Fatalf("%v", err)
			}
			here, encoded := texts(t, op)
			if encoded {
				kept++
			} else {
				lost++
			}
			for _, remote := range []*Remote{
				{Pool: pool},
				{Pool: pool, Whole: true, Memory: exec.NewMemory(nil, limit), SpillDir: w.cfg.SpillDir},
			} {
				op, err := remote.Open(context.Background(), physical.Source{Task: task, Address: address}, p)
				if err != nil {
					t.Fatalf("%v", err)
				}
				there, same := texts(t, op)
				if !slices.Equal(here, there) || same != encoded {
					t.Fatalf("partition %d: %d rows, encoded %v, over Flight %d rows, encoded %v", p, len(here), encoded, len(there), same)
				}
			}
			got = append(got, here...)
		}
		out := w.queries["q"].outputs[task]
		for i, s := range out.columns {
			if s.length > 0 && s.values == nil {
				onDisk++
			}
			for _, p := range out.partitions {
				if p.indexed != nil && p.plain != nil && p.indexed[i] && p.plain[i] {
					mixed++
				}
			}
		}
		for _, rec := range recs {
			want = append(want, rowsOf(t, rec)...)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%d rows, want %d, or other values", len(got), len(want))
		}
		w.Drop("q")
		if budget.Used() != 0 {
			t.Fatalf("%d bytes are still taken", budget.Used())
		}
	}
	for range 20 { // until all have been seen: a short run makes few cases
		if rapid.Check(t, check); kept > 0 && lost > 0 && mixed > 0 && onDisk > 0 {
			return
		}
	}
	t.Errorf("%d partitions were encoded, %d were not, %d had a column in both forms, %d dictionaries were on disk", kept, lost, mixed, onDisk)
}

// Records whose dictionaries are not what a sink is promised keep their values all the
// same.
func TestOutputTakesAnyDictionary(t *testing.T) {
	one := arrow.NewSchema(textSchema.Fields()[1:2], nil)
	of := func(texts ...string) arrow.Array {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		b.AppendValues(texts, nil)
		return b.NewArray()
	}
	indices := kernel.Indices([]uint32{0, 1, 0}, nil)
	wide := array.NewDictionaryArray(&arrow.DictionaryType{IndexType: sqltype.Int32, ValueType: sqltype.Text},
		kernel.FromValues(sqltype.Int32, []int32{1, 0, 1}, nil), of("w", "v"))
	var want []string
	var run runner = func(_ context.Context, _ *exec.Env, _ *physical.Fragment, sink exec.Sink) (exec.Report, error) {
		for _, c := range []arrow.Array{
			kernel.Indexed(indices, of("a", "b")), kernel.Indexed(indices, of("c", "d")), wide, of("plain", "text"),
			kernel.Indexed(indices, of("a", "b", "c")), kernel.Indexed(indices, of("a", "x", "c")),
		} {
			rec := kernel.Record(one, []arrow.Array{c}, c.Len())
			want = append(want, rowsOf(t, rec)...)
			if err := sink.Write(0, rec); err != nil {
				return exec.Report{}, err
			}
		}
		return exec.Report{}, nil
	}
	for _, limit := range []int64{0, 1} {
		want = nil
		budget := exec.NewMemory(nil, limit)
		w := New(Config{ID: "w", Run: run, Memory: budget, SpillDir: t.TempDir()})
		frag := fragment("q", 1)
		frag.Root = &physical.Values{Out: one}
		if _, err := w.Run(t.Context(), frag); err != nil {
			t.Fatal(err)
		}
		op, err := w.Open(frag.Task, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := texts(t, op); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		w.Drop("q")
	}
}

// A join's text of few values goes to its consumer as indices, whichever side it is
// on, and even where it came plain.
func TestJoinsSendIndices(t *testing.T) {
	const batches, rows, values = 40, 500, 8
	side := arrow.NewSchema(textSchema.Fields()[:2], nil)
	text := longTexts(values)
	recs := func(encoded bool) (out []arrow.Record) {
		for b := range batches {
			keys := array.NewInt64Builder(memory.DefaultAllocator)
			numbers := array.NewUint8Builder(memory.DefaultAllocator)
			for i := range rows {
				keys.Append(int64(b*rows + i))
				numbers.Append(uint8(i % values))
			}
			// each batch has a dictionary of its own, as batches of many tasks have
			own := array.MakeFromData(text.Data().(*array.Data).Copy())
			col := kernel.Indexed(numbers.NewArray(), own)
			if !encoded {
				var err error
				if col, err = kernel.Decode(col); err != nil {
					t.Fatal(err)
				}
			}
			out = append(out, kernel.Record(side, []arrow.Array{keys.NewArray(), col}, rows))
		}
		return out
	}
	for _, encoded := range []bool{false, true} {
		w := New(Config{ID: "w", Run: exec.Run, Remote: &given{recs(encoded)}})
		source := func(stage int) physical.Node { return &physical.ExchangeSource{Stage: stage, Out: side, Limit: -1} }
		key := []expr.Expr{&expr.Column{Type: sqltype.Int64}}
		report, err := w.Run(t.Context(), &physical.Fragment{
			Task: physical.TaskID{Query: "q", Stage: 2},
			Root: &physical.Join{
				Left: source(0), Right: source(1), LeftKeys: key, RightKeys: key,
				Out: arrow.NewSchema(append(side.Fields(), side.Fields()...), nil),
			},
			Sources: map[int][]physical.Source{0: {{Worker: "other"}}, 1: {{Worker: "other"}}},
			Output:  physical.Partitioning{Kind: physical.Gather, Count: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		dictionary := flight.ArrayBytes(text)
		if least := int64(2 * (8 + 1) * batches * rows); report.Rows != batches*rows || report.Bytes < least || report.Bytes > least+3*dictionary {
			t.Errorf("encoded %v: %d rows have %d bytes, not %d and twice a dictionary of %d", encoded, report.Rows, report.Bytes, least, dictionary)
		}
		w.Drop("q")
	}
}

// longTexts is n long texts.
func longTexts(n int) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for v := range n {
		b.Append(strings.Repeat(longText(v), 10))
	}
	return b.NewArray()
}
