package parquet

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"

	"volley/exec/kernel"
)

// segment is rows of a leaf one after the other whose values are all plain, or
// all from one dictionary. Its memory becomes that of the array.
type segment struct {
	dict  *dictionary // nil: plain
	n     int
	nulls int
	valid kernel.Words // nil while no row is NULL
	room  int          // rows there may be in all

	// Indices of dict are rows, with −1 for NULL, or instead of these, for as long
	// as they fit, small ones of a byte or words of two, with 0 for NULL.
	rows    []int32
	small   []byte
	words   []uint16
	width   int     // bytes of a plain value, 1 for booleans, 0 for byte arrays
	fixed   []byte  // plain values of a fixed width; those of NULLs are anything
	offsets []int32 // plain byte arrays
	data    []byte
}

// maxWordIndices is how many values indices of two bytes tell apart.
const maxWordIndices = 1 << 16

// maxSegmentText is what offsets of 32 bits reach.
const maxSegmentText = math.MaxInt32

var errSegmentText = errors.New("the values of a few rows take more than 2 GiB")

func newSegment(l *leaf, dict *dictionary, room int) segment {
	s := segment{dict: dict, room: room}
	switch {
	case dict != nil && dict.small:
		s.small = kernel.Raw[byte](room)[:0]
	case dict != nil && dict.n <= maxWordIndices:
		s.words = kernel.Raw[uint16](room)[:0]
	case dict != nil:
		s.rows = kernel.Raw[int32](room)[:0]
	case l.physical == parquet.Types.ByteArray:
		s.offsets = make([]int32, 1, room+1)
	default:
		s.width = l.width
		if l.physical == parquet.Types.Boolean {
			s.width = 1
		}
		s.fixed = kernel.Raw[byte](room * s.width)[:0]
	}
	return s
}

// addIndices decodes n rows of dictionary indices, of which so many are there.
func (s *segment) addIndices(from *hybrid, n, present int, levels []int32, full int16) error {
	if present > 0 && from.in == nil && from.left == 0 && from.repeat == 0 {
		return errFewValues
	}
	var err error
	switch {
	case s.small != nil && from.width <= 8:
		err = s.addSmall(from, n, present, levels, full)
	case s.words != nil && from.width <= 16:
		err = s.addWords(from, n, present, levels, full)
	default:
		s.rows = s.allRows()
		s.small, s.words = nil, nil
		err = s.addRows(from, n, present, levels, full)
	}
	if err == nil {
		s.mark(n, present, levels, full)
	}
	return err
}

func (s *segment) addRows(from *hybrid, n, present int, levels []int32, full int16) error {
	base := len(s.rows)
	s.rows = extend(s.rows, n)
	rows := s.rows[base:]
	if err := from.read(rows[:present]); err != nil {
		return err
	}
	top := uint32(0)
	for _, r := range rows[:present] {
		top = max(top, uint32(r))
	}
	if present > 0 && int64(top) >= int64(s.dict.n) {
		return errIndex
	}
	if levels != nil {
		spreadValues(rows, present, levels, full)
		markNulls(rows, levels, full, -1)
	}
	return nil
}

// markNulls puts v in the rows that are NULL.
func markNulls[T any](rows []T, levels []int32, full int16, v T) {
	for i, l := range levels {
		if l != int32(full) {
			rows[i] = v
		}
	}
}

// extend makes s longer by n elements, which may have any value.
func extend[T any](s []T, n int) []T {
	if len(s)+n <= cap(s) {
		return s[:len(s)+n]
	}
	return append(s, make([]T, n)...)
}

func (s *segment) addSmall(from *hybrid, n, present int, levels []int32, full int16) error {
	base := len(s.small)
	s.small = extend(s.small, n)
	rows := s.small[base:]
	if err := from.readSmall(rows[:present]); err != nil {
		return err
	}
	if !allBelow(rows[:present], s.dict.n) {
		return errIndex
	}
	if levels != nil {
		spreadValues(rows, present, levels, full)
		markNulls(rows, levels, full, 0)
	}
	return nil
}

func (s *segment) addWords(from *hybrid, n, present int, levels []int32, full int16) error {
	base := len(s.words)
	s.words = extend(s.words, n)
	rows := s.words[base:]
	if err := from.readWords(rows[:present]); err != nil {
		return err
	}
	if !allWordsBelow(rows[:present], s.dict.n) {
		return errIndex
	}
	if levels != nil {
		spreadValues(rows, present, levels, full)
		markNulls(rows, levels, full, 0)
	}
	return nil
}

// allBelow tells whether all values are less than n.
func allBelow(values []byte, n int) bool {
	top, done := greatestByte(values)
	if int(top) >= n {
		return len(values) == 0
	}
	values = values[done:]
	if n <= 128 { // eight at a time: the highest bit of a byte shows
		const highest = 0x8080808080808080
		add := uint64(128-n) * 0x0101010101010101
		seen := uint64(0)
		for ; len(values) >= 8; values = values[8:] {
			w := binary.LittleEndian.Uint64(values)
			seen |= w | (w&^highest + add)
		}
		if seen&highest != 0 {
			return false
		}
	}
	for _, v := range values {
		if int(v) >= n {
			return false
		}
	}
	return true
}

// allRows are the rows as numbers of the dictionary's values, −1 for NULL.
func (s *segment) allRows() []int32 {
	if s.small == nil && s.words == nil {
		return s.rows
	}
	rows := make([]int32, len(s.small)+len(s.words), s.room)
	for i, r := range s.small {
		rows[i] = int32(r)
	}
	for i, r := range s.words {
		rows[i] = int32(r)
	}
	if s.nulls > 0 {
		for i := range rows {
			if !s.valid.Get(i) {
				rows[i] = -1
			}
		}
	}
	return rows
}

