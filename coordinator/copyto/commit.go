package copyto

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

const (
	// preparedAtOnce is how many files are prepared at the same time: a store over a
	// network answers late.
	preparedAtOnce = 8
	// mostNamed is how many files an error names.
	mostNamed = 10
)

// commitFiles makes all files appear, one after the other, once each of them only
// has to. When one does not, the directory has again what it had before; where a store
// has not kept what a file replaced, the new one stays, whole, and the error names it.
func (w *Writer) commitFiles() error {
	if err := w.prepareFiles(); err != nil {
		return err
	}
	for i, f := range w.files {
		if r, ok := f.w.(objstore.Restorer); ok {
			r.KeepOld()
		}
		if err := f.w.Commit(); err != nil {
			closed := f.w.Close() // so that it does not appear later
			return w.takeBack(w.files[:i+1], err, closed != nil)
		}
	}
	for _, f := range w.files {
		if r, ok := f.w.(objstore.Restorer); ok {
			r.Forget()
		}
	}
	return nil
}

// prepareFiles does what may fail of the commits of several files.
func (w *Writer) prepareFiles() error {
	if len(w.files) < 2 {
		return nil
	}
	return prepare(w.files)
}

// prepare does all of the files' commits but their last steps.
func prepare(files []*file) error {
	var group errgroup.Group
	group.SetLimit(preparedAtOnce)
	for _, f := range files {
		if p, ok := f.w.(objstore.Preparer); ok {
			group.Go(sqlerr.Guarded(p.Prepare))
		}
	}
	return group.Wait()
}

// mostUnanswered is after how many removals in a row to which the store did not
// answer no more are tried.
const mostUnanswered = 3

// remover removes files until the store does not answer any more. The statement's end
// does not end it halfway.
type remover struct {
	store      objstore.Store
	ctx        context.Context
	unanswered int
}

func (w *Writer) remover() *remover {
	return &remover{store: w.store, ctx: context.WithoutCancel(w.ctx)}
}

func (r *remover) remove(path string) bool {
	if r.unanswered >= mostUnanswered {
		return false
	}
	err := r.store.Remove(r.ctx, path)
	if e := sqlerr.Find(err); e != nil && e.Code == sqlerr.IOError {
		r.unanswered++
	} else {
		r.unanswered = 0
	}
	return err == nil
}

// removeOld removes the files that were there and are not written anew. The new
// ones are there for good by now.
func (w *Writer) removeOld() {
	written := map[string]bool{}
	for _, f := range w.files {
		written[f.path] = true
	}
	r := w.remover()
	for _, path := range w.old {
		if !written[path] && !r.remove(path) {
			w.left++
		}
	}
}

// takeBack undoes the commits of files, of which the last one failed because of err.
// In doubt a store over a network may have carried it out all the same.
func (w *Writer) takeBack(files []*file, err error, doubt bool) error {
	var replaced, added []string // that stay
	remover, failed := w.remover(), files[len(files)-1]
	for _, f := range slices.Backward(files) {
		if u, ok := f.w.(objstore.Undoer); ok && f != failed && u.Undo(remover.ctx) {
			continue
		}
		r, ok := f.w.(objstore.Restorer)
		switch {
		case ok && (f == failed || r.Restore() == nil): // one that fails has restored itself
		case ok, w.had[f.path]:
			if f != failed || doubt {
				replaced = append(replaced, f.path)
			}
		case !remover.remove(f.path):
			added = append(added, f.path)
		}
	}
	e := sqlerr.Find(err)
	if e == nil || len(replaced)+len(added) == 0 {
		return err
	}
	told := *e
	told.Cause = err
	if len(replaced) > 0 {
		told.Detail += " Files that were replaced and could not be brought back: " + named(replaced)
	}
	if len(added) > 0 {
		told.Detail += " New files that could not be removed: " + named(added)
	}
	told.Detail = strings.TrimSpace(told.Detail)
	return &told
}

// named is a list of files for people.
func named(paths []string) string {
	if more := len(paths) - mostNamed; more > 0 {
		return fmt.Sprintf("%s and %d more.", strings.Join(paths[:mostNamed], ", "), more)
	}
	return strings.Join(paths, ", ") + "."
}
