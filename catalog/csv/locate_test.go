package csv

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
)

// TestLine: the first column of every row is the line it begins on.
func TestLine(t *testing.T) {
	var text strings.Builder
	text.WriteString("line,note\n")
	for line := 2; line < 600; line++ {
		switch line % 7 {
		case 3:
			text.WriteString(strconv.Itoa(line) + ",\"two\nlines\"\n")
			line++
		case 5:
			text.WriteString("\n")
		default:
			text.WriteString("\"" + strconv.Itoa(line) + "\",x\n")
		}
	}
	ctx := context.Background()
	for _, name := range []string{"lines.csv", "lines.csv.gz"} {
		body := text.String()
		if strings.HasSuffix(name, ".gz") {
			body = compressed(t, "gz", body)
		}
		store, files := put(t, name, body)
		def, err := New().Infer(ctx, store, files, catalog.Given{Options: opts("header", "true", "all_varchar", "true", "batch_rows", "10")})
		if err != nil {
			t.Fatal(err)
		}
		spec := specOf(def)
		r, err := New().Open(ctx, store, spec, catalog.Split{File: files[0], End: files[0].Size, Exact: true})
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for {
			rec, err := r.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for row := range int(rec.NumRows()) {
				want := plain(rec.Column(0)).(*array.String).Value(row)
				got, err := r.(catalog.RowLocator).Line(ctx, row)
				if err != nil || strconv.FormatInt(got, 10) != want {
					t.Fatalf("%s: row %d of a batch is on line %d (%v), want %s", name, row, got, err, want)
				}
				seen++
			}
		}
		if seen < 300 {
			t.Errorf("%s: only %d rows", name, seen)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
