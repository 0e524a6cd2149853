// Package objstore lists, opens and writes bytes by path. A path is an absolute
// local one or has a scheme (s3://bucket/key, mem://name). Implementations:
// local, s3 and mem; wrappers (allowed-path check, counters, retry) have the
// same interface and are testable alone.
package objstore

import (
	"context"
	"io"
)

// Info describes a file or object.
type Info struct {
	Path    string
	Size    int64  // bytes
	Version string // changes whenever the content does: ETag, or mtime and size
}

// Store lists and opens objects. It is safe for concurrent use. Errors carry a
// SQLSTATE: 58P01 no such file or object, 42501 not allowed, 58030 otherwise.
type Store interface {
	// Glob gives the files that match pattern in path order. *, ?, [a-z], {a,b}
	// and ** (any number of directories) are known; a directory (or a prefix
	// that ends in /) gives all files below it but for those whose names begin
	// with . or _. A plain path gives itself, or an error when it is missing; a
	// pattern that matches nothing gives an empty list.
	Glob(ctx context.Context, pattern string) ([]Info, error)
	// Resolve gives the one path of an object or directory that may be spelled in
	// several ways, whether it exists or not. What Glob finds below it begins so.
	Resolve(ctx context.Context, path string) (string, error)
	// Open opens an object for ranged reads.
	Open(ctx context.Context, path string) (Reader, error)
	// Create starts a new object, which appears whole at Commit or not at all.
	Create(ctx context.Context, path string) (Writer, error)
	// MakeDirectory makes the directory path, and those above it that are missing.
	// undo removes those that it made and that are empty. A store without
	// directories makes none.
	MakeDirectory(ctx context.Context, path string) (undo func(), err error)
	// Remove deletes an object; a missing one is no error.
	Remove(ctx context.Context, path string) error
}

// Reader reads ranges of one version of an object. It is safe for concurrent
// use. A short read is an error unless it is at the end of the object (io.EOF).
type Reader interface {
	Info() Info
	ReadAt(ctx context.Context, p []byte, off int64) (int, error)
	Close() error
}

// Writer writes a new object from start to end. Close without Commit discards it.
type Writer interface {
	io.Writer
	Commit() error
	Close() error
}

// Suspender is a Writer that can give up what it holds of the system, an open
// file, until it is written to again.
type Suspender interface{ Suspend() error }

// Preparer is a Writer that can do all of Commit before but its last step, so that
// several objects appear soon after each other.
type Preparer interface {
	// Prepare sends what was written. Nothing can be written after it.
	Prepare() error
}

// Buffering is a Writer that holds in memory what it has not sent yet.
type Buffering interface {
	// Buffered is how many bytes it holds.
	Buffered() int64
}

// Undoer is a Writer of a store that may keep what its paths had before.
type Undoer interface {
	// Undo takes Commit back where the store has kept what the path had, or that it had
	// nothing. false: it has not, and the new object stays.
	Undo(ctx context.Context) bool
}

// Restorer is a Writer whose Commit can be taken back, so that several objects
// appear together or not at all.
type Restorer interface {
	// KeepOld, before Commit, keeps what the path had, until Restore or Forget.
	KeepOld()
	// Restore undoes Commit: the path has again what it had, or nothing.
	Restore() error
	// Forget lets go of what the path had.
	Forget()
}
