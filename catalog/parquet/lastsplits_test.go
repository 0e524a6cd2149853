package parquet_test

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/objstore/local"
	"volley/catalog/parquet"
)

// TestLastSplits: the last of many row groups are cut where a page index says where
// their pages are, and only there.
func TestLastSplits(t *testing.T) {
	const n, groups = 800_000, 8
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range n {
		b.Append(int64(i) * 7919)
	}
	rec := record("n", b.NewArray())
	for _, plain := range []bool{false, true} {
		path := writeFile(t, parquet.WriterOptions{RowGroupRows: n / groups, Compression: "none", NoPageIndex: plain}, rec)
		def := infer(t, path)
		splits, err := parquet.New().Splits(ctx, local.New(), def, specOf(def), catalog.SplitTarget{Slots: 2})
		if err != nil {
			t.Fatal(err)
		}
		at := int64(0)
		for i, s := range splits {
			if s.Start != at || s.End <= s.Start || s.Index != i {
				t.Fatalf("split %d is %+v", i, s)
			}
			at = s.End
		}
		last := splits[len(splits)-1]
		if at != n || plain && len(splits) != groups || !plain && (len(splits) <= groups || last.End-last.Start >= n/groups) {
			t.Errorf("without an index %v: %d splits, the last of %d rows", plain, len(splits), last.End-last.Start)
		}
	}
}

// TestPartsOfGroups: any rows of row groups are read as the whole has them, with and
// without a predicate that leaves rows out.
func TestPartsOfGroups(t *testing.T) {
	const n = 60_000
	for _, opts := range []parquet.WriterOptions{{RowGroupRows: 45_000}, {RowGroupRows: 45_000, NoPageIndex: true}} {
		def := infer(t, writeFile(t, opts, mixed(n)))
		one := array.NewInt32Builder(memory.DefaultAllocator)
		one.Append(7)
		few := catalog.Predicate{Column: 1, Op: "=", Values: []arrow.Array{one.NewArray()}}
		first := array.NewInt64Builder(memory.DefaultAllocator)
		first.Append(21_000)
		later := catalog.Predicate{Column: 0, Op: ">", Values: []arrow.Array{first.NewArray()}}
		r := rand.New(rand.NewPCG(5, 6))
		for _, preds := range [][]catalog.Predicate{nil, {few}, {later, few}} {
			spec := specOf(def)
			spec.Pruning = preds
			whole := rowTexts(t, def, preds...)
			var splits []catalog.Split
			for at := int64(0); at < n; {
				to := min(n, at+1+r.Int64N(25_000))
				splits = append(splits, catalog.Split{File: def.Files[0], Start: at, End: to, Exact: true})
				at = to
			}
			parts := splitTexts(t, spec, splits)
			if len(preds) == 0 && !maps.Equal(parts, whole) {
				t.Fatalf("%d rows in parts are not the %d rows of the whole", len(parts), len(whole))
			}
			for row, text := range whole { // both may have more rows than pass
				if got, ok := parts[row]; ok && got != text || !ok && passesBoth(text, preds) {
					t.Fatalf("row %d is %q, in parts %q", row, text, got)
				}
			}
		}
	}
}

// passesBoth tells whether a row has the value 7 in its second column and a large one
// in the first, if that is asked for.
func passesBoth(text string, preds []catalog.Predicate) bool {
	row := strings.Split(text, "|")
	return len(preds) == 0 || row[1] == "7" && (len(preds) == 1 || len(row[0]) > 5 || len(row[0]) == 5 && row[0] > "21000")
}
