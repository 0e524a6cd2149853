package memtable

import (
	"context"
	"encoding/binary"
	"errors"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/memtable/keyset"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsontext"
)

// keyIndex is the set of keys of one unique constraint. Rows with a NULL in the
// key are not in it where NULLs are distinct, nor are those that its condition leaves out.
type keyIndex struct {
	Unique
	names    string // "a, b"
	keys     *keyset.Set
	unfilled bool           // the keys are not those of the table's rows yet
	extra    map[string]int // of a deferrable one: how many rows more than one have a key
	damage   error          // why the keys are not those of the rows any more: of the disk
	finder   *rowFinder
	buf      []byte
}

// extraBytes is what a key in extra takes besides its bytes.
const extraBytes = 64

// has tells whether a row has the key; an error is one of the disk.
func (k *keyIndex) has(key []byte) (bool, error) {
	if k.damage != nil {
		return false, k.damage
	}
	return k.keys.Has(key)
}

// add adds a row's key: 53200 or 53100 when there is no room for it.
func (k *keyIndex) add(key []byte) error {
	if !k.Deferrable {
		return k.keys.Add(key)
	}
	if twice, err := k.has(key); err != nil || !twice {
		return errors.Join(err, k.keys.Add(key))
	}
	n := k.extra[string(key)]
	if n == 0 {
		if err := k.keys.Room().Take(len(key) + extraBytes); err != nil {
			return err
		}
	}
	k.extra[string(key)] = n + 1
	return nil
}

// remove removes a row's key: 53100 when there is no room to note that.
func (k *keyIndex) remove(key []byte) error {
	switch n := k.extra[string(key)]; n {
	case 0:
		return k.keys.Remove(key)
	case 1:
		delete(k.extra, string(key))
		k.keys.Room().Give(len(key) + extraBytes)
	default:
		k.extra[string(key)] = n - 1
	}
	return nil
}

// restore is add, or remove, of a key that was removed, or added; there is always room.
func (k *keyIndex) restore(key []byte, add bool) {
	k.keys.Restore(func() {
		change := k.remove
		if add {
			change = k.add
		}
		if err := change(key); err != nil {
			k.damage = err
		}
	})
}

// clear forgets all keys; what takes that back is given.
func (k *keyIndex) clear(f *Format) (undo func()) {
	keys, extra, damage, unfilled := k.keys, k.extra, k.damage, k.unfilled
	k.keys, k.extra, k.damage, k.unfilled = f.newKeys(), map[string]int{}, nil, false
	return func() { k.keys, k.extra, k.damage, k.unfilled = keys, extra, damage, unfilled }
}

func newKeyIndex(f *Format, def *Definition, u Unique) *keyIndex {
	return &keyIndex{Unique: u, names: u.keyText(def), keys: f.newKeys(), extra: map[string]int{}, finder: newRowFinder(keyset.NewRoom(f.keys))}
}

// CanIndex tells whether a unique constraint may have a column of type t.
func CanIndex(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.ListType:
		return CanIndex(t.Elem())
	case *arrow.StructType, *arrow.MapType:
		return false
	}
	return !sqltype.Equal(t, sqltype.JSON) && !sqltype.Equal(t, sqltype.JSONPath)
}

// key encodes a row's key so that equal bytes are equal keys; ok is false when
// a column is NULL, or the row is none of the index. The result is valid until the next call.
func (k *keyIndex) key(c *KeyColumns, row int) (key []byte, ok bool) {
	if row = c.place(row); row < 0 {
		return nil, false
	}
	k.buf = k.buf[:0]
	for _, col := range c.Columns {
		if k.NullsNotDistinct {
			if col.IsNull(row) {
				k.buf = append(k.buf, 0)
				continue
			}
			k.buf = append(k.buf, 1)
		} else if col.IsNull(row) {
			return nil, false
		}
		k.buf = appendKey(k.buf, col, row)
	}
	return k.buf, true
}

