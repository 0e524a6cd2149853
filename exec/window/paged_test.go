package window

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/sqltype"
	"volley/udf"
)

// memoryStore is a Store in memory.
type memoryStore [][]arrow.Array

func (m *memoryStore) Append(cols []arrow.Array, _ int) error {
	*m = append(*m, cols)
	return nil
}

func (m *memoryStore) Page(i int) ([]arrow.Array, error) { return (*m)[i], nil }

// memoryDisk has pages of 16 rows, or more.
func memoryDisk(bytes int64) *Disk {
	return &Disk{PageBytes: bytes, Create: func([]arrow.DataType) (Store, error) { return &memoryStore{}, nil }}
}

// rowsOf is partitions of random rows, some of many, some of one.
func rowsOf(r *rand.Rand, partitions int) chunk {
	var c chunk
	for p := range partitions {
		n := []int{1, 3, 20, 40, 300, 700}[r.IntN(6)]
		if r.IntN(12) == 0 {
			n = 5000 // a tree of three levels
		}
		key, steps := int64(0), []int{0, 1, 1, 3, 200}[r.IntN(5)]
		for range n {
			if steps > 0 && r.IntN(steps) == 0 {
				key += int64(r.IntN(4))
			}
			c.part, c.key = append(c.part, int64(p)), append(c.key, key)
			c.value = append(c.value, int64(r.IntN(12)-2))
		}
	}
	return c
}

// floats64 is values whose sums depend on the order in which they are added.
func floats64(r *rand.Rand, n int) arrow.Array {
	b := array.NewFloat64Builder(memory.DefaultAllocator)
	for range n {
		if r.IntN(7) == 0 {
			b.AppendNull()
		} else {
			b.Append((r.Float64() - 0.3) * []float64{1, 1e-9, 1e9, 1e15}[r.IntN(4)])
		}
	}
	return b.NewArray()
}

func texts(r *rand.Rand, n int) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	wide := r.IntN(2 * n) // from this row on
	for i := range n {
		s := string(rune('a'+r.IntN(26))) + string(rune('a'+r.IntN(26)))
		if i >= wide {
			s += strings.Repeat("w", 40)
		}
		b.Append(s)
	}
	return b.NewArray()
}

func int32s(r *rand.Rand, n int, low int32) arrow.Array {
	b := array.NewInt32Builder(memory.DefaultAllocator)
	for range n {
		if r.IntN(9) == 0 {
			b.AppendNull()
		} else {
			b.Append(low + r.Int32N(40))
		}
	}
	return b.NewArray()
}

// testCall is a call of one function in both ways.
type testCall struct {
	name  string
	types []arrow.DataType
	args  []udf.Arg
	fn    *udf.Aggregate // nil: a window function
}

// slice is its arguments for some rows.
func (c *testCall) slice(lo, hi int) []udf.Arg { return sliceArgs(c.args, lo, hi) }

