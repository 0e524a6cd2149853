package sqltype

import (
	"reflect"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqltype/jsonpath"
)

// JSONPath is PostgreSQL's jsonpath, kept as its normalised text.
var JSONPath arrow.DataType = &extensionType{
	ExtensionBase: arrow.ExtensionBase{Storage: Text},
	name:          "volley.jsonpath",
	array:         reflect.TypeFor[JSONPathArray](),
}

func init() {
	if err := arrow.RegisterExtensionType(JSONPath.(arrow.ExtensionType)); err != nil {
		panic(err) // two packages claim one name: a programming error
	}
}

// JSONPathArray is an array of type JSONPath.
type JSONPathArray struct{ array.ExtensionArrayBase }

// Value is the text of row i.
func (a *JSONPathArray) Value(i int) string { return a.Storage().(*array.String).Value(i) }

// ValueStr is the text of row i.
func (a *JSONPathArray) ValueStr(i int) string {
	if a.IsNull(i) {
		return array.NullValueStr
	}
	return a.Value(i)
}

// ParseJSONPath reads a path; errors as of jsonpath.Parse, and 22003 for a
// number that no numeric holds.
func ParseJSONPath(text string) (*jsonpath.Path, error) {
	return jsonpath.Parse(text, func(number []byte) (string, error) {
		n, err := ParseNum(number)
		if err != nil {
			return "", err
		}
		return n.String(), nil
	})
}

func jsonPathParser(b array.Builder, text []byte) error {
	p, err := ParseJSONPath(string(text))
	if err == nil {
		storageOf[*array.StringBuilder](b).Append(p.String())
	}
	return err
}