// appendKey appends a value: fixed width, or its length and bytes.
func appendKey(dst []byte, col arrow.Array, i int) []byte {
	switch a := col.(type) {
	case *array.Int16:
		return binary.LittleEndian.AppendUint16(dst, uint16(a.Value(i)))
	case *array.Int32:
		return binary.LittleEndian.AppendUint32(dst, uint32(a.Value(i)))
	case *array.Int64:
		return binary.LittleEndian.AppendUint64(dst, uint64(a.Value(i)))
	case *array.Float32:
		return binary.LittleEndian.AppendUint64(dst, floatKey(float64(a.Value(i))))
	case *array.Float64:
		return binary.LittleEndian.AppendUint64(dst, floatKey(a.Value(i)))
	case *array.Boolean:
		if a.Value(i) {
			return append(dst, 1)
		}
		return append(dst, 0)
	case *array.String:
		return appendBytes(dst, a.Value(i))
	case *array.Binary:
		return appendBytes(dst, a.Value(i))
	case *array.Decimal128:
		v := a.Value(i)
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, v.LowBits()), uint64(v.HighBits()))
	case *array.Date32:
		return binary.LittleEndian.AppendUint32(dst, uint32(a.Value(i)))
	case *array.Time64:
		return binary.LittleEndian.AppendUint64(dst, uint64(a.Value(i)))
	case *array.Timestamp:
		return binary.LittleEndian.AppendUint64(dst, uint64(a.Value(i)))
	case *array.MonthDayNanoInterval:
		return appendIntervalKey(dst, a.Value(i))
	case *sqltype.NumericArray:
		at := len(dst)
		dst = a.Value(i).AppendKey(append(dst, 0, 0, 0, 0))
		binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
		return dst
	case *array.List:
		lo, hi := a.ValueOffsets(i)
		dst = binary.LittleEndian.AppendUint32(dst, uint32(hi-lo))
		for j := int(lo); j < int(hi); j++ {
			if a.ListValues().IsNull(j) {
				dst = append(dst, 0)
				continue
			}
			dst = appendKey(append(dst, 1), a.ListValues(), j)
		}
		return dst
	case *sqltype.BitArray:
		return appendBytes(dst, a.Value(i))
	case *sqltype.JSONArray:
		at := len(dst)
		dst = jsontext.AppendKey(append(dst, 0, 0, 0, 0), []byte(a.Value(i)))
		binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
		return dst
	}
	return appendBytes(dst, col.ValueStr(i))
}

func appendBytes[T string | []byte](dst []byte, v T) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(v))), v...)
}

// floatKey makes equal bits of equal numbers: −0 is 0, and every NaN is one.
func floatKey(v float64) uint64 {
	if v == 0 {
		v = 0
	}
	if v != v {
		v = math.NaN()
	}
	return math.Float64bits(v)
}

// appendIntervalKey counts a month as 30 days and a day as 24 hours, as
// PostgreSQL does when it compares intervals.
func appendIntervalKey(dst []byte, v arrow.MonthDayNanoInterval) []byte {
	const day = 24 * 3600 * 1e9
	days := int64(v.Months)*30 + int64(v.Days) + v.Nanoseconds/day
	rest := v.Nanoseconds % day
	if rest < 0 {
		days, rest = days-1, rest+day
	}
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, uint64(days)), uint64(rest))
}

// fill adds the keys of all rows, which are known to differ or not; for an index nobody
// uses yet. It keeps nothing when it fails.
func (k *keyIndex) fill(ctx context.Context, m keyMaker, rows *Snapshot, differ bool) error {
	err := rows.each(ctx, func(rec arrow.Record, _ int64) error {
		cols, err := m.columns(ctx, k, rec)
		if err != nil {
			return err
		}
		for i := range int(rec.NumRows()) {
			if i%askEvery == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			key, ok := k.key(&cols, i)
			if !ok {
				continue
			}
			if !differ {
				twice, err := k.keys.Has(key)
				if err != nil {
					return err
				}
				if twice {
					return k.violated(&cols, i)
				}
			}
			if err := k.keys.Add(key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		k.keys.Free()
	}
	return err
}

// violated is the error of a row whose key exists.
func (k *keyIndex) violated(c *KeyColumns, row int) error {
	text := ""
	for i, col := range c.Columns {
		if i > 0 {
			text += ", "
		}
		text += valueText(col, c.place(row))
	}
	return sqlerr.New(sqlerr.UniqueViolation, "duplicate key value violates unique constraint \"%s\"", k.Name).
		WithDetail("Key (%s)=(%s) already exists.", k.names, text)
}
