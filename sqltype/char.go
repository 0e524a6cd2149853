package sqltype

import (
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
)

// charKey is the key of a field's metadata that has the n of char(n).
const charKey = "volley.char"

// CharField is f as a column declared char(n), whose values are kept without
// trailing blanks, since these count in no comparison, and shown with them. Any
// other n than a positive one leaves f as it is.
func CharField(f arrow.Field, n int32) arrow.Field {
	if n > 0 {
		f.Metadata = arrow.NewMetadata([]string{charKey}, []string{strconv.Itoa(int(n))})
	}
	return f
}

// CharLength is the n of a column declared char(n), 0 for any other.
func CharLength(f arrow.Field) int32 {
	at := f.Metadata.FindKey(charKey)
	if at < 0 {
		return 0
	}
	n, err := strconv.ParseInt(f.Metadata.Values()[at], 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}

// DeclaredCharLength is the n of char(n) by the type's name in lower case and its
// modifiers, 0 for any other type.
func DeclaredCharLength(name string, mods []int32, dims int) int32 {
	switch {
	case dims > 0:
	case name == "char", name == "character", name == "bpchar", name == "nchar":
		if len(mods) > 0 {
			return mods[0]
		}
		if name != "bpchar" {
			return 1
		}
	}
	return 0
}
