package udf

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// Window is one overload of a window function that is no aggregate: rank, lag
// and their kin. What it computes is known to the operator by its name; the
// registry says which types it takes and gives. Aggregates are window functions
// without further registration.
type Window struct {
	Name   string           // lower case
	Params []arrow.DataType // as in Scalar
	// Returns is the result type; ReturnFor, if set, computes it from the
	// argument types instead.
	Returns   arrow.DataType
	ReturnFor func(args []arrow.DataType) (arrow.DataType, error)
	Doc       string
}

// String is name(type, …), for messages.
func (w *Window) String() string { return signature(w.Name, w.Params, false) }

// Scanner is an Accumulator that can tell how its results develop, which running
// window frames need. Accumulators that cannot are updated row by row.
type Scanner interface {
	// Scan adds rows, those of one group right after one another, and gives for
	// each row the result of its group after that row. The accumulator has no
	// groups or, when resumed, one: the state of rows before the first row, of
	// the same group as that. Afterwards Volley's own aggregates have a group for
	// every row (after the one resumed): its State is that of the result, by
	// which a scan is resumed in another accumulator.
	Scan(groups []uint32, args []Arg, resumed bool) (arrow.Array, error)
}

// RegisterWindow adds an overload. It is an error (42723) if a window function
// with the same name and parameter types exists, and (42601) if w is incomplete.
func (r *Registry) RegisterWindow(w *Window) error {
	if w.Name == "" || w.Returns == nil && w.ReturnFor == nil {
		return sqlerr.New(sqlerr.SyntaxError, "window function %s is incomplete", w)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.windows[w.Name] {
		if x.String() == w.String() {
			return sqlerr.New(sqlerr.DuplicateFunction, "function %q already exists with same argument types", w)
		}
	}
	r.windows[w.Name] = append(r.windows[w.Name], w)
	return nil
}

func (r *Registry) windowsNamed(name string) []*Window {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.windows[name]
}

// IsWindow tells whether name is that of a window function that is no aggregate.
func (r *Registry) IsWindow(name string) bool { return len(r.windowsNamed(name)) > 0 }

// Windows are all window functions that are no aggregates, by name, then
// signature.
func (r *Registry) Windows() []*Window {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return sorted(r.windows)
}

// ResolveWindow chooses the overload of a window function as ResolveScalar does.
func (r *Registry) ResolveWindow(name string, args []arrow.DataType) (Resolved[*Window], error) {
	list := r.windowsNamed(name)
	best, err := r.choose(name, args, len(list), func(i int) signatureOf { return signatureOf{list[i].Params, false} })
	if err != nil {
		return Resolved[*Window]{}, err
	}
	w := list[best]
	out, err := coerced(signatureOf{w.Params, false}, args)
	if err != nil {
		return Resolved[*Window]{}, err
	}
	ret := w.Returns
	if w.ReturnFor != nil {
		if ret, err = w.ReturnFor(out); err != nil {
			return Resolved[*Window]{}, err
		}
	}
	return Resolved[*Window]{Func: w, Args: out, Returns: ret}, nil
}
