package pgcatalog

import "strings"

func init() {
	for name, fill := range map[string]func(*Database, *rows){
		"tables": informationTables, "columns": informationColumns, "views": informationViews, "schemata": informationSchemata,
		"sequences": informationSequences, "routines": informationRoutines, "table_privileges": informationTablePrivileges,
		"role_table_grants": informationTablePrivileges, "column_privileges": informationColumnPrivileges,
		"enabled_roles": informationRoles, "information_schema_catalog_name": informationName,
		"character_sets": informationCharacterSets,
	} {
		fillers[InformationSchema+"."+name] = fill
	}
}

// yesNo is a yes_or_no.
func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

func informationName(db *Database, r *rows) { r.add(values{"catalog_name": db.Name}) }

func informationSchemata(db *Database, r *rows) {
	for _, s := range db.schemas() {
		r.add(values{"catalog_name": db.Name, "schema_name": s, "schema_owner": db.User})
	}
}

func informationTables(db *Database, r *rows) {
	for _, rel := range db.relations() {
		kind := "BASE TABLE"
		switch {
		case rel.Kind == Sequence:
			continue
		case rel.Kind == View:
			kind = "VIEW"
		case rel.Temp:
			kind = "LOCAL TEMPORARY"
		}
		v := values{
			"table_catalog": db.Name, "table_schema": rel.Schema, "table_name": rel.Name, "table_type": kind,
			"is_insertable_into": yesNo(rel.Kind == Table), "is_typed": "NO",
		}
		if rel.Temp {
			v["commit_action"] = "PRESERVE"
		}
		r.add(v)
	}
}

func informationViews(db *Database, r *rows) {
	for _, rel := range db.relations() {
		if rel.Kind == View {
			r.add(values{
				"table_catalog": db.Name, "table_schema": rel.Schema, "table_name": rel.Name, "view_definition": viewText(rel),
				"check_option": "NONE", "is_updatable": "NO", "is_insertable_into": "NO", "is_trigger_updatable": "NO",
				"is_trigger_deletable": "NO", "is_trigger_insertable_into": "NO",
			})
		}
	}
}

func informationColumns(db *Database, r *rows) {
	for _, rel := range db.relations() {
		if rel.Kind == Sequence {
			continue
		}
		for i := range rel.Columns {
			r.add(db.informationColumn(rel, i))
		}
	}
}

// sequenceOf is the state of a column's own sequence, nil for none.
func (db *Database) sequenceOf(c *Column) *SequenceState {
	for _, rel := range db.Relations {
		if rel.OwnedBy == c {
			return rel.Sequence
		}
	}
	return nil
}

func (db *Database) informationColumn(rel *Relation, i int) values {
	c := &rel.Columns[i]
	v := values{
		"table_catalog": db.Name, "table_schema": rel.Schema, "table_name": rel.Name, "column_name": c.Name,
		"ordinal_position": i + 1, "is_nullable": yesNo(!c.NotNull), "udt_catalog": db.Name, "udt_schema": CatalogSchema,
		"dtd_identifier": textOf(i + 1), "is_self_referencing": "NO", "is_identity": yesNo(c.Identity != 0), "identity_cycle": "NO",
		"is_generated": "NEVER", "is_updatable": yesNo(rel.Kind == Table),
	}
	if c.Default != "" && !c.Generated {
		v["column_default"] = c.Default
	}
	switch c.Identity {
	case 'a':
		v["identity_generation"] = "ALWAYS"
	case 'd':
		v["identity_generation"] = "BY DEFAULT"
	}
	if c.Identity != 0 {
		if q := db.sequenceOf(c); q != nil {
			v["identity_start"], v["identity_increment"] = textOf(q.Start), textOf(q.Increment)
			v["identity_minimum"], v["identity_maximum"], v["identity_cycle"] = textOf(q.Min), textOf(q.Max), yesNo(q.Cycle)
		}
	}
	if c.Generated {
		v["is_generated"], v["generation_expression"] = "ALWAYS", c.Default
	}
	if t := types().byOID[c.Type]; t != nil {
		v["udt_name"] = t.name
		v["data_type"] = FormatType(c.Type, noModifier)
		if t.category == "A" && strings.HasPrefix(t.name, "_") {
			v["data_type"] = "ARRAY"
		}
	}
	describeModifier(v, c)
	return v
}

