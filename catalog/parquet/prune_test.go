package parquet_test

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore/local"
	"volley/catalog/parquet"
	"volley/sqltype"
)

// TestPruning writes row groups of two rows and asks which of them may match.
func TestPruning(t *testing.T) {
	one := parquet.WriterOptions{RowGroupRows: 2}
	for _, c := range []struct {
		dt     arrow.DataType
		values []string // two a row group
		op     string
		with   []string
		want   string // a digit for each row group that is read
	}{
		{sqltype.Int32, []string{"1", "2", "3", "4", "-5", "9"}, "=", []string{"3"}, "12"},
		{sqltype.Int32, []string{"1", "2", "3", "4", "-5", "9"}, "<", []string{"1"}, "2"},
		{sqltype.Int32, []string{"1", "2", "3", "4", "-5", "9"}, "<=", []string{"1"}, "02"},
		{sqltype.Int32, []string{"1", "2", "3", "4", "-5", "9"}, ">", []string{"4"}, "2"},
		{sqltype.Int32, []string{"1", "2", "3", "4", "-5", "9"}, ">=", []string{"4"}, "12"},
		{sqltype.Int32, []string{"7", "7", "7", "8", "7", "∅"}, "<>", []string{"7"}, "1"},
		{sqltype.Int32, []string{"1", "2", "3", "4", "5", "6"}, "in", []string{"2", "6", "∅"}, "02"},
		{sqltype.Int32, []string{"1", "∅", "∅", "∅", "5", "6"}, "is null", nil, "01"},
		{sqltype.Int32, []string{"1", "∅", "∅", "∅", "5", "6"}, "is not null", nil, "02"},
		{sqltype.Int32, []string{"1", "∅", "∅", "∅", "5", "6"}, "<", []string{"100"}, "02"},
		{sqltype.Int32, []string{"1", "2", "3", "4"}, "=", []string{"∅"}, "01"},
		{sqltype.Int32, []string{"1", "2", "3", "4"}, "like", []string{"9"}, "01"},
		{sqltype.Text, []string{"a", "b", "é", "z"}, ">", []string{"b"}, "1"},
		{sqltype.Text, []string{"a", "b", "é", "z"}, "=", []string{"é"}, "1"},
		{sqltype.Text, []string{"", "b", "c", "z"}, "<", []string{"b"}, "0"},
		{sqltype.Float64, []string{"1", "NaN", "2", "3"}, ">", []string{"5"}, "01"}, // NaN is greater than all
		{sqltype.Float64, []string{"1", "NaN", "2", "3"}, "<", []string{"2"}, "0"},
		{sqltype.Float64, []string{"-0", "0", "2", "3"}, "=", []string{"0"}, "0"},
		{sqltype.Float64, []string{"NaN", "NaN", "2", "3"}, "=", []string{"NaN"}, "01"},
		{sqltype.Date, []string{"2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"}, ">=", []string{"2024-03-15"}, "1"},
		{sqltype.Decimal(12, 2), []string{"-1.50", "2.00", "3.00", "4.00"}, "<", []string{"0.00"}, "0"},
		{sqltype.Decimal(30, 2), []string{"-1.50", "2.00", "3.00", "4.00"}, "<", []string{"0.00"}, "0"},
		{sqltype.Bool, []string{"false", "false", "true", "false"}, "=", []string{"true"}, "1"},
		{sqltype.Bytea, []string{"AQ==", "Ag==", "gA==", "/w=="}, ">", []string{"fw=="}, "1"},
	} {
		path := writeFile(t, one, record("v", column(t, c.dt, c.values...)))
		def := infer(t, path)
		spec := specOf(def)
		pred := catalog.Predicate{Column: 0, Op: c.op}
		if c.op == "in" {
			for _, w := range c.with {
				pred.Values = append(pred.Values, column(t, c.dt, w))
			}
		} else if len(c.with) > 0 {
			pred.Values = []arrow.Array{column(t, c.dt, c.with...)}
		}
		spec.Pruning = []catalog.Predicate{pred}
		splits, err := parquet.New().Splits(ctx, local.New(), def, spec, catalog.SplitTarget{Bytes: 1})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, s := range splits {
			for g := s.Start / 2; g < s.End/2; g++ {
				got += fmt.Sprint(g)
			}
		}
		if got != c.want {
			t.Errorf("%s %v %s %v: row groups %q, want %q", sqltype.Name(c.dt), c.values, c.op, c.with, got, c.want)
		}
		// A reader of the whole file prunes the same.
		recs, err := scanWhole(def, spec, int64(len(c.values)))
		if err != nil || rows(recs) != int64(2*len(c.want)) {
			t.Errorf("%s %s %v: %d rows read, %v", sqltype.Name(c.dt), c.op, c.with, rows(recs), err)
		}
	}
}

