package coordinator

import (
	"maps"
	"sync"

	"volley/catalog/pgcatalog"
)

// comments are what COMMENT ON said. They live as long as the process. It is
// safe for concurrent use.
type comments struct {
	mu    sync.Mutex
	texts map[pgcatalog.Object]string
}

// set changes a comment; "" removes it.
func (c *comments) set(o pgcatalog.Object, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil {
		c.texts = map[pgcatalog.Object]string{}
	}
	if c.texts[o] = text; text == "" {
		delete(c.texts, o)
	}
}

func (c *comments) all() map[pgcatalog.Object]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.texts)
}