// describeModifier adds what a type's modifier says.
func describeModifier(v values, c *Column) {
	if n := charLength(c.Type, c.Mod); n != nil {
		v["character_maximum_length"] = n
		if c.Type != oidBit && c.Type != oidVarbit {
			v["character_octet_length"] = 4 * n.(int)
		}
	} else if c.Type == oidText || c.Type == oidVarchar {
		v["character_octet_length"] = 1 << 30
	}
	p, s, radix := numericParts(c.Type, c.Mod)
	if p != nil {
		v["numeric_precision"] = p
	}
	if s != nil {
		v["numeric_scale"] = s
	}
	if radix != 0 {
		v["numeric_precision_radix"] = radix
	}
	switch c.Type {
	case 1082:
		v["datetime_precision"] = 0
	case 1083, 1114, 1184, 1186:
		v["datetime_precision"] = 6
	}
}

// charLength is the n of varchar(n) and char(n), nil for other types.
func charLength(oid uint32, mod int32) any {
	if (oid == oidVarchar || oid == oidBpchar) && mod >= 4 {
		return int(mod - 4)
	}
	if (oid == oidBit || oid == oidVarbit) && mod > 0 {
		return int(mod)
	}
	return nil
}

// numericParts are precision and scale of a number's type, nil where it has
// none, and the base in which they count, 0 for no number.
func numericParts(oid uint32, mod int32) (precision, scale any, radix int) {
	switch oid {
	case 21:
		return 16, 0, 2
	case 23:
		return 32, 0, 2
	case 20:
		return 64, 0, 2
	case 700:
		return 24, nil, 2
	case 701:
		return 53, nil, 2
	case oidNumeric:
		if mod < 4 {
			return nil, nil, 10
		}
		return int((mod - 4) >> 16 & 0xffff), int((mod - 4) & 0x7ff), 10
	}
	return nil, nil, 0
}

func informationSequences(db *Database, r *rows) {
	for _, rel := range db.relations() {
		q := rel.Sequence
		if q == nil {
			continue
		}
		t := sequenceType(q)
		p, _, _ := numericParts(t, -1)
		r.add(values{
			"sequence_catalog": db.Name, "sequence_schema": rel.Schema, "sequence_name": rel.Name, "data_type": FormatType(t, noModifier),
			"numeric_precision": p, "numeric_precision_radix": 2, "numeric_scale": 0, "start_value": textOf(q.Start),
			"minimum_value": textOf(q.Min), "maximum_value": textOf(q.Max), "increment": textOf(q.Increment), "cycle_option": yesNo(q.Cycle),
		})
	}
}

func informationRoutines(db *Database, r *rows) {
	for _, p := range db.find().routines {
		if !isFunction(p.name) {
			continue
		}
		schema, kind := p.schema(), any("FUNCTION")
		if p.kind != 'f' {
			kind = nil
		}
		specific := p.name + "_" + textOf(p.oid)
		r.add(values{
			"specific_catalog": db.Name, "specific_schema": schema, "specific_name": specific, "routine_catalog": db.Name,
			"routine_schema": schema, "routine_name": p.name, "routine_type": kind, "data_type": FormatType(p.returns, noModifier),
			"routine_body": "EXTERNAL", "external_language": "INTERNAL", "parameter_style": "GENERAL",
			"is_deterministic": yesNo(p.volatile == 'i'), "sql_data_access": "MODIFIES", "is_null_call": yesNo(p.strict),
			"security_type": "INVOKER",
		})
	}
}

func informationTablePrivileges(db *Database, r *rows) {
	for _, rel := range db.Relations {
		if rel.Kind == Sequence {
			continue
		}
		for _, p := range []string{"INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"} {
			r.add(values{
				"grantor": db.User, "grantee": db.User, "table_catalog": db.Name, "table_schema": rel.Schema, "table_name": rel.Name,
				"privilege_type": p, "is_grantable": "YES", "with_hierarchy": yesNo(p == "SELECT"),
			})
		}
	}
}

func informationColumnPrivileges(db *Database, r *rows) {
	for _, rel := range db.Relations {
		for i := range rel.Columns {
			for _, p := range []string{"INSERT", "SELECT", "UPDATE", "REFERENCES"} {
				r.add(values{
					"grantor": db.User, "grantee": db.User, "table_catalog": db.Name, "table_schema": rel.Schema,
					"table_name": rel.Name, "column_name": rel.Columns[i].Name, "privilege_type": p, "is_grantable": "YES",
				})
			}
		}
	}
}

func informationRoles(db *Database, r *rows) {
	for _, role := range db.roles() {
		r.add(values{"role_name": role.name})
	}
}

func informationCharacterSets(db *Database, r *rows) {
	r.add(values{
		"character_set_name": "UTF8", "character_repertoire": "UCS", "form_of_use": "UTF8", "default_collate_catalog": db.Name,
		"default_collate_schema": CatalogSchema, "default_collate_name": "C",
	})
}
