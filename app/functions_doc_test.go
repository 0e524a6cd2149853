package app

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"volley/udf"
	"volley/udf/funcdoc"
)

var updateDocs = flag.Bool("update-docs", false, "write docs/functions.md")

// docs/functions.md is what the registry has; `make docs` writes it.
func TestFunctionTableIsCurrent(t *testing.T) {
	const file = "../docs/functions.md"
	r := udf.NewRegistry()
	if err := registerBuiltins(r); err != nil {
		t.Fatal(err)
	}
	want := funcdoc.Markdown(r)
	if *updateDocs {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/functions.md is not what the registry has; run make docs")
	}
}
