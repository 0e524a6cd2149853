package statistics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog/statistics"
	"volley/sqltype"
)

func integers(n int, f func(i int) int64) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range n {
		b.Append(f(i))
	}
	return b.NewArray()
}

func texts(values ...string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for _, v := range values {
		if v == "NULL" {
			b.AppendNull()
			continue
		}
		b.Append(v)
	}
	return b.NewArray()
}

// TestDistinct draws samples of columns whose values are known.
func TestDistinct(t *testing.T) {
	const rows, sample = 1_000_000, 8192
	r := rand.New(rand.NewPCG(1, 2))
	random := func(f func(row int64) int64) *statistics.Sample {
		drawn := r.Perm(rows)
		return &statistics.Sample{Rows: rows, Random: true, Blocks: []arrow.Array{integers(sample, func(i int) int64 { return f(int64(drawn[i])) })}}
	}
	blocks := func(f func(row int64) int64) *statistics.Sample {
		s := &statistics.Sample{Rows: rows}
		for b := range int64(4) {
			s.Blocks = append(s.Blocks, integers(sample/4, func(i int) int64 { return f(b*rows/4 + int64(i)) }))
		}
		return s
	}
	scatter := func(row int64) int64 { return int64(uint64(row) * 0x9E3779B97F4A7C15 >> 20) }
	for _, c := range []struct {
		name   string
		sample *statistics.Sample
		want   float64
		within float64 // factor
	}{
		{"a key", random(func(row int64) int64 { return row * 7 }), rows, 1.1},
		{"few values", random(func(row int64) int64 { return row % 7 }), 7, 1},
		{"1,000 values", random(func(row int64) int64 { return scatter(row) % 1000 }), 1000, 1.02},
		{"50,000 values", random(func(row int64) int64 { return scatter(row) % 50_000 }), 50_000, 1.3},
		{"clustered, four rows a value", blocks(func(row int64) int64 { return row / 4 }), rows / 4, 1.1},
		{"clustered, 500 rows a value", blocks(func(row int64) int64 { return row / 500 }), rows / 500, 1.5},
		{"scattered in blocks", blocks(func(row int64) int64 { return scatter(row) % 1000 }), 1000, 1.05},
		{"a key in order", blocks(func(row int64) int64 { return row }), rows, 1.1},
		{"known", &statistics.Sample{Rows: rows, Distinct: 77, Blocks: []arrow.Array{integers(10, func(i int) int64 { return int64(i) })}}, 77, 1},
		{"all rows", &statistics.Sample{Rows: 100, Blocks: []arrow.Array{integers(100, func(i int) int64 { return int64(i) / 2 })}}, 50, 1},
	} {
		got := float64(c.sample.Column().Distinct)
		if off := max(got/c.want, c.want/got); off > c.within+1e-9 {
			t.Errorf("%s: %g values, guessed %g", c.name, c.want, got)
		}
	}
}

func TestCommonValues(t *testing.T) {
	const rows = 100_000
	// 40% are 7, 20% are 8, the others are 1000 … 60999, each once.
	s := statistics.Sample{Rows: rows, Blocks: []arrow.Array{integers(rows, func(i int) int64 {
		switch {
		case i%10 < 4:
			return 7
		case i%10 < 6:
			return 8
		}
		return 1000 + int64(i)
	})}}
	c := s.Column()
	if c.Common == nil || c.Common.Len() != 2 || c.Common.(*array.Int64).Value(0) != 7 || c.CommonShares[0] != 0.4 || c.CommonShares[1] != 0.2 {
		t.Fatalf("common values %v, shares %v", c.Common, c.CommonShares)
	}
	if c.Bounds == nil || c.Bounds.Len() != statistics.Target+1 {
		t.Fatalf("bounds %v", c.Bounds)
	}
	// Each bin has the same number of rows, which lie evenly here.
	b := c.Bounds.(*array.Int64)
	for i := 1; i < b.Len(); i++ {
		if width := float64(b.Value(i) - b.Value(i-1)); math.Abs(width-rows/statistics.Target) > 20 {
			t.Errorf("bin %d is %g wide", i, width)
		}
	}
}

