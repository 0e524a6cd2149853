package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// endingContext ends when it has been asked so many times.
type endingContext struct {
	context.Context
	asked *int
}

func (c endingContext) Err() error {
	if *c.asked--; *c.asked < 0 {
		return context.Canceled
	}
	return nil
}

// TestGlobOfLargeDirectoryEnds: the listing of one directory can be cancelled.
func TestGlobOfLargeDirectoryEnds(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	asked := 10
	if _, err := New().Glob(endingContext{t.Context(), &asked}, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
