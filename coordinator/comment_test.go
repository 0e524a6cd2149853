package coordinator

import "testing"

// Comments on constraints and functions go with these, and are gone after a rollback.
func TestCommentsOnConstraintsAndFunctions(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	said := func(want string) [2]string {
		return [2]string{"SELECT string_agg(c.relname || ': ' || description, ', ' ORDER BY description) FROM pg_description d JOIN pg_class c ON c.oid = d.classoid WHERE d.objoid >= 16384", want + "\nSELECT 1"}
	}
	statements{
		{"CREATE TABLE t (a int CONSTRAINT k PRIMARY KEY, CONSTRAINT c CHECK (a > 0))", "CREATE TABLE"},
		{"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION"},
		{"CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'", "CREATE FUNCTION"},
		{"COMMENT ON CONSTRAINT k ON t IS 'of key'", "COMMENT"},
		{"COMMENT ON INDEX k IS 'of index'", "COMMENT"},
		{"COMMENT ON CONSTRAINT c ON t IS 'of check'", "COMMENT"},
		{"COMMENT ON FUNCTION f(int) IS 'of f(int)'", "COMMENT"},
		said("pg_constraint: of check, pg_proc: of f(int), pg_class: of index, pg_constraint: of key"),
		{"COMMENT ON CONSTRAINT no ON t IS 'x'", "42704 constraint \"no\" for table \"t\" does not exist"},
		{"COMMENT ON CONSTRAINT c ON nowhere IS 'x'", "42P01 relation \"nowhere\" does not exist"},
		{"COMMENT ON FUNCTION f(text) IS 'x'", "42883 function f(text) does not exist"},
		{"COMMENT ON FUNCTION f IS 'x'", "42725 function name \"f\" is not unique"},
		{"BEGIN", "BEGIN"},
		{"COMMENT ON FUNCTION f(int) IS NULL", "COMMENT"},
		{"COMMENT ON CONSTRAINT k ON t IS 'other'", "COMMENT"},
		said("pg_constraint: of check, pg_class: of index, pg_constraint: other"),
		{"ROLLBACK", "ROLLBACK"},
		{"CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1'", "CREATE FUNCTION"},
		{"ALTER TABLE t ADD COLUMN b int", "ALTER TABLE"},
		said("pg_constraint: of check, pg_proc: of f(int), pg_class: of index, pg_constraint: of key"),
		{"DROP FUNCTION f(int)", "DROP FUNCTION"},
		{"ALTER TABLE t DROP CONSTRAINT k", "ALTER TABLE"},
		said("pg_constraint: of check"),
	}.run(t, s)
}
