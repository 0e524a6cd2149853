package csv

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// hasVectors tells whether this processor has the instructions of this package's
// vector code. (What Go's own vector types compile to would need an experimental
// build, whose preemption makes code of others many times slower.)
var hasVectors = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT

func init() {
	if hasVectors {
		findLines = linesAVX2
		kernels = append([]kernel{{"avx2", indexAVX2}}, kernels...)
	}
}

// marksAVX2 sets the marks of so many blocks from p on.
//
//go:noescape
func marksAVX2(p unsafe.Pointer, blocks int, set *symbolSet, out *blockMarks)

// newlinesAVX2 puts the positions, from base, of the newlines between pos and lim to
// out until there are as many as wanted, by blocks of 64 bytes: out has room for as
// many more. It stops before a block with a byte that is a quote, if hasQuote is all
// ones and not 0.
//
//go:noescape
func newlinesAVX2(base unsafe.Pointer, pos, lim int, set *symbolSet, hasQuote uint64, out *uint32, want int) (n int, quoted bool)

// plainLinesAVX2 puts the spans of the fields of lines without quotes to their rows,
// from row on, and gives for how many lines: to the last of n newlines, to the last
// line that begins before stop, or to one with too few fields. Lines are taken to end
// at their newline alone. The fields' spans must have room.
//
//go:noescape
func plainLinesAVX2(base unsafe.Pointer, p, stop int, newlines *uint32, n int, fields *lineField, count int, row int, delim byte) (lines int, few bool)

// symbolSet has the bytes that marks are of: delimiter, newline, quote and carriage
// return.
type symbolSet [4]byte

// blockMarks has a bit for each byte of a block that is such a byte.
type blockMarks struct {
	ends     uint64 // delimiters and newlines
	newlines uint64
	quotes   uint64
	returns  uint64
}

func (s *symbols) set() symbolSet { return symbolSet{s.delim, s.newline, s.quote, '\r'} }

// quoteBits is all ones if there is a quote character, 0 otherwise.
func (s *symbols) quoteBits() uint64 {
	if s.quote == 0 {
		return 0
	}
	return ^uint64(0)
}
