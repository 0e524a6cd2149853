package coordinator

import (
	"slices"
	"strings"
	"sync"
	"time"

	"volley/catalog/objstore"
)

// listings remembers what was found last at patterns of remote stores: for queries to begin
// by (presumption), and for statements that take it for what is there now (listingAge). It
// is safe for concurrent use.
type listings struct {
	mu    sync.Mutex
	of    map[listingOf]listed
	total int // names in all
	// wrote is when this coordinator wrote last. What was listed beside it may lack that.
	wrote time.Time
}

// listingOf is what was listed.
type listingOf struct {
	pattern string
	part    listingPart
}

// listingPart is how much of what matches a pattern was listed.
type listingPart uint8

const (
	allListed      listingPart = iota
	someListed                 // but for directories that were not wanted
	outlinedListed             // an outline
)

// listed is what a listing gave.
type listed struct {
	objects []objstore.Info
	// began is when it was begun; zero: it is known to be old.
	began time.Time
	// steady: when it was listed, it was what it had been before. What has just changed may
	// well do so again.
	steady bool
	// left are the directories that were left out.
	left []string
	// directories are an outline's, in which there are values of these names.
	directories, names []string
}

// size is how many names are remembered.
func (l *listed) size() int { return len(l.objects) + len(l.left) + len(l.directories) }

const (
	// maxListings and maxListed bound the listings, and the names in them, that are
	// remembered.
	maxListings, maxListed = 1000, 200_000
	// pageOfKeys is how many names of objects one request gives. Where there are fewer,
	// leaving some out saves none.
	pageOfKeys = 1000
)

// keep remembers a listing.
func (l *listings) keep(what listingOf, now listed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, known := l.of[what]
	if now.size() > maxListed {
		delete(l.of, what)
		l.total -= old.size()
		return
	}
	l.total += now.size() - old.size()
	if l.of == nil || l.total > maxListed || !known && len(l.of) >= maxListings {
		l.of, l.total = map[listingOf]listed{}, now.size()
	}
	now.steady = !known || slices.Equal(old.objects, now.objects)
	if !now.began.After(l.wrote) {
		now.began = time.Time{}
	}
	l.of[what] = now
}

// presumed is what most likely matches a pattern, of which a listing may leave out what is
// not wanted (some); nil: nothing is known, or a listing could save requests.
func (l *listings) presumed(pattern string, some bool) []objstore.Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.of[listingOf{pattern, allListed}]
	if !known.steady || len(known.objects) == 0 || some && len(known.objects) >= pageOfKeys && strings.Contains(directoryOf(known.objects[0].Path), "=") {
		return nil
	}
	return known.objects
}

// since is what was listed of a pattern after a moment: all, or as much as is asked for by
// keep and outline, which may be nil. nil: there is no such listing.
func (l *listings) since(moment time.Time, pattern string, keep func(dir string) bool, outline *objstore.Outline) []objstore.Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := func(part listingPart) (listed, bool) {
		is := l.of[listingOf{pattern, part}]
		return is, len(is.objects) > 0 && is.began.After(moment)
	}
	if all, ok := known(allListed); ok {
		return all.objects
	}
	if outlined, ok := known(outlinedListed); ok && outline != nil && outline.Worth(outlined.names) {
		outline.Directories = outlined.directories
		return outlined.objects
	}
	if some, ok := known(someListed); ok && keep != nil && !slices.ContainsFunc(some.left, keep) {
		return some.objects
	}
	return nil
}

// written tells that this coordinator has changed objects: one of the path, or some in the
// directory path. What was listed of patterns that may match them is old.
func (l *listings) written(path string) {
	path = oneSpelling(path)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrote = time.Now()
	for what, known := range l.of {
		begins := oneSpelling(what.pattern)
		if i := strings.IndexAny(begins, `*?[{\`); i >= 0 {
			begins = begins[:i]
		}
		if strings.HasPrefix(path, begins) || strings.HasPrefix(begins, path) {
			known.began = time.Time{}
			l.of[what] = known
		}
	}
}

// oneSpelling is a path with its scheme in lower case.
func oneSpelling(path string) string {
	scheme := objstore.Scheme(path)
	return scheme + path[len(scheme):]
}

// age makes all listings old: the next statements list anew.
func (l *listings) age() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrote = time.Now()
	for what, known := range l.of {
		known.began = time.Time{}
		l.of[what] = known
	}
}

func (l *listings) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of, l.total, l.wrote = nil, 0, time.Now()
}
