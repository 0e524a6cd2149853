package parquet

import (
	"bytes"
	"errors"
	"slices"

	"volley/sqltype/jsontext"
)

// A VARIANT value is two byte strings: metadata, a dictionary of the names of
// fields, and the value, which points to them. It is given as JSON. What JSON
// does not have is text: dates and times as in ISO 8601, bytes as bytea's, and
// numbers that are not finite.
// See https://github.com/apache/parquet-format/blob/master/VariantEncoding.md

var errVariant = errors.New("a VARIANT value is malformed")

const (
	maxVariantDepth = 500
	// A value's JSON has at most variantGrowth bytes for each of its own, and
	// variantSlack more: parts of a malformed value may overlap.
	variantGrowth = 64
	variantSlack  = 64 << 10
)

// variantNames is the decoded metadata.
type variantNames struct {
	raw     []byte
	offsets []byte // count+1 numbers of width bytes
	text    []byte
	width   int
	count   int
}

// decode reads metadata; the same bytes as before cost nothing.
func (m *variantNames) decode(raw []byte) error {
	if m.raw != nil && bytes.Equal(raw, m.raw) {
		return nil
	}
	if len(raw) == 0 || raw[0]&0x0f != 1 {
		return errVariant
	}
	width := int(raw[0]>>6) + 1
	if len(raw) < 1+width {
		return errVariant
	}
	count := littleEndian(raw[1:], width)
	rest := raw[1+width:]
	if count >= len(rest) || (count+1)*width > len(rest) {
		return errVariant
	}
	m.raw, m.width, m.count = raw, width, count
	m.offsets, m.text = rest[:(count+1)*width], rest[(count+1)*width:]
	return nil
}

func (m *variantNames) name(i int) ([]byte, error) {
	if i >= m.count {
		return nil, errVariant
	}
	from, to := littleEndian(m.offsets[i*m.width:], m.width), littleEndian(m.offsets[(i+1)*m.width:], m.width)
	if from > to || to > len(m.text) || !validText(m.text[from:to]) {
		return nil, errVariant
	}
	return m.text[from:to], nil
}

// littleEndian reads a number of up to 4 bytes, which b has.
func littleEndian(b []byte, width int) int {
	v := 0
	for i := range width {
		v |= int(b[i]) << (8 * i)
	}
	return v
}

// variantDecoder writes values as JSON.
type variantDecoder struct {
	names variantNames
	limit int // of the bytes written
}

// value appends the value that b begins with.
func (d *variantDecoder) value(dst, b []byte, depth int) ([]byte, error) {
	if len(b) == 0 || depth > maxVariantDepth || len(dst) > d.limit {
		return dst, errVariant
	}
	switch b[0] & 3 {
	case variantPrimitive:
		return variantScalar(dst, b[0]>>2, b[1:])
	case variantShortString:
		n := int(b[0] >> 2)
		if n > len(b)-1 {
			return dst, errVariant
		}
		return variantText(dst, b[1:1+n])
	case variantArray:
		return d.array(dst, b, depth)
	}
	dst, err := d.fields(append(dst, '{'), b, true, nil, depth)
	return append(dst, '}'), err
}

// variantParts are the fields of an object or the elements of an array.
type variantParts struct {
	count, idWidth, width int
	ids, offsets, values  []byte
}

// parts reads the head of an object or array that begins at b.
func (d *variantDecoder) parts(b []byte) (p variantParts, err error) {
	head := int(b[0] >> 2)
	object := b[0]&3 == variantObject
	large := head>>2&1 == 1
	if p.width = head&3 + 1; object {
		p.idWidth, large = head>>2&3+1, head>>4&1 == 1
	}
	size := 1
	if large {
		size = 4
	}
	if b = b[1:]; len(b) < size {
		return p, errVariant
	}
	p.count, b = littleEndian(b, size), b[size:]
	if p.count > len(b) || p.count*p.idWidth+(p.count+1)*p.width > len(b) {
		return p, errVariant
	}
	p.ids, b = b[:p.count*p.idWidth], b[p.count*p.idWidth:]
	p.offsets, p.values = b[:(p.count+1)*p.width], b[(p.count+1)*p.width:]
	return p, nil
}

// part gives the bytes from the i-th value on.
func (p *variantParts) part(i int) ([]byte, error) {
	at := littleEndian(p.offsets[i*p.width:], p.width)
	if at >= len(p.values) {
		return nil, errVariant
	}
	return p.values[at:], nil
}

// fields appends the fields of the object b, separated and after a comma if
// first is false, without those whose names are in but.
func (d *variantDecoder) fields(dst, b []byte, first bool, but []string, depth int) ([]byte, error) {
	if len(b) == 0 || b[0]&3 != variantObject {
		return dst, errVariant
	}
	p, err := d.parts(b)
	if err != nil {
		return dst, err
	}
	for i := range p.count {
		name, err := d.names.name(littleEndian(p.ids[i*p.idWidth:], p.idWidth))
		if err != nil {
			return dst, err
		}
		if slices.Contains(but, string(name)) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(jsontext.AppendString(dst, name), ':')
		v, err := p.part(i)
		if err == nil {
			dst, err = d.value(dst, v, depth+1)
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (d *variantDecoder) array(dst, b []byte, depth int) ([]byte, error) {
	p, err := d.parts(b)
	if err != nil {
		return dst, err
	}
	dst = append(dst, '[')
	for i := range p.count {
		if i > 0 {
			dst = append(dst, ',')
		}
		v, err := p.part(i)
		if err == nil {
			dst, err = d.value(dst, v, depth+1)
		}
		if err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

const (
	variantPrimitive = iota
	variantShortString
	variantObject
	variantArray
)
