package coordinator

import (
	"maps"
	"strings"
	"sync"

	"volley/catalog/pgcatalog"
	"volley/parser/ast"
	"volley/sqlerr"
)

// comments are what COMMENT ON said. They live as long as the process. It is
// safe for concurrent use.
type comments struct {
	mu    sync.Mutex
	texts map[pgcatalog.Object]string
}

// set changes a comment; "" removes it.
func (c *comments) set(o pgcatalog.Object, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil {
		c.texts = map[pgcatalog.Object]string{}
	}
	if c.texts[o] = text; text == "" {
		delete(c.texts, o)
	}
}

func (c *comments) all() map[pgcatalog.Object]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.texts)
}

// comment runs COMMENT ON.
func (s *Session) comment(st *ast.Comment) (*Result, error) {
	parts, column := st.Name.Parts, 0
	class := "pg_class"
	var oid uint32
	switch st.Kind {
	case "schema", "database":
		class = map[string]string{"schema": "pg_namespace", "database": "pg_database"}[st.Kind]
		if st.Kind == "schema" {
			var err error
			if oid, err = s.catalogs().ObjectOID("regnamespace", pgcatalog.QuoteIdent(parts[0])); err != nil {
				return nil, sqlerr.Find(err).WithPos(st.Name.Position())
			}
		}
	default:
		if st.Kind == "column" && len(parts) > 1 {
			parts = parts[:len(parts)-1]
		}
		quoted := make([]string, len(parts))
		for i, p := range parts {
			quoted[i] = pgcatalog.QuoteIdent(p)
		}
		var err error
		if oid, err = s.catalogs().ObjectOID("regclass", strings.Join(quoted, ".")); err != nil {
			return nil, sqlerr.Find(err).WithPos(st.Name.Position())
		}
		if st.Kind == "column" {
			name := st.Name.Parts[len(st.Name.Parts)-1]
			if column = s.catalogs().ColumnNumber(oid, name); column == 0 {
				return nil, sqlerr.At(st.Name.Position(), sqlerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, parts[len(parts)-1])
			}
		}
	}
	text := ""
	if st.Text != nil {
		text = *st.Text
	}
	s.c.comments.set(pgcatalog.Object{Class: pgcatalog.OID(pgcatalog.CatalogSchema, class), OID: oid, Column: column}, text)
	s.c.cfg.Catalog.Touch()
	return command("COMMENT"), nil
}

// reindex runs REINDEX, which has nothing to do but to look for its object.
func (s *Session) reindex(st *ast.Reindex) (*Result, error) {
	if st.Kind != "index" && st.Kind != "table" {
		return command("REINDEX"), nil
	}
	quoted := make([]string, len(st.Name.Parts))
	for i, p := range st.Name.Parts {
		quoted[i] = pgcatalog.QuoteIdent(p)
	}
	if _, err := s.catalogs().ObjectOID("regclass", strings.Join(quoted, ".")); err != nil {
		return nil, sqlerr.Find(err).WithPos(st.Name.Position())
	}
	return command("REINDEX"), nil
}
