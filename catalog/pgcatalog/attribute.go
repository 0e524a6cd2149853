package pgcatalog

func init() {
	fillers["pg_catalog.pg_attribute"] = fillAttribute
	fillers["pg_catalog.pg_attrdef"] = fillAttrdef
	fillers["pg_catalog.pg_description"] = fillDescription
}

func fillAttribute(db *Database, r *rows) {
	for _, rel := range db.relations() {
		for i := range rel.Columns {
			r.add(attribute(rel.OID, i, &rel.Columns[i]))
		}
		for i := range rel.Keys {
			k := &rel.Keys[i]
			for n, c := range k.Columns {
				if e := k.expr(n); e != nil {
					r.add(attribute(k.OID, n, &e.Column))
					continue
				}
				column := rel.Columns[c]
				column.NotNull, column.Default, column.Identity, column.Generated = false, "", 0, false
				r.add(attribute(k.OID, n, &column))
			}
		}
	}
}

func attribute(relation uint32, ordinal int, c *Column) values {
	v := values{
		"attrelid": relation, "attname": c.Name, "atttypid": c.Type, "attnum": ordinal + 1, "atttypmod": c.Mod,
		"attstattarget": -1, "attcacheoff": -1, "attnotnull": c.NotNull, "atthasdef": c.Default != "",
		"attidentity": c.Identity, "attislocal": true,
	}
	if c.Generated {
		v["attgenerated"] = "s"
	}
	if t := types().byOID[c.Type]; t != nil {
		v["attlen"], v["attbyval"], v["attalign"], v["attstorage"], v["attcollation"] = t.length, t.byValue, t.align, t.storage, t.collation
		if t.category == "A" && t.elem != 0 {
			v["attndims"] = 1
		}
	}
	return v
}

func fillAttrdef(db *Database, r *rows) {
	for _, rel := range db.relations() {
		for i := range rel.Columns {
			if c := &rel.Columns[i]; c.Default != "" {
				r.add(values{
					"oid": db.Numbers.Of("default", rel.Schema+"\x00"+rel.Name+"\x00"+c.Name), "adrelid": rel.OID, "adnum": i + 1,
					"adbin": c.Default,
				})
			}
		}
	}
}

func fillDescription(db *Database, r *rows) {
	for o, text := range db.Comments {
		r.add(values{"objoid": o.OID, "classoid": o.Class, "objsubid": o.Column, "description": text})
	}
}
