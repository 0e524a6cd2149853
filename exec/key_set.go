package exec

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// keySet is a set of keys without NULL. Integers and dates within a range that is
// small for how many they are, are a bitmap; other keys are a hash table. It does
// not change once finished, and any number of tasks may look keys up.
type keySet struct {
	from  []int // columns of the records
	parts [][]arrow.Array
	rows  int

	low  int64        // of the bitmap
	bits kernel.Words // nil: none
	span uint64       // of values, when there is a bitmap

	types []arrow.DataType
	table *rowkey.Table

	refused bool // there was no memory for the set
}

// bitsPerKey is how many places of a bitmap a key may have, fewer bytes than a slot
// of a hash table, and smallSpan how many there may always be.
const (
	bitsPerKey = 256
	smallSpan  = 1 << 22
)

// keysOf is the bitmap of the values of a column; nil if there is none, or no memory
// for it.
func keysOf(column arrow.Array, grow func(int64) bool) (*keySet, error) {
	plain, err := kernel.Decode(column)
	if err != nil {
		return nil, err
	}
	s := &keySet{rows: plain.Len(), types: []arrow.DataType{plain.DataType()}}
	if s.mark([][]arrow.Array{{plain}}, grow); s.bits == nil {
		return nil, nil
	}
	return s, nil
}

func newKeySet(n *physical.KeyFilter) *keySet {
	s := &keySet{from: n.FromKeys}
	for _, k := range n.FromKeys {
		s.types = append(s.types, n.From.Schema().Field(k).Type)
	}
	return s
}

// add takes the keys of a record and gives their size in bytes.
func (s *keySet) add(rec arrow.Record) (bytes int64, err error) {
	part := make([]arrow.Array, len(s.from))
	for i, k := range s.from {
		if part[i], err = kernel.Decode(rec.Column(k)); err != nil {
			return 0, err
		}
		bytes += kernel.Bytes(part[i])
	}
	s.parts = append(s.parts, part)
	s.rows += int(rec.NumRows())
	return bytes, nil
}

// finish makes the set of the keys taken; grow is asked for memory first.
func (s *keySet) finish(grow func(int64) bool) {
	parts := s.parts
	s.parts = nil
	if len(s.from) == 1 && integral(s.types[0]) {
		if s.mark(parts, grow); s.bits != nil || s.refused {
			return
		}
	}
	s.table = rowkey.NewTable(s.types)
	var groups []uint32
	for _, p := range parts {
		n := p[0].Len()
		if len(groups) < n {
			groups = make([]uint32, n)
		}
		s.table.Assign(p, n, groups)
		if s.refused = !grow(s.table.Bytes()); s.refused {
			return
		}
	}
}

