package csv

import (
	"encoding/json"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

// rename gives the columns the names of option names, from the first one on.
func (s *sniffer) rename() error {
	text, ok := s.given[optNames]
	if !ok {
		return nil
	}
	names, err := textList(optNames, text)
	if err != nil {
		return err
	}
	if len(names) > len(s.names) {
		return sqlerr.New(sqlerr.InvalidParameterValue, "option %q of csv has %d names, the files have %d columns", optNames, len(names), len(s.names))
	}
	copy(s.names, names)
	s.names = columnNames(s.names, len(s.names))
	return nil
}

// typed gives columns the types of option types: a list, from the first column
// on, or an object of types by name.
func (s *sniffer) typed(fields []arrow.Field) error {
	text, ok := s.given[optTypes]
	if !ok {
		return nil
	}
	if !strings.HasPrefix(text, "{") {
		types, err := textList(optTypes, text)
		if err != nil {
			return err
		}
		if len(types) > len(fields) {
			return sqlerr.New(sqlerr.InvalidParameterValue, "option %q of csv has %d types, the files have %d columns", optTypes, len(types), len(fields))
		}
		for i, t := range types {
			if err := setType(&fields[i], t); err != nil {
				return err
			}
		}
		return nil
	}
	byName := map[string]string{}
	if json.Unmarshal([]byte(text), &byName) != nil {
		return sqlerr.New(sqlerr.InvalidParameterValue, "option %q of csv must be a list of types or {'column': 'type', …}", optTypes)
	}
	for i := range fields {
		for name, t := range byName {
			if strings.EqualFold(name, fields[i].Name) {
				if err := setType(&fields[i], t); err != nil {
					return err
				}
				delete(byName, name)
			}
		}
	}
	for name := range byName {
		return sqlerr.New(sqlerr.UndefinedColumn, "column %q of option %q does not exist in the files", name, optTypes)
	}
	return nil
}

func setType(f *arrow.Field, text string) error {
	name, rest, _ := strings.Cut(text, "(")
	inner, tail, _ := strings.Cut(rest, ")")
	var mods []int32
	if inner != "" && json.Unmarshal([]byte("["+inner+"]"), &mods) != nil {
		return sqlerr.New(sqlerr.UndefinedObject, "type \"%s\" does not exist", text)
	}
	name = strings.TrimSpace(name) + tail
	t, err := sqltype.Resolve(name, mods, 0)
	if err != nil {
		return err
	}
	*f = sqltype.DeclaredField(arrow.Field{Name: f.Name, Type: t, Nullable: true}, strings.ToLower(name), mods, 0)
	return nil
}

// textList reads a list of texts, as JSON, or one text.
func textList(option, text string) ([]string, error) {
	if !strings.HasPrefix(text, "[") {
		return []string{text}, nil
	}
	var list []string
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "option %q of csv must be a list of texts", option)
	}
	return list, nil
}
