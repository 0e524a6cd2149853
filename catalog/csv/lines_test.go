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
	quoted := r.IntN(2) * r.IntN(columns+1) // from which column on fields are usually quoted, 0: none
	wrong := r.IntN(4) == 0                 // quotes stand elsewhere, too
	for range rows {
		if rare() {
			sb.WriteString([]string{"\n", "\r\n", strings.Repeat("c", r.IntN(99)) + "\n"}[r.IntN(3)])
		}
		for c := range columns {
			if c > 0 {
				sb.WriteByte(',')
			}
			switch {
			case quoted > 0 && c >= quoted && r.IntN(8) > 0:
				sb.WriteString(`"` + strings.Repeat("q,", r.IntN(300/columns+1)) + `"`)
			case wrong && rare() && rare():
				sb.WriteString([]string{`a"b`, ` "s"`, `"s" `, `"a"b`, `"`, `"x"` + "\r"}[r.IntN(6)])
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
		t.Skip("no vector code for this processor")
	}
	fast := findLines
	defer func() { findLines = fast }()
	r, read := rand.New(rand.NewPCG(3, 4)), 0
	for range 250 {
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

// FuzzLines compares rows found line by line, and by a structure, with those
// found by the full rules, whatever stands in the file.
func FuzzLines(f *testing.F) {
	if findLines == nil {
		f.Skip("no vector code for this processor")
	}
	long := strings.Repeat("v", 50)
	for _, s := range []string{
		long + `,"a` + "\n" + `b",` + long + "\n" + long + `,"x""y",` + long + "\r\n",
		long + `,a"b,` + long + "\n" + long + `, "x",` + long + "\n" + `"` + long + `"` + "\r\n,,\n",
		long + `,"` + long + `","` + long + `"` + "\n" + long + `,"z",` + long,
		long + `,"` + long + `"z,` + long + "\n\n" + long + ",\n" + long + `,"`,
	} {
		f.Add(s, uint8(0), uint16(5))
		f.Add(s, uint8(1), uint16(2))
	}
	fast, all := findLines, kernels
	none := []kernel{{name: "none", index: func(_ []byte, from, _ int, _ symbols, _ []block) (int, quoting) { return from, quoting{} }}}
	f.Fuzz(func(t *testing.T, text string, dialect uint8, wanted uint16) {
		if len(text) > 20_000 || len(text) == 0 {
			t.Skip()
		}
		defer func() { findLines, kernels = fast, all }()
		given := opts("header", "false", "delim", ",", "quote", `"`, "escape", []string{`"`, `\`}[dialect%2], "all_varchar", "true")
		if dialect&2 != 0 {
			given["quote"], given["escape"] = "", ""
		}
		store, files := put(t, "lines.csv", text)
		def, err := New().Infer(context.Background(), store, files, catalog.Given{Options: given})
		if err != nil {
			t.Skip()
		}
		spec := specOf(def)
		spec.Projection = spec.Projection[:0]
		for c := range def.Schema.NumFields() {
			if wanted>>(c%16)&1 == 1 {
				spec.Projection = append(spec.Projection, c)
			}
		}
		split := catalog.Split{File: files[0], End: files[0].Size, Exact: true}
		findLines, kernels = nil, none
		want, wantBounds, wantErr := readSplit(store, spec, split)
		for _, lines := range []func(*rowFinder, int, int, int) (int, bool){fast, nil} {
			findLines, kernels = lines, all
			got, gotBounds, gotErr := readSplit(store, spec, split)
			if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
				t.Fatalf("error %v, by the full rules %v", gotErr, wantErr)
			}
			if gotErr == nil && (!slices.Equal(got, want) || gotBounds != wantBounds) {
				t.Fatalf("rows %q %+v, by the full rules %q %+v", got, gotBounds, want, wantBounds)
			}
		}
	})
}
