package textrow

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/planner/physical"
	"volley/sqltype"
)

func texts(rows [][]string) arrow.Record {
	fields := make([]arrow.Field, len(rows[0]))
	cols := make([]arrow.Array, len(fields))
	for c := range fields {
		fields[c] = arrow.Field{Name: "c", Type: sqltype.Text, Nullable: true}
		b := array.NewStringBuilder(memory.DefaultAllocator)
		b.Append("skipped by the slice, \"quoted\"")
		for _, r := range rows {
			if r[c] == "\xff" {
				b.AppendNull()
			} else {
				b.Append(r[c])
			}
		}
		cols[c] = array.NewSlice(b.NewArray(), 1, int64(len(rows)+1))
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, int64(len(rows)))
}

// TestCSVReadsBack: what is written, another reader of CSV reads.
func TestCSVReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 3).Draw(t, "columns")
		value := rapid.StringOfN(rapid.RuneFrom([]rune("ab,\"\n \\.;é")), 0, 6, -1)
		rows := rapid.SliceOfN(rapid.SliceOfN(value, n, n), 1, 20).Draw(t, "rows")
		out, err := New(physical.TextFormat{CSV: true}, time.UTC).Append(nil, texts(rows))
		if err != nil {
			t.Fatalf("%v", err)
		}
		got, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
		if err != nil || len(got) != len(rows) {
			t.Fatalf("%v\n%s", err, out)
		}
		for i := range rows {
			if strings.Join(got[i], "|") != strings.Join(rows[i], "|") {
				t.Fatalf("row %d is %q, want %q", i, got[i], rows[i])
			}
		}
	})
}

// The expected texts are PostgreSQL 15's.
func TestFormats(t *testing.T) {
	rows := [][]string{{"a", "\xff"}, {"", `\.`}, {"x\ty", `b\c`}, {"n\r\n", "é"}}
	for _, c := range []struct {
		format physical.TextFormat
		want   string
	}{
		{physical.TextFormat{CSV: true}, "a,\n\"\",\\.\nx\ty,b\\c\n\"n\r\n\",é\n"},
		{physical.TextFormat{CSV: true, Null: "a"}, "\"a\",a\n,\\.\nx\ty,b\\c\n\"n\r\n\",é\n"},
		{physical.TextFormat{CSV: true, Delimiter: '\t', Quote: '\'', Escape: '\\'}, "a\t\n''\t\\.\n'x\ty'\tb\\c\n'n\r\n'\té\n"},
		{physical.TextFormat{Null: `\N`}, "a\t\\N\n\t\\\\.\nx\\ty\tb\\\\c\nn\\r\\n\té\n"},
	} {
		out, err := New(c.format, time.UTC).Append([]byte("="), texts(rows))
		if err != nil || string(out) != "="+c.want {
			t.Errorf("%+v:\n%q, want\n%q", c.format, out, "="+c.want)
		}
	}
	one, _ := New(physical.TextFormat{CSV: true}, time.UTC).Append(nil, texts([][]string{{`\.`}, {"\xff"}}))
	if string(one) != "\"\\.\"\n\n" {
		t.Errorf("one column is %q", one)
	}
	if h := New(physical.TextFormat{CSV: true}, time.UTC).AppendHeader(nil, []string{"id", "a,b", ""}); string(h) != "id,\"a,b\",\"\"\n" {
		t.Errorf("header is %q", h)
	}
}
