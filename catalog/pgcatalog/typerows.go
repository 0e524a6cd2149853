package pgcatalog

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

func init() {
	fillers["pg_catalog.pg_type"] = fillType
	fillers["pg_catalog.pg_cast"] = fillCast
}

func fillType(db *Database, r *rows) {
	t := types()
	for _, row := range t.rows {
		v := values{
			"oid": row.oid, "typname": row.name, "typnamespace": schemaCatalog, "typowner": superuser, "typlen": row.length,
			"typbyval": row.byValue, "typtype": row.kind, "typcategory": row.category, "typispreferred": row.preferred,
			"typisdefined": true, "typdelim": ",", "typelem": row.elem, "typarray": row.array, "typinput": t.routine(row.input),
			"typoutput": t.routine(row.output), "typalign": row.align, "typstorage": row.storage, "typtypmod": -1,
			"typcollation": row.collation,
		}
		for column, name := range map[string]string{"typreceive": row.recv, "typsend": row.send, "typsubscript": row.subscript} {
			if name != "" && name != "-" {
				v[column] = t.routine(name)
			}
		}
		r.add(v)
	}
	for _, rel := range db.Relations {
		if !rel.System && rel.Kind != Sequence {
			r.add(values{
				"oid": db.rowType(rel), "typname": rel.Name, "typnamespace": db.schemaOID(rel.Schema), "typowner": superuser, "typlen": -1,
				"typtype": "c", "typcategory": "C", "typisdefined": true, "typdelim": ",", "typrelid": rel.OID, "typinput": t.routine("record_in"),
				"typoutput": t.routine("record_out"), "typreceive": t.routine("record_recv"), "typsend": t.routine("record_send"),
				"typalign": "d", "typstorage": "x", "typtypmod": -1,
			})
		}
	}
}

// castable are the types whose casts pg_cast lists.
var castable = []arrow.DataType{
	sqltype.Bool, sqltype.Int16, sqltype.Int32, sqltype.Int64, sqltype.Float32, sqltype.Float64, sqltype.Numeric,
	sqltype.Date, sqltype.Time, sqltype.Timestamp, sqltype.TimestampTZ, sqltype.Interval, sqltype.JSON, sqltype.JSONB,
	sqltype.Bit, sqltype.VarBit, sqltype.OID, sqltype.Regclass, sqltype.Regtype, sqltype.Regproc,
}

func fillCast(db *Database, r *rows) {
	for _, from := range castable {
		for _, to := range castable {
			if sqltype.Equal(from, to) {
				continue
			}
			for _, c := range []struct {
				context sqltype.Context
				letter  string
			}{{sqltype.Implicit, "i"}, {sqltype.Assignment, "a"}, {sqltype.Explicit, "e"}} {
				if sqltype.CanCast(from, to, c.context) {
					source, _ := TypeOf(from)
					target, _ := TypeOf(to)
					r.add(values{
						"oid": db.Numbers.Of("cast", sqltype.Name(from)+"\x00"+sqltype.Name(to)), "castsource": source, "casttarget": target,
						"castcontext": c.letter, "castmethod": "f",
					})
					break
				}
			}
		}
	}
}
