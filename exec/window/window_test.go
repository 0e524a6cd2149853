package window

import (
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/planner/expr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/builtin"
)

var registry = func() *udf.Registry {
	r := udf.NewRegistry()
	if err := builtin.Register(r); err != nil {
		panic(err)
	}
	return r
}()

// chunk is random sorted rows: partition, key and value of each.
type chunk struct {
	part, key []int64
	value     []int64 // negative: NULL
}

func drawChunk(t *rapid.T) chunk {
	var c chunk
	for p := range rapid.IntRange(1, 4).Draw(t, "partitions") {
		key := int64(0)
		for range rapid.IntRange(1, 90).Draw(t, "rows") {
			key += int64(rapid.IntRange(0, 2).Draw(t, "step"))
			c.part, c.key = append(c.part, int64(p)), append(c.key, key)
			c.value = append(c.value, int64(rapid.IntRange(-2, 9).Draw(t, "value")))
		}
	}
	return c
}

func (c chunk) layout() *Layout {
	part, peer := make([]bool, len(c.key)), make([]bool, len(c.key))
	for i := 1; i < len(c.key); i++ {
		part[i] = c.part[i] != c.part[i-1]
		peer[i] = part[i] || c.key[i] != c.key[i-1]
	}
	return NewLayout(part, peer)
}

func int64s(values []int64, nullBelow int64) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for _, v := range values {
		if v < nullBelow {
			b.AppendNull()
		} else {
			b.Append(v)
		}
	}
	return b.NewArray()
}

func drawFrame(t *rapid.T) (expr.Frame, Offsets) {
	f := expr.Frame{
		Unit:    expr.FrameUnit(rapid.IntRange(0, 2).Draw(t, "unit")),
		Start:   expr.Bound{Kind: expr.BoundKind(rapid.IntRange(0, 3).Draw(t, "start"))},
		Exclude: expr.Exclusion(rapid.IntRange(0, 3).Draw(t, "exclude")),
	}
	f.End.Kind = expr.BoundKind(rapid.IntRange(max(1, int(f.Start.Kind)), 4).Draw(t, "end"))
	offset := func() arrow.Array { return int64s([]int64{int64(rapid.IntRange(0, 70).Draw(t, "offset"))}, 0) }
	return f, Offsets{Start: offset(), End: offset()}
}

// inFrame is the definition of a frame, row by row.
func (c chunk) inFrame(f expr.Frame, o Offsets, row, r int) bool {
	if c.part[r] != c.part[row] {
		return false
	}
	group := func(i int) int64 {
		n := int64(0)
		for j := 1; j <= i; j++ {
			if c.part[j] != c.part[j-1] || c.key[j] != c.key[j-1] {
				n++
			}
		}
		return n
	}
	at := [...]func(int) int64{
		func(i int) int64 { return int64(i) }, func(i int) int64 { return c.key[i] }, group,
	}[f.Unit]
	from, to := at(row), at(row)
	switch k := o.Start.(*array.Int64).Value(0); f.Start.Kind {
	case expr.UnboundedPreceding:
		from = -1 << 40
	case expr.Preceding:
		from -= k
	case expr.Following:
		from += k
	}
	switch k := o.End.(*array.Int64).Value(0); f.End.Kind {
	case expr.UnboundedFollowing:
		to = 1 << 40
	case expr.Preceding:
		to -= k
	case expr.Following:
		to += k
	}
	if p := at(r); p < from || p > to {
		return false
	}
	peer := c.key[r] == c.key[row]
	switch f.Exclude {
	case expr.ExcludeCurrentRow:
		return r != row
	case expr.ExcludeGroup:
		return !peer
	case expr.ExcludeTies:
		return !peer || r == row
	}
	return true
}

// amongTies tells whether ties are excluded and the frame would begin with one.
func (c chunk) amongTies(f expr.Frame, o Offsets, row int) bool {
	if f.Exclude != expr.ExcludeTies {
		return false
	}
	f.Exclude = expr.NoOthers
	for x := range c.key {
		if c.inFrame(f, o, row, x) {
			return c.key[x] == c.key[row]
		}
	}
	return false
}

