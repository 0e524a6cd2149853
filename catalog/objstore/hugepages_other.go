//go:build !linux

package objstore

func hugePages([]byte) {}
