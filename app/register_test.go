package app

import (
	"sync"
	"testing"

	"volley/udf"
)

var defaults = sync.OnceValue(func() error { return registerBuiltins(udf.Default) })

// registerDefaults gives this process's registry the built-in functions, as Main
// does, whichever test comes first.
func registerDefaults(t testing.TB) {
	t.Helper()
	if err := defaults(); err != nil {
		t.Fatal(err)
	}
}
