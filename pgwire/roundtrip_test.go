package pgwire

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"

	"volley/sqltype"
)

// samples are values of every type in PostgreSQL's text form.
var samples = []struct {
	t     arrow.DataType
	texts []string
}{
	{sqltype.Bool, []string{"t", "f"}},
	{sqltype.Int16, []string{"-32768", "0", "32767"}},
	{sqltype.Int32, []string{"-2147483648", "7", "2147483647"}},
	{sqltype.Int64, []string{"-9223372036854775808", "1", "9223372036854775807"}},
	{sqltype.Float32, []string{"1.5", "-0", "NaN", "Infinity", "1e-30"}},
	{sqltype.Float64, []string{"1.5", "0.1", "-Infinity", "NaN", "1e+300", "123456789.125"}},
	{sqltype.Decimal(20, 3), []string{"12345678901234567.891", "-0.001", "0.000", "10000.000", "99990000.500"}},
	{sqltype.Numeric, []string{"1.50", "-123456789012345678901234567890.123456789", "NaN", "0", "0.000001", "10000", "1000000000000", "0.00010001"}},
	{sqltype.Text, []string{"", "plain", "ünï ⛵", "a\"b\\c"}},
	{sqltype.Bytea, []string{`\x`, `\x00ff10`}},
	{sqltype.Date, []string{"2015-01-31", "1969-12-31", "0001-01-01"}},
	{sqltype.Time, []string{"00:00:00", "23:59:59.999999"}},
	{sqltype.Timestamp, []string{"2015-01-15 19:05:39", "1999-12-31 23:59:59.999999"}},
	{sqltype.TimestampTZ, []string{"2015-01-15 19:05:39.5+00"}},
	{sqltype.Interval, []string{"1 year 2 mons 3 days 04:05:06.7", "-1 days", "00:00:00"}},
	{sqltype.Bit, []string{"1", "10110011", "101100110"}},
	{sqltype.VarBit, []string{"", "0001"}},
	{arrow.ListOf(sqltype.Bit), []string{"{1,01,NULL}"}},
	{arrow.ListOf(sqltype.Int32), []string{"{1,2,NULL}", "{}"}},
	{arrow.ListOf(sqltype.Text), []string{`{a,"b c",NULL,""}`}},
}

// allTypes is a record with one column a type and as many rows as the longest
// sample, NULL where a sample has none.
func allTypes(t testing.TB) arrow.Record {
	rows := 0
	for _, s := range samples {
		rows = max(rows, len(s.texts)+1)
	}
	var fields []arrow.Field
	var columns []arrow.Array
	for i, s := range samples {
		b := array.NewBuilder(memory.DefaultAllocator, s.t)
		parse := sqltype.NewTextParser(s.t, sqltype.TextOptions{})
		for r := range rows {
			if r >= len(s.texts) {
				b.AppendNull()
			} else if err := parse(b, []byte(s.texts[r])); err != nil {
				t.Fatalf("%s %q: %v", sqltype.Name(s.t), s.texts[r], err)
			}
		}
		fields = append(fields, arrow.Field{Name: fmt.Sprintf("c%d", i), Type: s.t, Nullable: true})
		columns = append(columns, b.NewArray())
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, int64(rows))
}

// TestEveryTypeInTextAndBinary compares both formats with the samples.
func TestEveryTypeInTextAndBinary(t *testing.T) {
	rec := allTypes(t)
	_, addr := serve(t, Config{Backend: &fakeBackend{types: rec}})
	ctx := context.Background()
	c := connect(t, addr, "sslmode=disable")
	text, err := c.PgConn().Exec(ctx, "types").ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	binaryRows, err := c.Query(ctx, "types", pgx.QueryResultFormats{1})
	if err != nil {
		t.Fatal(err)
	}
	defer binaryRows.Close()
	for row := 0; binaryRows.Next(); row++ {
		raw := binaryRows.RawValues()
		for col, s := range samples {
			want := "NULL"
			if row < len(s.texts) {
				want = s.texts[row]
			}
			if got := text[0].Rows[row][col]; want != "NULL" && string(got) != want || want == "NULL" && got != nil {
				t.Errorf("%s in text: got %q, want %q", sqltype.Name(s.t), got, want)
			}
			// what the server sends it must also understand
			back, err := decodeParam(s.t, raw[col], true, sqltype.TextOptions{})
			if err != nil {
				t.Errorf("%s in binary, %s: %v", sqltype.Name(s.t), want, err)
				continue
			}
			if back.IsNull(0) {
				if want != "NULL" {
					t.Errorf("%s in binary: got NULL, want %s", sqltype.Name(s.t), want)
				}
				continue
			}
			enc := sqltype.NewTextEncoder(s.t, sqltype.TextOptions{})
			if got := string(enc(nil, back, 0)); got != want {
				t.Errorf("%s in binary: got %q, want %q", sqltype.Name(s.t), got, want)
			}
		}
	}
	if err := binaryRows.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestDriversReadBinary has pgx decode values by itself, so that the encoder is
// not only checked against its own inverse.
func TestDriversReadBinary(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{types: allTypes(t)}})
	c := connect(t, addr, "sslmode=disable")
	rows, err := c.Query(context.Background(), "types")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	values, err := rows.Values()
	if err != nil {
		t.Fatal(err)
	}
	date := values[10].(time.Time)
	stamp := values[13].(time.Time)
	if values[0] != true || values[1] != int16(math.MinInt16) || values[3] != int64(math.MinInt64) || values[5] != 1.5 ||
		date.Format(time.DateOnly) != "2015-01-31" || !stamp.Equal(time.Date(2015, 1, 15, 19, 5, 39, 5e8, time.UTC)) {
		t.Fatalf("%v", values)
	}
	var num string
	if err := c.QueryRow(context.Background(), "types").Scan(nil, nil, nil, nil, nil, nil, &num, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil); err == nil && num != "12345678901234567.891" {
		t.Fatalf("numeric %s", num)
	}
}

