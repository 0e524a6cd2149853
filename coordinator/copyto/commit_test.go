package copyto

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"volley/catalog/objstore"
	"volley/catalog/objstore/local"
	"volley/sqlerr"
)

// dirWithFiles has the files a.csv, data_0.csv and z.csv.
func dirWithFiles(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.csv", "data_0.csv", "z.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// filesIn are the files of a directory and what they begin with.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e.Name()+": "+string(text[:min(len(text), 3)]))
	}
	return out
}

// TestSpellings: however a directory is written, its old files go and the new one
// stays, limits on paths or not.
func TestSpellings(t *testing.T) {
	for _, spelling := range []string{"ROOT/out", "ROOT/out/", "ROOT//out", "ROOT/./out", "ROOT/x/../out", "ROOT/link", "ROOT/link/", "ROOT/up/out", "file://ROOT/out", "file://ROOT//link/."} {
		for _, limited := range []bool{false, true} {
			root := t.TempDir()
			dirWithFiles(t, filepath.Join(root, "out"))
			for name, to := range map[string]string{"link": filepath.Join(root, "out"), "up": root} {
				if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
					t.Fatal(err)
				}
			}
			store := objstore.Store(objstore.NewMux(local.New(), nil))
			if limited {
				var err error
				if store, err = objstore.Allow(store, []string{root}); err != nil {
					t.Fatal(err)
				}
			}
			w, err := New(t.Context(), store, schema, Options{Directory: strings.ReplaceAll(spelling, "ROOT", root), Mode: Replace, Extension: ".csv", Header: true, Memory: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(batch(10)); err != nil {
				t.Fatal(err)
			}
			if err := w.Commit(); err != nil {
				t.Fatal(err)
			}
			w.Close()
			if got := filesIn(t, filepath.Join(root, "out")); !slices.Equal(got, []string{"data_0.csv: k\ts"}) {
				t.Errorf("%s, limited %v: %q", spelling, limited, got)
			}
		}
	}
}

// removing is a store that ends the statement at the first removal, and keeps one
// file.
type removing struct {
	objstore.Store
	cancel context.CancelFunc
	keep   string
}

func (s removing) Remove(ctx context.Context, path string) error {
	s.cancel()
	if filepath.Base(path) == s.keep {
		return sqlerr.New(sqlerr.IOError, "the file is busy")
	}
	return s.Store.Remove(ctx, path)
}

// TestCancelWhileOldFilesGo: once the new files are there, the old ones go whatever
// happens; what cannot be removed is counted.
func TestCancelWhileOldFilesGo(t *testing.T) {
	for keep, want := range map[string][]string{"": {"data_0.csv: k\ts"}, "a.csv": {"a.csv: old", "data_0.csv: k\ts"}} {
		root := t.TempDir()
		dirWithFiles(t, root)
		ctx, cancel := context.WithCancel(t.Context())
		w, err := New(ctx, removing{local.New(), cancel, keep}, schema, Options{Directory: root, Mode: Replace, Extension: ".csv", Header: true, Memory: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(batch(10)); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		if got := filesIn(t, root); !slices.Equal(got, want) || w.Left() != len(want)-1 {
			t.Errorf("%q, %d are left", got, w.Left())
		}
	}
}
