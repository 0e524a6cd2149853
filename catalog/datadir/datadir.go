// Package datadir writes files of a data directory so that they outlast the machine:
// what has returned is on disk, names too, and a crash leaves the old or the new.
package datadir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace writes a file whole, for its owner alone.
func Replace(path string, text []byte) error {
	dir, name := filepath.Split(path)
	f, err := os.CreateTemp(dir, "."+name+"-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename there is nothing to remove
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return Sync(filepath.Dir(path))
}

// Make makes a directory, and those above it.
func Make(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err = Make(filepath.Dir(dir)); err == nil {
			err = os.Mkdir(dir, 0o700)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		if info, failed := os.Stat(dir); failed == nil && info.IsDir() {
			return nil
		}
	}
	if err != nil {
		return err
	}
	return Sync(filepath.Dir(dir))
}

// Sync makes the names in a directory durable.
func Sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
