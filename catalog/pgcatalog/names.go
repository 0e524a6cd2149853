package pgcatalog

import (
	"strings"

	"volley/sqlerr"
	"volley/sqltype"
)

// ObjectName is the name of an object as the object identifier type kind shows
// it: with its schema where the search path does not find it. "" for none.
func (db *Database) ObjectName(kind string, oid uint32) string {
	switch kind {
	case "regclass":
		if rel := db.find().relations[oid]; rel != nil {
			return db.relationName(rel)
		}
		if k, ok := db.find().keys[oid]; ok {
			return db.qualified(k.relation.Schema, k.key.Name)
		}
	case "regtype":
		if types().byOID[oid] != nil {
			return FormatType(oid, noModifier)
		}
		for _, rel := range db.Relations {
			if rel.Kind != Sequence && db.rowType(rel) == oid {
				return db.relationName(rel)
			}
		}
	case "regproc", "regprocedure", "regoper", "regoperator":
		if p := db.routine(oid); p != nil {
			name := QuoteIdent(p.name)
			if isOperator(p.name) {
				name = p.name
			}
			if kind == "regproc" || kind == "regoper" {
				return name
			}
			parts := make([]string, len(p.args))
			for i, a := range p.args {
				parts[i] = FormatType(a, noModifier)
			}
			return name + "(" + strings.Join(parts, ",") + ")"
		}
	case "regnamespace":
		for _, s := range db.schemas() {
			if db.schemaOID(s) == oid {
				return QuoteIdent(s)
			}
		}
	case "regrole":
		for _, r := range db.roles() {
			if r.oid == oid {
				return QuoteIdent(r.name)
			}
		}
	case "regcollation":
		return map[uint32]string{100: `"default"`, 950: `"C"`, 951: `"POSIX"`}[oid]
	}
	return ""
}

func (db *Database) routine(oid uint32) *routine {
	ix := db.find()
	if i, ok := ix.routineAt[oid]; ok {
		return &ix.routines[i]
	}
	return nil
}

// relationName is a relation's name, with its schema where that is needed.
func (db *Database) relationName(rel *Relation) string { return db.qualified(rel.Schema, rel.Name) }

func (db *Database) qualified(schema, name string) string {
	if db.visible(schema, name) {
		return QuoteIdent(name)
	}
	return QuoteIdent(schema) + "." + QuoteIdent(name)
}

// ObjectOID finds an object by its name as people write it.
func (db *Database) ObjectOID(kind, name string) (uint32, error) {
	if kind == "regtype" {
		return db.typeOID(name)
	}
	if kind == "regoper" || kind == "regoperator" {
		return db.routineOID(kind, name)
	}
	signature := name
	name, _, _ = strings.Cut(name, "(")
	parts, ok := splitName(strings.TrimSpace(name))
	if !ok {
		return 0, sqlerr.New("42602", "invalid name syntax")
	}
	last := parts[len(parts)-1]
	switch kind {
	case "regclass":
		return db.classOID(parts)
	case "regproc", "regprocedure":
		if len(parts) > 1 && parts[0] != CatalogSchema && parts[0] != "public" {
			return 0, sqlerr.New(sqlerr.UndefinedFunction, "function \"%s\" does not exist", signature)
		}
		if kind == "regprocedure" {
			_, args, _ := strings.Cut(signature, "(")
			last += "(" + args
		}
		return db.routineOID(kind, last)
	case "regnamespace":
		for _, s := range db.schemas() {
			if s == last {
				return db.schemaOID(s), nil
			}
		}
		return 0, sqlerr.New(sqlerr.InvalidSchemaName, "schema \"%s\" does not exist", last)
	case "regrole":
		for _, r := range db.roles() {
			if r.name == last {
				return r.oid, nil
			}
		}
		return 0, sqlerr.New(sqlerr.UndefinedObject, "role \"%s\" does not exist", last)
	case "regcollation":
		if oid := map[string]uint32{"default": 100, "C": 950, "POSIX": 951}[last]; oid != 0 {
			return oid, nil
		}
		return 0, sqlerr.New(sqlerr.UndefinedObject, "collation \"%s\" for encoding \"UTF8\" does not exist", last)
	}
	return 0, sqlerr.New(sqlerr.UndefinedObject, "text search configuration \"%s\" does not exist", last)
}

