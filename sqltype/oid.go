package sqltype

import (
	"encoding/binary"
	"reflect"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
)

// OID is PostgreSQL's oid, an unsigned number of 32 bits in an int64.
var OID arrow.DataType = &extensionType{
	ExtensionBase: arrow.ExtensionBase{Storage: Int64},
	name:          "volley.oid",
	array:         reflect.TypeFor[OIDArray](),
}

// The object identifier types. A value is four bytes, the oid, most significant
// first, and then the object's name as it is shown: whoever makes the value
// knows the catalog, and nobody after that needs it.
var (
	Regclass      = regType("regclass")
	Regtype       = regType("regtype")
	Regproc       = regType("regproc")
	Regprocedure  = regType("regprocedure")
	Regoper       = regType("regoper")
	Regoperator   = regType("regoperator")
	Regnamespace  = regType("regnamespace")
	Regrole       = regType("regrole")
	Regcollation  = regType("regcollation")
	Regconfig     = regType("regconfig")
	Regdictionary = regType("regdictionary")
)

var regTypes = []arrow.DataType{
	Regclass, Regtype, Regproc, Regprocedure, Regoper, Regoperator, Regnamespace, Regrole,
	Regcollation, Regconfig, Regdictionary,
}

const regPrefix = "volley.reg"

func regType(name string) arrow.DataType {
	return &extensionType{
		ExtensionBase: arrow.ExtensionBase{Storage: Bytea},
		name:          "volley." + name,
		array:         reflect.TypeFor[RegArray](),
	}
}

// IsReg tells whether t is an object identifier type with names: regclass and
// its like.
func IsReg(t arrow.DataType) bool {
	e, ok := Logical(t).(arrow.ExtensionType)
	return ok && strings.HasPrefix(e.ExtensionName(), regPrefix)
}

// IsOID tells whether t is oid.
func IsOID(t arrow.DataType) bool { return Equal(Logical(t), OID) }

// ObjectNames finds objects for the types of regclass's kind. kind is the
// type's name, such as "regclass".
type ObjectNames interface {
	// ObjectName is the name of an object as its type shows it, "" when there is
	// no such object.
	ObjectName(kind string, oid uint32) string
	// ObjectOID finds an object by a name as people write it; the error is
	// PostgreSQL's for that kind of object.
	ObjectOID(kind, name string) (uint32, error)
}

// AppendReg appends the value of an object: its name, the number where it has
// none, "-" for 0.
func AppendReg(dst []byte, oid uint32, name string) []byte {
	dst = binary.BigEndian.AppendUint32(dst, oid)
	switch {
	case oid == 0:
		return append(dst, '-')
	case name == "":
		return strconv.AppendUint(dst, uint64(oid), 10)
	}
	return append(dst, name...)
}

// RegOID is the oid of a value of an object identifier type.
func RegOID(v []byte) uint32 {
	if len(v) < 4 {
		return 0
	}
	return binary.BigEndian.Uint32(v)
}

// RegValue is the value that a text stands for: a number, "-", or a name.
func RegValue(t arrow.DataType, text string, names ObjectNames) ([]byte, error) {
	kind := Name(t)
	if text == "-" {
		return AppendReg(nil, 0, ""), nil
	}
	if text != "" && text[0] >= '0' && text[0] <= '9' {
		oid, err := ParseOID([]byte(text))
		if err != nil {
			return nil, err
		}
		name := ""
		if names != nil {
			name = names.ObjectName(kind, oid)
		}
		return AppendReg(nil, oid, name), nil
	}
	if names == nil {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "names of type %s are not known here", kind)
	}
	oid, err := names.ObjectOID(kind, text)
	if err != nil {
		return nil, err
	}
	return AppendReg(nil, oid, names.ObjectName(kind, oid)), nil
}

// ParseOID reads an oid; as PostgreSQL it takes a negative number for its
// complement.
func ParseOID(b []byte) (uint32, error) {
	s := strings.TrimSpace(string(b))
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		if n > 1<<32-1 {
			return 0, sqlerr.New(sqlerr.NumericOutOfRange, "value \"%s\" is out of range for type oid", s)
		}
		return uint32(n), nil
	}
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return uint32(n), nil
	}
	return 0, sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type oid: \"%s\"", string(b))
}

// OIDArray is an array of type OID.
type OIDArray struct{ array.ExtensionArrayBase }

// Value is row i.
func (a *OIDArray) Value(i int) uint32 { return uint32(a.Storage().(*array.Int64).Value(i)) }

// ValueStr is the text of row i.
func (a *OIDArray) ValueStr(i int) string { return a.Storage().ValueStr(i) }

// RegArray is an array of one of the object identifier types.
type RegArray struct{ array.ExtensionArrayBase }

// OID is that of row i.
func (a *RegArray) OID(i int) uint32 { return RegOID(a.Storage().(*array.Binary).Value(i)) }

// Name is the text of row i.
func (a *RegArray) Name(i int) []byte {
	v := a.Storage().(*array.Binary).Value(i)
	return v[min(4, len(v)):]
}

// ValueStr is the text of row i.
func (a *RegArray) ValueStr(i int) string {
	if a.IsNull(i) {
		return array.NullValueStr
	}
	return string(a.Name(i))
}