// TestUniform: values that a sample has twice by chance are not common.
func TestUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := statistics.Sample{Rows: 1e6, Random: true, Blocks: []arrow.Array{integers(30_000, func(int) int64 { return r.Int64N(200_000) })}}
	if c := s.Column(); len(c.CommonShares) > 3 {
		t.Errorf("%d of equally frequent values are common: %v", len(c.CommonShares), c.CommonShares)
	}
}

func TestNulls(t *testing.T) {
	s := statistics.Sample{Rows: 4000, Blocks: []arrow.Array{texts("a", "NULL", "bb", "NULL")}}
	c := s.Column()
	if c.NullCount != 2000 || c.Width != 1.5 {
		t.Errorf("%d NULLs, width %g", c.NullCount, c.Width)
	}
	s = statistics.Sample{Rows: 10, Blocks: []arrow.Array{texts("NULL")}}
	if c := s.Column(); c.NullCount != 10 || c.Distinct != 0 {
		t.Errorf("%d NULLs, %d values", c.NullCount, c.Distinct)
	}
	if c := (&statistics.Sample{Rows: 10}).Column(); c.NullCount != -1 || c.Distinct != -1 {
		t.Errorf("nothing is known of no sample, but %+v", c)
	}
}

func TestFraction(t *testing.T) {
	text := func(s string) statistics.Point { return statistics.TextPoint(s) }
	for _, c := range []struct {
		value, low, high string
		want             float64
	}{
		{"m", "a", "z", 0.48},
		{"a", "a", "z", 0},
		{"zz", "a", "z", 1},
		{"Customer#000000500", "Customer#000000000", "Customer#000001000", 0.5},
	} {
		if got := statistics.Fraction(text(c.value), text(c.low), text(c.high)); math.Abs(got-c.want) > 0.06 {
			t.Errorf("%q between %q and %q: %.3f, want %.3f", c.value, c.low, c.high, got, c.want)
		}
	}
}

// TestPointsOrder compares the order of points with that of the values' meaning.
func TestPointsOrder(t *testing.T) {
	for name, ordered := range map[string][]string{
		"bigint":           {"-9223372036854775808", "-5", "0", "3", "9223372036854775807"},
		"double precision": {"-Infinity", "-1.5", "0", "1e-300", "2", "Infinity", "NaN"},
		"numeric":          {"-10.5", "-0.001", "0", "3", "10.25", "1e20"},
		"numeric(10,2)":    {"-10.50", "0.01", "3", "99.99"},
		"date":             {"1900-01-01", "1970-01-01", "2024-02-29"},
		"timestamp":        {"1900-01-01 00:00:00", "1970-01-01 00:00:01", "2024-02-29 12:00:00"},
		"text":             {"", "A", "a", "ab", "b", "é"},
		"boolean":          {"false", "true"},
	} {
		var mods []int32
		base, _, precise := strings.Cut(name, "(")
		if precise {
			mods = []int32{10, 2}
		}
		typ, err := sqltype.Resolve(base, mods, 0)
		if err != nil {
			t.Fatal(err)
		}
		var before statistics.Point
		for i, v := range ordered {
			a, err := sqltype.Scalar(typ, v)
			if err != nil {
				t.Fatal(name, v, err)
			}
			p, ok := statistics.PointOf(a, 0)
			if !ok {
				t.Fatalf("%s has no order", name)
			}
			if i > 0 && before.Compare(p) >= 0 {
				t.Errorf("%s: %s is not less than %s", name, ordered[i-1], v)
			}
			if p.Compare(p) != 0 {
				t.Errorf("%s: %s is not itself", name, v)
			}
			before = p
		}
	}
}

func ExampleSample_Column() {
	s := statistics.Sample{Rows: 6, Blocks: []arrow.Array{texts("red", "red", "blue", "NULL", "red", "blue")}}
	c := s.Column()
	fmt.Println(c.Common, c.CommonShares[0], c.NullCount, c.Distinct)
	// Output: ["red" "blue"] 0.5 1 2
}
