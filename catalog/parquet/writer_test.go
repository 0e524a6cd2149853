package parquet_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/parquet"
	"volley/sqlerr"
	"volley/sqltype"
)

// allTypes has a column of every type that can be written.
var allTypes = arrow.NewSchema([]arrow.Field{
	{Name: "bool", Type: sqltype.Bool, Nullable: true},
	{Name: "int2", Type: sqltype.Int16, Nullable: true},
	{Name: "int4", Type: sqltype.Int32, Nullable: true},
	{Name: "int8", Type: sqltype.Int64, Nullable: true},
	{Name: "float4", Type: sqltype.Float32, Nullable: true},
	{Name: "float8", Type: sqltype.Float64, Nullable: true},
	{Name: "dec5", Type: sqltype.Decimal(5, 2), Nullable: true},
	{Name: "dec15", Type: sqltype.Decimal(15, 0), Nullable: true},
	{Name: "dec38", Type: sqltype.Decimal(38, 10), Nullable: true},
	{Name: "numeric", Type: sqltype.Numeric, Nullable: true},
	{Name: "text", Type: sqltype.Text, Nullable: true},
	{Name: "bytea", Type: sqltype.Bytea, Nullable: true},
	{Name: "date", Type: sqltype.Date, Nullable: true},
	{Name: "time", Type: sqltype.Time, Nullable: true},
	{Name: "timestamp", Type: sqltype.Timestamp, Nullable: true},
	{Name: "timestamptz", Type: sqltype.TimestampTZ, Nullable: true},
	{Name: "interval", Type: sqltype.Interval, Nullable: true},
	{Name: "uuid", Type: sqltype.UUID, Nullable: true},
	{Name: "json", Type: sqltype.JSON, Nullable: true},
	{Name: "dict", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: sqltype.Text}, Nullable: true},
	{Name: "list", Type: arrow.ListOf(sqltype.Int32), Nullable: true},
	{Name: "lists", Type: arrow.ListOf(arrow.ListOf(sqltype.Text)), Nullable: true},
	{Name: "row", Type: arrow.StructOf(
		arrow.Field{Name: "a", Type: sqltype.Int64, Nullable: true},
		arrow.Field{Name: "b", Type: arrow.ListOf(sqltype.Float64), Nullable: true}), Nullable: true},
	{Name: "rows", Type: arrow.ListOf(arrow.StructOf(
		arrow.Field{Name: "x", Type: sqltype.Bool, Nullable: true},
		arrow.Field{Name: "y", Type: arrow.ListOf(sqltype.Int16), Nullable: true})), Nullable: true},
	{Name: "null", Type: arrow.Null, Nullable: true},
}, nil)

// allTypesRecord makes n rows in which each value depends on its row and nulls
// are everywhere.
func allTypesRecord(n int) arrow.Record {
	cols := make([]arrow.Array, allTypes.NumFields())
	for c, f := range allTypes.Fields() {
		b := array.NewBuilder(memory.DefaultAllocator, f.Type)
		for i := range n {
			appendTest(b, i*31+c, 0)
		}
		cols[c] = b.NewArray()
	}
	return array.NewRecord(allTypes, cols, int64(n))
}

func appendTest(b array.Builder, i, depth int) {
	if i%(5+depth) == 0 {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.NullBuilder:
		b.AppendNull()
	case *array.BooleanBuilder:
		b.Append(i%3 == 0)
	case *array.Int16Builder:
		b.Append(int16(i - 100))
	case *array.Int32Builder:
		b.Append(int32(i-100) * 1000)
	case *array.Int64Builder:
		b.Append(int64(i-100) << 40)
	case *array.Float32Builder:
		b.Append(float32(i) / 7)
	case *array.Float64Builder:
		b.Append(float64(i) / 7)
	case *array.Decimal128Builder:
		b.Append(decimal128.FromI64(int64(i%900 - 400)))
	case *array.StringBuilder:
		b.Append(fmt.Sprintf("t%dé", i%40))
	case *array.BinaryBuilder:
		b.Append([]byte{byte(i), 0xff, 0}[:i%4%3])
	case *array.Date32Builder:
		b.Append(arrow.Date32(i - 1000))
	case *array.Time64Builder:
		b.Append(arrow.Time64(i * 1001))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(i*1000001 - 5e9))
	case *array.MonthDayNanoIntervalBuilder:
		b.Append(arrow.MonthDayNanoInterval{Months: int32(i), Days: int32(i % 7), Nanoseconds: int64(i) * 1e6})
	case *array.BinaryDictionaryBuilder:
		if err := b.AppendString(fmt.Sprint("d", i%9)); err != nil {
			panic(err)
		}
	case *array.ListBuilder:
		b.Append(true)
		for j := range i % 4 {
			appendTest(b.ValueBuilder(), i+j*3, depth+1)
		}
	case *array.StructBuilder:
		b.Append(true)
		for j := range b.NumField() {
			appendTest(b.FieldBuilder(j), i+j*7, depth+1)
		}
	case *array.ExtensionBuilder:
		switch {
		case sqltype.Equal(b.Type(), sqltype.Numeric):
			sqltype.AppendNumeric(b, sqltype.NumFromDecimal128(decimal128.FromI64(int64(i)-300), int32(i%5)))
		case sqltype.IsJSON(b.Type()):
			b.Builder.(*array.StringBuilder).Append(fmt.Sprintf(`{"i":%d}`, i))
		default:
			b.Builder.(*array.FixedSizeBinaryBuilder).Append([]byte(fmt.Sprintf("%016d", i)))
		}
	default:
		panic(fmt.Sprintf("no test value for %T", b))
	}
}

