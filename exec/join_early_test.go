package exec

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// filteringFormat is a fakeFormat whose readers leave out rows by values.
type filteringFormat struct {
	*fakeFormat
	columns []int // that readers were told to filter
	rows    int64 // that they gave
}

func (f *filteringFormat) Open(ctx context.Context, store objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (catalog.Reader, error) {
	r, err := f.fakeFormat.Open(ctx, store, spec, split)
	return &filteringReader{Reader: r, format: f, filters: map[int][]catalog.ValueFilter{}}, err
}

type filteringReader struct {
	catalog.Reader
	format  *filteringFormat
	filters map[int][]catalog.ValueFilter
}

func (r *filteringReader) FilterValues(column int, f catalog.ValueFilter) bool {
	r.filters[column] = append(r.filters[column], f)
	r.format.columns = append(r.format.columns, column)
	return true
}

func (r *filteringReader) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := r.Reader.Next(ctx)
	if err != nil {
		return nil, err
	}
	keep := kernel.Ones(int(rec.NumRows()))
	for column, filters := range r.filters {
		for _, f := range filters {
			f.Keep(rec.Column(column), keep)
		}
		if valid := kernel.Valid(rec.Column(column)); valid != nil {
			keep.And(valid)
		}
	}
	r.format.rows += int64(keep.Count())
	return kernel.SelectRecord(rec, keep)
}

// TestJoinFiltersItsScan: joins that may do so hand their keys to the scan below their
// probe sides, through projections and other joins, and give the same rows.
func TestJoinFiltersItsScan(t *testing.T) {
	schema := schemaOf(sqltype.Int64, sqltype.Date, sqltype.Text)
	record := func(rows, step int) arrow.Record {
		var ints, days, texts []string
		for i := range rows {
			ints, days, texts = append(ints, strconv.Itoa(i*step)), append(days, "2020-01-0"+strconv.Itoa(i%7+1)), append(texts, strconv.Itoa(i%3))
			if i%11 == 10 {
				ints[i] = null
			}
		}
		return array.NewRecord(schema, []arrow.Array{parse(sqltype.Int64, ints...), parse(sqltype.Date, days...), parse(sqltype.Text, texts...)}, int64(rows))
	}
	probe, build := record(200, 1), record(5, 3) // the keys 0, 3, … 12, on five days
	for _, c := range []struct {
		name    string
		kind    physical.JoinKind
		keys    []int
		late    bool
		columns []int // that are filtered
	}{
		{"a number", physical.Inner, []int{0}, false, []int{0}},
		{"two keys", physical.Inner, []int{0, 1}, false, []int{0, 1}},
		{"a text", physical.Inner, []int{2}, false, nil},
		{"semi", physical.Semi, []int{1}, false, []int{1}},
		{"right", physical.RightOuter, []int{0}, false, []int{0}},
		{"where that may not be", physical.Inner, []int{0}, true, nil},
	} {
		w := newWorld()
		format := &filteringFormat{fakeFormat: w.format}
		w.env.Formats["fake"] = format
		turned := &physical.Project{Input: w.scan(schema, []arrow.Record{probe}), Exprs: []expr.Expr{col(schema, 2), col(schema, 1), col(schema, 0)}, Names: []string{"c", "b", "a"}}
		below := &physical.Join{ // keeps all rows of its left side
			Left: turned, Right: w.source(schema, nil), Kind: physical.LeftOuter,
			LeftKeys: keyColumns(turned.Schema(), []int{1}), RightKeys: keyColumns(schema, []int{1}), Out: joinOut(physical.LeftOuter, turned.Schema(), schema),
		}
		n := &physical.Join{Left: below, Right: w.source(schema, []arrow.Record{build}), Kind: c.kind, Early: !c.late, Out: joinOut(c.kind, below.Out, schema)}
		for _, k := range c.keys {
			n.LeftKeys = append(n.LeftKeys, col(below.Out, 2-k))
			n.RightKeys = append(n.RightKeys, col(schema, k))
		}
		got := w.mustRun(t, n)
		slices.Sort(format.columns)
		if !slices.Equal(format.columns, c.columns) {
			t.Errorf("%s: columns %v are filtered, want %v", c.name, format.columns, c.columns)
		}
		if all := format.rows == 200; all != (c.columns == nil) {
			t.Errorf("%s: the scan gave %d rows", c.name, format.rows)
		}
		n.Early, format.columns = false, nil
		equalRows(t, got, w.mustRun(t, n))
	}
}
