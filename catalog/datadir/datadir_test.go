package datadir

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReplace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 { // the second time it is there
		if err := Make(dir); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "x.json")
	for _, text := range []string{"old", "new"} {
		if err := Replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := Replace(dir, nil); err == nil {
		t.Error("a directory was replaced")
	}
	for _, at := range []string{dir, filepath.Dir(dir)} {
		if entries, err := os.ReadDir(at); err != nil || len(entries) != 1 {
			t.Errorf("%s has %v, %v", at, entries, err)
		}
	}
	if err := Make(path); err == nil {
		t.Error("a file is taken for a directory")
	}
}
