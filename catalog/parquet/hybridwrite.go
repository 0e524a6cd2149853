package parquet

import "encoding/binary"

// appendHybrid appends small unsigned integers in the RLE/bit-packed hybrid
// encoding that hybrid decodes: runs of at least 8 equal values by their
// length, all others packed in groups of 8.
func appendHybrid[T int16 | int32](out []byte, values []T, width uint) []byte {
	if width == 0 {
		return binary.AppendUvarint(out, uint64(len(values))<<1)
	}
	for at := 0; at < len(values); {
		if n := runLength(values[at:]); n >= 8 {
			out = appendRun(out, uint32(values[at]), n, width)
			at += n
			continue
		}
		end := at + 8
		for end < len(values) && runLength(values[end:]) < 8 {
			end += 8
		}
		out = appendPacked(out, values[at:min(end, len(values))], width)
		at = min(end, len(values))
	}
	return out
}

func runLength[T int16 | int32](values []T) int {
	n := 1
	for n < len(values) && values[n] == values[0] {
		n++
	}
	return n
}

func appendRun(out []byte, v uint32, n int, width uint) []byte {
	out = binary.AppendUvarint(out, uint64(n)<<1)
	for range (width + 7) / 8 {
		out = append(out, byte(v))
		v >>= 8
	}
	return out
}

// appendPacked packs values; zeros fill the last group.
func appendPacked[T int16 | int32](out []byte, values []T, width uint) []byte {
	groups := (len(values) + 7) / 8
	out = binary.AppendUvarint(out, uint64(groups)<<1|1)
	var bits uint64
	var have uint
	for i := range groups * 8 {
		var v uint64
		if i < len(values) {
			v = uint64(uint32(values[i]))
		}
		bits |= v << have
		for have += width; have >= 8; have -= 8 {
			out = append(out, byte(bits))
			bits >>= 8
		}
	}
	return out
}
