package udf

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

// TestResolutionSeesChanges: what was found once is not remembered beyond the
// registration of a better overload or the end of a function.
func TestResolutionSeesChanges(t *testing.T) {
	r := NewRegistry()
	add := func(param arrow.DataType) {
		t.Helper()
		err := r.RegisterScalar(&Scalar{
			Name: "f", Params: []arrow.DataType{param}, Returns: param, User: true,
			Batch: func(*Context, []Arg, int) (arrow.Array, error) { return nil, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	resolved := func() arrow.DataType {
		t.Helper()
		for range 2 {
			if _, err := r.ResolveScalar("f", []arrow.DataType{sqltype.Int32}); err != nil {
				t.Fatal(err)
			}
		}
		res, _ := r.ResolveScalar("f", []arrow.DataType{sqltype.Int32})
		return res.Returns
	}
	add(sqltype.Int64)
	if got := resolved(); got != sqltype.Int64 {
		t.Errorf("got %s, want bigint", got)
	}
	add(sqltype.Int32)
	if got := resolved(); got != sqltype.Int32 {
		t.Errorf("with an exact overload: got %s", got)
	}
	r.Unregister("f")
	if _, err := r.ResolveScalar("f", []arrow.DataType{sqltype.Int32}); sqlerr.Code(err) != sqlerr.UndefinedFunction {
		t.Errorf("after the function's end: %v", err)
	}
}
