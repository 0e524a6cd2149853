package coordinator

import (
	"context"
	"slices"
	"sync"
	"time"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/parser/ast"
	"volley/sqlerr"
)

// presumption is what a query takes remote listings to be, which take a round trip or more
// before anything else can begin:
//
//  1. Bound and planned, the query is given what was listed for a statement before it, and
//     its tasks begin. What is there now is listed meanwhile.
//  2. Before anybody sees a row, an error or the columns, these listings must have ended
//     (holds). Mostly they are the same.
//  3. Otherwise the query is ended, whatever became of it, and begins anew, with what was
//     listed now.
//
// Only queries that change nothing presume: what volatile functions do cannot be taken
// back, so that it waits for the listings too. A nil presumption presumes nothing. It is
// used by the session's goroutine.
type presumption struct {
	query   context.Context
	ctx     context.Context // of the listings; nil: there are none yet
	cancel  context.CancelFunc
	running sync.WaitGroup
	of      map[string]*presumed // by pattern
	settled bool                 // what is listed now is known, and holds
}

// presumed is one listing.
type presumed struct {
	then []objstore.Info
	// now and err are valid when done is closed.
	now  []objstore.Info
	err  error
	done chan struct{}
}

type presumptionKey struct{}

// presume gives the context of a statement that may presume listings. end must be called
// when it has been started.
func presume(ctx context.Context) (_ context.Context, p *presumption, end func()) {
	if p := presumptionOf(ctx); p != nil {
		return ctx, p, func() {}
	}
	p = &presumption{query: ctx}
	return context.WithValue(ctx, presumptionKey{}, p), p, func() {
		if p.ctx != nil {
			p.cancel()
			p.running.Wait()
		}
	}
}

// presumeNothing is the context for statements that list before they begin.
func presumeNothing(ctx context.Context) context.Context {
	if presumptionOf(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, presumptionKey{}, (*presumption)(nil))
}

func presumptionOf(ctx context.Context) *presumption {
	p, _ := ctx.Value(presumptionKey{}).(*presumption)
	return p
}

// reads tells whether a statement is a query that changes nothing, but for what its
// functions do.
func (p *Prepared) reads() bool {
	_, query := p.stmt.(*ast.Query)
	return query && p.change == nil
}

// glob lists all that matches a pattern of a table, but perhaps what is below directories
// that are not to be kept (nil: all are), or gives an outline where the context asks for
// one. A query may be given what it was before.
func (f *fileTables) glob(ctx context.Context, c *Coordinator, of *catalog.Given, pattern string, keep func(dir string) bool) ([]objstore.Info, error) {
	if objstore.Scheme(pattern) == "" {
		return objstore.GlobPruned(ctx, c.cfg.Store, pattern, keep)
	}
	outline, p := objstore.OutlineOf(ctx), presumptionOf(ctx)
	if objects, err := f.aged(ctx, of, pattern, keep, outline); objects != nil || err != nil {
		return objects, err
	}
	if p != nil {
		l := p.of[pattern]
		if l == nil && !p.settled {
			if then := f.listed.presumed(pattern, keep != nil || outline != nil); then != nil {
				l = p.list(f, c, pattern, then)
			}
		}
		switch {
		case l != nil && p.settled:
			return l.now, l.err
		case l != nil:
			return l.then, nil
		}
	}
	return f.globNow(ctx, c, pattern, keep, outline)
}

// globNow is glob by what is there now, which is remembered.
func (f *fileTables) globNow(ctx context.Context, c *Coordinator, pattern string, keep func(dir string) bool, outline *objstore.Outline) ([]objstore.Info, error) {
	now, part := listed{began: time.Now()}, allListed
	kept := keep
	if keep != nil {
		kept = func(dir string) bool {
			is := keep(dir)
			if !is {
				now.left, part = append(now.left, dir), someListed
			}
			return is
		}
	}
	if outline != nil {
		worth := outline.Worth
		outline.Worth = func(names []string) bool {
			now.names = names
			return worth(names)
		}
		defer func() { outline.Worth = worth }()
	}
	var err error
	if now.objects, err = objstore.GlobPruned(ctx, c.cfg.Store, pattern, kept); err != nil {
		return nil, err
	}
	if outline != nil && outline.Directories != nil {
		now.directories, part = outline.Directories, outlinedListed
	}
	f.listed.keep(listingOf{pattern, part}, now)
	return now.objects, nil
}

// list begins to list what is there now.
func (p *presumption) list(f *fileTables, c *Coordinator, pattern string, then []objstore.Info) *presumed {
	if p.ctx == nil {
		p.of = map[string]*presumed{}
		p.ctx, p.cancel = context.WithCancel(p.query)
	}
	l := &presumed{then: then, done: make(chan struct{})}
	p.of[pattern] = l
	began := time.Now()
	p.running.Go(func() {
		defer close(l.done)
		l.err = sqlerr.Guarded(func() (err error) {
			if l.now, err = c.cfg.Store.Glob(p.ctx, pattern); err == nil {
				f.listed.keep(listingOf{pattern, allListed}, listed{objects: l.now, began: began})
			}
			return err
		})()
	})
	return l
}

// holds waits for the listings and tells whether all are what was presumed, or why they
// cannot be waited for. From then on the query is given what is there now.
func (p *presumption) holds(ctx context.Context) (bool, error) {
	if p == nil || p.settled {
		return true, nil
	}
	same := true
	for _, l := range p.of {
		select {
		case <-l.done:
		case <-ctx.Done():
			return false, ctx.Err()
		}
		same = same && l.err == nil && slices.Equal(l.then, l.now)
	}
	p.settled = true
	return same, nil
}