// TestFramesAndAggregates compares every way of computing a frame (running,
// direct, by tree) with the definition, row by row.
func TestFramesAndAggregates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChunk(t)
		f, o := drawFrame(t)
		r := &RangeKeys{Key: int64s(c.key, 0)}
		l := c.layout()
		frames, err := NewFrames(l, f, o, r)
		if err != nil {
			t.Fatal(err)
		}
		filter := rapid.Bool().Draw(t, "filter")
		var rows []int32
		for i := range c.value {
			if !filter || i%3 > 0 {
				rows = append(rows, int32(i))
			}
		}
		in := &Input{Layout: l, Frames: frames, Args: []udf.Arg{{Array: int64s(c.value, 0)}}}
		sum, count := aggregate(t, "sum", in, rows, !filter), aggregate(t, "count", in, rows, !filter)
		first, err := Find("first_value").Compute(&Input{Layout: l, Frames: frames, Args: []udf.Arg{{Array: rowNumbers(len(c.key))}}})
		if err != nil {
			t.Fatal(err)
		}
		for row := range c.key {
			total, n, lowest := int64(0), int64(0), "(null)"
			for x := range c.key {
				if !c.inFrame(f, o, row, x) {
					continue
				}
				if lowest == "(null)" {
					lowest = fmt.Sprint(x)
				}
				if c.value[x] >= 0 && (!filter || x%3 > 0) {
					total, n = total+c.value[x], n+1
				}
			}
			if c.amongTies(f, o, row) && !c.inFrame(f, o, row, row) {
				lowest = "(null)" // see Frames.fromStart
			}
			wantSum := fmt.Sprint(total)
			if n == 0 {
				wantSum = "(null)"
			}
			if got := numericText(sum, row); got != wantSum || count.ValueStr(row) != fmt.Sprint(n) || first.ValueStr(row) != lowest {
				t.Fatalf("row %d of frame %s: sum %s count %s first %s, want %s, %d, %s", row, f, got, count.ValueStr(row), first.ValueStr(row), wantSum, n, lowest)
			}
		}
	})
}

func rowNumbers(n int) arrow.Array {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(i)
	}
	return int64s(out, 0)
}

func numericText(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return "(null)"
	}
	return string(sqltype.NewTextEncoder(a.DataType(), sqltype.TextOptions{})(nil, a, i))
}

func aggregate(t *rapid.T, name string, in *Input, rows []int32, all bool) arrow.Array {
	types := []arrow.DataType{sqltype.Int64}
	fn, err := registry.FindAggregate(name, types)
	if err != nil {
		t.Fatal(err)
	}
	held := int64(0)
	a := &Aggregate{
		New:      func() (udf.Accumulator, error) { return fn.New(&udf.Context{}, types) },
		ArgTypes: types, State: fn.State(types),
	}
	x := *in
	x.Type, x.Reserve = fn.Returns, func(n int64) error { held += n; return nil }
	out, err := a.Compute(&x, rows, all)
	if err != nil {
		t.Fatal(err)
	}
	every := make([]int32, out.Len())
	for i := range every {
		every[i] = int32(i)
	}
	if want := takenBytes(out, every); held != want {
		t.Fatalf("%d bytes are still reserved, not the column's %d", held, want)
	}
	return out
}

func TestNtile(t *testing.T) {
	for _, c := range []struct {
		rows, buckets int32
		want          string
	}{
		{5, 2, "[1 1 1 2 2]"}, {6, 3, "[1 1 2 2 3 3]"}, {3, 5, "[1 2 3]"}, {7, 3, "[1 1 1 2 2 3 3]"}, {1, 1, "[1]"},
	} {
		out := make([]int32, c.rows)
		fillBuckets(out, 0, c.rows, c.buckets)
		if got := fmt.Sprint(out); got != c.want {
			t.Errorf("%d rows in %d buckets: %s, want %s", c.rows, c.buckets, got, c.want)
		}
		for i := range out {
			rest := make([]int32, len(out)-i)
			fillBuckets(rest, int32(i), c.rows, c.buckets)
			if !slices.Equal(rest, out[i:]) {
				t.Errorf("%d rows in %d buckets from row %d on: %v, want %v", c.rows, c.buckets, i, rest, out[i:])
			}
		}
	}
}