// addBytes reads n rows of PLAIN byte arrays: each its length, then its bytes.
func (s *segment) addBytes(in []byte, n int, levels []int32, full int16) (rest []byte, err error) {
	for i := range n {
		if levels == nil || levels[i] == int32(full) {
			if len(in) < 4 {
				return nil, errFewValues
			}
			size := binary.LittleEndian.Uint32(in)
			in = in[4:]
			if uint64(size) > uint64(len(in)) {
				return nil, errFewValues
			}
			s.data = append(s.data, in[:size]...)
			in = in[size:]
		}
		if len(s.data) > maxSegmentText {
			return nil, errSegmentText
		}
		s.offsets = append(s.offsets, int32(len(s.data)))
	}
	return in, nil
}

// spread moves the last values, of which so many are there, to their n rows.
func (s *segment) spread(n, present int, levels []int32, full int16) {
	if levels != nil && s.width > 0 {
		base := s.n * s.width
		s.fixed = append(s.fixed, make([]byte, (n-present)*s.width)...)
		switch s.width {
		case 8:
			spreadValues(valuesOf[uint64](s.fixed[base:]), present, levels, full)
		case 4:
			spreadValues(valuesOf[uint32](s.fixed[base:]), present, levels, full)
		default:
			spreadBytes(s.fixed[base:], s.width, present, levels, full)
		}
	}
	s.mark(n, present, levels, full)
}

// spreadValues stops where no row before is NULL.
func spreadValues[T any](values []T, present int, levels []int32, full int16) {
	for i := len(levels) - 1; present <= i; i-- {
		if levels[i] == int32(full) {
			present--
			values[i] = values[present]
		}
	}
}

func spreadBytes(values []byte, width, present int, levels []int32, full int16) {
	for i := len(levels) - 1; present <= i; i-- {
		if levels[i] == int32(full) {
			present--
			copy(values[i*width:(i+1)*width], values[present*width:])
		}
	}
}

// mark counts n more rows and notes which are NULL.
func (s *segment) mark(n, present int, levels []int32, full int16) {
	if levels != nil && s.valid == nil {
		s.valid = kernel.Ones(s.room)
	}
	if levels != nil {
		s.nulls += n - present
		for i, l := range levels {
			if l != int32(full) {
				s.valid.Clear(s.n + i)
			}
		}
	}
	s.n += n
}

// array is the rows as SQL values.
func (s *segment) array(l *leaf, encode bool) (arrow.Array, error) {
	if s.dict == nil {
		if encode && l.short != nil {
			return s.digits(l), nil
		}
		return l.convert(s.physical(l))
	}
	if encode && s.dict.digits != nil {
		return s.dict.pickDigits(l, s), nil
	}
	if s.dict.values == nil && s.dict.digits != nil {
		s.dict.convert(l)
	}
	if s.dict.values == nil { // perhaps no row has the value that cannot be converted
		return s.dict.convertRows(l, s)
	}
	if encode && s.dict.typ != nil {
		return s.encoded(), nil
	}
	return kernel.Take(s.dict.values, s.allRows())
}

// digits is the rows, which are integers, as short Decimals.
func (s *segment) digits(l *leaf) arrow.Array {
	return kernel.ShortDecimals(l.short, s.integers(l), s.validity())
}

// integers are plain values of Int32 or Int64.
func (s *segment) integers(l *leaf) []int64 {
	if l.physical != parquet.Types.Int32 {
		return valuesOf[int64](s.fixed)[:s.n]
	}
	out := kernel.Raw[int64](s.n)
	for i, v := range valuesOf[int32](s.fixed)[:s.n] {
		out[i] = int64(v)
	}
	return out
}

// encoded is the rows as a dictionary array.
func (s *segment) encoded() arrow.Array {
	typ, indices := s.dict.typ, s.small
	switch {
	case s.small != nil:
	case s.words != nil:
		indices = bytesOf(s.words)
	default:
		typ = s.dict.wide
		if s.nulls > 0 {
			for i, r := range s.rows {
				s.rows[i] = max(r, 0)
			}
		}
		indices = bytesOf(s.rows)
	}
	data := array.NewData(typ, s.n, []*memory.Buffer{s.validity(), memory.NewBufferBytes(indices)}, nil, s.nulls, 0)
	data.SetDictionary(s.dict.values.Data())
	return array.NewDictionaryData(data)
}

// validity is the validity bitmap; nil when nothing is NULL.
func (s *segment) validity() *memory.Buffer {
	if s.nulls == 0 {
		return nil
	}
	return memory.NewBufferBytes(bytesOf(s.valid))
}

// physical is the rows as the file has them, for plain ones.
func (s *segment) physical(l *leaf) physicalValues {
	v := physicalValues{n: s.n, nulls: s.nulls, valid: s.validity()}
	switch l.physical {
	case parquet.Types.ByteArray:
		t := arrow.DataType(arrow.BinaryTypes.Binary)
		if l.conv == bytesToText {
			t = arrow.BinaryTypes.String
		}
		v.binary = binaryArray(t, v, bytesOf(s.offsets), s.data)
	case parquet.Types.FixedLenByteArray:
		v.binary = binaryArray(&arrow.FixedSizeBinaryType{ByteWidth: l.width}, v, s.fixed)
	default:
		v.fixed = s.fixed
	}
	return v
}

func binaryArray(t arrow.DataType, v physicalValues, parts ...[]byte) arrow.Array {
	buffers := []*memory.Buffer{v.valid}
	for _, p := range parts {
		buffers = append(buffers, memory.NewBufferBytes(p))
	}
	return array.MakeFromData(array.NewData(t, v.n, buffers, nil, v.nulls, 0))
}
