package rowkey

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/sqltype"
)

// Sort gives the numbers of the rows in the order of their keys; rows of equal
// keys keep their order.
func (k *Keys) Sort() []int32 {
	rows, _ := k.SortUntil(context.Background()) // which does not end
	return rows
}

// SortUntil is Sort, or the error of ctx soon after it has ended.
func (k *Keys) SortUntil(ctx context.Context) ([]int32, error) {
	if k.Len() == 0 {
		return nil, nil
	}
	items := make([]keyWindow, k.Len())
	for i := range items {
		items[i].row = int32(i)
	}
	scratch := make([]keyWindow, len(items))
	if places, ok := k.varying(); ok {
		k.sortVarying(ctx, items, places, scratch)
	} else {
		k.sortFrom(ctx, items, 0, scratch)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows := make([]int32, len(items))
	for i, it := range items {
		rows[i] = it.row
	}
	return rows, nil
}

// SortNumbers gives the rows of a column of numbers, none of them negative, in their
// order; rows of equal numbers keep theirs. It gives why ctx has ended when it has.
func SortNumbers(ctx context.Context, numbers []int64) ([]int32, error) {
	rows := make([]int32, len(numbers))
	if slices.IsSorted(numbers) {
		for i := range rows {
			rows[i] = int32(i)
		}
		return rows, nil
	}
	items := make([]keyWindow, len(numbers))
	for i, n := range numbers {
		items[i] = keyWindow{uint64(n), int32(i)}
	}
	radixSort(ctx, items, make([]keyWindow, len(items)))
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for i, it := range items {
		rows[i] = it.row
	}
	return rows, nil
}

// askEvery is the number of rows, about a millisecond of sorting, after which it
// is asked whether anybody still wants the result.
const askEvery = 1 << 14

// keyWindow is a row with eight bytes of its key.
type keyWindow struct {
	key uint64
	row int32
}

// sortFrom sorts rows whose keys are equal up to byte `from`: by the next eight
// bytes as a number, then runs that are equal in those by what follows. Items
// are in the order of their rows. It leaves them in any order when ctx has ended.
func (k *Keys) sortFrom(ctx context.Context, items []keyWindow, from int, scratch []keyWindow) {
	for {
		if len(items) >= askEvery && ctx.Err() != nil {
			return
		}
		more := false
		for i := range items {
			key := k.Key(int(items[i].row))
			key = key[min(from, len(key)):]
			more = more || len(key) > 8
			items[i].key = window(key)
		}
		radixSort(ctx, items, scratch)
		from += 8
		if !more {
			return
		}
		if items[0].key != items[len(items)-1].key { // else: look further on
			break
		}
	}
	k.sortEqual(ctx, items, from, scratch)
}

// sortEqual sorts, by what follows in their keys from byte `from` on, each run of sorted
// rows that have the same window.
func (k *Keys) sortEqual(ctx context.Context, items []keyWindow, from int, scratch []keyWindow) {
	ask := askEvery
	for lo := 0; lo < len(items); {
		if lo >= ask {
			if ctx.Err() != nil {
				return
			}
			ask = lo + askEvery
		}
		hi := lo + 1
		for hi < len(items) && items[hi].key == items[lo].key {
			hi++
		}
		if hi-lo > 1 {
			k.sortFrom(ctx, items[lo:hi], from, scratch)
		}
		lo = hi
	}
}

// window is the first eight bytes of a key as a number, filled up with zeros. No
// key is the beginning of another one, so equal windows at the ends of keys are
// equal keys.
func window(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var b [8]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:])
}

// smallSort is the number of rows below which comparing beats counting bytes.
const smallSort = 512

// radixSort sorts stably by key, byte by byte from the last; bytes that are the
// same in all keys are skipped. scratch is as long as items, or longer. Between
// two bytes it may find that ctx has ended, and stops.
func radixSort(ctx context.Context, items, scratch []keyWindow) {
	if len(items) < smallSort {
		slices.SortFunc(items, func(a, b keyWindow) int {
			switch {
			case a.key < b.key:
				return -1
			case a.key > b.key:
				return 1
			}
			return int(a.row - b.row)
		})
		return
	}
	var counts [8][256]int32
	for _, it := range items {
		for b := range 8 {
			counts[b][byte(it.key>>(8*b))]++
		}
	}
	from, to := items, scratch[:len(items)]
	for b := range 8 {
		count := &counts[b]
		if count[byte(items[0].key>>(8*b))] == int32(len(items)) {
			continue
		}
		if len(items) >= askEvery && ctx.Err() != nil {
			return
		}
		at := int32(0)
		for v, c := range count {
			count[v] = at
			at += c
		}
		for _, it := range from {
			v := byte(it.key >> (8 * b))
			to[count[v]] = it
			count[v]++
		}
		from, to = to, from
	}
	if &from[0] != &items[0] {
		copy(items, from)
	}
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
