package sqlerr

import (
	"errors"
	"testing"
)

func TestGuarded(t *testing.T) {
	own := errors.New("its own")
	if err := Guarded(func() error { return own })(); err != own {
		t.Errorf("the error is %v", err)
	}
	if err := Guarded(func() error { panic(own) })(); Code(err) != InternalError || !errors.Is(err, own) {
		t.Errorf("the error is %v", err)
	}
}
