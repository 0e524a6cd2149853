package catalog

import (
	"slices"
	"sort"

	"volley/sqlerr"
)

// Function is a function of SQL, kept as it was written.
type Function struct {
	Schema    string `json:"schema"`
	Name      string `json:"name"`
	Signature string `json:"signature"` // the parameters' types: "integer, text"
	SQL       string `json:"sql"`       // CREATE FUNCTION …
}

// Functions are the overloads of a name in a schema.
func (c *Catalog) Functions(schema, name string) []*Function {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.functions[schema][name]
}

// ListFunctions gives all functions of a schema by name and signature.
func (c *Catalog) ListFunctions(schema string) []*Function {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []*Function
	for _, list := range c.functions[schema] {
		out = append(out, list...)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Name != out[j].Name {
			return out[i].Name < out[j].Name
		}
		return out[i].Signature < out[j].Signature
	})
	return out
}

// FunctionNames gives the names of all functions, in no order.
func (c *Catalog) FunctionNames() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []string
	for _, names := range c.functions {
		for name := range names {
			out = append(out, name)
		}
	}
	return out
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
