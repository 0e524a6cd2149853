//go:build !unix

package journal

import "os"

// lockFile does nothing: files cannot be locked here.
func lockFile(*os.File) error { return nil }
