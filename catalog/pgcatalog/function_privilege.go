package pgcatalog

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

var sqltypeInt2 = sqltype.Int16

// registerPrivileges adds has_table_privilege and its like: whoever is connected
// may do everything with what there is.
func registerPrivileges(r *registrar) {
	kinds := []struct {
		name, kind string
		exists     func(db *Database, oid uint32) bool
	}{
		{"has_table_privilege", "regclass", func(db *Database, oid uint32) bool { return db.find().relations[oid] != nil }},
		{"has_any_column_privilege", "regclass", func(db *Database, oid uint32) bool { return db.find().relations[oid] != nil }},
		{"has_sequence_privilege", "regclass", func(db *Database, oid uint32) bool { return db.find().relations[oid] != nil }},
		{"has_schema_privilege", "regnamespace", func(db *Database, oid uint32) bool { return db.ObjectName("regnamespace", oid) != "" }},
		{"has_function_privilege", "regprocedure", func(db *Database, oid uint32) bool { return db.routine(oid) != nil }},
		{"has_type_privilege", "regtype", func(_ *Database, oid uint32) bool { return types().byOID[oid] != nil }},
		{"has_database_privilege", "", nil},
		{"has_language_privilege", "", nil},
		{"has_tablespace_privilege", "", nil},
		{"has_server_privilege", "", nil},
		{"has_foreign_data_wrapper_privilege", "", nil},
	}
	for _, k := range kinds {
		for _, user := range []arrow.DataType{nil, tText, tOID} {
			for _, object := range []arrow.DataType{tText, tOID} {
				args, at := params(object, tText), 0
				if user != nil {
					args, at = params(user, object, tText), 1
				}
				r.about(k.name, args, tBool, func(db *Database, c *call) (any, error) {
					if err := checkPrivilege(c.text(at + 1)); err != nil {
						return nil, err
					}
					if k.exists == nil {
						return true, nil
					}
					if object == tText {
						_, err := db.ObjectOID(k.kind, c.text(at))
						return true, err
					}
					if !k.exists(db, c.oid(at)) {
						return nil, nil
					}
					return true, nil
				})
			}
		}
	}
	for _, table := range []arrow.DataType{tText, tOID} {
		for _, column := range []arrow.DataType{tText, sqltypeInt2} {
			r.constant("has_column_privilege", tBool, true, params(table, column, tText), params(tText, table, column, tText))
		}
	}
	for _, role := range []arrow.DataType{tText, tOID} {
		r.constant("pg_has_role", tBool, true, params(role, tText), params(tText, role, tText), params(tOID, role, tText))
	}
	r.constant("row_security_active", tBool, false, params(tOID), params(tText))
}

// privileges are the words that a privilege's text may have.
var privileges = map[string]bool{
	"select": true, "insert": true, "update": true, "delete": true, "truncate": true, "references": true, "trigger": true,
	"usage": true, "create": true, "connect": true, "temporary": true, "temp": true, "execute": true, "set": true, "maintain": true,
}

func checkPrivilege(text string) error {
	for _, word := range strings.Split(text, ",") {
		w := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(word)), " with grant option")
		if !privileges[w] {
			return sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized privilege type: \"%s\"", strings.TrimSpace(word))
		}
	}
	return nil
}
