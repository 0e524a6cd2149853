package sqltype

import (
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
)

// Keys of a field's metadata: the n of char(n), and that of varchar(n), 0 where
// it has no length.
const (
	charKey    = "volley.char"
	varcharKey = "volley.varchar"
)

// CharField is f as a column declared char(n), whose values are kept without
// trailing blanks, since these count in no comparison, and shown with them. Any
// other n than a positive one leaves f as it is.
func CharField(f arrow.Field, n int32) arrow.Field {
	if n > 0 {
		f.Metadata = arrow.NewMetadata([]string{charKey}, []string{strconv.Itoa(int(n))})
	}
	return f
}

// BpcharField is f as a column of chars that have lengths of their own; they are
// shown as they are.
func BpcharField(f arrow.Field) arrow.Field {
	f.Metadata = arrow.NewMetadata([]string{charKey}, []string{"0"})
	return f
}

// VarcharField is f as a column of type varchar(n), or varchar where n is 0.
// Values are text's; the type shows in names and on the wire.
func VarcharField(f arrow.Field, n int32) arrow.Field {
	f.Metadata = arrow.NewMetadata([]string{varcharKey}, []string{strconv.Itoa(int(n))})
	return f
}

// Varchar tells whether a column is of varchar, and its length, 0 for none.
func Varchar(f arrow.Field) (n int32, ok bool) { return lengthIn(f, varcharKey) }

// CharLength is the n of a column declared char(n), 0 for any other.
func CharLength(f arrow.Field) int32 {
	n, _ := lengthIn(f, charKey)
	return n
}

// DeclaredAs is how a column of text or bits was declared: "bpchar", "varchar",
// "bit" or "varbit" with a length, 0 for none, or "" where the Arrow type says it
// all.
func DeclaredAs(f arrow.Field) (name string, n int32) {
	if n, ok := lengthIn(f, charKey); ok {
		return "bpchar", n
	}
	if n, ok := lengthIn(f, varcharKey); ok {
		return "varchar", n
	}
	if n, ok := lengthIn(f, bitKey); ok {
		if Equal(Logical(f.Type), VarBit) {
			return "varbit", n
		}
		return "bit", n
	}
	return "", 0
}

func lengthIn(f arrow.Field, key string) (int32, bool) {
	at := f.Metadata.FindKey(key)
	if at < 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(f.Metadata.Values()[at], 10, 32)
	return int32(n), err == nil
}

// DeclaredField is f with the length of its type, by the type's name in lower
// case and its modifiers.
func DeclaredField(f arrow.Field, name string, mods []int32, dims int) arrow.Field {
	switch {
	case dims > 0:
	case name == "varchar", name == "character varying":
		n := int32(0)
		if len(mods) > 0 {
			n = mods[0]
		}
		return VarcharField(f, n)
	case IsBits(f.Type) && len(mods) > 0:
		return BitField(f, mods[0])
	}
	return CharField(f, declaredCharLength(name, mods, dims))
}

// declaredCharLength is the n of char(n) by the type's name in lower case and its
// modifiers, 0 for any other type.
func declaredCharLength(name string, mods []int32, dims int) int32 {
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
