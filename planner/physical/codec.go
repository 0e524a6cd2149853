package physical

import (
	"encoding/binary"
	"math"
	"sort"

	"volley/sqlerr"
)

// codecVersion is the first byte of an encoded fragment.
const codecVersion = 1

// maxDepth bounds the nesting of operators, expressions and types.
const maxDepth = 20000

// Encode serialises a fragment for a worker: one version byte, then the fields
// in order. Integers are zigzag varints, counts are length+1 with 0 for nil.
// It fails (XX000) only for Arrow types that no SQL type maps to.
func Encode(f *Fragment) ([]byte, error) {
	c := &codec{writing: true, buf: []byte{codecVersion}}
	c.fragment(f)
	return c.buf, c.err
}

// Decode is the inverse of Encode. It never panics: bytes that Encode did not
// make give an 08P01 error, or a fragment whose plan exec refuses.
func Decode(b []byte) (*Fragment, error) {
	if len(b) == 0 || b[0] != codecVersion {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "plan fragment has an unknown encoding")
	}
	c := &codec{buf: b[1:]}
	f := &Fragment{}
	c.fragment(f)
	if c.err == nil && len(c.buf) > 0 {
		c.corrupt()
	}
	if c.err != nil {
		return nil, c.err
	}
	return f, nil
}

// codec walks a value in one of two directions, so that the order of fields is
// written down once. Writing appends to buf; reading consumes it. After the
// first error everything is a no-op.
type codec struct {
	writing bool
	buf     []byte
	depth   int
	err     error
}

func (c *codec) corrupt() {
	if c.err == nil {
		c.err = sqlerr.New(sqlerr.ProtocolViolation, "plan fragment is corrupt")
	}
	c.buf = nil
}

// enter goes one level down and tells whether to go on; leave comes back.
func (c *codec) enter() bool {
	c.depth++
	if c.depth > maxDepth {
		c.corrupt()
	}
	return c.err == nil
}

func (c *codec) leave() { c.depth-- }

func (c *codec) byte(v *byte) {
	switch {
	case c.err != nil:
	case c.writing:
		c.buf = append(c.buf, *v)
	case len(c.buf) == 0:
		c.corrupt()
	default:
		*v, c.buf = c.buf[0], c.buf[1:]
	}
}

func (c *codec) bool(v *bool) {
	b := byte(0)
	if *v {
		b = 1
	}
	c.byte(&b)
	if !c.writing {
		*v = b != 0
	}
}

func (c *codec) int64(v *int64) {
	if c.err != nil {
		return
	}
	if c.writing {
		c.buf = binary.AppendVarint(c.buf, *v)
		return
	}
	x, n := binary.Varint(c.buf)
	if n <= 0 {
		c.corrupt()
		return
	}
	*v, c.buf = x, c.buf[n:]
}

func (c *codec) int(v *int) {
	x := int64(*v)
	c.int64(&x)
	if !c.writing { // a plan being written may be read by others
		*v = int(x)
	}
}

func (c *codec) int32(v *int32) {
	x := int64(*v)
	c.int64(&x)
	if x < math.MinInt32 || x > math.MaxInt32 {
		c.corrupt()
	}
	if !c.writing {
		*v = int32(x)
	}
}

// enum is a small constant below limit.
func enum[T ~uint8](c *codec, v *T, limit T) {
	b := byte(*v)
	c.byte(&b)
	if b >= byte(limit) {
		c.corrupt()
		b = 0
	}
	if !c.writing {
		*v = T(b)
	}
}

// count is the length of what follows: −1 for nil. Every element takes a byte
// at least, so a larger one is corrupt and allocates nothing.
func (c *codec) count(n int) int {
	x := int64(n) + 1
	c.int64(&x)
	if c.err == nil && !c.writing && (x < 0 || x-1 > int64(len(c.buf))) {
		c.corrupt()
	}
	if c.err != nil {
		return -1
	}
	return int(x) - 1
}

func (c *codec) bytes(v *[]byte) {
	n := -1
	if *v != nil {
		n = len(*v)
	}
	n = c.count(n)
	switch {
	case c.err != nil:
	case c.writing:
		c.buf = append(c.buf, *v...)
	case n < 0:
		*v = nil
	default:
		*v, c.buf = append(make([]byte, 0, n), c.buf[:n]...), c.buf[n:]
	}
}

func (c *codec) string(v *string) {
	n := c.count(len(*v))
	switch {
	case c.err != nil:
	case c.writing:
		c.buf = append(c.buf, *v...)
	case n < 0:
		c.corrupt()
	default:
		*v, c.buf = string(c.buf[:n]), c.buf[n:]
	}
}

// slice walks a slice, nil kept apart from empty.
func slice[T any](c *codec, v *[]T, each func(*T)) {
	n := -1
	if *v != nil {
		n = len(*v)
	}
	n = c.count(n)
	if !c.writing {
		*v = nil
		if n < 0 {
			return
		}
		*v = make([]T, 0, min(n, 1024)) // grows as elements really come
	}
	for i := 0; i < n && c.err == nil; i++ {
		if !c.writing {
			var zero T
			*v = append(*v, zero)
		}
		each(&(*v)[i])
	}
}

// mapping walks a map in the order of its keys, so that equal fragments have
// equal encodings.
func mapping[K int | string, V any](c *codec, m *map[K]V, key func(*K), value func(*V)) {
	keys := make([]K, 0, len(*m))
	for k := range *m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	n := -1
	if *m != nil {
		n = len(keys)
	}
	n = c.count(n)
	if !c.writing && n >= 0 {
		*m = make(map[K]V, min(n, 1024))
	}
	for i := 0; i < n && c.err == nil; i++ {
		var k K
		var v V
		if c.writing {
			k = keys[i]
			v = (*m)[k]
		}
		key(&k)
		value(&v)
		if !c.writing && c.err == nil {
			(*m)[k] = v
		}
	}
}
