package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqltype"
)

// readTolerant gives the rows of a chain of splits, read as a scheduler does,
// and the rejects of those that count.
func readTolerant(t *testing.T, store objstore.Store, spec *catalog.ScanSpec, splits []catalog.Split) (rows, rejects []string) {
	t.Helper()
	ctx := context.Background()
	end := int64(0)
	for i := 0; i < len(splits); i++ {
		s := splits[i]
		if s.Exact && i > 0 {
			s.Start = end
		}
		r, err := New().Open(ctx, store, spec, s)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			rec, err := r.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, rowTexts(rec)...)
		}
		if b := r.Bounds(); i > 0 && b.Start != end && !s.Exact {
			splits[i].Exact = true
			i--
			continue
		}
		end = r.Bounds().End
		rows = append(rows, got...)
		if x := r.(catalog.Rejecter).Rejects(); x != nil {
			for _, j := range x.List {
				rejects = append(rejects, fmt.Sprintf("%d %s %q %s", j.Byte, j.Column, j.Text, j.Reason))
			}
		}
	}
	return rows, rejects
}

// Wherever a file is cut, the rows and the rejects are those of a serial read.
func TestRejectsOfEverySplit(t *testing.T) {
	content := "a,b,c\n1,2,x\n2,zz,y\n3\n4,5,6,7\n5,\"q\"r,z\n\n6,6,last\n7,8,\"two\nlines\"\nx,nine,\"1,2,3\n4,5,6\n7\"\n8,\xff,\xfe\n9,9,9\n10,\"open,1\n11,1,1\n"
	columns := arrow.NewSchema([]arrow.Field{
		{Name: "a", Type: sqltype.Int64, Nullable: true}, {Name: "b", Type: sqltype.Int64, Nullable: true}, {Name: "c", Type: sqltype.Text, Nullable: true},
	}, nil)
	for _, mode := range []string{"null", "skip"} {
		for _, projection := range [][]int{nil, {1}, {2}, {}} {
			store, files := put(t, "f.csv", content)
			def, err := New().Infer(context.Background(), store, files, catalog.Given{Columns: columns, Options: opts("header", "true", "quote", `"`, "escape", `"`, "on_error", mode)})
			if err != nil {
				t.Fatal(err)
			}
			spec := specOf(def)
			if projection != nil {
				spec = specOf(def, projection...)
			}
			size := files[0].Size
			want, wantRejects := readTolerant(t, store, spec, []catalog.Split{{File: files[0], End: size, Exact: true}})
			if mode == "skip" && (len(want) != 5 || len(wantRejects) < 7) {
				t.Fatalf("%d rows %q, rejects %q", len(want), want, wantRejects)
			}
			for cut := int64(1); cut < size; cut++ {
				rows, rejects := readTolerant(t, store, spec, cutAt(files[0], cut))
				// a split finds the bad values of a column after another's, so order is by place
				slices.Sort(rejects)
				sorted := slices.Sorted(slices.Values(wantRejects))
				if strings.Join(rows, "\n") != strings.Join(want, "\n") || !slices.Equal(rejects, sorted) {
					t.Fatalf("%s %v cut at %d: %q %q, serially %q %q", mode, projection, cut, rows, rejects, want, sorted)
				}
			}
		}
	}
}
