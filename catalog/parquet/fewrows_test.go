package parquet_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/objstore/local"
	"volley/catalog/parquet"
	"volley/sqltype"
)

// mixed has a row number, a column of few values, and columns of every way to
// be stored, with NULLs in some.
func mixed(rows int) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "row", Type: sqltype.Int64},
		{Name: "few", Type: sqltype.Int32, Nullable: true},
		{Name: "price", Type: sqltype.Decimal(15, 2), Nullable: true},
		{Name: "rate", Type: sqltype.Decimal(4, 2)},
		{Name: "wide", Type: sqltype.Decimal(30, 2), Nullable: true},
		{Name: "bool", Type: sqltype.Bool, Nullable: true},
		{Name: "text", Type: sqltype.Text, Nullable: true},
		{Name: "name", Type: sqltype.Text},
		{Name: "float", Type: sqltype.Float64, Nullable: true},
		{Name: "words", Type: sqltype.Int32, Nullable: true},
		{Name: "list", Type: arrow.ListOf(sqltype.Int32), Nullable: true},
	}, nil))
	r := rand.New(rand.NewPCG(3, 4))
	for i := range rows {
		null := func(c int) bool {
			if c < 10 && i/5000%3 == 0 || r.IntN(5) > 0 { // stretches without, too
				return false
			}
			b.Field(c).AppendNull()
			return true
		}
		decimal := func(c int, v int64) { b.Field(c).(*array.Decimal128Builder).Append(decimal128.FromI64(v)) }
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		if !null(1) {
			b.Field(1).(*array.Int32Builder).Append(int32(r.IntN(40)))
		}
		if !null(2) {
			decimal(2, r.Int64N(40_000)-20_000)
		}
		decimal(3, r.Int64N(11))
		if !null(4) {
			decimal(4, r.Int64()-r.Int64())
		}
		if !null(5) {
			b.Field(5).(*array.BooleanBuilder).Append(r.IntN(2) == 0)
		}
		if !null(6) {
			b.Field(6).(*array.StringBuilder).Append(textOf(r.Int64N(1 << 40)))
		}
		b.Field(7).(*array.StringBuilder).Append(textOf(r.Int64N(300)))
		if !null(8) {
			b.Field(8).(*array.Float64Builder).Append(r.Float64())
		}
		if !null(9) {
			b.Field(9).(*array.Int32Builder).Append(int32(r.IntN(3000)))
		}
		l := b.Field(10).(*array.ListBuilder)
		l.Append(true)
		for range i % 3 {
			l.ValueBuilder().(*array.Int32Builder).Append(int32(i))
		}
	}
	return b.NewRecord()
}

// rowTexts gives the text of each row that a scan gives, by row number.
func rowTexts(t *testing.T, def *catalog.TableDef, preds ...catalog.Predicate) map[int64]string {
	t.Helper()
	spec := specOf(def)
	spec.Pruning = preds
	splits, err := parquet.New().Splits(ctx, local.New(), def, spec, catalog.SplitTarget{Slots: 1, Bytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return splitTexts(t, spec, splits)
}

// splitTexts is rowTexts for some splits.
func splitTexts(t *testing.T, spec *catalog.ScanSpec, splits []catalog.Split) map[int64]string {
	t.Helper()
	out := map[int64]string{}
	for _, split := range splits {
		readPlain(t, spec, split, func(cols []arrow.Array) {
			rows := make([]strings.Builder, cols[0].Len())
			for _, c := range cols {
				for i := range rows {
					rows[i].WriteString(c.ValueStr(i) + "|")
				}
			}
			for i, row := range cols[0].(*array.Int64).Int64Values() {
				out[row] = rows[i].String()
			}
		})
	}
	return out
}

// A scan of which few rows pass gives these as a scan of all rows has them.
func TestFewRows(t *testing.T) {
	const rows = 60_000
	rec := mixed(rows)
	few := rec.Column(1).(*array.Int32)
	one := array.NewInt32Builder(memory.DefaultAllocator)
	one.Append(3)
	pred := catalog.Predicate{Column: 1, Op: "=", Values: []arrow.Array{one.NewArray()}}
	price := array.NewDecimal128Builder(memory.DefaultAllocator, sqltype.Decimal(15, 2).(*arrow.Decimal128Type))
	price.Append(decimal128.FromI64(-19_000))
	cheap := catalog.Predicate{Column: 2, Op: "<", Values: []arrow.Array{price.NewArray()}}
	for _, opts := range []parquet.WriterOptions{
		{RowGroupRows: 45_000, Compression: "zstd"},
		{RowGroupRows: 25_000, Compression: "snappy", NoDictionary: true},
		{RowGroupRows: 60_000, Compression: "none"},
	} {
		def := infer(t, writeFile(t, opts, rec))
		all := rowTexts(t, def)
		if len(all) != rows {
			t.Fatalf("%+v: %d rows, want %d", opts, len(all), rows)
		}
		for name, preds := range map[string][]catalog.Predicate{"few": {pred}, "price": {cheap}, "both": {cheap, pred}} {
			some := rowTexts(t, def, preds...)
			if len(some) > rows/4 {
				t.Fatalf("%+v, %s: %d rows are given", opts, name, len(some))
			}
			for row, text := range some {
				if all[row] != text {
					t.Fatalf("%+v, %s: row %d is %s, want %s", opts, name, row, text, all[row])
				}
			}
			for i := range rows {
				v := rec.Column(2).(*array.Decimal128)
				matches := (name == "price" || few.IsValid(i) && few.Value(i) == 3) &&
					(name == "few" || v.IsValid(i) && v.Value(i).Less(decimal128.FromI64(-19_000)))
				if _, ok := some[int64(i)]; matches && !ok {
					t.Fatalf("%+v, %s: row %d is missing", opts, name, i)
				}
			}
		}
	}
}
