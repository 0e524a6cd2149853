package udf

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
)

// Registry holds functions by name. It is safe for concurrent use; lookups see
// all registrations made before.
type Registry struct {
	mu         sync.RWMutex
	scalars    map[string][]*Scalar
	aggregates map[string][]*Aggregate
}

// NewRegistry makes an empty registry.
func NewRegistry() *Registry {
	return &Registry{scalars: map[string][]*Scalar{}, aggregates: map[string][]*Aggregate{}}
}

// Default is the registry that a user's program registers into and that
// Volley's main uses; builtin.Register fills it.
var Default = NewRegistry()

// Resolved is the outcome of overload resolution: the function, the types its
// arguments must be cast to (as many as there are arguments), and its result.
type Resolved[F any] struct {
	Func    F
	Args    []arrow.DataType
	Returns arrow.DataType
}
