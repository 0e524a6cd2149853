package csv

import (
	"context"
	"slices"
	"strings"
	"testing"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/ahead"
	"volley/catalog/objstore/mem"
)

// TestRemoteRequests counts the requests that the splits of an object take, and the
// bytes that are fetched twice.
func TestRemoteRequests(t *testing.T) {
	ctx := context.Background()
	line := strings.Repeat("1,abcdefghijklmnopqrstuvwxyz,2.5\n", 1<<10)
	data := "a,b,c\n" + strings.Repeat(line, 700) // 23 MB
	objects, asked := mem.New(), &objstore.Counters{}
	objects.Put("mem://f.csv", []byte(data))
	store := ahead.New(1<<30, 8).Wrap(objstore.Count(objects, asked))
	files := glob(t, store, "mem://f.csv")
	def, err := New().Infer(ctx, store, files, catalog.Given{})
	if err != nil {
		t.Fatal(err)
	}
	spec := specOf(def, 0)
	splits := []catalog.Split{
		{File: files[0], Start: 0, End: 12 << 20, Exact: true},
		{File: files[0], Start: 12 << 20, End: int64(len(data))},
	}
	before, bytes := asked.Reads.Load(), asked.ReadBytes.Load()
	var rows int
	for _, s := range splits {
		got, _, err := readSplit(store, spec, s)
		if err != nil {
			t.Fatal(err)
		}
		if rows += len(got); slices.ContainsFunc(got, func(row string) bool { return row != got[0] }) {
			t.Error("some rows are others")
		}
	}
	if rows != 700<<10 {
		t.Errorf("%d rows, want %d", rows, 700<<10)
	}
	if got := asked.Reads.Load() - before; got > 7 {
		t.Errorf("%d requests, at most 7", got)
	}
	if got := asked.ReadBytes.Load() - bytes - int64(len(data)); got > 1<<20 {
		t.Errorf("%d bytes more than there are, at most 1 MiB", got)
	}
}
