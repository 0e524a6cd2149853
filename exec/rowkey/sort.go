package rowkey

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/sqltype"
)

// Sort gives the numbers of the rows in the order of their keys; rows of equal
// keys keep their order.
func (k *Keys) Sort() []int32 {
	n := k.Len()
	items := make([]prefixed, n)
	long := false
	for i := range items {
		key := k.Key(i)
		items[i] = prefixed{prefix(key), int32(i)}
		long = long || len(key) > 8
	}
	items = radixSort(items)
	rows := make([]int32, n)
	for i, it := range items {
		rows[i] = it.row
	}
	if long {
		k.sortTies(items, rows)
	}
	return rows
}

// prefixed is a row with the first eight bytes of its key.
type prefixed struct {
	key uint64
	row int32
}

// prefix is the first eight bytes of a key as a number, filled up with zeros.
// No key is the beginning of another one, so equal prefixes of short keys are
// equal keys.
func prefix(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var b [8]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:])
}

// sortTies orders runs of rows with equal prefixes by the rest of their keys.
func (k *Keys) sortTies(items []prefixed, rows []int32) {
	for lo := 0; lo < len(items); {
		hi := lo + 1
		for hi < len(items) && items[hi].key == items[lo].key {
			hi++
		}
		if hi-lo > 1 {
			slices.SortStableFunc(rows[lo:hi], func(a, b int32) int {
				return bytes.Compare(k.tail(a), k.tail(b))
			})
		}
		lo = hi
	}
}

func (k *Keys) tail(row int32) []byte {
	key := k.Key(int(row))
	return key[min(8, len(key)):]
}

// smallSort is the number of rows below which comparing beats counting bytes.
const smallSort = 256

// radixSort sorts stably by key, byte by byte from the last; bytes that are the
// same in all keys are skipped. It may give back another slice.
func radixSort(items []prefixed) []prefixed {
	if len(items) < smallSort {
		slices.SortStableFunc(items, func(a, b prefixed) int {
			switch {
			case a.key < b.key:
				return -1
			case a.key > b.key:
				return 1
			}
			return 0
		})
		return items
	}
	var counts [8][256]int32
	for _, it := range items {
		for b := range 8 {
			counts[b][byte(it.key>>(8*b))]++
		}
	}
	other := make([]prefixed, len(items))
	for b := range 8 {
		count := &counts[b]
		if count[byte(items[0].key>>(8*b))] == int32(len(items)) {
			continue
		}
		at := int32(0)
		for v, c := range count {
			count[v] = at
			at += c
		}
		for _, it := range items {
			v := byte(it.key >> (8 * b))
			other[count[v]] = it
			count[v]++
		}
		items, other = other, items
	}
	return items
}

// Array is the keys as a column, for keeping them on disk; KeysOf reads it.
func (k *Keys) Array() arrow.Array {
	offsets := make([]int32, len(k.Offsets))
	for i, o := range k.Offsets {
		offsets[i] = int32(o)
	}
	return kernel.FromBinary(sqltype.Bytea, offsets, k.Data, nil)
}

// KeysOf reads keys from a column that Array made.
func KeysOf(a arrow.Array) Keys {
	offsets, data := kernel.Offsets(a)
	k := Keys{Data: data, Offsets: make([]int, len(offsets))}
	for i, o := range offsets {
		k.Offsets[i] = int(o)
	}
	return k
}
