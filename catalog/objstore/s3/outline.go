package s3

import (
	"strings"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

const (
	// maxDirectories is how many directories an outline has at most.
	maxDirectories = 10_000
	// outlineSamples is of how many directories an outline has an object.
	outlineSamples = 8
)

// sketch is what an outline is made by.
type sketch struct {
	*objstore.Outline
	match func(key string) bool // an object is one of the pattern's
	below func(dir string) bool // one below a directory may be
}

// outline lists the directories below a prefix, of which page is the first page of keys,
// down to the depth of the last ones with values in their names, if that costs no more
// requests than listing all keys would: if each directory above these has a page of them.
// ok is false where nothing is known of the rest.
func (l *listing) outline(prefix string, named int, page []minio.ObjectInfo) (ok bool, err error) {
	for depth := range max(named, 0) {
		if l.tree.keys[depth] < pageKeys {
			return false, nil
		}
	}
	if named < 0 || !l.sketch.Worth(namesIn(page[len(page)-1].Key)) {
		return false, nil
	}
	dirs := []string{prefix}
	for depth := 0; depth <= named; depth++ {
		levels := make([]level, len(dirs))
		var tasks errgroup.Group
		tasks.SetLimit(listingsAtOnce)
		for i, dir := range dirs {
			tasks.Go(sqlerr.Guarded(func() (err error) {
				levels[i], err = l.level(dir)
				return err
			}))
		}
		if err := tasks.Wait(); err != nil {
			return false, err
		}
		dirs = nil
		for _, below := range levels {
			if l.sketch.firstOf(below.objects) != nil {
				return false, nil // one without the last values
			}
			for _, dir := range below.dirs {
				name := strings.TrimSuffix(dir, "/")
				switch {
				case !l.sketch.below(name):
				case depth == named && !strings.Contains(name[strings.LastIndexByte(name, '/')+1:], "="), len(dirs) >= maxDirectories:
					return false, nil
				default:
					dirs = append(dirs, dir)
				}
			}
		}
	}
	if len(dirs) == 0 {
		return false, nil
	}
	return l.sample(dirs, l.sketch.firstOf(page))
}

// sample finds an object of some of the directories, besides the first one, and gives
// them to whoever asked, if there are any.
func (l *listing) sample(dirs []string, first *minio.ObjectInfo) (some bool, err error) {
	found := make([]*minio.ObjectInfo, outlineSamples)
	var tasks errgroup.Group
	for i := range found {
		dir := dirs[len(dirs)*i/outlineSamples]
		tasks.Go(sqlerr.Guarded(func() (err error) {
			page, err := l.page(dir)
			found[i] = l.sketch.firstOf(page)
			return err
		}))
	}
	if err := tasks.Wait(); err != nil {
		return false, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range append(found, first) {
		if o != nil {
			l.found(o)
			some = true
		}
	}
	if !some {
		return false, nil
	}
	for _, dir := range dirs {
		l.sketch.Directories = append(l.sketch.Directories, l.access.path(l.bucket, strings.TrimSuffix(dir, "/")))
	}
	return true, nil
}

// firstOf is the first object of some that matches and is not empty; nil: none.
func (s *sketch) firstOf(objects []minio.ObjectInfo) *minio.ObjectInfo {
	for i := range objects {
		if o := &objects[i]; o.Size > 0 && !strings.HasSuffix(o.Key, "/") && s.match(o.Key) {
			return o
		}
	}
	return nil
}

// namesIn are those of the values in a key's directories.
func namesIn(key string) (names []string) {
	for _, part := range strings.Split(key[:strings.LastIndexByte(key, '/')+1], "/") {
		if name, _, ok := strings.Cut(part, "="); ok {
			names = append(names, name)
		}
	}
	return names
}
