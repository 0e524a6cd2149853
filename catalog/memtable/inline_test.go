package memtable

import (
	"context"
	"io"
	"testing"

	"volley/catalog"
	"volley/exec/kernel"
)

// TestInlineSplits reads a table by splits that carry its rows, in a format that does
// not know the table.
func TestInlineSplits(t *testing.T) {
	for _, n := range []int64{0, 1, 10} {
		f := New()
		tx := f.NewStore().Begin()
		tab := newTable(t, tx, "t")
		for i := range n {
			if err := insert(tx, tab, row{a: int32(i)}); err != nil {
				t.Fatal(err)
			}
		}
		commit(t, tx)
		spec := &catalog.ScanSpec{Table: "t", Format: FormatName, Options: tab.Def().Options, Schema: tab.Schema(), Projection: []int{0}}
		splits, err := f.Splits(context.Background(), nil, tab.Def(), spec, catalog.SplitTarget{Inline: true, Forced: true, Bytes: 64})
		if err != nil {
			t.Fatal(err)
		}
		if want := max(1, int(n+3)/4); len(splits) != want {
			t.Errorf("%d splits of %d rows, want %d", len(splits), n, want)
		}
		var got []int32
		for _, s := range splits {
			r, err := New().Open(context.Background(), nil, spec, s)
			if err != nil {
				t.Fatal(err)
			}
			for {
				rec, err := r.Next(context.Background())
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, kernel.Values[int32](rec.Column(0))...)
			}
			if b := r.Bounds(); b.Start != s.Start || b.End != s.End {
				t.Errorf("bounds %+v of split %+v", b, s)
			}
		}
		for i, v := range got {
			if v != int32(i) {
				t.Errorf("row %d is %d", i, v)
			}
		}
		if int64(len(got)) != n {
			t.Errorf("%d rows, want %d", len(got), n)
		}
	}
}
