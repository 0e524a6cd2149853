package spill

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

const (
	claimPrefix = "volley-spill-"
	lockName    = "lock"
	// claimGrace is how old a directory without a lock must be to be nobody's: its
	// process locks it right after it has made it.
	claimGrace = time.Minute
)

// Claim is a process's own directory for what it spills. It is locked for as
// long as the process lives, however it ends.
type Claim struct {
	path string
	lock *os.File
}

// NewClaim makes a directory below parent for this process, and removes those of
// processes that have ended without doing so.
func NewClaim(parent string) (*Claim, error) {
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, fileError(err)
	}
	removeOrphans(parent)
	path, err := os.MkdirTemp(parent, claimPrefix)
	if err != nil {
		return nil, fileError(err)
	}
	// a lock file has its name only once it is locked
	f, err := os.CreateTemp(path, lockName)
	if err == nil {
		err = lockFile(f)
	}
	if err == nil || errors.Is(err, errors.ErrUnsupported) {
		err = os.Rename(f.Name(), filepath.Join(path, lockName))
	}
	if err != nil {
		return nil, fileError(err)
	}
	return &Claim{path: path, lock: f}, nil
}

// Path is the directory.
func (c *Claim) Path() string { return c.path }

// Close removes the directory with all that is in it. It is idempotent.
func (c *Claim) Close() error {
	if c.lock == nil {
		return nil
	}
	err := os.RemoveAll(c.path)
	_ = c.lock.Close() // only now may others take it
	c.lock = nil
	return err
}

// removeOrphans removes the directories that nobody has locked. What cannot be
// removed, such as another user's, stays.
func removeOrphans(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, claimPrefix+"*")) // the pattern is well-formed
	for _, dir := range dirs {
		if orphaned(dir) {
			_ = os.RemoveAll(dir)
		}
	}
}

func orphaned(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if os.IsNotExist(err) {
		info, err := os.Stat(dir)
		return err == nil && info.IsDir() && time.Since(info.ModTime()) > claimGrace
	}
	if err != nil {
		return false
	}
	defer f.Close()
	return lockFile(f) == nil
}
