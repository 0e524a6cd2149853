package local_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"volley/catalog/objstore"
	"volley/catalog/objstore/local"
	"volley/catalog/objstore/mem"
	"volley/sqlerr"
)

var ctx = context.Background()

func tree(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		name := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(f), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var files = []string{"a.csv", "b.csv", "x[1].csv", "d/c.csv", "d/e/f.csv", "d/.h.csv", "d/_tmp/g.csv", "B.csv", "é.csv", ".git/i.csv"}

// TestGlob runs each pattern over the file system and over the in-memory twin.
func TestGlob(t *testing.T) {
	dir := tree(t, files...)
	twin := mem.New()
	for _, f := range files {
		twin.Put(dir+"/"+f, []byte(f))
	}
	for pattern, want := range map[string]string{
		"*.csv":          "B.csv a.csv b.csv x[1].csv é.csv",
		"[ab].csv":       "a.csv b.csv",
		"?.csv":          "B.csv a.csv b.csv é.csv",
		"{b,a,b}.csv":    "a.csv b.csv",
		"{d,.}/*.csv":    "", // filled below: mem has no "."
		"x[1].csv":       "x[1].csv",
		"d":              "d/c.csv d/e/f.csv",
		"d/":             "d/c.csv d/e/f.csv",
		"d/*":            "d/c.csv",
		"**/*.csv":       "B.csv a.csv b.csv d/_tmp/g.csv d/c.csv d/e/f.csv x[1].csv é.csv",
		"d/**":           "d/_tmp/g.csv d/c.csv d/e/f.csv",
		"**/f.csv":       "d/e/f.csv",
		"d/.*.csv":       "d/.h.csv",
		"nothing*":       "",
		"nothing/*.csv":  "",
		"a.csv/*.csv":    "",
		"*/*/f.csv":      "d/e/f.csv",
		"d/../[a].csv":   "a.csv",
		"d/{e,_tmp}/*.*": "d/_tmp/g.csv d/e/f.csv",
	} {
		stores := map[string]objstore.Store{"local": local.New(), "mem": twin}
		if strings.Contains(pattern, "..") || strings.Contains(pattern, "{d,.}") {
			delete(stores, "mem")
		}
		if pattern == "{d,.}/*.csv" {
			want = "B.csv a.csv b.csv d/c.csv x[1].csv é.csv"
		}
		for name, store := range stores {
			got, err := store.Glob(ctx, dir+"/"+pattern)
			if err != nil {
				t.Errorf("%s %s: %v", name, pattern, err)
				continue
			}
			var names []string
			for _, g := range got {
				names = append(names, strings.TrimPrefix(g.Path, dir+"/"))
			}
			if s := strings.Join(names, " "); s != want {
				t.Errorf("%s %s: got %q, want %q", name, pattern, s, want)
			}
		}
	}
}

func TestGlobRelativeAndTrailingSlash(t *testing.T) {
	dir := tree(t, files...)
	t.Chdir(dir)
	got, err := local.New().Glob(ctx, "*/")
	if err != nil || len(got) != 2 || !filepath.IsAbs(got[0].Path) || !strings.HasSuffix(got[1].Path, "d/e/f.csv") {
		t.Fatalf("*/: %v, %v", got, err)
	}
	if got, err = local.New().Glob(ctx, "a.csv"); err != nil || len(got) != 1 || got[0].Size != 5 || got[0].Version == "" {
		t.Fatalf("a.csv: %v, %v", got, err)
	}
}

func TestVersionChanges(t *testing.T) {
	dir := tree(t, "a")
	name := filepath.Join(dir, "a")
	version := func() string {
		r, err := local.New().Open(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		return r.Info().Version
	}
	seen := []string{version()}
	w, err := local.New().Create(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "b")
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if v := version(); slices.Contains(seen, v) {
		t.Errorf("same version %s after the file was replaced", v)
	}
}

func TestErrors(t *testing.T) {
	dir := tree(t, "a", "d/b")
	s := local.New()
	_, err := s.Open(ctx, dir+"/x/y/z.csv")
	e := sqlerr.Find(err)
	if e.Code != sqlerr.UndefinedFile || !strings.Contains(e.Message, "no such file: \""+dir+"/x/y/z.csv\"") ||
		!strings.Contains(e.Hint, "\""+dir+"\"") {
		t.Errorf("missing: %+v", e)
	}
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"glob missing":     {second(s.Glob(ctx, dir+"/nix")), sqlerr.UndefinedFile},
		"open directory":   {second(s.Open(ctx, dir)), sqlerr.WrongObjectType},
		"open device":      {second(s.Open(ctx, "/dev/null")), sqlerr.WrongObjectType},
		"below a file":     {second(s.Open(ctx, dir+"/a/b")), sqlerr.UndefinedFile},
		"empty":            {second(s.Open(ctx, "")), sqlerr.UndefinedFile},
		"long name":        {second(s.Open(ctx, "/"+strings.Repeat("x", 5000))), sqlerr.UndefinedFile},
		"create no parent": {second(s.Create(ctx, dir+"/x/y")), sqlerr.UndefinedFile},
		"create directory": {second(s.Create(ctx, dir+"/d")), sqlerr.WrongObjectType},
		"remove directory": {s.Remove(ctx, dir+"/d"), sqlerr.WrongObjectType},
		"remove missing":   {s.Remove(ctx, dir+"/nix"), ""},
	} {
		if sqlerr.Code(c.err) != c.code {
			t.Errorf("%s: %v (%s), want %s", name, c.err, sqlerr.Code(c.err), c.code)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestReadAt(t *testing.T) {
	dir := tree(t, "abcdef")
	r, err := local.New().Open(ctx, dir+"/abcdef")
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4)
	if n, err := r.ReadAt(ctx, buf, 1); n != 4 || err != nil || string(buf) != "bcde" {
		t.Errorf("ReadAt 1: %d %v %s", n, err, buf)
	}
	if n, err := r.ReadAt(ctx, buf, 4); n != 2 || err != io.EOF {
		t.Errorf("ReadAt 4: %d %v", n, err)
	}
	if err := os.Truncate(dir+"/abcdef", 3); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadAt(ctx, buf, 1); sqlerr.Code(err) != sqlerr.DataCorrupted {
		t.Errorf("truncated meanwhile: %v", err)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := r.ReadAt(canceled, buf, 0); err != context.Canceled {
		t.Errorf("canceled: %v", err)
	}
	if r.Close() != nil || r.Close() != nil {
		t.Error("Close is not idempotent")
	}
}

func TestCreate(t *testing.T) {
	dir := tree(t, "old")
	s := local.New()
	listing := func() string {
		entries, _ := os.ReadDir(dir)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return strings.Join(names, " ")
	}
	w, err := s.Create(ctx, dir+"/old")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "new content")
	if b, _ := os.ReadFile(dir + "/old"); string(b) != "old" {
		t.Errorf("before Commit the file reads %q", b)
	}
	if err := w.Close(); err != nil || listing() != "old" {
		t.Errorf("after Close: %v, %s", err, listing())
	}
	if err := os.Symlink("old", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	if w, err = s.Create(ctx, dir+"/link"); err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "new content")
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(dir + "/old"); string(b) != "new content" || listing() != "link old" {
		t.Errorf("after Commit: %q, %s", b, listing())
	}
	if err := w.Close(); err != nil {
		t.Errorf("Close after Commit: %v", err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("Write after Commit succeeded")
	}
	if w, err = s.Create(ctx, "/dev/null"); err != nil || w.Commit() != nil {
		t.Errorf("/dev/null: %v", err)
	}
	if st, err := os.Stat("/dev/null"); err != nil || st.Mode().IsRegular() {
		t.Error("/dev/null was replaced")
	}
}
