package parquet

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"volley/sqlerr"
)

// guard runs f, which decodes a part of the file path, and turns its panics and
// plain errors into errors that name the file. The library unpacks integers in
// assembly, whose faults would otherwise end the process.
func guard(path string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = corrupt(path, "%s", panicText(r))
		}
	}()
	return inFile(path, f())
}

// panicText is what a library's panic says about the data. A fault of the Go
// runtime (an index out of range) says nothing to the reader of the message.
func panicText(r any) string {
	if _, ok := r.(runtime.Error); ok {
		return "inconsistent data"
	}
	return fmt.Sprint(r)
}

// corrupt is the error for a file that is not what its format says.
func corrupt(path, format string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.DataCorrupted, "malformed Parquet file: "+format, args...).WithFile(path, 0, "")
}

// inFile gives err the file it is about. Errors of libraries, which have no
// SQLSTATE, are about malformed data.
func inFile(path string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := (*sqlerr.Error)(nil)
	if !errors.As(err, &e) {
		return corrupt(path, "%s", err)
	}
	if e.File != "" {
		return err
	}
	c := *e
	c.File = path
	return &c
}

// inColumn gives err the column it is about.
func inColumn(path, column string, err error) error {
	err = inFile(path, err)
	e := (*sqlerr.Error)(nil)
	if !errors.As(err, &e) || e.Column != "" {
		return err
	}
	c := *e
	c.Column = column
	return &c
}
