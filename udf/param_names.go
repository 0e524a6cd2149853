package udf

import (
	"slices"
	"strings"
)

// Param is a parameter as calls name it: f(days => 3). Default is what a call
// that does not give it says instead, as SQL; "" for parameters that must be given.
type Param struct{ Name, Default string }

// NameParams gives a function's parameters their names, in order. All of its
// overloads have them; an overload may have fewer parameters.
func (r *Registry) NameParams(function string, params ...Param) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paramNames == nil {
		r.paramNames = map[string][][]Param{}
	}
	r.paramNames[function] = append(r.paramNames[function], params)
}

// ArrangeParams puts the arguments of a call into order: the first ones have no
// name, "", and the others' names follow. The result has for each parameter the
// number of its argument, or −1 where the default of that name's parameter
// stands. It is false when no form of the function has such parameters.
func (r *Registry) ArrangeParams(function string, names []string) (order []int, params []Param, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, params := range r.paramNames[function] {
		if order, ok := arrange(params, names); ok {
			return order, params, true
		}
	}
	return nil, nil, false
}

func arrange(params []Param, names []string) ([]int, bool) {
	order := make([]int, len(params))
	for i := range order {
		order[i] = -1
	}
	last := -1
	for i, name := range names {
		at := i
		if name != "" {
			at = slices.IndexFunc(params, func(p Param) bool { return p.Name == name })
		}
		if at < 0 || at >= len(params) || order[at] >= 0 {
			return nil, false
		}
		order[at] = i
		last = max(last, at)
	}
	for at, p := range params {
		if order[at] < 0 && p.Default == "" {
			if at < last {
				return nil, false
			}
			return order[:at], slices.Max(append(order[at:], -1)) < 0
		}
	}
	return order, true
}

// ParseParams reads "a b=0 c='x'": names of parameters with their defaults.
func ParseParams(list string) (out []Param) {
	for _, word := range strings.Fields(list) {
		name, value, _ := strings.Cut(word, "=")
		out = append(out, Param{name, value})
	}
	return out
}