func TestDatabaseSQL(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{types: allTypes(t), params: []arrow.DataType{sqltype.Int64, sqltype.Text}}})
	for _, driver := range []string{"postgres", "pgx"} {
		db, err := sql.Open(driver, "postgres://ann@"+addr+"/db?sslmode=disable")
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		var s string
		if err := db.QueryRow("echo $1 $2", 42, "ünï").Scan(&n, &s); err != nil || n != 42 || s != "ünï" {
			t.Errorf("%s: %d %q %v", driver, n, s, err)
		}
		rows, err := db.Query("types")
		if err != nil {
			t.Fatalf("%s: %v", driver, err)
		}
		for row := 0; rows.Next(); row++ {
			got := make([]any, len(samples))
			for i := range got {
				got[i] = new(any)
			}
			if err := rows.Scan(got...); err != nil {
				t.Fatalf("%s, row %d: %v", driver, row, err)
			}
			if row == 0 {
				if v := *got[3].(*any); v != int64(math.MinInt64) {
					t.Errorf("%s: bigint %v", driver, v)
				}
			}
		}
		if err := rows.Err(); err != nil {
			t.Errorf("%s: %v", driver, err)
		}
		_ = db.Close()
	}
}

func TestNumericBinaryKnownBytes(t *testing.T) {
	// from PostgreSQL: SELECT encode(numeric_send(x), 'hex')
	for text, want := range map[string]string{
		"0":          "0000000000000000",
		"1":          "0001000000000000" + "0001",
		"-1.5":       "0002000040000001" + "00011388",
		"10000":      "0001000100000000" + "0001",
		"0.0001":     "0001ffff00000004" + "0001",
		"0.00001":    "0001fffe00000005" + "03e8",
		"1234.56789": "0003000000000005" + "04d2162e2328",
		"NaN":        "00000000c0000000",
	} {
		got, err := appendNumeric(nil, []byte(text))
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s: %x %v, want %s", text, got, err, want)
		}
		back, err := numericText(got)
		if err != nil || back != text {
			t.Errorf("%s came back as %s %v", text, back, err)
		}
	}
}

func TestBadParameters(t *testing.T) {
	for _, tc := range []struct {
		t      arrow.DataType
		value  string
		binary bool
		code   string
	}{
		{sqltype.Int32, "x", false, "22P02"},
		{sqltype.Int32, "99999999999", false, "22003"},
		{sqltype.Int32, "abc", true, "22P03"},
		{sqltype.Numeric, "abc", true, "22P03"},
		{sqltype.Numeric, "\x00\x01\x00\x00\x00\x00\x00\x00\xff\xff", true, "22P03"},
		{arrow.ListOf(sqltype.Int32), "\x00\x00\x00\x01", true, "22P03"},
		{arrow.ListOf(sqltype.Int32), "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x17\x7f\xff\xff\xff\x00\x00\x00\x01", true, "22P03"},
		{sqltype.Date, "2015-13-01", false, "22008"},
	} {
		_, err := decodeParam(tc.t, []byte(tc.value), tc.binary, sqltype.TextOptions{})
		if err == nil || !strings.Contains(fmt.Sprint(codeOf(err)), tc.code) {
			t.Errorf("%s %q: %v (%v), want %s", sqltype.Name(tc.t), tc.value, err, codeOf(err), tc.code)
		}
	}
}

func FuzzDecodeBinary(f *testing.F) {
	for i := range samples {
		f.Add(i, []byte("\x00\x00\x00\x01\x00\x00\x00\x00"))
	}
	f.Fuzz(func(_ *testing.T, i int, value []byte) {
		s := samples[(i%len(samples)+len(samples))%len(samples)]
		a, err := decodeParam(s.t, value, true, sqltype.TextOptions{})
		if err == nil && !a.IsNull(0) {
			sqltype.NewTextEncoder(s.t, sqltype.TextOptions{})(nil, a, 0)
		}
	})
}
