package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
)

// filterable is a file with a column of row numbers, then integers, floats, dates,
// timestamps and text, some odd; lines gives the line of each row.
func filterable(r *rand.Rand, rows int) (text string, lines []int64) {
	var sb strings.Builder
	odd := []int{0, 10, 500}[r.IntN(3)]
	pick := func(usual string, others ...string) string {
		if odd > 0 && r.IntN(odd) == 0 {
			return others[r.IntN(len(others))]
		}
		return usual
	}
	sb.WriteString("id,i,x,d,t,s\n")
	for id := range rows {
		fmt.Fprintf(&sb, "%d,%s,%s,%s,%s,%s\n", id,
			pick(strconv.Itoa(r.IntN(20)-10), "", `"7"`, `""`, "+3", " 4", "9223372036854775807", "-0"),
			pick(strconv.FormatFloat(float64(r.IntN(40))/4-5, 'f', -1, 64), "", `"1.5"`, "1e0", "NaN", "-0", "-.5", "Infinity", "0.1234567890123456789"),
			pick(fmt.Sprintf("2024-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)), "", `"2024-05-05"`, "infinity", "0044-01-01 BC"),
			pick(fmt.Sprintf("2024-01-%02d %02d:00:00", 1+r.IntN(28), r.IntN(24)), "", "2024-01-05T00:00:00", "2024-01-05 00:00:00.5", "infinity"),
			pick("text", "", `"two`+"\n"+`lines"`, `"a ""b"" c"`))
	}
	return sb.String(), linesOf(sb.String(), rows)
}

// linesOf gives the line of each row: rows begin with their number.
func linesOf(text string, rows int) []int64 {
	var lines []int64
	for n, l := range strings.Split(text, "\n") {
		if len(lines) < rows && strings.HasPrefix(l, strconv.Itoa(len(lines))+",") {
			lines = append(lines, int64(n+1))
		}
	}
	return lines
}

// drawPredicates gives predicates on some columns, by values that they have.
func drawPredicates(r *rand.Rand, all arrow.Record) []catalog.Predicate {
	var out []catalog.Predicate
	for range 1 + r.IntN(4) {
		c := r.IntN(int(all.NumCols()))
		at := r.Int64N(all.NumRows())
		out = append(out, catalog.Predicate{
			Column: c, Op: []string{"=", "<", "<=", ">", ">=", "<>", "in", "is null"}[r.IntN(8)],
			Values: []arrow.Array{array.NewSlice(all.Column(c), at, at+1)},
		})
	}
	return out
}

// readPruned reads a whole file with predicates, and checks the line of a row of
// each batch. It gives the row numbers.
func readPruned(t *testing.T, spec *catalog.ScanSpec, split catalog.Split, open func(*catalog.ScanSpec, catalog.Split) catalog.Reader, lines []int64) (ids []int64, b catalog.Bounds) {
	rd := open(spec, split)
	defer func() { _ = rd.Close() }()
	for {
		rec, err := rd.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return ids, rd.Bounds()
		}
		if err != nil {
			t.Fatal(err)
		}
		batch := rec.Column(0).(*array.Int64).Int64Values()
		row := len(batch) - 1
		line, err := rd.(catalog.RowLocator).Line(context.Background(), row)
		if err != nil || line != lines[batch[row]] {
			t.Fatalf("row %d is on line %d (%v), not on %d", batch[row], lines[batch[row]], err, line)
		}
		ids = append(ids, batch...)
	}
}

// TestLateFilter: no row that passes all predicates is left out, the others come
// in their order, and bounds and lines are those of a reading without.
func TestLateFilter(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	left := 0
	for round := range 120 {
		rows := 1 + r.IntN(400)
		if round%20 == 0 {
			rows = 40_000 // more than a batch, and than it takes to settle
		}
		text, lines := filterable(r, rows)
		store, files := put(t, "f.csv", text)
		def, err := New().Infer(context.Background(), store, files, catalog.Given{})
		if err != nil {
			t.Fatal(err)
		}
		spec := specOf(def)
		split := catalog.Split{File: files[0], End: files[0].Size, Exact: true}
		open := func(spec *catalog.ScanSpec, split catalog.Split) catalog.Reader {
			rd, err := New().Open(context.Background(), store, spec, split)
			if err != nil {
				t.Fatal(err)
			}
			return rd
		}
		plain := open(spec, split)
		all, err := plain.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		_ = plain.Close()
		pruned := *spec
		pruned.Pruning = drawPredicates(r, all)
		if round%2 == 0 {
			split.End = r.Int64N(split.End + 1)
		}
		want, wantBounds := readPruned(t, spec, split, open, lines)
		got, gotBounds := readPruned(t, &pruned, split, open, lines)
		if gotBounds != wantBounds {
			t.Fatalf("bounds %v, without predicates %v", gotBounds, wantBounds)
		}
		if !slices.IsSorted(got) {
			t.Fatalf("rows out of order: %v", got)
		}
		for i := range min(len(want), int(all.NumRows())) {
			passes := true
			for _, p := range pruned.Pruning {
				passes = passes && canMatch(p, array.NewSlice(all.Column(p.Column), int64(i), int64(i+1)))
			}
			if _, found := slices.BinarySearch(got, int64(i)); passes && !found {
				t.Fatalf("row %d passes %v and was left out", i, pruned.Pruning)
			}
		}
		left += len(want) - len(got)
	}
	if left == 0 {
		t.Error("no row was ever left out")
	}
}

// TestLateFilterKeepsErrors: a bad value in a column of a predicate fails.
func TestLateFilterKeepsErrors(t *testing.T) {
	store, files := put(t, "f.csv", "a,b\n1,2\nx,3\n")
	def, err := New().Infer(context.Background(), store, files, catalog.Given{Options: opts("types", `["bigint", "bigint"]`)})
	if err != nil {
		t.Fatal(err)
	}
	spec := specOf(def)
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.Append(5)
	spec.Pruning = []catalog.Predicate{{Column: 0, Op: ">", Values: []arrow.Array{b.NewArray()}}}
	if _, err := readSerial(store, def, spec); err == nil || !strings.Contains(err.Error(), "bigint") {
		t.Fatalf("error is %v", err)
	}
}
