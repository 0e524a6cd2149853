package udf

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

// Registry holds functions by name. It is safe for concurrent use; lookups see
// all registrations made before.
type Registry struct {
	mu         sync.RWMutex
	scalars    map[string][]*Scalar
	aggregates map[string][]*Aggregate
	windows    map[string][]*Window
	tables     map[string][]*Table
	paramNames map[string][][]Param

	resolved memo[*Resolved[*Scalar]]
	found    memo[*Scalar]
}

// changed is called with r.mu held after every change.
func (r *Registry) changed() {
	r.resolved.forget()
	r.found.forget()
}

// NewRegistry makes an empty registry.
func NewRegistry() *Registry {
	return &Registry{
		scalars: map[string][]*Scalar{}, aggregates: map[string][]*Aggregate{},
		windows: map[string][]*Window{}, tables: map[string][]*Table{},
	}
}

// Default is the registry that a user's program registers into and that
// Volley's main uses; builtin.Register fills it.
var Default = NewRegistry()

// RegisterScalar adds an overload. It is an error (42723) if a function with
// the same name and parameter types exists, and (42601) if s is incomplete.
func (r *Registry) RegisterScalar(s *Scalar) error {
	if s.Name == "" || s.Batch == nil && s.ArgsFor == nil || s.Returns == nil && s.ReturnFor == nil || s.Variadic && len(s.Params) == 0 {
		return sqlerr.New(sqlerr.SyntaxError, "function %s is incomplete", s)
	}
	if s.User {
		s.Name = strings.ToLower(s.Name)
		s.Batch = guarded(s, s.Batch)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkNew(s.Name, s.Params, s.Variadic, false); err != nil {
		return err
	}
	r.scalars[s.Name] = append(r.scalars[s.Name], s)
	r.changed()
	return nil
}

// RegisterAggregate adds an overload, with the errors of RegisterScalar.
func (r *Registry) RegisterAggregate(a *Aggregate) error {
	if a.Name == "" || a.New == nil && a.ArgsFor == nil || a.State == nil && !a.NoPartial && a.ArgsFor == nil || a.Returns == nil && a.ReturnFor == nil {
		return sqlerr.New(sqlerr.SyntaxError, "aggregate %s is incomplete", a)
	}
	if a.User {
		a.Name = strings.ToLower(a.Name)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkNew(a.Name, a.Params, a.Variadic, true); err != nil {
		return err
	}
	r.aggregates[a.Name] = append(r.aggregates[a.Name], a)
	return nil
}

// checkNew needs r.mu.
func (r *Registry) checkNew(name string, params []arrow.DataType, variadic, aggregate bool) error {
	clash := func(p []arrow.DataType, v bool) bool {
		return v == variadic && slices.EqualFunc(p, params, sameParam)
	}
	for _, s := range r.scalars[name] {
		if aggregate && s.User || clash(s.Params, s.Variadic) {
			return sqlerr.New(sqlerr.DuplicateFunction, "function %q already exists with same argument types", s)
		}
	}
	for _, t := range r.tables[name] {
		if clash(t.Params, t.Variadic) {
			return sqlerr.New(sqlerr.DuplicateFunction, "function %q already exists with same argument types", t)
		}
	}
	for _, a := range r.aggregates[name] {
		if !aggregate && a.User || clash(a.Params, a.Variadic) {
			return sqlerr.New(sqlerr.DuplicateFunction, "function %q already exists with same argument types", a)
		}
	}
	return nil
}

func sameParam(a, b arrow.DataType) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if asPolymorphic(a) != nil || asPolymorphic(b) != nil {
		return a == b
	}
	return isDecimalParam(a) && isDecimalParam(b) || sqltype.Equal(a, b)
}

// Unregister removes the user's functions of a name (DROP FUNCTION) and tells
// how many there were. Volley's own functions stay.
func (r *Registry) Unregister(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.changed()
	before := len(r.scalars[name]) + len(r.aggregates[name]) + len(r.tables[name])
	r.scalars[name] = slices.DeleteFunc(slices.Clone(r.scalars[name]), func(s *Scalar) bool { return s.User })
	r.aggregates[name] = slices.DeleteFunc(slices.Clone(r.aggregates[name]), func(a *Aggregate) bool { return a.User })
	r.tables[name] = slices.DeleteFunc(slices.Clone(r.tables[name]), func(t *Table) bool { return t.User })
	removed := before - len(r.scalars[name]) - len(r.aggregates[name]) - len(r.tables[name])
	if len(r.tables[name]) == 0 {
		delete(r.tables, name)
	}
	if len(r.scalars[name]) == 0 {
		delete(r.scalars, name)
	}
	if len(r.aggregates[name]) == 0 {
		delete(r.aggregates, name)
	}
	return removed
}

func (r *Registry) scalarsNamed(name string) []*Scalar {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.scalars[name]
}

func (r *Registry) aggregatesNamed(name string) []*Aggregate {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.aggregates[name]
}

// IsAggregate tells whether name is an aggregate function's.
func (r *Registry) IsAggregate(name string) bool { return len(r.aggregatesNamed(name)) > 0 }

// IsOrderedSet tells whether name is that of an aggregate called with WITHIN
// GROUP.
func (r *Registry) IsOrderedSet(name string) bool {
	list := r.aggregatesNamed(name)
	return len(list) > 0 && list[0].OrderedSet
}

// IsScalar tells whether name is a scalar function's or an operator's.
func (r *Registry) IsScalar(name string) bool { return len(r.scalarsNamed(name)) > 0 }

// Names are the names of all functions, aggregates and operators, sorted.
func (r *Registry) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var names []string
	for n := range r.scalars {
		names = append(names, n)
	}
	for n := range r.aggregates {
		names = append(names, n)
	}
	for n := range r.windows {
		names = append(names, n)
	}
	for n := range r.tables {
		names = append(names, n)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Scalars are all scalar functions and operators, by name, then signature.
func (r *Registry) Scalars() []*Scalar {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return sorted(r.scalars)
}

// Aggregates are all aggregate functions, by name, then signature.
func (r *Registry) Aggregates() []*Aggregate {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return sorted(r.aggregates)
}

func sorted[F interface{ String() string }](byName map[string][]F) []F {
	return sortedIf(byName, func(F) bool { return true })
}

// sortedIf are the functions that are wanted, by name, then signature, which is
// written once for each.
func sortedIf[F interface{ String() string }](byName map[string][]F, wanted func(F) bool) []F {
	type named struct {
		name string
		f    F
	}
	var all []named
	for _, list := range byName {
		for _, f := range list {
			if wanted(f) {
				all = append(all, named{f.String(), f})
			}
		}
	}
	slices.SortFunc(all, func(a, b named) int { return strings.Compare(a.name, b.name) })
	out := make([]F, len(all))
	for i, n := range all {
		out[i] = n.f
	}
	return out
}

// Fingerprint is a hash over what a user's program has registered: names,
// types and properties. A coordinator and its workers must have the same one.
func (r *Registry) Fingerprint() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	h := sha256.New()
	for _, s := range sortedIf(r.scalars, func(s *Scalar) bool { return s.User }) {
		h.Write([]byte("scalar " + s.String() + " " + typeName(s.Returns) + " " + s.Volatility.String() + flag(s.NullCall, " nullcall") + "\n"))
	}
	for _, a := range sortedIf(r.aggregates, func(a *Aggregate) bool { return a.User }) {
		h.Write([]byte("aggregate " + a.String() + " " + typeName(a.Returns) + flag(a.NullCall, " nullcall") + flag(a.Ordered, " ordered") + "\n"))
	}
	for _, t := range sortedIf(r.tables, func(t *Table) bool { return t.User }) {
		h.Write([]byte("table " + t.String() + " " + t.columnNames() + " " + t.Volatility.String() + flag(t.NullCall, " nullcall") + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func flag(set bool, word string) string {
	if set {
		return word
	}
	return ""
}
