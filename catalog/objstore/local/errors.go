package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"volley/sqlerr"
)

// fileError gives a system error on a file its SQLSTATE. path is the file as
// the user named it, abs its absolute form.
func fileError(err error, verb, path, abs string) error {
	if err == nil {
		return nil
	}
	var cause error = err
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		cause = pe.Err // the path is in the message already
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return missing(path, abs)
	case errors.Is(err, fs.ErrPermission):
		return sqlerr.New(sqlerr.InsufficientPrivilege, "could not %s file \"%s\": permission denied", verb, path)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return sqlerr.Wrap(cause, sqlerr.DiskFull, "could not %s file \"%s\"", verb, path)
	case errors.Is(err, syscall.ENAMETOOLONG):
		return sqlerr.New(sqlerr.UndefinedFile, "file name is too long: \"%.100s…\"", path)
	}
	return sqlerr.Wrap(cause, sqlerr.IOError, "could not %s file \"%s\"", verb, path)
}

// missing is the error for a file that is not there; the hint says how far its
// path does exist.
func missing(path, abs string) *sqlerr.Error {
	e := sqlerr.New(sqlerr.UndefinedFile, "no such file: \"%s\"", path)
	if nearest := nearestDirectory(abs); nearest != filepath.Dir(abs) {
		return e.WithHint("The directory \"%s\" does not exist; the nearest one that does is \"%s\".",
			filepath.Dir(abs), nearest)
	}
	return e
}

// nearestDirectory is the deepest directory above abs that exists.
func nearestDirectory(abs string) string {
	dir := filepath.Dir(abs)
	for dir != filepath.Dir(dir) {
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			break
		}
		dir = filepath.Dir(dir)
	}
	return dir
}
