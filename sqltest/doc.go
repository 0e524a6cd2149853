// Package sqltest reads and runs sqllogictest files: SQLite's original format
// (https://sqlite.org/sqllogictest/doc/trunk/about.wiki) with the extensions of
// sqllogictest-rs (errors by pattern or SQLSTATE, include, let, retry, system
// commands, substitution, controls) and DuckDB's loops.
//
// The data's way: Parse turns a file into Records (record.go, parse.go); a
// Runner executes them in order against a Database (engine.go) and gives an
// Outcome for each (runner.go); compare.go renders, sorts, hashes and compares
// results; update.go writes the actual results back into the file.
//
// A file is run against a database of its own. Several files may run side by
// side; the records of one file run in order.
//
// testdata holds the project's own suites, a file for each part of SQL. A record
// without a condition has PostgreSQL 15's answer (database encoding UTF8, LC_COLLATE
// C, LC_CTYPE C.UTF-8, time zone UTC) and passes with --url there too; what
// PostgreSQL does not have, or reads other files, is marked onlyif volley.
package sqltest
