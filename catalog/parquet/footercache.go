package parquet

import (
	"container/list"
	"sync"

	"volley/catalog"
)

// defaultCacheBytes is how many bytes of footers are kept. Decoded, a footer
// takes several times its size.
const defaultCacheBytes = 32 << 20

// footerCache keeps the footers used last, by path and version of their files.
type footerCache struct {
	mu       sync.Mutex
	limit    int64
	bytes    int64
	order    *list.List // of cacheEntry, the one used last first
	elements map[cacheKey]*list.Element
}

type cacheKey struct{ path, version string }

type cacheEntry struct {
	key    cacheKey
	footer *footer
}

func newFooterCache(limit int64) *footerCache {
	return &footerCache{limit: limit, order: list.New(), elements: map[cacheKey]*list.Element{}}
}

func (c *footerCache) get(file catalog.FileInfo) *footer {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.elements[cacheKey{file.Path, file.Version}]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(cacheEntry).footer
}

// put keeps f. Files without a version cannot be told from their successors
// and are not kept.
func (c *footerCache) put(file catalog.FileInfo, f *footer) {
	if file.Version == "" || f.bytes() > c.limit {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := cacheKey{file.Path, file.Version}
	if c.elements[key] != nil {
		return
	}
	c.elements[key] = c.order.PushFront(cacheEntry{key, f})
	for c.bytes += f.bytes(); c.bytes > c.limit; {
		oldest := c.order.Back()
		entry := c.order.Remove(oldest).(cacheEntry)
		delete(c.elements, entry.key)
		c.bytes -= entry.footer.bytes()
	}
}

// bytes is what f takes, roughly.
func (f *footer) bytes() int64 { return f.footerLen + int64(len(f.tail)) }
