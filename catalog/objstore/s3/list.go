package s3

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

const (
	// listingsAtOnce is how many requests of one listing are under way at most.
	listingsAtOnce = 16
	// pageKeys is how many keys servers give in a page.
	pageKeys = 1000
)

// listing lists the objects below a prefix by several requests at once. Pages of one
// listing come one after the other, since each says where the next begins, so the keys
// are cut into ranges:
//
//	after ──page──page──┊ what is left, until ──▶ cut at a key guessed to lie between
//	                    └─ this range goes on    └─ another one, listed by another request
//
// Whatever the guess (cut.go), each key is in one range. A range is cut after a page of
// it while there are requests to be had. Directories that are not wanted are found by
// listing their parents with a delimiter, as long as that saves requests (walk.go).
type listing struct {
	access *access
	bucket string
	retry  *objstore.RetryPolicy
	// deep: objects below other directories than the prefix's too.
	deep bool
	// keep tells whether objects below a directory (its path, without a slash at the
	// end) are wanted; nil: all are.
	keep func(dir string) bool
	add  func(key string, info objstore.Info) // may come again after a failure
	// plain: the server has keys in no order, so that they are not cut.
	plain bool
	tree  tree // what is known of directories, where keep or sketch is asked
	// sketch: an outline will do; nil: everything is listed.
	sketch *sketch

	ctx     context.Context
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu            sync.Mutex
	todo          []keyRange
	running       int
	first         string // key that came
	pages, wasted int    // full pages; ranges that turned out to have few keys
	err           error
}

// errNoOrder is a server that gives keys in no order, or where it was not asked to begin.
var errNoOrder = errors.New("keys are listed in no order")

// keyRange are the keys with a prefix that come after one and not after another.
type keyRange struct {
	prefix       string
	after, until string // "": all from the beginning; all to the end
	// walk: the directories below, which are depth levels below the first ones, are
	// looked at one by one.
	walk  bool
	depth int
	cut   bool // off another range
}

// run lists a prefix. keep and add are called by one goroutine at a time.
func (l *listing) run(ctx context.Context, prefix string) error {
	err := l.once(ctx, prefix)
	if errors.Is(err, errNoOrder) {
		l.plain, l.err, l.todo = true, nil, nil
		err = l.once(ctx, prefix)
	}
	return err
}

func (l *listing) once(ctx context.Context, prefix string) error {
	l.ctx, l.cancel = context.WithCancel(ctx)
	defer l.cancel()
	begin := keyRange{prefix: prefix}
	if (l.keep != nil || l.sketch != nil) && l.deep && !l.plain {
		whole, err := l.look(&begin)
		if whole || err != nil {
			return err
		}
	}
	l.mu.Lock()
	l.push(begin)
	l.mu.Unlock()
	l.workers.Wait()
	if l.err != nil {
		return l.err
	}
	return ctx.Err()
}

// push has a range listed. The lock is held.
func (l *listing) push(r keyRange) {
	l.todo = append(l.todo, r)
	if l.running < listingsAtOnce {
		l.running++
		l.workers.Add(1)
		go l.work()
	}
}

// work lists ranges until there are none.
func (l *listing) work() {
	defer l.workers.Done()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.todo) > 0 && l.err == nil {
		r := l.todo[len(l.todo)-1]
		l.todo = l.todo[:len(l.todo)-1]
		l.mu.Unlock()
		err := l.list(r)
		l.mu.Lock()
		if err != nil && l.err == nil {
			l.err = err
			l.cancel()
		}
	}
	l.running--
}

func (l *listing) list(r keyRange) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = sqlerr.Panic(p)
		}
	}()
	if r.walk {
		return l.directories(r)
	}
	return l.objects(r)
}

// options are those of requests for a prefix.
func (l *listing) options(prefix, after string, deep bool) minio.ListObjectsOptions {
	return minio.ListObjectsOptions{Prefix: prefix, StartAfter: after, Recursive: deep}
}

// found gives an object to whoever asked. The lock is held.
func (l *listing) found(o *minio.ObjectInfo) {
	if !strings.HasSuffix(o.Key, "/") { // a directory that some tools make
		l.add(o.Key, objstore.Info{Path: l.access.path(l.bucket, o.Key), Size: o.Size, Version: versionOf(*o, o.Size)})
	}
}

// objects lists a range. After a failure it goes on behind the last key that came.
func (l *listing) objects(r keyRange) error {
	o := rangeLister{listing: l, keyRange: r, last: r.after}
	for {
		var failed error
		err := l.retry.Do(l.ctx, func() error {
			before := o.last
			if failed = o.list(); failed != nil && failed != errNoOrder {
				failed = l.access.failure(l.ctx, failed, l.bucket, r.prefix)
			}
			if o.last != before { // the next try is a first one
				return nil
			}
			return failed
		})
		if err != nil || failed == nil {
			return err
		}
	}
}

// rangeLister lists one range.
type rangeLister struct {
	*listing
	keyRange
	last string // key that came, where to go on
	keys int
}

func (o *rangeLister) list() error {
	for info := range o.access.ListObjectsIter(o.ctx, o.bucket, o.options(o.prefix, o.last, o.deep)) {
		if info.Err != nil {
			return info.Err
		}
		if !o.deep && strings.HasSuffix(info.Key, "/") {
			continue // a directory; they come after the objects of their page
		}
		if o.until != "" && info.Key > o.until {
			break
		}
		if !o.plain {
			if info.Key <= o.last {
				return errNoOrder
			}
			o.last = info.Key
		}
		o.keys++
		o.mu.Lock()
		if o.first == "" {
			o.first = info.Key
		}
		o.found(&info)
		if o.keys%pageKeys == 0 {
			o.share()
		}
		o.mu.Unlock()
	}
	if o.keyRange.cut && o.keys < pageKeys/4 {
		o.mu.Lock()
		o.wasted++
		o.mu.Unlock()
	}
	return nil
}

// share lets another request have a part of what is left, after a full page, unless
// too many parts had too few. The lock is held.
func (o *rangeLister) share() {
	o.pages++
	if o.plain || !o.deep || o.running >= listingsAtOnce || len(o.todo) > 0 || o.wasted > 4+o.pages/8 {
		return
	}
	if at := cut(len(o.prefix), o.first, o.last, o.until); at != "" {
		o.push(keyRange{prefix: o.prefix, after: at, until: o.until, cut: true})
		o.until = at
	}
}
