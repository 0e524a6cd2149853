package csv

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"volley/catalog"
)

// oddLines are lines of about 40 to 300 bytes with, now and then, what findLines
// leaves to other ways.
func oddLines(r *rand.Rand, columns, rows int) string {
	var sb strings.Builder
	odd := []int{0, 40, 4000}[r.IntN(3)] // one of so many fields or lines is odd
	rare := func() bool { return odd > 0 && r.IntN(odd) == 0 }
	for range rows {
		if rare() {
			sb.WriteString([]string{"\n", "\r\n", strings.Repeat("c", r.IntN(99)) + "\n"}[r.IntN(3)])
		}
		for c := range columns {
			if c > 0 {
				sb.WriteByte(',')
			}
			switch {
			case rare():
				sb.WriteString([]string{`"a,` + "\n" + `b"`, `"x""y"`, `"z"`, strings.Repeat("w", 500)}[r.IntN(4)])
			case r.IntN(4) > 0:
				sb.WriteString(strings.Repeat("v", r.IntN(600/columns)))
			}
		}
		if rare() {
			sb.WriteByte(',') // a delimiter at the end
		}
		if rare() {
			sb.WriteByte('\r')
		}
		sb.WriteByte('\n')
	}
	return sb.String()
}

// TestLines compares rows found line by line with those found by a structure.
func TestLines(t *testing.T) {
	if findLines == nil {
		t.Skip("no vector instructions, or not built with them")
	}
	fast := findLines
	defer func() { findLines = fast }()
	r, read := rand.New(rand.NewPCG(3, 4)), 0
	for range 150 {
		columns := 1 + r.IntN(20)
		text := oddLines(r, columns, 1+r.IntN(800))
		store, files := put(t, "lines.csv", text)
		given := catalog.Given{Options: opts("header", "false", "delim", ",", "quote", `"`, "escape", `"`, "all_varchar", "true")}
		def, err := New().Infer(context.Background(), store, files, given)
		if err != nil {
			continue // a line of the sample is too odd
		}
		spec := specOf(def)
		spec.Projection = spec.Projection[:0]
		for c := range def.Schema.NumFields() {
			if r.IntN(3) == 0 {
				spec.Projection = append(spec.Projection, c)
			}
		}
		read++
		from := r.Int64N(int64(len(text)) + 1)
		for _, split := range []catalog.Split{
			{File: files[0], Start: 0, End: int64(len(text)), Exact: true},
			{File: files[0], Start: 0, End: from, Exact: true},
			{File: files[0], Start: from, End: int64(len(text))},
		} {
			findLines = fast
			got, gotBounds, gotErr := readSplit(store, spec, split)
			findLines = nil
			want, wantBounds, wantErr := readSplit(store, spec, split)
			if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
				t.Fatalf("error %v, by a structure %v, in\n%s", gotErr, wantErr, text)
			}
			if gotErr == nil && (!slices.Equal(got, want) || gotBounds != wantBounds) {
				t.Fatalf("%d rows %+v, by a structure %d %+v, in\n%s", len(got), gotBounds, len(want), wantBounds, text)
			}
		}
	}
	if read < 50 {
		t.Errorf("only %d files could be read", read)
	}
}
