package sched

import (
	"strconv"

	"github.com/zeebo/xxh3"

	"volley/catalog"
)

// placement is the hash by which a split finds its worker again.
func placement(s catalog.Split) uint64 {
	return xxh3.HashString(s.File.Path + "\x00" + strconv.FormatInt(s.Start, 10))
}

// mix spreads a combined hash (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
