package pgcatalog

// registerVisibility adds the functions that tell whether a name needs its
// schema.
func registerVisibility(r *registrar) {
	r.about("pg_table_is_visible", params(tOID), tBool, func(db *Database, c *call) (any, error) {
		oid := c.oid(0)
		if rel := db.find().relations[oid]; rel != nil {
			return db.visible(rel.Schema, rel.Name), nil
		}
		if k, ok := db.find().keys[oid]; ok {
			return db.visible(k.relation.Schema, k.key.Name), nil
		}
		return nil, nil
	})
	r.about("pg_type_is_visible", params(tOID), tBool, func(_ *Database, c *call) (any, error) {
		if types().byOID[c.oid(0)] == nil {
			return nil, nil
		}
		return true, nil
	})
	r.about("pg_function_is_visible", params(tOID), tBool, func(db *Database, c *call) (any, error) {
		if db.routine(c.oid(0)) == nil {
			return nil, nil
		}
		return true, nil
	})
	for _, what := range []string{
		"operator", "opclass", "opfamily", "collation", "conversion", "ts_config", "ts_dict", "ts_parser", "ts_template", "statistics_obj",
	} {
		r.constant("pg_"+what+"_is_visible", tBool, true, params(tOID))
	}
	r.constant("pg_relation_is_publishable", tBool, false, params(tClass))
	r.constant("pg_is_other_temp_schema", tBool, false, params(tOID))
	r.constant("pg_relation_is_updatable", tInt4, 28, params(tClass, tBool))
	r.constant("pg_column_is_updatable", tBool, true, params(tClass, sqltypeInt2, tBool))
}
