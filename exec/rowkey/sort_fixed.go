package rowkey

import (
	"context"
	"encoding/binary"
)

// longestVarying is the longest key of which it is worth looking for bytes that vary.
const longestVarying = 64

// varying gives, of keys that all have one length, the places of the bytes that are not
// the same in all of them, such as the lower bytes of small numbers. ok is false where
// lengths differ.
func (k *Keys) varying() (places []int, ok bool) {
	base, width := k.Offsets[0], k.Offsets[1]-k.Offsets[0]
	if width < 8 || width > longestVarying {
		return nil, false
	}
	for i, at := range k.Offsets {
		if at != base+i*width {
			return nil, false
		}
	}
	data := k.Data[base:k.Offsets[len(k.Offsets)-1]]
	for lo := 0; lo < width; lo += 8 {
		from := min(lo, width-8) // the last eight bytes may have been looked at
		first, differ := binary.LittleEndian.Uint64(data[from:]), uint64(0)
		for at := from; at <= len(data)-8; at += width {
			differ |= binary.LittleEndian.Uint64(data[at:]) ^ first
		}
		for b := lo - from; b < 8; b++ {
			if byte(differ>>(8*b)) != 0 {
				places = append(places, from+b)
			}
		}
	}
	return places, true
}

// sortVarying sorts rows whose keys have one length by the bytes that vary: the first
// eight of these are one number, though they lie apart, which is all there is to most
// keys of two or three columns.
func (k *Keys) sortVarying(ctx context.Context, items []keyWindow, places []int, scratch []keyWindow) {
	if len(places) == 0 {
		return
	}
	some := places[:min(len(places), 8)]
	k.fillWindows(items, some)
	radixSort(ctx, items, scratch)
	if len(places) > len(some) && ctx.Err() == nil {
		k.sortEqual(ctx, items, some[len(some)-1]+1, scratch)
	}
}

// fillWindows makes the windows of all rows, which are in their order, of up to eight
// bytes of their keys.
func (k *Keys) fillWindows(items []keyWindow, places []int) {
	base, width := k.Offsets[0], k.Offsets[1]-k.Offsets[0]
	data := k.Data[base:k.Offsets[len(k.Offsets)-1]]
	for lo := 0; lo < len(places); {
		hi := lo + 1
		for hi < len(places) && places[hi] == places[lo]+hi-lo {
			hi++
		}
		n := 8 * (hi - lo) // bits of neighbouring bytes
		at, row := places[lo], 0
		for ; at <= len(data)-8; at += width {
			items[row].key = items[row].key<<n | binary.BigEndian.Uint64(data[at:])>>(64-n)
			row++
		}
		for ; row < len(items); at += width { // the last one, which ends within eight bytes
			items[row].key = items[row].key<<n | window(data[at:])>>(64-n)
			row++
		}
		lo = hi
	}
}
