package csv

import (
	"context"
	"slices"
	"testing"

	"volley/catalog"
	"volley/sqlerr"
)

// Whatever a file holds, inferring and reading it ends with rows or with an
// error of the user's kind, and splits do not change which.
func FuzzInfer(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "a;b\n\"x\ny\";'z'\n", "\ufeffa\tb\r\n1\t2015-01-01\r\n", "#c\n\nnote\nx|y\n1|\"2\\\"\"\n", "\xff\xfea\x00\n\x00", "'a','b'\n'''',1\n", "\r\r\"\r",
	} {
		f.Add(s, uint8(3))
	}
	f.Fuzz(func(t *testing.T, content string, cut uint8) {
		if len(content) > 4000 {
			t.Skip()
		}
		store, files := put(t, "f.csv", content)
		def, err := New().Infer(context.Background(), store, files, catalog.Given{})
		if err != nil {
			if sqlerr.Code(err) == sqlerr.InternalError {
				t.Fatal(err)
			}
			return
		}
		want, serialErr := readSerial(store, def, specOf(def))
		if sqlerr.Code(serialErr) == sqlerr.InternalError {
			t.Fatal(serialErr)
		}
		if int64(cut) >= files[0].Size || cut == 0 || def.Options[optEncoding] != "utf-8" {
			return
		}
		got, _, err := readChain(store, specOf(def), cutAt(files[0], int64(cut)))
		if (err == nil) != (serialErr == nil) || err != nil && err.Error() != serialErr.Error() {
			t.Fatalf("error %v, serially %v", err, serialErr)
		}
		if err == nil && !slices.Equal(got, want) {
			t.Fatalf("%q cut at %d: %q, serially %q (%v)", content, cut, got, want, def.Options)
		}
	})
}
