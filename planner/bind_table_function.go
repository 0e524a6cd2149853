package planner

import (
	"encoding/json"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// fileFormats are the table functions that read files, by name.
var fileFormats = map[string]string{
	"read_csv": "csv", "read_csv_auto": "csv", "csv_scan": "csv",
	"read_parquet": "parquet", "parquet_scan": "parquet",
}

func (s *block) bindTableFunc(f *ast.TableFunc, outer *scope) (source, error) {
	if _, ok := isFunctionRef(f); ok {
		if src, ok, err := s.bindUserFunction(f, outer); ok || err != nil {
			return src, err
		}
		src, err := s.bindFunctions(f, outer)
		return src, err
	}
	call := f.Calls[0]
	name := call.Name.Parts[len(call.Name.Parts)-1]
	switch {
	case len(f.Calls) > 1:
		return source{}, unsupported(f.Position(), "ROWS FROM is")
	case f.Ordinality:
		return source{}, unsupported(f.Position(), "WITH ORDINALITY is")
	}
	format := fileFormats[name]
	given, err := s.fileOptions(call, name)
	if err != nil {
		return source{}, err
	}
	def, stats, err := s.cat.File(s.ctx, format, given)
	if err != nil {
		return source{}, at(err, call.Position())
	}
	src, err := aliasedSource(scanned(def, given.Location, stats), "", name, f.Alias, outer, f.Position())
	if err != nil {
		return source{}, err
	}
	return s.sampled(src, f.Sample, outer)
}

// fileOptions reads the arguments of read_csv and its like: a path or a list of
// them, then options by name, whose values become text. Lists and structs
// become JSON, but for columns, which becomes a schema.
func (s *block) fileOptions(call *ast.Call, name string) (catalog.Given, error) {
	given := catalog.Given{Options: map[string]string{}}
	for i, a := range call.Args {
		option := strings.ToLower(a.Name)
		switch {
		case i == 0 && option == "":
			paths, err := texts(a.Value)
			if err != nil {
				return given, err
			}
			given.Location = strings.Join(paths, "\n")
		case option == "":
			return given, sqlerr.At(a.Value.Position(), sqlerr.UndefinedFunction, "function %s takes one path; options are given as name = value", name)
		case option == "columns" || option == "schema":
			schema, err := s.declaredColumns(a.Value)
			if err != nil {
				return given, err
			}
			given.Columns = schema
		default:
			text, err := optionText(a.Value)
			if err != nil {
				return given, err
			}
			given.Options[option] = text
		}
	}
	if given.Location == "" {
		return given, sqlerr.At(call.Position(), sqlerr.UndefinedFunction, "function %s needs a path", name)
	}
	return given, nil
}

// declaredColumns reads {'name': 'type', …}.
func (s *block) declaredColumns(e ast.Expr) (*arrow.Schema, error) {
	lit, ok := e.(*ast.StructLit)
	if !ok {
		return nil, sqlerr.At(e.Position(), sqlerr.InvalidParameterValue, "columns must be given as {'name': 'type', …}")
	}
	fields := make([]arrow.Field, len(lit.Keys))
	for i, key := range lit.Keys {
		text, err := optionText(lit.Values[i])
		if err != nil {
			return nil, err
		}
		name, mods, dims := typeAndMods(text)
		t, err := sqltype.Resolve(name, mods, dims)
		if err != nil {
			return nil, at(err, lit.Values[i].Position())
		}
		fields[i] = sqltype.DeclaredField(arrow.Field{Name: key, Type: t, Nullable: true}, strings.ToLower(name), mods, dims)
	}
	return arrow.NewSchema(fields, nil), nil
}

// typeAndMods splits "decimal(10,2)" for sqltype.Resolve.
func typeAndMods(text string) (name string, mods []int32, dims int) {
	name, rest, ok := strings.Cut(text, "(")
	if !ok {
		return text, nil, 0
	}
	inner, tail, _ := strings.Cut(rest, ")")
	if json.Unmarshal([]byte("["+inner+"]"), &mods) != nil {
		return text, nil, 0
	}
	return strings.TrimSpace(name) + tail, mods, 0
}

// texts is one text or a list of them.
func texts(e ast.Expr) ([]string, error) {
	list, ok := e.(*ast.Array)
	if !ok {
		t, err := optionText(e)
		return []string{t}, err
	}
	out := make([]string, len(list.Items))
	for i, item := range list.Items {
		var err error
		if out[i], err = optionText(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// optionText is the text of a constant option value; lists and structs are
// JSON.
func optionText(e ast.Expr) (string, error) {
	v, err := optionValue(e)
	if err != nil {
		return "", err
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "", sqlerr.Wrap(err, sqlerr.InvalidParameterValue, "option value")
	}
	return string(b), nil
}

func optionValue(e ast.Expr) (any, error) {
	switch e := e.(type) {
	case *ast.Literal:
		return e.Text, nil
	case *ast.Column: // a bare word, as in header = on
		return strings.Join(e.Parts, "."), nil
	case *ast.Cast:
		return optionValue(e.Arg)
	case *ast.Unary:
		if e.Op == "-" {
			v, err := optionText(e.Arg)
			return "-" + v, err
		}
	case *ast.Array:
		out := make([]any, len(e.Items))
		for i, item := range e.Items {
			var err error
			if out[i], err = optionValue(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *ast.StructLit:
		out := make(map[string]any, len(e.Keys))
		for i, k := range e.Keys {
			v, err := optionValue(e.Values[i])
			if err != nil {
				return nil, err
			}
			out[k] = v
		}
		return out, nil
	}
	return nil, sqlerr.At(e.Position(), sqlerr.InvalidParameterValue, "an option's value must be a constant")
}
