package pgcatalog

import "strings"

// registerDefinitions adds the functions that give an object's SQL.
func registerDefinitions(r *registrar) {
	expression := func(c *call) (any, error) { return c.text(0), nil }
	r.add("pg_get_expr", params(tText, tOID), tText, expression)
	r.add("pg_get_expr", params(tText, tOID, tBool), tText, expression)
	index := func(db *Database, c *call) (any, error) {
		k, ok := db.find().keys[c.oid(0)]
		if !ok {
			return nil, nil
		}
		if c.len() > 1 && c.integer(1) != 0 {
			if n := int(c.integer(1)); n > 0 && n <= len(k.key.Columns) {
				return k.key.columnText(k.relation, n-1, c.boolean(2)), nil
			}
			return "", nil
		}
		return db.indexText(k.relation, k.key, c.len() == 1 || !c.boolean(2)), nil
	}
	r.about("pg_get_indexdef", params(tOID), tText, index)
	r.about("pg_get_indexdef", params(tOID, tInt4, tBool), tText, index)
	def := func(db *Database, c *call) (any, error) {
		for _, rel := range db.relations() {
			for _, con := range constraints(rel) {
				if con.oid == c.oid(0) {
					return con.text(db, c.len() > 1 && c.boolean(1)), nil
				}
			}
		}
		return nil, nil
	}
	r.about("pg_get_constraintdef", params(tOID), tText, def)
	r.about("pg_get_constraintdef", params(tOID, tBool), tText, def)
	registerViews(r)
	registerFunctionTexts(r)
	oid, pretty := params(tOID), params(tOID, tBool)
	r.constant("pg_get_triggerdef", tText, nil, oid, pretty)
	r.constant("pg_get_ruledef", tText, nil, oid, pretty)
	r.constant("pg_get_partkeydef", tText, nil, oid)
	r.constant("pg_get_partition_constraintdef", tText, nil, oid)
	r.constant("pg_get_statisticsobjdef", tText, nil, oid)
	r.constant("pg_get_statisticsobjdef_columns", tText, nil, oid)
	r.constant("pg_get_statisticsobjdef_expressions", tText, nil, oid)
	r.about("pg_get_serial_sequence", params(tText, tText), tText, func(db *Database, c *call) (any, error) {
		parts, _ := splitName(c.text(0))
		table, err := db.classOID(parts)
		if err != nil {
			return nil, err
		}
		for _, s := range db.Relations {
			if rel := db.find().relations[table]; rel != nil && s.OwnedBy != nil && s.OwnedBy.Name == c.text(1) && owns(rel, s.OwnedBy) {
				return QuoteIdent(s.Schema) + "." + QuoteIdent(s.Name), nil
			}
		}
		return nil, nil
	})
}

func owns(rel *Relation, column *Column) bool {
	for i := range rel.Columns {
		if &rel.Columns[i] == column {
			return true
		}
	}
	return false
}

func registerViews(r *registrar) {
	byOID := func(db *Database, c *call) (any, error) {
		if rel := db.find().relations[c.oid(0)]; rel != nil && rel.Kind == View {
			return viewText(rel), nil
		}
		return nil, nil
	}
	r.about("pg_get_viewdef", params(tOID), tText, byOID)
	r.about("pg_get_viewdef", params(tOID, tBool), tText, byOID)
	r.about("pg_get_viewdef", params(tOID, tInt4), tText, byOID)
	byName := func(db *Database, c *call) (any, error) {
		oid, err := db.ObjectOID("regclass", c.text(0))
		if err != nil {
			return nil, err
		}
		return viewText(db.find().relations[oid]), nil
	}
	r.about("pg_get_viewdef", params(tText), tText, byName)
	r.about("pg_get_viewdef", params(tText, tBool), tText, byName)
}

func registerFunctionTexts(r *registrar) {
	of := func(name string, text func(p *routine) string) {
		r.about(name, params(tOID), tText, func(db *Database, c *call) (any, error) {
			if p := db.routine(c.oid(0)); p != nil {
				return text(p), nil
			}
			return nil, nil
		})
	}
	of("pg_get_function_arguments", (*routine).arguments)
	of("pg_get_function_identity_arguments", (*routine).arguments)
	of("pg_get_function_result", func(p *routine) string {
		if p.of != nil {
			return p.of.result()
		}
		return FormatType(p.returns, noModifier)
	})
	of("pg_get_functiondef", func(p *routine) string {
		if p.of != nil {
			return p.of.definition()
		}
		return "CREATE OR REPLACE FUNCTION pg_catalog." + QuoteIdent(p.name) + "(" + strings.TrimPrefix(p.arguments(), "*") + ")\n RETURNS " +
			FormatType(p.returns, noModifier) + "\n LANGUAGE internal\nAS $function$" + p.name + "$function$\n"
	})
	r.constant("pg_get_function_sqlbody", tText, nil, params(tOID))
	r.constant("pg_get_function_arg_default", tText, nil, params(tOID, tInt4))
}
