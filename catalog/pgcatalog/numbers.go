package pgcatalog

import "sync"

// firstNumber is the first oid of objects that users make.
const firstNumber = 16385

// Numbers gives each object its oid: the same one for the same key, as long as
// the process runs. It is safe for concurrent use.
type Numbers struct {
	mu    sync.Mutex
	given map[string]uint32
}

// Of is the oid of an object by its kind and what identifies it.
func (n *Numbers) Of(kind, key string) uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.given == nil {
		n.given = map[string]uint32{}
	}
	key = kind + "\x00" + key
	oid, ok := n.given[key]
	if !ok {
		oid = firstNumber + uint32(len(n.given))
		n.given[key] = oid
	}
	return oid
}
