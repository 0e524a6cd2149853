package csv

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"volley/catalog"
	"volley/sqlerr"
)

const corpora = "../../../shared/corpora"

// corpus gives the absolute path of a folder of test files, or skips the test.
func corpus(t *testing.T, name string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join(corpora, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the corpus %s is not here", name)
	}
	return dir
}

// csv-spectrum has the expected values of each file as JSON.
func TestSpectrum(t *testing.T) {
	dir := corpus(t, "csv-spectrum")
	paths, _ := filepath.Glob(dir + "/csvs/*.csv")
	if len(paths) != 11 {
		t.Errorf("%d files, want 11", len(paths))
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		t.Run(name, func(t *testing.T) {
			var want []map[string]string
			text, err := os.ReadFile(dir + "/json/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			store := localStore()
			def, err := New().Infer(context.Background(), store, glob(t, store, path), catalog.Given{Options: opts("all_varchar", "true")})
			if err != nil {
				t.Fatal(err)
			}
			rows, err := readSerial(store, def, specOf(def))
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != len(want) {
				t.Fatalf("%d rows, want %d", len(rows), len(want))
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			crlf := strings.Contains(string(content), "\r\n") // a copy may have lost them
			for i, row := range rows {
				var values []string
				for _, f := range def.Schema.Fields() {
					values = append(values, want[i][f.Name])
				}
				w := strings.Join(values, "|")
				if !crlf {
					w = strings.ReplaceAll(w, "\r\n", "\n")
				}
				if row != w {
					t.Errorf("row %d is %q, want %q", i, row, w)
				}
			}
		})
	}
}

// Every odd file is read, or refused with an error of the user's kind, and in
// many splits the answer is the same.
func TestOddFiles(t *testing.T) {
	dir := corpus(t, "duckdb-data/data/csv")
	files, read, refused := 0, 0, map[string]int{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		rows, err := readOdd(t, path)
		if err == nil {
			read++
			if testing.Verbose() {
				t.Logf("%s: %s", strings.TrimPrefix(path, dir), rows)
			}
			return nil
		}
		code := sqlerr.Code(err)
		refused[code]++
		if code == sqlerr.InternalError {
			t.Errorf("%s: %v", path, err)
		}
		if testing.Verbose() {
			t.Logf("%s: %s %v", strings.TrimPrefix(path, dir), code, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files: %d read, refused by SQLSTATE: %v", files, read, refused)
}

func readOdd(t *testing.T, path string) (summary string, err error) {
	store := localStore()
	def, err := New().Infer(context.Background(), store, glob(t, store, path), catalog.Given{})
	if err != nil {
		return "", err
	}
	want, serialErr := readSerial(store, def, specOf(def))
	splits, err := New().Splits(context.Background(), store, def, specOf(def), catalog.SplitTarget{Slots: 16, Costly: true})
	if err != nil {
		return "", err
	}
	got, _, err := readChain(store, specOf(def), splits)
	if (err == nil) != (serialErr == nil) || err != nil && err.Error() != serialErr.Error() {
		t.Errorf("%s in %d splits: %v, serially %v", path, len(splits), err, serialErr)
	}
	if err == nil && strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s in %d splits differs", path, len(splits))
	}
	return fmt.Sprintf("%d rows %s", len(want), describe(def)), serialErr
}

// TestEverySplitOfOddFiles cuts the small ones of the odd files at every byte,
// where VOLLEY_LARGE is set the others, too.
func TestEverySplitOfOddFiles(t *testing.T) {
	dir := corpus(t, "duckdb-data/data/csv")
	most := int64(100)
	if os.Getenv("VOLLEY_LARGE") != "" {
		most = 20_000
	}
	cuts := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err != nil || info.Size() > most {
			return err
		}
		store := localStore()
		def, err := New().Infer(context.Background(), store, glob(t, store, path), catalog.Given{})
		if err != nil || def.Options[optEncoding] != "utf-8" || !splittable(mustParse(t, def.Options), path) {
			return nil //nolint:nilerr // it is refused, or one split
		}
		want, serialErr := readSerial(store, def, specOf(def))
		for at := int64(1); at < def.Files[0].Size; at++ {
			cuts++
			got, _, err := readChain(store, specOf(def), cutAt(def.Files[0], at))
			if (err == nil) != (serialErr == nil) || err != nil && err.Error() != serialErr.Error() {
				t.Fatalf("%s cut at %d: %v, serially %v", path, at, err, serialErr)
			}
			if err == nil && !slices.Equal(got, want) {
				t.Fatalf("%s cut at %d: %q, serially %q", path, at, got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cuts", cuts)
}

func mustParse(t *testing.T, given map[string]string) *options {
	t.Helper()
	o, err := parseOptions(given)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
