//go:build !unix

package spill

import (
	"errors"
	"os"
)

// lockFile says that files cannot be locked here, so that nothing is taken for
// orphaned.
func lockFile(*os.File) error { return errors.ErrUnsupported }
