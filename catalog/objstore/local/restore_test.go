package local

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestCommitThatFailsLate: an error after the new file has its name leaves the
// directory as it was.
func TestCommitThatFailsLate(t *testing.T) {
	for _, before := range []string{"", "old"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "f")
		if before != "" {
			if err := os.WriteFile(path, []byte(before), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		w, err := New().Create(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		file := w.(*writer)
		file.sync = func(string) error { return errors.New("no answer from the disk") }
		file.KeepOld()
		if _, err := w.Write([]byte("new")); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(); err == nil {
			t.Error("no error")
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		text, _ := os.ReadFile(path)
		entries, err := os.ReadDir(dir)
		if err != nil || string(text) != before || len(entries) != len(before)/3 {
			t.Errorf("the file has %q, the directory %v, %v", text, entries, err)
		}
	}
}