// mark makes the bitmap, if the range of the keys is small enough.
func (s *keySet) mark(parts [][]arrow.Array, grow func(int64) bool) {
	values := make([][]int64, len(parts))
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for i, p := range parts {
		values[i] = integers(p[0])
		for _, v := range values[i] {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		s.bits = kernel.Words{}
		return
	}
	span := uint64(high) - uint64(low)
	if span >= smallSpan && span/bitsPerKey >= uint64(s.rows) {
		return
	}
	if s.refused = !grow(int64(span / 8)); s.refused {
		return
	}
	s.low, s.span, s.bits = low, span+1, make(kernel.Words, span/64+1)
	for _, list := range values {
		for _, v := range list {
			s.bits.Set(int(v - low))
		}
	}
}

// bytes is the size of the set.
func (s *keySet) bytes() int64 {
	if s.table != nil {
		return s.table.Bytes()
	}
	return int64(8 * len(s.bits))
}

// predicates are the bounds of the keys as predicates about a column, by which files
// may be skipped in parts, and rows unless they are coarse.
func (s *keySet) predicates(column int, coarse bool) []catalog.Predicate {
	if s.span == 0 {
		return nil
	}
	bound := func(v int64) []arrow.Array {
		value := binary.LittleEndian.AppendUint64(nil, uint64(v))
		width := s.types[0].(arrow.FixedWidthDataType).BitWidth() / 8
		d := array.NewData(s.types[0], 1, []*memory.Buffer{nil, memory.NewBufferBytes(value[:width])}, nil, 0, 0)
		return []arrow.Array{array.MakeFromData(d)}
	}
	high := s.low + int64(s.span-1)
	return []catalog.Predicate{
		{Column: column, Op: ">=", Values: bound(s.low), Coarse: coarse},
		{Column: column, Op: "<=", Values: bound(high), Coarse: coarse},
	}
}

// find appends the rows of keys, in plain columns, that are in the set.
func (s *keySet) find(keys []arrow.Array, n int, rows []int32) []int32 {
	if s.table == nil {
		return s.findIntegers(keys[0], rows)
	}
	groups := make([]uint32, n)
	s.table.NewProbe().Find(keys, n, groups)
	for i, g := range groups {
		if g != rowkey.NoGroup {
			rows = append(rows, int32(i))
		}
	}
	return withoutNulls(keys, n, rows)
}

// withoutNulls are the rows in which no key is NULL.
func withoutNulls(keys []arrow.Array, n int, rows []int32) []int32 {
	null := nullKeys(keys, nil, n)
	out := rows[:0]
	for _, r := range rows {
		for len(null) > 0 && null[0] < r {
			null = null[1:]
		}
		if len(null) == 0 || null[0] != r {
			out = append(out, r)
		}
	}
	return out
}

func (s *keySet) findIntegers(a arrow.Array, rows []int32) []int32 {
	base := len(rows)
	switch a.DataType().ID() {
	case arrow.INT16:
		rows = findBits(s, kernel.Values[int16](a), rows)
	case arrow.INT32, arrow.DATE32:
		rows = findBits(s, kernel.Values[int32](a), rows)
	default:
		rows = findBits(s, kernel.Values[int64](a), rows)
	}
	if valid := kernel.Valid(a); valid != nil {
		out := rows[:base]
		for _, r := range rows[base:] {
			if valid.Get(int(r)) {
				out = append(out, r)
			}
		}
		rows = out
	}
	return rows
}

// findBits appends the rows whose values are in the bitmap, without a branch that
// depends on them.
func findBits[T int16 | int32 | int64](s *keySet, values []T, rows []int32) []int32 {
	base := len(rows)
	if need := base + len(values); cap(rows) < need {
		rows = append(make([]int32, 0, need), rows...)
	}
	out := rows[:base+len(values)]
	at := base
	low, span, bits := s.low, s.span, s.bits
	for i, v := range values {
		k := uint64(int64(v) - low)
		if k >= span {
			continue
		}
		out[at] = int32(i)
		at += int(bits[k/64] >> (k % 64) & 1)
	}
	return out[:at]
}

// integral: values are integers of at most 64 bits.
func integral(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIMESTAMP, arrow.TIME64:
		return true
	}
	return false
}

// integers are the values of an integral column that are not NULL.
func integers(plain arrow.Array) []int64 {
	valid := kernel.Valid(plain)
	out := make([]int64, 0, plain.Len())
	switch plain.DataType().ID() {
	case arrow.INT16:
		out = appendValid(out, kernel.Values[int16](plain), valid)
	case arrow.INT32, arrow.DATE32:
		out = appendValid(out, kernel.Values[int32](plain), valid)
	default:
		out = appendValid(out, kernel.Values[int64](plain), valid)
	}
	return out
}

func appendValid[T int16 | int32 | int64](dst []int64, values []T, valid kernel.Words) []int64 {
	for i, v := range values {
		if valid == nil || valid.Get(i) {
			dst = append(dst, int64(v))
		}
	}
	return dst
}

// keep clears the bits of the values, which may be under NULL, that are not in the
// bitmap.
func (s *keySet) keep(a arrow.Array, passed kernel.Words) {
	switch a.DataType().ID() {
	case arrow.INT16:
		keepBits(s, kernel.Values[int16](a), passed)
	case arrow.INT32, arrow.DATE32:
		keepBits(s, kernel.Values[int32](a), passed)
	default:
		keepBits(s, kernel.Values[int64](a), passed)
	}
}

func keepBits[T int16 | int32 | int64](s *keySet, values []T, passed kernel.Words) {
	low, span, bits := s.low, s.span, s.bits
	for w, before := range passed {
		if before == 0 {
			continue
		}
		found := uint64(0)
		for i, v := range values[w*64 : min(w*64+64, len(values))] {
			if k := uint64(int64(v) - low); k < span {
				found |= bits[k/64] >> (k % 64) & 1 << i
			}
		}
		passed[w] = before & found
	}
}
