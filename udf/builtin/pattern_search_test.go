package builtin

import (
	"errors"
	"testing"

	"github.com/dlclark/regexp2"

	"volley/sqlerr"
)

// TestSearchThatPanics: a panic of a search that goes on beside its statement is the
// statement's error.
func TestSearchThatPanics(t *testing.T) {
	p := &pattern{back: regexp2.MustCompile("a", 0)}
	tries := 0
	_, err := backtrack(p, func() (bool, error) {
		if tries++; tries == 1 {
			return false, errors.New("too slow")
		}
		panic("in the engine")
	})
	if tries != 2 || sqlerr.Code(err) != sqlerr.InternalError {
		t.Errorf("%d tries: %v", tries, err)
	}
}