func scanWhole(def *catalog.TableDef, spec *catalog.ScanSpec, n int64) (out []arrow.Record, err error) {
	r, err := parquet.New().Open(ctx, local.New(), spec, catalog.Split{File: def.Files[0], Start: 0, End: n, Exact: true})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		rec, err := r.Next(ctx)
		if err != nil {
			return out, nil
		}
		out = append(out, rec)
	}
}

func TestStats(t *testing.T) {
	dir := t.TempDir()
	place(t, dir, "a.parquet", parquet.WriterOptions{RowGroupRows: 2}, record("n", column(t, sqltype.Int16, "3", "∅", "-7"), "s", column(t, sqltype.Text, "b", "x", "∅")))
	place(t, dir, "b.parquet", parquet.WriterOptions{}, record("n", column(t, sqltype.Int64, "90000000000"), "s", column(t, sqltype.Text, "a")))
	def := infer(t, dir)
	stats, err := parquet.New().(catalog.StatsReader).Stats(ctx, local.New(), def)
	if err != nil || stats.Rows != 4 || stats.Bytes <= 0 || len(stats.Columns) != 2 {
		t.Fatalf("%+v, %v", stats, err)
	}
	n, s := stats.Columns[0], stats.Columns[1]
	if n.Min.ValueStr(0) != "-7" || n.Max.ValueStr(0) != "90000000000" || n.NullCount != 1 || n.Distinct != -1 {
		t.Errorf("n: %+v", n)
	}
	if s.Min.ValueStr(0) != "a" || s.Max.ValueStr(0) != "x" || s.NullCount != 1 {
		t.Errorf("s: %+v", s)
	}
}

// TestSplits checks that splits tile the table whatever is asked for.
func TestSplits(t *testing.T) {
	const n = 20_000
	path := writeFile(t, parquet.WriterOptions{RowGroupRows: 3000}, allTypesRecord(n))
	def := infer(t, path)
	spec := specOf(def)
	for _, c := range []struct {
		target   catalog.SplitTarget
		min, max int
	}{
		{catalog.SplitTarget{}, 1, 3},
		{catalog.SplitTarget{Slots: 2}, 1, 4},
		{catalog.SplitTarget{Slots: 4, Costly: true}, 13, 30},
		{catalog.SplitTarget{Slots: 100, Costly: true}, 200, 420},
		{catalog.SplitTarget{Slots: 1, Bytes: 1, Costly: true}, 4, 8},
	} {
		splits, err := parquet.New().Splits(ctx, local.New(), def, spec, c.target)
		if err != nil {
			t.Fatal(err)
		}
		if len(splits) < c.min || len(splits) > c.max {
			t.Errorf("%+v: %d splits", c.target, len(splits))
		}
		at := int64(0)
		for i, s := range splits {
			if s.Index != i || s.Start != at || s.End <= s.Start || s.Rows != s.End-s.Start || !s.Exact {
				t.Fatalf("%+v: split %d is %+v after row %d", c.target, i, s, at)
			}
			at = s.End
		}
		if at != n {
			t.Errorf("%+v: splits end at row %d", c.target, at)
		}
	}
}
