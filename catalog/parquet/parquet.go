// Package parquet reads and writes Apache Parquet files as catalog tables.
//
// Footers, thrift structures and value encodings are those of arrow/go's
// parquet packages. Everything that a malformed file could turn against the
// process is done here instead: the footer is checked before it is decoded,
// page headers are decoded and bounded here, pages are decompressed into no
// more memory than they declare, and all of it runs in the caller's goroutine
// under a recover, so that a broken file is an error and never the end of the
// process.
//
//	footer → file (schema tree, row groups) → splits (row ranges)
//	                                            ↓
//	bytes → pages → levels and values → columns of Arrow arrays → records
//
// A column of a file becomes a SQL type as follows; several files must agree
// by name, and integers and floats widen to the largest of their types.
//
//	boolean                                    boolean
//	int8, int16, uint8                         smallint
//	int32, uint16                              integer
//	int64, uint32                              bigint
//	uint64                                     numeric(20,0)
//	float16, float / double                    real / double precision
//	decimal(p,s), p ≤ 38 / p > 38              numeric(p,s) / numeric
//	date, time                                 date, time
//	timestamp, int96 / adjusted to UTC         timestamp / timestamptz
//	string, enum, json                         text
//	binary, fixed, bson (and unknown types)    bytea (text by binary_as_string)
//	uuid, interval                             uuid, interval
//	list, repeated / map / group               T[] / row(key, value)[] / row
//	variant                                    jsonb
//
// Splits are ranges of rows: Start and End count the rows of the file, so a
// split may begin inside a row group.
package parquet

import (
	"volley/catalog"
)

// batchRows is how many rows a record has at most; records of wide rows have
// fewer, so that they stay near batchBytes.
const (
	batchRows    = 8192
	minBatchRows = 64
	batchBytes   = 4 << 20
	// countRows is the size of records without columns.
	countRows = 64 << 10
)

// Format is the Parquet format. It is stateless but for a cache of footers,
// and safe for concurrent use.
type Format struct {
	footers *footerCache
}

// New makes the format with an empty cache of footers.
func New() catalog.Format {
	return &Format{footers: newFooterCache(defaultCacheBytes)}
}

var (
	_ catalog.Format      = (*Format)(nil)
	_ catalog.StatsReader = (*Format)(nil)
)

// Name is "parquet".
func (*Format) Name() string { return "parquet" }
