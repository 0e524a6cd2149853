package jsontext

import (
	"strings"
	"testing"

	"volley/sqlerr"
)

// TestLongTextsAreGivenUp: reading asks whether the statement was cancelled, and ends.
func TestLongTextsAreGivenUp(t *testing.T) {
	text := []byte("[" + strings.Repeat("1,", bytesPerLook) + "1]")
	asked := 0
	canceled := func() bool { asked++; return asked == 2 }
	if err := CheckUntil(canceled, text); sqlerr.Code(err) != sqlerr.QueryCanceled {
		t.Errorf("the check ends with %v", err)
	}
	asked = 0
	if _, err := ParseUntil(canceled, text); sqlerr.Code(err) != sqlerr.QueryCanceled {
		t.Errorf("the parser ends with %v", err)
	}
	if err := CheckUntil(func() bool { return false }, text); err != nil {
		t.Error(err)
	}
}
