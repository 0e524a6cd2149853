package s3

import (
	"math"
	"strings"

	"github.com/minio/minio-go/v7"

	"volley/catalog/objstore"
)

// tree is what a first look at a prefix has told of the directories below it, by depth:
// 0 are those directly below.
//
//	p/year=2009/month=01/day=01/…   depth 0: one in the first page, of 1,000 keys or more
//	p/year=2009/month=01/day=02/…   depth 2: 25 of them, of 40 keys each
type tree struct {
	// keys are how many a directory has, about; infinite: a page and more.
	keys []float64
	// deepest is the depth of those that keep has been seen to refuse.
	deepest int
	known   map[string]level // that have been listed, by their prefixes
}

// level is what is directly below a prefix.
type level struct {
	dirs    []string // with a slash at the end
	objects []minio.ObjectInfo
}

// look lists the first page of a prefix. If that is all, or no directory in it has a
// value in its name, nothing is lost: r is what is left of the range. Otherwise it goes
// down along the first directories that are wanted, until one that is not wanted shows
// that r should be walked.
func (l *listing) look(r *keyRange) (whole bool, err error) {
	page, err := l.page(r.prefix)
	if err != nil {
		return false, err
	}
	if whole = len(page) < pageKeys; !whole {
		named := l.tree.measure(r.prefix, page)
		if l.sketch != nil {
			if ok, err := l.outline(r.prefix, named, page); ok || err != nil {
				return true, err
			}
		} else if r.walk, err = l.probe(r.prefix, named); r.walk || err != nil {
			return false, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range page {
		l.found(&page[i])
	}
	if !whole {
		o := rangeLister{listing: l, keyRange: *r, last: page[len(page)-1].Key}
		l.first, o.after = page[0].Key, o.last
		o.share()
		*r = o.keyRange
	}
	return whole, nil
}

// page lists the first page of a prefix.
func (l *listing) page(prefix string) (page []minio.ObjectInfo, err error) {
	err = l.retry.Do(l.ctx, func() error {
		page = nil
		for info := range l.access.ListObjectsIter(l.ctx, l.bucket, l.options(prefix, "", true)) {
			if info.Err != nil {
				return l.access.failure(l.ctx, info.Err, l.bucket, prefix)
			}
			if n := len(page); n > 0 && info.Key <= page[n-1].Key {
				return errNoOrder
			}
			if page = append(page, info); len(page) == pageKeys {
				return nil
			}
		}
		return l.ctx.Err()
	})
	return page, err
}

// measure counts the directories of a page of keys. named is down to which depth they
// have values in their names, −1: nowhere.
func (t *tree) measure(prefix string, page []minio.ObjectInfo) (named int) {
	named = -1
	base := strings.LastIndexByte(prefix, '/') + 1
	var began []int // by depth: the key with which the last directory begins
	var dirs []int  // that came, by depth
	before := ""
	for i := range page {
		rest, at, same := page[i].Key[base:], base, true
		if objstore.SkippedInDirectory(rest) { // a tool's own, which may come first
			continue
		}
		for depth := 0; ; depth++ {
			slash := strings.IndexByte(rest, '/')
			if slash < 0 {
				break
			}
			at += slash + 1
			if depth == len(dirs) {
				dirs, began = append(dirs, 0), append(began, 0)
			}
			if same = same && strings.HasPrefix(before, page[i].Key[:at]); !same {
				dirs[depth], began[depth] = dirs[depth]+1, i
			}
			if strings.Contains(rest[:slash], "=") {
				named = max(named, depth)
			}
			rest = rest[slash+1:]
		}
		before = page[i].Key
	}
	t.keys, t.known = nil, map[string]level{}
	for depth, n := range dirs {
		if t.keys = append(t.keys, math.Inf(1)); n > 1 {
			t.keys[depth] = float64(began[depth]) / float64(n-1)
		}
	}
	return named
}

// probe goes down along the first directories that are wanted, as far as they have values
// in their names, and tells whether it has come by some that are not.
func (l *listing) probe(prefix string, named int) (refused bool, err error) {
	for depth := 0; depth <= named && (depth == 0 || l.tree.keys[depth-1] > pageKeys); depth++ {
		below, err := l.level(prefix)
		if err != nil {
			return false, err
		}
		l.tree.known[prefix] = below
		kept := l.kept(below.dirs)
		if len(kept) < len(below.dirs) {
			refused, l.tree.deepest = true, depth
		}
		if len(kept) == 0 {
			break
		}
		prefix = kept[0]
	}
	return refused, nil
}

// level lists what is directly below a prefix.
func (l *listing) level(prefix string) (below level, err error) {
	err = l.retry.Do(l.ctx, func() error {
		below = level{}
		for info := range l.access.ListObjectsIter(l.ctx, l.bucket, l.options(prefix, "", false)) {
			switch {
			case info.Err != nil:
				return l.access.failure(l.ctx, info.Err, l.bucket, prefix)
			case info.Key != prefix && strings.HasSuffix(info.Key, "/"):
				below.dirs = append(below.dirs, info.Key)
			default:
				below.objects = append(below.objects, info)
			}
		}
		return l.ctx.Err()
	})
	return below, err
}

// kept are those of some directories that are wanted.
func (l *listing) kept(dirs []string) (kept []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, dir := range dirs {
		if l.keep(l.access.path(l.bucket, strings.TrimSuffix(dir, "/"))) {
			kept = append(kept, dir)
		}
	}
	return kept
}

// directories goes on with those below a prefix that are wanted, unless all together are
// fewer pages.
func (l *listing) directories(r keyRange) (err error) {
	below, known := l.tree.known[r.prefix]
	if !known {
		if below, err = l.level(r.prefix); err != nil {
			return err
		}
	}
	kept := l.kept(below.dirs)
	keys := 1.0
	if r.depth < len(l.tree.keys) {
		keys = l.tree.keys[r.depth]
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	pages := math.Ceil(keys * float64(len(below.dirs)) / pageKeys)
	if large := keys > pageKeys; len(kept) > 0 && (float64(len(kept)) >= pages || len(kept) == len(below.dirs) && (!large || r.depth >= l.tree.deepest)) {
		l.push(keyRange{prefix: r.prefix}) // what came is listed once more
		return nil
	}
	for i := range below.objects {
		l.found(&below.objects[i])
	}
	for _, dir := range kept {
		l.push(keyRange{prefix: dir, walk: keys > pageKeys && r.depth < l.tree.deepest, depth: r.depth + 1})
	}
	return nil
}
