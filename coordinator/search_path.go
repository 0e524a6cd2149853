package coordinator

import (
	"slices"
	"strings"

	"volley/catalog/pgcatalog"
	"volley/parser/ast"
	"volley/sqlerr"
)

// searchPath are the schemas in which names without a schema are looked for, in
// order: that of temporary tables, those of the setting that exist.
// pg_catalog, which is first of all unless the setting names it, is not in it.
func (s *Session) searchPath() []string {
	if v := s.c.version(); s.path.schemas == nil || s.settings.pathChanged || s.path.version != v || s.path.temp != s.temp {
		s.path = knownPath{s.findPath(), v, s.temp}
		s.settings.pathChanged = false
	}
	return s.path.schemas
}

// knownPath is the search path as of a version of the catalog.
type knownPath struct {
	schemas []string
	version uint64
	temp    string
}

func (s *Session) findPath() []string {
	value, _ := s.settings.get("search_path")
	out := make([]string, 0, 3)
	named := splitPath(value)
	if s.temp != "" && !slices.Contains(named, "pg_temp") {
		out = append(out, s.temp)
	}
	for _, name := range named {
		switch {
		case name == "$user" && s.user == systemSchema:
			continue // nobody's own: nothing can be made in it
		case name == "$user":
			name = s.user
		case name == "pg_temp" && s.temp != "":
			name = s.temp
		}
		if !slices.Contains(out, name) && (name == s.temp && name != "" || s.objects().HasSchema(name)) {
			out = append(out, name)
		}
	}
	return out
}

// splitPath splits a list of names, of which some are in double quotes.
func splitPath(value string) []string {
	var out []string
	for _, part := range strings.Split(value, ",") {
		part = strings.TrimSpace(part)
		if n := len(part); n >= 2 && part[0] == '"' && part[n-1] == '"' {
			part = strings.ReplaceAll(part[1:n-1], `""`, `"`)
		} else {
			part = strings.ToLower(part)
		}
		if part != "" {
			out = append(out, part)
		}
	}
	return out
}

// currentSchema is where new objects without a schema go.
func (s *Session) currentSchema(pos int) (string, error) {
	for _, name := range s.searchPath() {
		if name != s.temp || s.temp == "" {
			if slices.Contains(s.objects().Schemas(), name) {
				return name, nil
			}
			return "", sqlerr.At(pos, sqlerr.InsufficientPrivilege, "permission denied for schema %s", name)
		}
	}
	return "", sqlerr.At(pos, sqlerr.InvalidSchemaName, "no schema has been selected to create in")
}

// targetOf is where CREATE of a view or external table goes.
func (s *Session) targetOf(q ast.QName) (schema, name string, err error) {
	schema, name = target(q)
	if len(q.Parts) == 1 {
		schema, err = s.currentSchema(q.Position())
		return schema, name, err
	}
	return s.realSchema(schema), name, nil
}

// schemas are those in which a name is looked for, in order.
func (s *Session) schemas(q ast.QName) []string {
	if len(q.Parts) == 1 {
		return s.searchPath()
	}
	return []string{s.realSchema(q.Parts[len(q.Parts)-2])}
}

// systemSchemaOf tells whether a schema is one of PostgreSQL's catalogs.
func systemSchemaOf(schema string) bool {
	return schema == pgcatalog.CatalogSchema || schema == pgcatalog.InformationSchema
}