// classOID finds a relation or an index.
func (db *Database) classOID(parts []string) (uint32, error) {
	last, schema := parts[len(parts)-1], ""
	if len(parts) > 1 {
		schema = parts[len(parts)-2]
	}
	if rel := db.relation(schema, last); rel != nil {
		return rel.OID, nil
	}
	for oid, k := range db.find().keys {
		if k.key.Name == last && (schema == k.relation.Schema || schema == "" && db.visible(k.relation.Schema, last)) {
			return oid, nil
		}
	}
	return 0, sqlerr.New(sqlerr.UndefinedTable, "relation \"%s\" does not exist", strings.Join(parts, "."))
}

// typeOID finds a type by any name that a cast takes, with or without modifiers.
func (db *Database) typeOID(name string) (uint32, error) {
	bare := strings.TrimPrefix(strings.TrimSpace(name), CatalogSchema+".")
	dims := 0
	for strings.HasSuffix(bare, "[]") {
		bare, dims = strings.TrimSpace(bare[:len(bare)-2]), dims+1
	}
	if open := strings.IndexByte(bare, '('); open >= 0 {
		if shut := strings.IndexByte(bare, ')'); shut > open {
			bare = strings.TrimSpace(bare[:open]) + bare[shut+1:]
		}
	}
	var unquoted string
	if parts, ok := splitName(bare); ok && strings.Contains(bare, `"`) {
		unquoted = parts[len(parts)-1]
	} else {
		bare = strings.ToLower(bare)
		if internal, ok := internalName[bare]; ok {
			unquoted = internal
		} else {
			unquoted = bare
		}
	}
	r := types().byName[unquoted]
	if r == nil && dims == 0 {
		if rel := db.rowTyped(name); rel != nil {
			return db.rowType(rel), nil
		}
	}
	if r == nil {
		t, err := sqltype.Resolve(unquoted, nil, 0)
		if err != nil {
			return 0, sqlerr.New(sqlerr.UndefinedObject, "type \"%s\" does not exist", name)
		}
		oid, _ := TypeOf(t)
		if r = types().byOID[oid]; r == nil {
			return 0, sqlerr.New(sqlerr.UndefinedObject, "type \"%s\" does not exist", name)
		}
	}
	if dims > 0 {
		return r.array, nil
	}
	return r.oid, nil
}

// rowTyped is the relation whose rows are of a type by its name, nil for none.
func (db *Database) rowTyped(name string) *Relation {
	parts, ok := splitName(strings.TrimSpace(name))
	if !ok || len(parts) > 2 {
		return nil
	}
	schema := ""
	if len(parts) == 2 {
		schema = parts[0]
	}
	rel := db.relation(schema, parts[len(parts)-1])
	if rel == nil || rel.System || rel.Kind == Sequence {
		return nil
	}
	return rel
}

// rowType is the oid of the type of a relation's rows.
func (db *Database) rowType(rel *Relation) uint32 {
	return db.Numbers.Of("rowtype", rel.Schema+"\x00"+rel.Name)
}

// routineOID finds a function by its name, or by name(types).
func (db *Database) routineOID(kind, name string) (uint32, error) {
	bare, args, typed := strings.Cut(strings.TrimPrefix(name, CatalogSchema+"."), "(")
	var want []uint32
	if typed {
		for _, a := range strings.Split(strings.TrimSuffix(strings.TrimSpace(args), ")"), ",") {
			if strings.TrimSpace(a) == "" || strings.EqualFold(strings.TrimSpace(a), "none") {
				continue
			}
			oid, err := db.typeOID(strings.TrimSpace(a))
			if err != nil {
				return 0, err
			}
			want = append(want, oid)
		}
	}
	var found []uint32
	for _, p := range db.find().routines {
		if p.name == bare && (!typed || sameTypes(p.args, want)) {
			found = append(found, p.oid)
		}
	}
	what := "function"
	if strings.HasPrefix(kind, "regoper") {
		what = "operator"
	}
	switch {
	case len(found) == 0 && typed:
		return 0, sqlerr.New(sqlerr.UndefinedFunction, "%s \"%s\" does not exist", what, name)
	case len(found) == 0 && what == "operator":
		return 0, sqlerr.New(sqlerr.UndefinedFunction, "operator does not exist: %s", bare)
	case len(found) == 0:
		return 0, sqlerr.New(sqlerr.UndefinedFunction, "function \"%s\" does not exist", bare)
	case len(found) > 1:
		return 0, sqlerr.New(sqlerr.AmbiguousFunction, "more than one %s named \"%s\"", what, bare)
	}
	return found[0], nil
}

func sameTypes(a, b []uint32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && a[i] != oidAny {
			return false
		}
	}
	return true
}