func drawCall(t *rapid.T, r *rand.Rand, n int) *testCall {
	values := func() (udf.Arg, arrow.DataType) {
		switch rapid.IntRange(0, 3).Draw(t, "type") {
		case 0:
			return udf.Arg{Array: int64s(randomInts(r, n), -5)}, sqltype.Int64
		case 1:
			return udf.Arg{Array: texts(r, n)}, sqltype.Text
		}
		return udf.Arg{Array: floats64(r, n)}, sqltype.Float64
	}
	c := &testCall{name: rapid.SampledFrom([]string{
		"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "first_value", "last_value", "nth_value",
		"sum", "sum", "avg", "count", "min", "max", "stddev", "array_agg", "count(*)", "regr_slope", "string_agg", "bool_and",
	}).Draw(t, "function")}
	add := func(a udf.Arg, typ arrow.DataType) { c.args, c.types = append(c.args, a), append(c.types, typ) }
	addInt := func(low int32) {
		if rapid.Bool().Draw(t, "constant") {
			one := array.NewInt32Builder(memory.DefaultAllocator)
			one.Append(low + r.Int32N(50))
			add(udf.Arg{Array: one.NewArray(), Const: true}, sqltype.Int32)
			return
		}
		add(udf.Arg{Array: int32s(r, n, low)}, sqltype.Int32)
	}
	floats := func() { add(udf.Arg{Array: floats64(r, n)}, sqltype.Float64) }
	switch c.name {
	case "ntile":
		addInt(1)
	case "lag", "lead":
		add(values())
		if rapid.Bool().Draw(t, "offset") {
			addInt(-5)
			if rapid.Bool().Draw(t, "default") {
				d := c.args[0]
				d.Array = kernel.Slice(d.Array, 0, 1)
				d.Const = true
				add(d, c.types[0])
			}
		}
	case "first_value", "last_value", "min", "max", "count":
		add(values())
	case "nth_value":
		add(values())
		addInt(1)
	case "sum", "avg", "stddev", "array_agg":
		floats()
	case "regr_slope":
		floats()
		floats()
	case "string_agg":
		add(udf.Arg{Array: texts(r, n)}, sqltype.Text)
		b := array.NewStringBuilder(memory.DefaultAllocator)
		b.Append(",")
		add(udf.Arg{Array: b.NewArray(), Const: true}, sqltype.Text)
	case "bool_and":
		b := array.NewBooleanBuilder(memory.DefaultAllocator)
		for range n {
			b.Append(r.IntN(5) > 0)
		}
		add(udf.Arg{Array: b.NewArray()}, sqltype.Bool)
	}
	if Find(c.name) == nil {
		var err error
		if c.fn, err = registry.FindAggregate(strings.TrimSuffix(c.name, "(*)"), c.types); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func randomInts(r *rand.Rand, n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(r.IntN(1000) - 10)
	}
	return out
}

// aggregate makes the call's aggregate; some are without states that can be
// carried or merged.
func (c *testCall) aggregate(carries, merges bool) *Aggregate {
	a := &Aggregate{
		New:      func() (udf.Accumulator, error) { return c.fn.New(&udf.Context{}, c.types) },
		ArgTypes: c.types,
	}
	if merges && c.fn.State != nil && !c.fn.NoPartial {
		a.State = c.fn.State(c.types)
	}
	acc, err := a.New()
	_, scans := acc.(udf.Scanner)
	a.Carries = carries && scans && err == nil && a.State != nil
	return a
}

// result is the type of the call's column.
func (c *testCall) result() arrow.DataType {
	switch {
	case c.fn != nil && c.fn.ReturnFor != nil:
		typ, _ := c.fn.ReturnFor(c.types)
		return typ
	case c.fn != nil:
		return c.fn.Returns
	case c.name == "percent_rank" || c.name == "cume_dist":
		return sqltype.Float64
	case len(c.types) > 0:
		return c.types[0] // ntile's too
	}
	return sqltype.Int64
}

// TestPagedPartitions: a partition whose rows are in pages has the same values,
// bit for bit, as in memory among others.
func TestPagedPartitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		c := rowsOf(r, rapid.IntRange(1, 4).Draw(t, "partitions"))
		f, o := drawFrame(t)
		if rapid.IntRange(0, 2).Draw(t, "far") == 0 {
			o = Offsets{Start: int64s([]int64{r.Int64N(1500)}, 0), End: int64s([]int64{r.Int64N(1500)}, 0)}
		}
		l := c.layout()
		keys := &RangeKeys{Key: int64s(c.key, rapid.SampledFrom([]int64{0, 1}).Draw(t, "nulls")), NullsFirst: true}
		frames, err := NewFrames(l, f, o, keys)
		if err != nil {
			t.Fatal(err)
		}
		n := len(c.key)
		call := drawCall(t, r, n)
		carries, merges := rapid.Bool().Draw(t, "carries"), rapid.IntRange(0, 3).Draw(t, "merges") > 0
		if !merges && n > 1000 {
			t.Skip("frames are added row by row") // quadratic
		}
		filter := call.fn != nil && rapid.Bool().Draw(t, "filter")
		seen := func(lo, hi int) (rows []int32) {
			for i := lo; i < hi; i++ {
				if !filter || i%5 > 1 {
					rows = append(rows, int32(i-lo))
				}
			}
			return rows
		}
		in := &Input{Layout: l, Frames: frames, Args: call.args, Type: call.result()}
		var want arrow.Array
		if call.fn == nil {
			want, err = Find(call.name).Compute(in)
		} else {
			want, err = call.aggregate(carries, merges).Compute(in, seen(0, n), !filter)
		}
		if err != nil {
			if e := (*udf.RowError)(nil); errors.As(err, &e) {
				return
			}
			t.Fatal(err)
		}
		p := &pagedTest{t: t, chunk: c, call: call, frame: f, offsets: o, keys: keys, seen: seen, filter: filter}
		for part := range l.Partitions() {
			lo, hi := int(l.parts[part]), int(l.parts[part+1])
			p.agg = nil
			if call.fn != nil {
				p.agg = call.aggregate(carries, merges)
			}
			got := p.compute(lo, hi, in.Type)
			for i := range hi - lo {
				if g, w := valueText(got, i), valueText(want, lo+i); g != w {
					t.Fatalf("%s over %s (%s to %s): row %d of %d of partition %d is %s, in memory %s", call.name, f, o.Start, o.End, i, hi-lo, part, g, w)
				}
			}
		}
	})
}

func valueText(a arrow.Array, i int) string {
	if a.DataType().ID() == arrow.LIST {
		return a.ValueStr(i)
	}
	return numericText(a, i)
}

// pagedTest computes single partitions of a chunk in pages.
type pagedTest struct {
	t       *rapid.T
	chunk   chunk
	call    *testCall
	agg     *Aggregate
	frame   expr.Frame
	offsets Offsets
	keys    *RangeKeys
	seen    func(lo, hi int) []int32
	filter  bool
}