func writeFile(t testing.TB, opts parquet.WriterOptions, recs ...arrow.Record) string {
	t.Helper()
	var buf bytes.Buffer
	w, err := parquet.NewWriter(&buf, recs[0].Schema(), opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recs {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "t.parquet")
	if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// text gives column c of all records, a value a line. Types that reading
// changes are made alike: trailing zeros of numeric, dictionaries, json.
func text(recs []arrow.Record, c int) string {
	var sb strings.Builder
	for _, r := range recs {
		col := r.Column(c)
		encode := sqltype.NewTextEncoder(col.DataType(), sqltype.TextOptions{})
		for i := range col.Len() {
			if col.IsNull(i) || col.DataType().ID() == arrow.NULL {
				sb.WriteString("∅\n")
				continue
			}
			s := string(encode(nil, col, i))
			if r.ColumnName(c) == "numeric" && strings.Contains(s, ".") {
				s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
			}
			sb.WriteString(s + "\n")
		}
	}
	return sb.String()
}

func TestWriteThenRead(t *testing.T) {
	const n = 3000
	rec := allTypesRecord(n)
	for _, opts := range []parquet.WriterOptions{
		{},
		{Compression: "zstd", RowGroupRows: 700},
		{Compression: "none", RowGroupRows: 1},
		{Compression: "gzip", RowGroupRows: 2999},
		{Compression: "brotli"},
	} {
		in := []arrow.Record{rec.NewSlice(0, 10), rec.NewSlice(10, 10), rec.NewSlice(10, 1500), rec.NewSlice(1500, n)}
		if opts.RowGroupRows == 1 {
			in = []arrow.Record{rec.NewSlice(100, 180)}
		}
		path := writeFile(t, opts, in...)
		for _, target := range []catalog.SplitTarget{{}, {Slots: 3, Costly: true}, {Slots: 2, Bytes: 5000}} {
			out, err := scan(t, catalog.Given{}, target, path)
			if err != nil {
				t.Fatalf("%+v: %v", opts, err)
			}
			for c, f := range allTypes.Fields() {
				if got, want := text(out, c), text(in, c); got != want {
					t.Errorf("%+v %+v: column %s differs: %s", opts, target, f.Name, firstDifference(got, want))
				}
			}
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("row %d is %q, not %q (of %d and %d)", i, g[i], w[min(i, len(w)-1)], len(g), len(w))
		}
	}
	return fmt.Sprintf("%d rows, not %d", len(g), len(w))
}

func TestWriterErrors(t *testing.T) {
	one := func(dt arrow.DataType, add func(array.Builder)) arrow.Record {
		b := array.NewBuilder(memory.DefaultAllocator, dt)
		add(b)
		return array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "c", Type: dt}}, nil), []arrow.Array{b.NewArray()}, 1)
	}
	for name, c := range map[string]struct {
		rec  arrow.Record
		opts parquet.WriterOptions
		code string
	}{
		"codec":     {rec: one(sqltype.Int32, func(b array.Builder) { b.AppendNull() }), opts: parquet.WriterOptions{Compression: "rar"}, code: sqlerr.InvalidParameterValue},
		"row group": {rec: one(sqltype.Int32, func(b array.Builder) { b.AppendNull() }), opts: parquet.WriterOptions{RowGroupRows: -1}, code: sqlerr.InvalidParameterValue},
		"type":      {rec: one(arrow.FixedWidthTypes.Duration_s, func(b array.Builder) { b.AppendNull() }), code: sqlerr.FeatureNotSupported},
		"numeric": {rec: one(sqltype.Numeric, func(b array.Builder) {
			sqltype.AppendNumeric(b.(*array.ExtensionBuilder), sqltype.NaN())
		}), code: sqlerr.NumericOutOfRange},
		"interval": {rec: one(sqltype.Interval, func(b array.Builder) {
			b.(*array.MonthDayNanoIntervalBuilder).Append(arrow.MonthDayNanoInterval{Nanoseconds: 1000})
		}), code: sqlerr.FeatureNotSupported},
	} {
		w, err := parquet.NewWriter(&bytes.Buffer{}, c.rec.Schema(), c.opts)
		if err == nil {
			if err = w.Write(c.rec); err == nil {
				err = w.Close()
			}
		}
		if sqlerr.Code(err) != c.code {
			t.Errorf("%s: %v (%s), want %s", name, err, sqlerr.Code(err), c.code)
		}
	}
	if _, err := parquet.NewWriter(&bytes.Buffer{}, arrow.NewSchema(nil, nil), parquet.WriterOptions{}); sqlerr.Code(err) != sqlerr.FeatureNotSupported {
		t.Errorf("no columns: %v", err)
	}
}

type failingWriter struct{ left int }

var errFull = sqlerr.New(sqlerr.DiskFull, "disk full")

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestWriterSinkFails fails the sink after every number of bytes.
func TestWriterSinkFails(t *testing.T) {
	rec := allTypesRecord(50)
	for left := range 200 {
		sink := &failingWriter{left: left * 40}
		w, err := parquet.NewWriter(sink, allTypes, parquet.WriterOptions{RowGroupRows: 20})
		if err == nil {
			if err = w.Write(rec); err == nil {
				err = w.Close()
			}
		}
		if sink.left < 0 && (sqlerr.Code(err) != sqlerr.DiskFull || !errors.Is(err, errFull)) {
			t.Fatalf("sink failed after %d bytes, but the writer gives %v", left*40, err)
		}
	}
}
