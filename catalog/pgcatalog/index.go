package pgcatalog

import (
	"slices"
	"strings"
	"sync"
)

// index finds the objects of a database by number and by name.
type index struct {
	once      sync.Once
	all       []*Relation // user's relations, then the catalogs
	relations map[uint32]*Relation
	names     map[string]*Relation // by schema, zero byte, name
	keys      map[uint32]keyOf
	routines  []routine
	routineAt map[uint32]int
}

// keyOf is an index with its table.
type keyOf struct {
	relation *Relation
	key      *Key
}

func (db *Database) find() *index {
	db.index.once.Do(func() {
		ix := &db.index
		ix.relations, ix.names, ix.keys = map[uint32]*Relation{}, map[string]*Relation{}, map[uint32]keyOf{}
		ix.all = slices.Clone(db.Relations)
		for _, schema := range []string{CatalogSchema, InformationSchema} {
			names := TableNames(schema)
			slices.Sort(names)
			for _, name := range names {
				ix.all = append(ix.all, &systemRelations()[schema][name].Relation)
			}
		}
		for _, rel := range ix.all {
			ix.relations[rel.OID] = rel
			ix.names[rel.Schema+"\x00"+rel.Name] = rel
			for i := range rel.Keys {
				ix.keys[rel.Keys[i].OID] = keyOf{rel, &rel.Keys[i]}
			}
		}
		ix.routines = db.registered()
		ix.routineAt = make(map[uint32]int, len(ix.routines))
		for i := range ix.routines {
			ix.routineAt[ix.routines[i].oid] = i
		}
	})
	return &db.index
}

// relations are all relations, catalogs included.
func (db *Database) relations() []*Relation { return db.find().all }

// relation finds a relation by schema and name, nil for none. Without a schema
// the search path is gone through, after pg_catalog.
func (db *Database) relation(schema, name string) *Relation {
	names := db.find().names
	if schema != "" {
		return names[schema+"\x00"+name]
	}
	for _, s := range db.path() {
		if rel := names[s+"\x00"+name]; rel != nil {
			return rel
		}
	}
	return nil
}

// path is the search path with pg_catalog, which comes first unless it is named.
func (db *Database) path() []string {
	if slices.Contains(db.SearchPath, CatalogSchema) {
		return db.SearchPath
	}
	return append([]string{CatalogSchema}, db.SearchPath...)
}

// visible tells whether a name without its schema means what is in schema.
func (db *Database) visible(schema, name string) bool {
	for _, s := range db.path() {
		if s == schema {
			return true
		}
		if db.find().names[s+"\x00"+name] != nil {
			return false
		}
	}
	return false
}

// schemaOID is the oid of a schema.
func (db *Database) schemaOID(name string) uint32 {
	switch name {
	case CatalogSchema:
		return schemaCatalog
	case "public":
		return schemaPublic
	case InformationSchema:
		return schemaInformation
	case "pg_toast":
		return schemaToast
	}
	return db.Numbers.Of("schema", name)
}

// schemas are all schemas' names.
func (db *Database) schemas() []string {
	out := []string{CatalogSchema, InformationSchema, "pg_toast"}
	for _, s := range db.Schemas {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// QuoteIdent quotes an identifier where that is needed.
func QuoteIdent(s string) string {
	plain := s != "" && !keywords[s]
	for i := range len(s) {
		c := s[i]
		plain = plain && (c >= 'a' && c <= 'z' || c == '_' || i > 0 && (c >= '0' && c <= '9' || c == '$'))
	}
	if plain {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// keywords are the words that cannot be a name without quotes.
var keywords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`all analyse analyze and any array as asc asymmetric authorization
		between bigint binary bit boolean both case cast char character check coalesce collate collation
		column concurrently constraint create cross current_catalog current_date current_role
		current_schema current_time current_timestamp current_user dec decimal default deferrable desc
		distinct do else end except exists extract false fetch float for foreign freeze from full grant
		greatest group grouping having ilike in initially inner inout int integer intersect interval into
		is isnull join lateral leading least left like limit localtime localtimestamp national natural
		nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps
		overlay placing position precision primary real references returning right row select
		session_user setof similar smallint some substring symmetric table tablesample then time
		timestamp to trailing treat trim true union unique user using values varchar variadic verbose
		when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces
		xmlparse xmlpi xmlroot xmlserialize xmltable`) {
		m[w] = true
	}
	return m
}()

// splitName splits a name as it is written, a."B".c, into its parts; ok is false
// when it is no name.
func splitName(s string) (parts []string, ok bool) {
	for i := 0; ; {
		var part strings.Builder
		quoted := i < len(s) && s[i] == '"'
		if quoted {
			i++
			for ; i < len(s); i++ {
				if s[i] == '"' {
					if i+1 == len(s) || s[i+1] != '"' {
						break
					}
					i++
				}
				part.WriteByte(s[i])
			}
			if i == len(s) {
				return nil, false
			}
			i++
		} else {
			for ; i < len(s) && s[i] != '.'; i++ {
				c := s[i]
				if c >= 'A' && c <= 'Z' {
					c += 'a' - 'A'
				}
				part.WriteByte(c)
			}
		}
		if part.Len() == 0 {
			return nil, false
		}
		parts = append(parts, strings.TrimSpace(part.String()))
		if i == len(s) {
			return parts, true
		}
		if s[i] != '.' {
			return nil, false
		}
		i++
	}
}

// ColumnNumber is pg_attribute.attnum of a relation's column, 0 for none.
func (db *Database) ColumnNumber(relation uint32, name string) int {
	if rel := db.find().relations[relation]; rel != nil {
		return slices.IndexFunc(rel.Columns, func(c Column) bool { return c.Name == name }) + 1
	}
	return 0
}
