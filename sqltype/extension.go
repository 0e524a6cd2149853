package sqltype

import (
	"fmt"
	"reflect"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// Numeric is the unconstrained numeric: an Arrow extension over Binary whose
// values AppendNum encodes and DecodeNum reads. Its arrays are *NumericArray.
var Numeric arrow.DataType = &extensionType{
	ExtensionBase: arrow.ExtensionBase{Storage: Bytea},
	name:          "volley.numeric",
	array:         reflect.TypeFor[NumericArray](),
}

// UUID is PostgreSQL's uuid: 16 bytes, most significant first.
var UUID arrow.DataType = &extensionType{
	ExtensionBase: arrow.ExtensionBase{Storage: &arrow.FixedSizeBinaryType{ByteWidth: 16}},
	name:          "volley.uuid",
	array:         reflect.TypeFor[UUIDArray](),
}

// JSON is PostgreSQL's json: the text as it was given, known to be valid.
var JSON arrow.DataType = &extensionType{
	ExtensionBase: arrow.ExtensionBase{Storage: Text},
	name:          "volley.json",
	array:         reflect.TypeFor[JSONArray](),
}

// JSONB is PostgreSQL's jsonb, kept as its normalised text: object keys unique
// and in PostgreSQL's order, ", " and ": " as separators.
var JSONB arrow.DataType = &extensionType{
	ExtensionBase: arrow.ExtensionBase{Storage: Text},
	name:          "volley.jsonb",
	array:         reflect.TypeFor[JSONArray](),
}

func init() {
	for _, t := range append([]arrow.DataType{Numeric, UUID, JSON, JSONB, OID}, regTypes...) {
		if err := arrow.RegisterExtensionType(t.(arrow.ExtensionType)); err != nil {
			panic(err) // two packages claim one name: a programming error
		}
	}
}

// extensionType is an extension without parameters, identified by its name.
type extensionType struct {
	arrow.ExtensionBase
	name  string
	array reflect.Type
}

func (t *extensionType) ArrayType() reflect.Type { return t.array }
func (t *extensionType) ExtensionName() string   { return t.name }
func (t *extensionType) Serialize() string       { return "" }
func (t *extensionType) String() string          { return t.name }
func (t *extensionType) Fingerprint() string     { return "X{" + t.name + "}" }

func (t *extensionType) ExtensionEquals(o arrow.ExtensionType) bool {
	return o.ExtensionName() == t.name
}

func (t *extensionType) Deserialize(storage arrow.DataType, _ string) (arrow.ExtensionType, error) {
	if !arrow.TypeEqual(storage, t.Storage) {
		return nil, fmt.Errorf("extension %s: storage is %s, not %s", t.name, storage, t.Storage)
	}
	return t, nil
}

// NumericArray is an array of type Numeric.
type NumericArray struct{ array.ExtensionArrayBase }

// Value decodes row i, which must not be null. The result keeps nothing of the
// array's memory.
func (a *NumericArray) Value(i int) Num {
	return DecodeNum(a.Storage().(*array.Binary).Value(i))
}

// Bytes is the encoding of row i, which must not be null.
func (a *NumericArray) Bytes(i int) []byte {
	return a.Storage().(*array.Binary).Value(i)
}

// ValueStr is the text of row i.
func (a *NumericArray) ValueStr(i int) string {
	if a.IsNull(i) {
		return array.NullValueStr
	}
	return a.Value(i).String()
}

// UUIDArray is an array of type UUID.
type UUIDArray struct{ array.ExtensionArrayBase }

// Value is the 16 bytes of row i.
func (a *UUIDArray) Value(i int) []byte {
	return a.Storage().(*array.FixedSizeBinary).Value(i)
}

// ValueStr is the text of row i.
func (a *UUIDArray) ValueStr(i int) string {
	if a.IsNull(i) {
		return array.NullValueStr
	}
	return string(AppendUUID(nil, a.Value(i)))
}

// JSONArray is an array of type JSON or JSONB.
type JSONArray struct{ array.ExtensionArrayBase }

// Value is the text of row i.
func (a *JSONArray) Value(i int) string {
	return a.Storage().(*array.String).Value(i)
}

// ValueStr is the text of row i.
func (a *JSONArray) ValueStr(i int) string {
	if a.IsNull(i) {
		return array.NullValueStr
	}
	return a.Value(i)
}

// IsJSON tells whether t is JSON or JSONB.
func IsJSON(t arrow.DataType) bool { return Equal(t, JSON) || Equal(t, JSONB) }
