package pgcatalog

import "strings"

func init() {
	fillers["pg_catalog.pg_constraint"] = fillConstraint
	fillers["pg_catalog.pg_depend"] = fillDepend
}

// constraint is a constraint of any kind with its table.
type constraint struct {
	oid       uint32
	name      string
	kind      string // contype
	relation  *Relation
	columns   []int
	index     uint32
	check     string
	reference *ForeignKey
	key       *Key // of keys
}

// constraints are all constraints of a relation.
func constraints(rel *Relation) []constraint {
	var out []constraint
	for i := range rel.Keys {
		k := &rel.Keys[i]
		if k.Constraint {
			kind := "u"
			if k.Primary {
				kind = "p"
			}
			out = append(out, constraint{oid: k.ConstraintOID, name: k.Name, kind: kind, relation: rel, columns: k.Columns, index: k.OID, key: k})
		}
	}
	for _, c := range rel.Checks {
		out = append(out, constraint{oid: c.OID, name: c.Name, kind: "c", relation: rel, check: c.Text})
	}
	for i := range rel.ForeignKeys {
		f := &rel.ForeignKeys[i]
		out = append(out, constraint{oid: f.OID, name: f.Name, kind: "f", relation: rel, columns: f.Columns, reference: f})
	}
	return out
}

// text is the constraint as pg_get_constraintdef gives it.
func (c *constraint) text(db *Database, pretty bool) string {
	switch c.kind {
	case "p":
		return "PRIMARY KEY (" + columnList(c.relation, c.columns) + ")" + c.key.deferral()
	case "u":
		nulls := ""
		if c.key.NullsNotDistinct {
			nulls = " NULLS NOT DISTINCT"
		}
		return "UNIQUE" + nulls + " (" + columnList(c.relation, c.columns) + ")" + c.key.deferral()
	case "c":
		if pretty {
			return "CHECK (" + c.check + ")"
		}
		return "CHECK ((" + c.check + "))"
	}
	f := c.reference
	return "FOREIGN KEY (" + columnList(c.relation, c.columns) + ") REFERENCES " + db.relationName(f.Table) +
		"(" + columnList(f.Table, f.RefColumns) + ")"
}

// deferral is how a constraint's definition ends.
func (k *Key) deferral() string {
	switch {
	case k.Deferred:
		return " DEFERRABLE INITIALLY DEFERRED"
	case k.Deferrable:
		return " DEFERRABLE"
	}
	return ""
}

func fillConstraint(db *Database, r *rows) {
	for _, rel := range db.relations() {
		for _, c := range constraints(rel) {
			v := values{
				"oid": c.oid, "conname": c.name, "connamespace": db.schemaOID(rel.Schema), "contype": c.kind,
				"convalidated": true, "conrelid": rel.OID, "conindid": c.index, "conislocal": true, "connoinherit": c.kind != "c",
				"confupdtype": " ", "confdeltype": " ", "confmatchtype": " ",
			}
			if c.kind != "c" {
				v["conkey"] = attributeNumbers(c.columns)
			} else {
				v["conbin"] = c.check
				v["conkey"] = attributeNumbers(mentioned(rel, c.check))
			}
			if c.key != nil {
				v["condeferrable"], v["condeferred"] = c.key.Deferrable, c.key.Deferred
			}
			if f := c.reference; f != nil {
				v["confrelid"], v["confkey"] = f.Table.OID, attributeNumbers(f.RefColumns)
				v["confupdtype"], v["confdeltype"], v["confmatchtype"] = "a", "a", "s"
			}
			r.add(v)
		}
	}
}

// mentioned are the columns whose names are words of a condition.
func mentioned(rel *Relation, text string) []int {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r < 128
	}) {
		words[strings.ToLower(w)], words[w] = true, true
	}
	var out []int
	for i, c := range rel.Columns {
		if words[c.Name] {
			out = append(out, i)
		}
	}
	return out
}

// fillDepend says which sequences belong to which columns.
func fillDepend(db *Database, r *rows) {
	for _, rel := range db.Relations {
		for i := range rel.Columns {
			for _, s := range db.Relations {
				if s.OwnedBy == &rel.Columns[i] {
					kind := "a"
					if rel.Columns[i].Identity != 0 {
						kind = "i"
					}
					r.add(values{
						"classid": classClass, "objid": s.OID, "refclassid": classClass, "refobjid": rel.OID, "refobjsubid": i + 1,
						"deptype": kind,
					})
				}
			}
		}
		for _, c := range constraints(rel) {
			if c.index != 0 {
				r.add(values{"classid": classClass, "objid": c.index, "refclassid": classConstraint, "refobjid": c.oid, "deptype": "i"})
			}
		}
	}
}
