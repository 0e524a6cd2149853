package udf

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

// TestPolymorphicResolution: what PostgreSQL chooses for arrays and elements.
func TestPolymorphicResolution(t *testing.T) {
	r := NewRegistry()
	add := func(name string, params ...arrow.DataType) {
		err := r.RegisterScalar(&Scalar{
			Name: name, Params: params,
			ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil },
			Batch:     func(*Context, []Arg, int) (arrow.Array, error) { return nil, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	add("=", AnyArray, AnyArray)
	add("||", CompatibleArray, CompatibleArray)
	add("||", CompatibleArray, Compatible)
	add("||", Compatible, CompatibleArray)
	add("||", sqltype.Text, AnyNonArray)
	add("||", sqltype.Text, sqltype.Text)
	add("length", AnyArray)
	ints, bigs, nested := arrow.ListOf(sqltype.Int32), arrow.ListOf(sqltype.Int64), arrow.ListOf(arrow.ListOf(sqltype.Int32))
	for _, c := range []struct {
		name string
		args []arrow.DataType
		want string // the types of the arguments, or the error's code
	}{
		{"=", []arrow.DataType{ints, ints}, "integer[] integer[]"},
		{"=", []arrow.DataType{ints, bigs}, sqlerr.UndefinedFunction},
		{"=", []arrow.DataType{ints, sqltype.Unknown}, "integer[] integer[]"},
		{"||", []arrow.DataType{ints, sqltype.Int64}, "bigint[] bigint"},
		{"||", []arrow.DataType{sqltype.Int32, bigs}, "bigint bigint[]"},
		{"||", []arrow.DataType{ints, sqltype.Unknown}, "integer[] integer[]"},
		{"||", []arrow.DataType{nested, ints}, "integer[] integer[]"},
		{"||", []arrow.DataType{ints, sqltype.Text}, sqlerr.UndefinedFunction},
		{"||", []arrow.DataType{sqltype.Text, sqltype.Int32}, "text integer"},
		{"||", []arrow.DataType{sqltype.Text, sqltype.Unknown}, "text text"},
		{"length", []arrow.DataType{sqltype.Unknown}, sqlerr.DatatypeMismatch},
		{"length", []arrow.DataType{sqltype.Int32}, sqlerr.UndefinedFunction},
	} {
		res, err := r.ResolveScalar(c.name, c.args)
		got := sqlerr.Code(err)
		if err == nil {
			got = ""
			for i, a := range res.Args {
				if i > 0 {
					got += " "
				}
				got += sqltype.Name(a)
			}
		}
		if got != c.want {
			t.Errorf("%s%v: got %s, want %s", c.name, c.args, got, c.want)
		}
	}
}
