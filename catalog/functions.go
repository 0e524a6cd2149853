package catalog

import (
	"cmp"
	"slices"
	"strings"

	"volley/sqlerr"
)

// Function is a function of SQL, kept as it was written.
type Function struct {
	Schema    string `json:"schema"`
	Name      string `json:"name"`
	Signature string `json:"signature"` // the parameters' types: "integer, text"
	SQL       string `json:"sql"`       // CREATE FUNCTION …
	Comment   string `json:"comment,omitempty"`
}

// Functions are the overloads of a name in a schema.
func (v Names) Functions(schema, name string) []*Function {
	v.c.mu.RLock()
	defer v.c.mu.RUnlock()
	list := v.c.functions[schema][name]
	if len(v.c.pending) == 0 {
		return list
	}
	return sorted(v.visible(list, func(f *Function) bool { return f.Schema == schema && f.Name == name }))
}

// ListFunctions gives all functions of a schema by name and signature.
func (v Names) ListFunctions(schema string) []*Function {
	v.c.mu.RLock()
	defer v.c.mu.RUnlock()
	var list []*Function
	for _, overloads := range v.c.functions[schema] {
		list = append(list, overloads...)
	}
	return sorted(v.visible(list, func(f *Function) bool { return f.Schema == schema }))
}

// FunctionNames gives the names of all functions, in no order; a name may be there twice.
func (v Names) FunctionNames() []string {
	v.c.mu.RLock()
	defer v.c.mu.RUnlock()
	var out []string
	for _, names := range v.c.functions {
		for name := range names {
			out = append(out, name)
		}
	}
	v.hidden(func(_ Key, e entry) {
		if e.function != nil {
			out = append(out, e.function.Name)
		}
	})
	return out
}

// visible are the functions of a list that others have not changed, and what those were that
// they have, as far as which selects them. Under c.mu.
func (v Names) visible(list []*Function, which func(*Function) bool) []*Function {
	out := slices.DeleteFunc(slices.Clone(list), func(f *Function) bool {
		_, changed := v.before(f.Key())
		return changed
	})
	v.hidden(func(_ Key, e entry) {
		if e.function != nil && which(e.function) {
			out = append(out, e.function)
		}
	})
	return out
}

// sorted orders functions by name and signature.
func sorted(list []*Function) []*Function {
	slices.SortFunc(list, func(a, b *Function) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Signature, b.Signature))
	})
	return list
}

// CreateFunction adds a function. One of the same signature is replaced, and
// given back, where replace is set; otherwise it is error 42723.
func (c *Catalog) CreateFunction(f *Function, replace bool) (old *Function, err error) {
	err = c.change(func() error {
		if _, err := c.writable(f.Schema); err != nil {
			return err
		}
		list := slices.Clone(c.functions[f.Schema][f.Name])
		at := slices.IndexFunc(list, func(o *Function) bool { return o.Signature == f.Signature })
		switch {
		case at < 0:
			list = append(list, f)
		case replace:
			old, list[at] = list[at], f
		default:
			return sqlerr.New("42723", "function %q already exists with same argument types", f.Name)
		}
		c.setFunctions(f.Schema, f.Name, list)
		return nil
	})
	return old, err
}

// DropFunction removes a function; a missing one is error 42883.
func (c *Catalog) DropFunction(f *Function) error {
	return c.change(func() error {
		was := c.functions[f.Schema][f.Name]
		list := slices.DeleteFunc(slices.Clone(was), func(o *Function) bool { return o.Signature == f.Signature })
		if len(list) == len(was) {
			return sqlerr.New(sqlerr.UndefinedFunction, "function %s(%s) does not exist", f.Name, f.Signature)
		}
		c.setFunctions(f.Schema, f.Name, list)
		return nil
	})
}

// setFunctions puts a name's overloads in; the lists themselves never change.
func (c *Catalog) setFunctions(schema, name string, list []*Function) {
	if c.functions[schema] == nil {
		c.functions[schema] = map[string][]*Function{}
	}
	if len(list) == 0 {
		delete(c.functions[schema], name)
		return
	}
	c.functions[schema][name] = list
}
