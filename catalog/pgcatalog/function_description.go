package pgcatalog

// registerDescriptions adds the functions about comments, owners and encodings.
func registerDescriptions(r *registrar) {
	object := func(db *Database, c *call) (any, error) {
		class := uint32(0)
		if c.len() > 1 {
			if rel := db.relation(CatalogSchema, c.text(1)); rel != nil {
				class = rel.OID
			}
		}
		for o, text := range db.Comments {
			if o.OID == c.oid(0) && o.Column == 0 && (class == 0 || o.Class == class) {
				return text, nil
			}
		}
		return nil, nil
	}
	r.about("obj_description", params(tOID), tText, object)
	r.about("obj_description", params(tOID, tText), tText, object)
	r.about("shobj_description", params(tOID, tText), tText, object)
	r.about("col_description", params(tOID, tInt4), tText, func(db *Database, c *call) (any, error) {
		if text, ok := db.Comments[Object{classClass, c.oid(0), int(c.integer(1))}]; ok {
			return text, nil
		}
		return nil, nil
	})
	r.about("pg_get_userbyid", params(tOID), tText, func(db *Database, c *call) (any, error) {
		if name := db.ObjectName("regrole", c.oid(0)); name != "" {
			return name, nil
		}
		return "unknown (OID=" + textOf(c.oid(0)) + ")", nil
	})
	r.add("pg_encoding_to_char", params(tInt4), tText, func(c *call) (any, error) {
		switch c.integer(0) {
		case 6:
			return "UTF8", nil
		case 0:
			return "SQL_ASCII", nil
		}
		return "", nil
	})
	r.add("pg_char_to_encoding", params(tText), tInt4, func(c *call) (any, error) {
		switch c.text(0) {
		case "UTF8", "utf8", "UTF-8", "utf-8", "unicode", "UNICODE":
			return 6, nil
		}
		return -1, nil
	})
	r.about("pg_describe_object", params(tOID, tOID, tInt4), tText, func(db *Database, c *call) (any, error) {
		if name := db.ObjectName("regclass", c.oid(1)); name != "" && c.oid(0) == classClass {
			return "table " + name, nil
		}
		return nil, nil
	})
	r.constant("pg_tablespace_location", tText, "", params(tOID))
	r.constant("pg_relation_filenode", tOID, 0, params(tClass))
	r.constant("pg_relation_filepath", tText, nil, params(tClass))
	r.constant("getdatabaseencoding", tText, "UTF8", params())
	r.constant("pg_client_encoding", tText, "UTF8", params())
}
