package https

import (
	"bytes"
	"testing"

	"volley/catalog/objstore"
)

// TestGlance: the end of a file comes with its size and version where the server has ranges;
// elsewhere it is found as without.
func TestGlance(t *testing.T) {
	srv, gets := server(t, tagged(`"a"`))
	for _, c := range []struct {
		path string
		len  int64
		ends int // bytes
		gets int64
	}{
		{"/ranges/f", 100, 100, 1},
		{"/ranges/f", 1 << 20, len(content), 1},
		{"/time/f", 100, 100, 1},
		{"/nohead/f", 100, 100, 1},
		{"/whole/f", 100, 0, 3},
	} {
		s := New(Config{})
		g := &objstore.Glance{Len: c.len}
		before := gets.Load()
		infos, err := s.Glob(objstore.WithGlance(t.Context(), g), srv.URL+c.path)
		if err != nil || len(infos) != 1 || infos[0].Size != int64(len(content)) || infos[0].Version == "" {
			t.Fatalf("%s: %v, %v", c.path, infos, err)
		}
		if n := gets.Load() - before; n != c.gets || len(g.End) != c.ends || !bytes.HasSuffix(content, g.End) {
			t.Errorf("%s: %d bytes by %d requests, want %d by %d", c.path, len(g.End), n, c.ends, c.gets)
		}
		if c.ends == 0 {
			continue
		}
		if plain, err := s.Glob(t.Context(), srv.URL+c.path); err != nil || plain[0] != infos[0] {
			t.Errorf("%s: %v by the end, %v by asking, %v", c.path, infos, plain, err)
		}
		// What is at hand is read without a request, and the rest with one.
		r, err := objstore.OpenVersion(t.Context(), g.Wrap(s), infos[0])
		if err != nil {
			t.Fatal(err)
		}
		before = gets.Load()
		for i, want := range []int64{0, 1} {
			off := int64(len(content)) - min(c.len, int64(len(content))) - int64(i)
			p := make([]byte, 50)
			if _, err := r.ReadAt(t.Context(), p, max(off, 0)); err != nil || !bytes.Equal(p, content[max(off, 0):max(off, 0)+50]) {
				t.Errorf("%s: %q at %d, %v", c.path, p, off, err)
			}
			if n := gets.Load() - before; n != want && off >= 0 {
				t.Errorf("%s: %d requests for bytes at %d, want %d", c.path, n, off, want)
			}
		}
		r.Close()
	}
	if _, err := New(Config{}).Glob(objstore.WithGlance(t.Context(), &objstore.Glance{Len: 9}), srv.URL+"/status/404"); err == nil {
		t.Error("a missing file is found")
	}
}
