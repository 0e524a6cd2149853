package local

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// KeepOld makes Commit keep what the path had.
func (w *writer) KeepOld() { w.keepOld = true }

// saveOld gives what the target has a second name, hidden beside it.
func (w *writer) saveOld() error {
	if !w.keepOld {
		return nil
	}
	dir, base := filepath.Split(w.target)
	name := fmt.Sprintf("%s.%s.%016x.old", dir, base[:min(len(base), 200)], rand.Uint64())
	err := os.Link(w.target, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil: // file systems without links
		err = copyFile(w.target, name)
	}
	if err == nil {
		w.old = name
	}
	return fileError(err, "keep", w.path, w.target)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, st.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		_ = os.Remove(to)
	}
	return err
}

// Restore brings back what the target had before Commit.
func (w *writer) Restore() error {
	if w.target == "" || w.f != nil {
		return nil
	}
	if w.old == "" {
		return fileError(os.Remove(w.target), "remove", w.path, w.target)
	}
	old := w.old
	w.old = ""
	return fileError(os.Rename(old, w.target), "restore", w.path, w.target)
}

// Forget removes what the target had before.
func (w *writer) Forget() {
	if w.old != "" {
		_ = os.Remove(w.old)
		w.old = ""
	}
}
