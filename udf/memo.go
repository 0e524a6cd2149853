package udf

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// memo remembers the outcomes of overload resolution: a query of a few
// operators asks for each of them many times while it is planned. It is safe
// for concurrent use.
type memo[V any] struct {
	mu      sync.RWMutex
	changes int // of the registry
	known   map[memoKey]V
}

// memoKey is a call.
type memoKey struct {
	name string
	n    int
	args [2]arrow.DataType
}

// keyOf is that of a call; not ok when it is not worth remembering: types that are
// made anew for every query would fill the memory.
func keyOf(name string, args []arrow.DataType) (k memoKey, ok bool) {
	k = memoKey{name: name, n: len(args)}
	if len(args) > len(k.args) {
		return k, false
	}
	for i, t := range args {
		if !isSingle(t) {
			return k, false
		}
		k.args[i] = t
	}
	return k, true
}

// isSingle tells whether there is one value only of the type.
func isSingle(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.BOOL, arrow.INT16, arrow.INT32, arrow.INT64, arrow.FLOAT32, arrow.FLOAT64, arrow.STRING, arrow.BINARY, arrow.DATE32:
		return true
	}
	if d, ok := t.(*arrow.Decimal128Type); ok {
		return t == sqltype.Decimal(d.Precision, d.Scale)
	}
	return t == sqltype.Numeric || t == sqltype.Unknown
}

// maxKnown bounds what is remembered: there are many pairs of decimal types.
const maxKnown = 1 << 14

// get gives what is remembered. It keeps nothing of args.
func (m *memo[V]) get(name string, args []arrow.DataType) (v V, ok bool) {
	k, ok := keyOf(name, args)
	if !ok {
		return v, false
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok = m.known[k]
	return v, ok
}

// find remembers what look finds, unless that is an error.
func (m *memo[V]) find(name string, args []arrow.DataType, look func() (V, error)) (V, error) {
	k, ok := keyOf(name, args)
	if !ok {
		return look()
	}
	m.mu.RLock()
	changes := m.changes
	m.mu.RUnlock()
	v, err := look()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changes == changes { // else it may be out of date
		if m.known == nil || len(m.known) >= maxKnown {
			m.known = map[memoKey]V{}
		}
		m.known[k] = v
	}
	return v, nil
}

// forget is called after each change of the registry.
func (m *memo[V]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	m.known = nil
}
