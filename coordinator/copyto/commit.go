package copyto

import (
	"context"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// commitFiles makes all files appear, one after the other. When one does not, the
// directory has again what it had before; where a store cannot bring a replaced
// file back, the new one stays, whole.
func (w *Writer) commitFiles() error {
	for i, f := range w.files {
		if r, ok := f.w.(objstore.Restorer); ok {
			r.KeepOld()
		}
		if err := f.w.Commit(); err != nil {
			return w.takeBack(w.files[:i], err)
		}
	}
	for _, f := range w.files {
		if r, ok := f.w.(objstore.Restorer); ok {
			r.Forget()
		}
	}
	return nil
}

// mostUnanswered is after how many removals in a row to which the store did not
// answer no more are tried.
const mostUnanswered = 3

// removeOld removes the files that were there and are not written anew. The new
// ones are there for good by now, so nothing ends it halfway.
func (w *Writer) removeOld() {
	ctx := context.WithoutCancel(w.ctx)
	written := map[string]bool{}
	for _, f := range w.files {
		written[f.path] = true
	}
	unanswered := 0
	for _, path := range w.old {
		if written[path] {
			continue
		}
		if unanswered >= mostUnanswered {
			w.left++
			continue
		}
		err := w.store.Remove(ctx, path)
		if err != nil {
			w.left++
		}
		if e := sqlerr.Find(err); e != nil && e.Code == sqlerr.IOError {
			unanswered++
		} else {
			unanswered = 0
		}
	}
}

// takeBack undoes the commits of files because of err.
func (w *Writer) takeBack(files []*file, err error) error {
	ctx := context.WithoutCancel(w.ctx)
	left := 0
	for i := len(files) - 1; i >= 0; i-- {
		f := files[i]
		r, ok := f.w.(objstore.Restorer)
		switch {
		case ok && r.Restore() == nil:
		case !ok && !w.had[f.path] && w.store.Remove(ctx, f.path) == nil:
		default:
			left++
		}
	}
	if e := sqlerr.Find(err); left > 0 && e != nil {
		return e.WithHint("%d files of the directory were replaced before and could not be brought back.", left)
	}
	return err
}