func (p *pagedTest) compute(lo, hi int, typ arrow.DataType) arrow.Array {
	must := func(err error) {
		if err != nil {
			p.t.Fatal(err)
		}
	}
	disk := memoryDisk(rapid.SampledFrom([]int64{1, 3 << 10, 1 << 20}).Draw(p.t, "page"))
	literal := make([]bool, len(p.call.args))
	for i, a := range p.call.args {
		literal[i] = a.Const
	}
	var part Paged
	frames, err := NewPagedFrames(disk, &part, p.frame, p.keys.Key.DataType())
	must(err)
	var col Column
	if p.agg == nil {
		col, err = Find(p.call.name).Paged(disk, p.call.types, literal)
	} else {
		col, err = p.agg.Paged(disk, p.frame, literal, true, p.filter)
	}
	must(err)
	batch := rapid.SampledFrom([]int{1, 7, 50, 1000}).Draw(p.t, "batch")
	if hi-lo > 1000 {
		batch = 1000
	}
	for at := lo; at < hi; at += batch {
		end := min(at+batch, hi)
		peers := make([]bool, end-at)
		for i := range peers {
			peers[i] = at+i == lo || p.chunk.key[at+i] != p.chunk.key[at+i-1]
		}
		must(part.Add(peers))
		must(frames.Add(kernel.Slice(p.keys.Key, at, end)))
		rows := p.seen(at, end)
		must(col.Add(p.call.slice(at, end), rows, !p.filter, end-at))
	}
	must(frames.Finish())
	must(col.Finish())
	out := kernel.NewChunks(typ)
	batch = max(batch/2, 1)
	for at := lo; at < hi; at += batch {
		end := min(at+batch, hi)
		l := part.Batch(end - at)
		keys := *p.keys
		keys.Key = kernel.Slice(keys.Key, at, end)
		fr, err := frames.Batch(l, p.offsets, &keys)
		must(err)
		a, err := col.Next(&Input{Layout: l, Frames: fr, Args: p.call.slice(at, end), Type: typ})
		must(err)
		must(out.Append(a))
		if col.Bytes() < 0 {
			p.t.Fatal("negative size")
		}
	}
	if end, want := part.End(), int64(hi-lo); end.Rows != want {
		p.t.Fatalf("%d rows at the end, not %d", end.Rows, want)
	}
	a, err := out.Slice(0, hi-lo)
	must(err)
	return a
}

func TestBitList(t *testing.T) {
	var b rankedBits
	r := rand.New(rand.NewPCG(1, 2))
	var all []bool
	for range 40 {
		v := make([]bool, r.IntN(100))
		var rows []int32
		for i := range v {
			if v[i] = r.IntN(3) == 0; v[i] {
				rows = append(rows, int32(i))
			}
		}
		b.add(rows, false, len(v))
		all = append(all, v...)
	}
	b.finish()
	before := int32(0)
	for i := 0; i <= len(all); i++ {
		if got := b.before(int32(i)); got != before {
			t.Fatalf("%d bits before %d, not %d", got, i, before)
		}
		next := slices.Index(all[i:], true)
		if next < 0 {
			next = len(all) - i
		}
		if got := b.next(i); got != i+next {
			t.Fatalf("from %d on the next bit is %d, not %d", i, got, i+next)
		}
		if i < len(all) && all[i] {
			before++
		}
	}
}

// TestPagesOfWiderRows: pages become smaller where rows become wider, and give the same
// rows.
func TestPagesOfWiderRows(t *testing.T) {
	const most = 32 << 10
	store := &memoryStore{}
	d := &Disk{PageBytes: most, Create: func([]arrow.DataType) (Store, error) { return store, nil }}
	p, err := newPages(d, []arrow.DataType{sqltype.Text}, []bool{false})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, part := range []struct{ rows, width int }{{9000, 1}, {9000, 20}, {500, 300}, {300, 5}} {
		for lo := 0; lo < part.rows; lo += 100 {
			b := array.NewStringBuilder(memory.DefaultAllocator)
			for i := range 100 {
				s := strings.Repeat(string(rune('a'+(lo+i)%26)), part.width)
				want = append(want, s)
				b.Append(s)
			}
			if err := p.add([]udf.Arg{{Array: b.NewArray()}}, 100); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := p.finish(); err != nil {
		t.Fatal(err)
	}
	if len(p.larger) != 2 {
		t.Errorf("pages became smaller %d times, want 2", len(p.larger))
	}
	for i, cols := range *store {
		if n := kernel.Bytes(cols[0]); n > most+most/2 {
			t.Errorf("page %d has %d bytes, of at most %d", i, n, most)
		}
	}
	at := 0
	for i := range p.count() {
		pg, err := p.page(int32(i))
		if err != nil {
			t.Fatal(err)
		}
		a := pg.args[0].Array.(*array.String)
		if a.Len() != p.pageRows(int32(i)) {
			t.Fatalf("page %d has %d rows, not %d", i, a.Len(), p.pageRows(int32(i)))
		}
		for k := range a.Len() {
			if a.Value(k) != want[at] {
				t.Fatalf("row %d is %q, not %q", at, a.Value(k), want[at])
			}
			at++
		}
	}
	if at != len(want) {
		t.Errorf("%d rows, not %d", at, len(want))
	}
}
