package builtin

import (
	"strconv"
	"strings"

	"volley/sqlerr"
	"volley/sqltype"
)

// sizeUnits are those of pg_size_pretty: a size goes on in the next unit once
// its absolute value reaches limit.
var sizeUnits = []struct {
	name  string
	limit int64
	round bool
	shift uint
}{
	{"bytes", 10 * 1024, false, 0},
	{"kB", 20*1024 - 1, true, 10},
	{"MB", 20*1024 - 1, true, 20},
	{"GB", 20*1024 - 1, true, 30},
	{"TB", 20*1024 - 1, true, 40},
	{"PB", 20*1024 - 1, true, 50},
}

// registerSizes adds pg_size_pretty and pg_size_bytes.
func registerSizes(b *registrar) {
	b.strict("pg_size_pretty", types(tInt8), tText, text1(tText, func(dst []byte, v int64) ([]byte, error) { return appendSize(dst, v), nil }))
	b.strict("pg_size_bytes", types(tText), tInt8, map1(tInt8, sizeBytes))
}

// appendSize keeps one more bit than the unit needs, by which it rounds half
// away from zero at the end.
func appendSize(dst []byte, v int64) []byte {
	done := uint(0)
	for i, u := range sizeUnits {
		if i == len(sizeUnits)-1 || abs64(v) < u.limit {
			if u.round {
				if v < 0 {
					v = (v - 1) / 2
				} else {
					v = (v + 1) / 2
				}
			}
			dst = strconv.AppendInt(dst, v, 10)
			return append(append(dst, ' '), u.name...)
		}
		next := sizeUnits[i+1]
		bits := next.shift - done
		if next.round {
			bits--
		}
		if u.round {
			bits = next.shift - u.shift
		}
		v /= int64(1) << bits
		done = next.shift
	}
	return dst
}

func abs64(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

func sizeBytes(s string) (int64, error) {
	text := strings.TrimSpace(s)
	end := len(text) - len(strings.TrimLeft(text, "+-.0123456789eE"))
	for end > 0 && (text[end-1]|0x20 == 'e') {
		end--
	}
	n, err := sqltype.ParseNum([]byte(text[:end]))
	if err != nil || end == 0 {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "invalid size: \"%s\"", s)
	}
	shift := map[string]uint{"": 0, "bytes": 0, "b": 0, "kb": 10, "mb": 20, "gb": 30, "tb": 40, "pb": 50}
	unit := strings.ToLower(strings.TrimSpace(text[end:]))
	by, ok := shift[unit]
	if !ok {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "invalid size: \"%s\"", s).
			WithDetail("Invalid size unit: \"%s\".", strings.TrimSpace(text[end:])).
			WithHint("Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".")
	}
	product, err := n.Mul(sqltype.NumFromInt64(1 << by))
	if err != nil {
		return 0, err
	}
	return product.ToInt64()
}
