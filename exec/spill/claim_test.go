package spill

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestClaim(t *testing.T) {
	parent := t.TempDir()
	exists := func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	}
	a, err := NewClaim(parent)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(a.Path(), "run")
	if err := os.WriteFile(file, []byte("rows"), 0o600); err != nil {
		t.Fatal(err)
	}
	// one whose process has ended without removing it
	ended, err := NewClaim(parent)
	if err != nil {
		t.Fatal(err)
	}
	if err := ended.lock.Close(); err != nil {
		t.Fatal(err)
	}
	// one that is being made, one that was never finished, and another's files
	young, old, other := filepath.Join(parent, claimPrefix+"young"), filepath.Join(parent, claimPrefix+"old"), filepath.Join(parent, "other")
	for _, dir := range []string{young, old, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Now(), time.Now().Add(-2*claimGrace)); err != nil {
		t.Fatal(err)
	}
	b, err := NewClaim(parent)
	if err != nil {
		t.Fatal(err)
	}
	if !exists(file) || exists(ended.path) || !exists(young) || exists(old) || !exists(other) {
		t.Errorf("left: its own %v, ended %v, young %v, old %v, another's %v", exists(file), exists(ended.path), exists(young), exists(old), exists(other))
	}
	for range 2 {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	if exists(a.Path()) || !exists(b.Path()) {
		t.Errorf("after closing the first: first %v, second %v", exists(a.Path()), exists(b.Path()))
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
