package catalog

import "github.com/apache/arrow/go/v15/arrow"

// ValueFilter tells which values of a column are wanted, as a join does that has the
// keys of its other side. It is used by one goroutine.
type ValueFilter interface {
	// Keep clears the bits of the values that are not wanted: that of value i is bit
	// i%64 of word i/64. What a NULL has for a value decides nothing.
	Keep(values arrow.Array, bits []uint64)
	// Pays is told that so many of some rows were left, and tells whether it is worth
	// going on.
	Pays(rows, left int) bool
}

// ValueFiltered is a Reader that can leave rows out by the values of a column before it
// decodes the others.
type ValueFiltered interface {
	// FilterValues makes it do so for a column of its records, until that does not pay.
	// It is called before the first Next. Where it is false, the reader cannot.
	FilterValues(column int, f ValueFilter) bool
}
