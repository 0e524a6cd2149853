package builtin

import (
	"testing"

	"volley/udf"
)

func newRegistry(t testing.TB) *udf.Registry {
	t.Helper()
	r := udf.NewRegistry()
	if err := Register(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRegisterTwiceNamesTheClash(t *testing.T) {
	r := newRegistry(t)
	if err := Register(r); err == nil {
		t.Fatal("a second registration of the same functions gives no error")
	}
}
