package coordinator

import (
	"slices"
	"strings"
	"sync"

	"volley/catalog/objstore"
)

// listings remembers what was found last at patterns of remote stores, for queries to
// begin by (presumption). It is safe for concurrent use.
type listings struct {
	mu    sync.Mutex
	of    map[string]listed // by pattern
	total int               // objects of all
}

// listed is all that matched a pattern.
type listed struct {
	objects []objstore.Info
	// steady: when it was listed, it was what it had been before. What has just changed may
	// well do so again.
	steady bool
}

const (
	// maxListings and maxListed bound the patterns, and their objects, that are remembered.
	maxListings, maxListed = 1000, 200_000
	// pageOfKeys is how many names of objects one request gives. Where there are fewer,
	// leaving some out saves none.
	pageOfKeys = 1000
)

// keep remembers what matches a pattern now.
func (l *listings) keep(pattern string, objects []objstore.Info) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, known := l.of[pattern]
	if len(objects) > maxListed {
		delete(l.of, pattern)
		l.total -= len(old.objects)
		return
	}
	l.total += len(objects) - len(old.objects)
	if l.of == nil || l.total > maxListed || !known && len(l.of) >= maxListings {
		l.of, l.total = map[string]listed{}, len(objects)
	}
	l.of[pattern] = listed{objects, !known || slices.Equal(old.objects, objects)}
}

// presumed is what most likely matches a pattern, of which a listing may leave out what is
// not wanted (some); nil: nothing is known, or a listing could save requests.
func (l *listings) presumed(pattern string, some bool) []objstore.Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.of[pattern]
	if !known.steady || len(known.objects) == 0 || some && len(known.objects) >= pageOfKeys && strings.Contains(directoryOf(known.objects[0].Path), "=") {
		return nil
	}
	return known.objects
}

func (l *listings) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of, l.total = nil, 0
}
