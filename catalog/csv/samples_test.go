package csv

import (
	"context"
	"testing"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/objtest"
	"volley/sqlerr"
)

// broken is a reader that panics.
type broken struct{ objstore.Reader }

func (broken) ReadAt(context.Context, []byte, int64) (int, error) { panic("in the store") }

// TestSampleThatPanics: a panic beside the statement is the statement's error.
func TestSampleThatPanics(t *testing.T) {
	s := objtest.New()
	text := []byte("a,b\n1,2\n")
	s.Put("mem://o.csv", text)
	store := objstore.WrapReaders(s, func(r objstore.Reader) objstore.Reader { return broken{r} })
	files := []catalog.FileInfo{{Path: "mem://o.csv", Size: int64(len(text))}}
	if _, err := New().Infer(t.Context(), store, files, catalog.Given{}); sqlerr.Code(err) != sqlerr.InternalError {
		t.Errorf("%v", err)
	}
}
