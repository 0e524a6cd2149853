package pgcatalog

func init() {
	for name, fill := range map[string]func(*Database, *rows){
		"table_constraints": informationConstraints, "key_column_usage": informationKeyColumns,
		"constraint_column_usage": informationConstraintColumns, "constraint_table_usage": informationConstraintTables,
		"check_constraints": informationChecks, "referential_constraints": informationReferences,
	} {
		fillers[InformationSchema+"."+name] = fill
	}
}

// eachConstraint calls f for the constraints of the user's tables, with the
// columns that all views about constraints have.
func (db *Database) eachConstraint(f func(c *constraint, v values)) {
	for _, rel := range db.Relations {
		all := constraints(rel)
		for i := range all {
			f(&all[i], values{
				"constraint_catalog": db.Name, "constraint_schema": rel.Schema, "constraint_name": all[i].name,
				"table_catalog": db.Name, "table_schema": rel.Schema, "table_name": rel.Name,
			})
		}
	}
}

func informationConstraints(db *Database, r *rows) {
	kinds := map[string]string{"p": "PRIMARY KEY", "u": "UNIQUE", "c": "CHECK", "f": "FOREIGN KEY"}
	said := map[bool]string{false: "NO", true: "YES"}
	add := func(v values, kind string, key Key) {
		v["constraint_type"], v["enforced"] = kind, "YES"
		v["is_deferrable"], v["initially_deferred"] = said[key.Deferrable], said[key.Deferred]
		if kind == "UNIQUE" {
			v["nulls_distinct"] = said[!key.NullsNotDistinct]
		}
		r.add(v)
	}
	db.eachConstraint(func(c *constraint, v values) {
		var key Key
		if c.key != nil {
			key = *c.key
		}
		add(v, kinds[c.kind], key)
	})
	db.eachNotNull(func(_ *Relation, _ *Column, v values) { add(v, "CHECK", Key{}) })
}

// eachNotNull calls f for each NOT NULL, which information_schema shows as a
// check.
func (db *Database) eachNotNull(f func(rel *Relation, c *Column, v values)) {
	for _, rel := range db.Relations {
		for i := range rel.Columns {
			if rel.Columns[i].NotNull && rel.Kind == Table {
				f(rel, &rel.Columns[i], values{
					"constraint_catalog": db.Name, "constraint_schema": rel.Schema,
					"constraint_name": textOf(db.schemaOID(rel.Schema)) + "_" + textOf(rel.OID) + "_" + textOf(i+1) + "_not_null",
					"table_catalog":   db.Name, "table_schema": rel.Schema, "table_name": rel.Name,
				})
			}
		}
	}
}

func informationChecks(db *Database, r *rows) {
	db.eachConstraint(func(c *constraint, v values) {
		if c.kind == "c" {
			v["check_clause"] = "((" + c.check + "))"
			r.add(v)
		}
	})
	db.eachNotNull(func(_ *Relation, c *Column, v values) {
		v["check_clause"] = c.Name + " IS NOT NULL"
		r.add(v)
	})
}

func informationKeyColumns(db *Database, r *rows) {
	db.eachConstraint(func(c *constraint, v values) {
		for i, column := range c.columns {
			row := values{"column_name": c.relation.Columns[column].Name, "ordinal_position": i + 1}
			if c.kind == "f" {
				row["position_in_unique_constraint"] = i + 1
			}
			for name, value := range v {
				row[name] = value
			}
			r.add(row)
		}
	})
}

func informationConstraintColumns(db *Database, r *rows) {
	db.eachConstraint(func(c *constraint, v values) {
		rel, columns := c.relation, c.columns
		switch c.kind {
		case "f":
			rel, columns = c.reference.Table, c.reference.RefColumns
		case "c":
			columns = mentioned(rel, c.check)
		}
		for _, column := range columns {
			row := values{}
			for name, value := range v {
				row[name] = value
			}
			row["table_schema"], row["table_name"], row["column_name"] = rel.Schema, rel.Name, rel.Columns[column].Name
			r.add(row)
		}
	})
}

func informationConstraintTables(db *Database, r *rows) {
	db.eachConstraint(func(c *constraint, v values) {
		if c.kind == "f" {
			v["table_schema"], v["table_name"] = c.reference.Table.Schema, c.reference.Table.Name
		}
		if c.kind != "c" {
			r.add(v)
		}
	})
}

func informationReferences(db *Database, r *rows) {
	db.eachConstraint(func(c *constraint, v values) {
		if c.kind != "f" {
			return
		}
		v["match_option"], v["update_rule"], v["delete_rule"] = "NONE", "NO ACTION", "NO ACTION"
		for _, key := range c.reference.Table.Keys {
			if key.Constraint && equalOrdinals(key.Columns, c.reference.RefColumns) {
				v["unique_constraint_catalog"], v["unique_constraint_schema"] = db.Name, c.reference.Table.Schema
				v["unique_constraint_name"] = key.Name
			}
		}
		r.add(v)
	})
}

func equalOrdinals(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
