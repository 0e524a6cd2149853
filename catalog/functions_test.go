package catalog

import (
	"testing"

	"volley/sqlerr"
)

func TestFunctionsAreKept(t *testing.T) {
	c := New()
	f := &Function{Schema: DefaultSchema, Name: "f", Signature: "integer", SQL: "CREATE FUNCTION f(int) …"}
	if _, err := c.CreateFunction(f, false); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateFunction(f, false); sqlerr.Code(err) != "42723" {
		t.Errorf("made twice: %v", err)
	}
	again := restored(t, c)
	if got := again.As(nil).Functions(DefaultSchema, "f"); len(got) != 1 || *got[0] != *f {
		t.Fatalf("after opening again: %v", got)
	}
	if err := again.DropFunction(f); err != nil {
		t.Fatal(err)
	}
	if err := again.DropFunction(f); sqlerr.Code(err) != sqlerr.UndefinedFunction {
		t.Errorf("dropped twice: %v", err)
	}
	if got := again.As(nil).ListFunctions(DefaultSchema); len(got) != 0 {
		t.Errorf("after the drop: %v", got)
	}
}
