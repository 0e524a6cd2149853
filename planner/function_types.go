package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
)

// polymorphic tells whether calls decide the types of parameters.
func (f *Function) polymorphic() bool {
	for _, p := range f.Params {
		if udf.IsPolymorphic(p.Type) {
			return true
		}
	}
	return false
}

// declared is the function as it was created.
func (f *Function) declared() *Function {
	if f.of != nil {
		return f.of
	}
	return f
}

// instance is the function with the types that a call with arguments of types
// args, in the order of the parameters, gives it.
func (f *Function) instance(args []arrow.DataType) (*Function, error) {
	if !f.polymorphic() {
		return f, nil
	}
	params := make([]arrow.DataType, len(f.Params))
	for i, p := range f.Params {
		params[i] = p.Type
	}
	types, elem, err := udf.Instantiate(params, args)
	if err != nil {
		return nil, err
	}
	out := *f
	out.of = f
	out.Params = append([]FunctionParam(nil), f.Params...)
	for i := range out.Params {
		if udf.IsPolymorphic(params[i]) {
			out.Params[i].Type = types[i]
		}
	}
	out.Returns = udf.Instance(f.Returns, elem)
	out.Columns = append([]arrow.Field(nil), f.Columns...)
	for i := range out.Columns {
		out.Columns[i].Type = udf.Instance(out.Columns[i].Type, elem)
	}
	return &out, nil
}
