package builtin

import (
	"strings"

	"volley/sqlerr"
	"volley/sqltype"
)

// registerSizes adds pg_size_bytes.
func registerSizes(b *registrar) {
	b.strict("pg_size_bytes", types(tText), tInt8, map1(tInt8, sizeBytes))
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
