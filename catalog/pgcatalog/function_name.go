package pgcatalog

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
)

// registerNames adds to_regclass and its like, and what the names of schemas
// and types are.
func registerNames(r *registrar) {
	for _, t := range []arrow.DataType{
		sqltype.Regclass, sqltype.Regtype, sqltype.Regproc, sqltype.Regprocedure, sqltype.Regoper, sqltype.Regoperator,
		sqltype.Regnamespace, sqltype.Regrole, sqltype.Regcollation,
	} {
		kind := sqltype.Name(t)
		r.about("to_"+kind, params(tText), t, func(db *Database, c *call) (any, error) {
			oid, err := db.ObjectOID(kind, c.text(0))
			if err != nil {
				return nil, nil //nolint:nilerr // what does not exist is NULL
			}
			return reg{oid, db.ObjectName(kind, oid)}, nil
		})
	}
	r.about("current_schema", params(), tText, func(db *Database, _ *call) (any, error) {
		for _, s := range db.SearchPath {
			if !db.isTemp(s) {
				return s, nil
			}
		}
		return nil, nil
	})
	r.about("current_schemas", params(tBool), arrow.ListOf(tText), func(db *Database, c *call) (any, error) {
		if c.boolean(0) {
			return db.path(), nil
		}
		out := []string{}
		for _, s := range db.SearchPath {
			if !db.isTemp(s) {
				out = append(out, s)
			}
		}
		return out, nil
	})
	r.about("pg_my_temp_schema", params(), tOID, func(db *Database, _ *call) (any, error) {
		for _, s := range db.SearchPath {
			if db.isTemp(s) {
				return db.schemaOID(s), nil
			}
		}
		return 0, nil
	})
	typeOf := udf.Scalar{Name: "pg_typeof", Params: params(nil), Returns: sqltype.Regtype, NullCall: true}
	typeOf.Batch = func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		oid, _ := TypeOf(args[0].Array.DataType())
		name := FormatType(oid, noModifier)
		if args[0].Array.DataType().ID() == arrow.NULL {
			oid, name = 705, "unknown"
		}
		return repeated(sqltype.Regtype, reg{oid, name}, n), nil
	}
	// The binder knows types that values do not: it gives their names.
	declared := udf.Scalar{Name: "pg_typeof declared", Params: params(nil, tText), Returns: sqltype.Regtype, NullCall: true}
	declared.Batch = func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		name := args[1].Array.ValueStr(0)
		return repeated(sqltype.Regtype, reg{declaredTypes[name], name}, n), nil
	}
	for _, f := range []*udf.Scalar{&typeOf, &declared} {
		if err := r.registry.RegisterScalar(f); err != nil {
			r.errs = append(r.errs, err)
		}
	}
}

// declaredTypes are the types that values do not show.
var declaredTypes = map[string]uint32{
	"unknown": 705, "character": oidBpchar, "character varying": oidVarchar, "character[]": 1014, "character varying[]": 1015,
}

// isTemp tells whether a schema is one of temporary tables.
func (db *Database) isTemp(schema string) bool {
	return len(schema) > len("pg_temp_") && schema[:len("pg_temp_")] == "pg_temp_"
}
