package pgcatalog

import (
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// registerSizes adds the functions about bytes on disk or in memory.
func registerSizes(r *registrar) {
	size := func(db *Database, c *call) (any, error) {
		rel := db.find().relations[c.oid(0)]
		if rel == nil {
			if _, ok := db.find().keys[c.oid(0)]; ok {
				return 0, nil
			}
			return nil, nil
		}
		return max(rel.Bytes, 0), nil
	}
	for _, name := range []string{"pg_relation_size", "pg_total_relation_size", "pg_table_size"} {
		r.about(name, params(tClass), tInt8, size)
	}
	r.about("pg_relation_size", params(tClass, tText), tInt8, size)
	r.constant("pg_indexes_size", tInt8, 0, params(tClass))
	all := func(db *Database, _ *call) (any, error) {
		total := int64(0)
		for _, rel := range db.Relations {
			total += max(rel.Bytes, 0)
		}
		return total, nil
	}
	for _, arg := range []arrow.DataType{tText, tOID} {
		r.about("pg_database_size", params(arg), tInt8, all)
		r.about("pg_tablespace_size", params(arg), tInt8, all)
	}
	r.add("pg_size_pretty", params(tInt8), tText, func(c *call) (any, error) { return prettySize(c.integer(0)), nil })
	r.add("pg_size_pretty", params(sqltype.Numeric), tText, func(c *call) (any, error) {
		n, err := strconv.ParseFloat(c.text(0), 64)
		return prettySize(int64(n)), err
	})
}

// prettySize is a number of bytes in the largest unit that leaves at least ten
// of it, rounded half away from zero.
func prettySize(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	v, limit := n, int64(10*1024)
	half := false // v counts halves of the unit
	for i, u := range units {
		size := v
		if half {
			size = (v + sign(v)) / 2
		}
		if magnitude(v) < limit || i == len(units)-1 {
			return strconv.FormatInt(size, 10) + " " + u
		}
		if half {
			v /= 1 << 10
		} else {
			v /= 1 << 9
			half, limit = true, 20*1024-1
		}
	}
	return ""
}

func sign(v int64) int64 {
	if v < 0 {
		return -1
	}
	return 1
}

func magnitude(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}
