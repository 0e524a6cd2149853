package coordinator

import (
	"testing"
	"time"
)

// TestUncommittedDefinitions: what a transaction does to tables is nothing to other
// sessions until it commits; those that need a table that it changes wait for its end.
func TestUncommittedDefinitions(t *testing.T) {
	c := newTestCoordinator(t)
	a, b := newTestSession(t, c), newTestSession(t, c)
	statements{
		{"CREATE TABLE x (a int)", "CREATE TABLE"},
		{"INSERT INTO x VALUES (1), (2)", "INSERT 0 2"},
		{"CREATE INDEX x_i ON x (a)", "CREATE INDEX"},
	}.run(t, a)
	waits := func(q statements, end string) { t.Helper(); waitsFor(t, a, b, q, end) }
	begin := func(sql, tag string) {
		t.Helper()
		statements{{"BEGIN", "BEGIN"}, {sql, tag}}.run(t, a)
	}
	begin("ALTER TABLE x ADD COLUMN b int DEFAULT 7", "ALTER TABLE")
	waits(statements{{"SELECT count(*) FROM x", "2\nSELECT 1"}}, "ROLLBACK")
	begin("ALTER TABLE x ADD COLUMN b int DEFAULT 7", "ALTER TABLE")
	waits(statements{{"UPDATE x SET b = 8 WHERE a = 1", "UPDATE 1"}}, "COMMIT")
	begin("DROP TABLE x", "DROP TABLE")
	statements{
		{"CREATE TABLE x (other text)", "42P07 relation \"x\" already exists"},
		{"SELECT count(*) FROM pg_class WHERE relname = 'x'", "1\nSELECT 1"},
	}.run(t, b)
	waits(statements{{"SELECT sum(b) FROM x", "15\nSELECT 1"}}, "ROLLBACK")
	begin("CREATE TABLE z (q int)", "CREATE TABLE")
	statements{
		{"SELECT * FROM z", "42P01 relation \"z\" does not exist"}, {"SELECT count(*) FROM pg_class WHERE relname = 'z'", "0\nSELECT 1"},
	}.run(t, b)
	waits(statements{{"CREATE TABLE z (r text)", "42P07 relation \"z\" already exists"}}, "COMMIT")
	begin("INSERT INTO x VALUES (99)", "INSERT 0 1")
	waits(statements{{"ALTER INDEX x_i RENAME TO x_j", "ALTER INDEX"}}, "ROLLBACK")
	statements{{"ALTER TABLE x ADD UNIQUE (a)", "ALTER TABLE"}}.run(t, b)
	begin("INSERT INTO x VALUES (99)", "INSERT 0 1")
	waits(statements{{"ALTER INDEX x_a_key RENAME TO x_k", "ALTER INDEX"}}, "ROLLBACK")
	statements{{"SELECT count(*) FROM x", "2\nSELECT 1"}}.run(t, b)
}

// TestUncommittedSequence: where ALTER SEQUENCE puts a sequence is seen by others when it is
// committed.
func TestUncommittedSequence(t *testing.T) {
	c := newTestCoordinator(t)
	a, b := newTestSession(t, c), newTestSession(t, c)
	last := func(s *Session, want string) {
		t.Helper()
		statements{{"SELECT last_value, increment_by FROM pg_sequences WHERE sequencename = 'x_n_seq'", want + "\nSELECT 1"}}.run(t, s)
	}
	statements{
		{"CREATE TABLE x (n serial, a int)", "CREATE TABLE"},
		{"INSERT INTO x (a) VALUES (1), (2)", "INSERT 0 2"},
		{"BEGIN", "BEGIN"},
		{"ALTER SEQUENCE x_n_seq INCREMENT 10 RESTART 50", "ALTER SEQUENCE"},
		{"INSERT INTO x (a) VALUES (3), (4)", "INSERT 0 2"},
	}.run(t, a)
	last(a, "60|10")
	last(b, "2|1")
	waitsFor(t, a, b, statements{{"INSERT INTO x (a) VALUES (5)", "INSERT 0 1"}}, "COMMIT")
	last(newTestSession(t, c), "70|10")
}

// waitsFor runs statements of b, which wait until a ends its transaction.
func waitsFor(t *testing.T, a, b *Session, q statements, end string) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); q.run(t, b) }()
	select {
	case <-done:
		t.Error("it does not wait")
	case <-time.After(50 * time.Millisecond):
	}
	statements{{end, end}}.run(t, a)
	<-done
}

// TestUncommittedObjects is TestUncommittedDefinitions for views, functions, schemas,
// constraints and what is said of them.
func TestUncommittedObjects(t *testing.T) {
	c := newTestCoordinator(t)
	a, b := newTestSession(t, c), newTestSession(t, c)
	statements{
		{"CREATE TABLE x (a int)", "CREATE TABLE"},
		{"INSERT INTO x VALUES (1), (2)", "INSERT 0 2"},
		{"CREATE VIEW kept AS SELECT a FROM x", "CREATE VIEW"},
		{"CREATE SEQUENCE q", "CREATE SEQUENCE"},
		{"CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION"},
		{"CREATE SCHEMA old", "CREATE SCHEMA"},
	}.run(t, a)
	known := "SELECT (SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace <> 'pg_catalog'::regnamespace AND relkind IN ('r', 'v', 'm', 'S', 'i') AND relname IN ('x', 'x_i', 'kept', 'v', 'm', 'q', 'q2'))," +
		" (SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc WHERE proname IN ('one', 'two'))," +
		" (SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname IN ('old', 'new'))," +
		" (SELECT count(*) FROM pg_description WHERE objoid >= 16384), (SELECT count(*) FROM information_schema.table_constraints WHERE table_name = 'x')"
	before := [2]string{known, "kept q x|one|old|0|0\nSELECT 1"}
	made := statements{
		{"CREATE VIEW v AS SELECT 1", "CREATE VIEW"},
		{"CREATE MATERIALIZED VIEW m AS SELECT 1", "SELECT 1"},
		{"DROP VIEW kept", "DROP VIEW"},
		{"CREATE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2'", "CREATE FUNCTION"},
		{"DROP FUNCTION one()", "DROP FUNCTION"},
		{"CREATE SCHEMA new", "CREATE SCHEMA"},
		{"DROP SCHEMA old", "DROP SCHEMA"},
		{"ALTER SEQUENCE q RENAME TO q2", "ALTER SEQUENCE"},
		{"COMMENT ON TABLE x IS 'of x'", "COMMENT"},
		{"COMMENT ON SCHEMA new IS 'of new'", "COMMENT"},
		{"COMMENT ON SCHEMA public IS 'of public'", "COMMENT"},
		{"CREATE UNIQUE INDEX x_i ON x (a)", "CREATE INDEX"},
		{"ALTER TABLE x ADD CONSTRAINT u UNIQUE (a)", "ALTER TABLE"},
	}
	after := [2]string{known, "m q2 v x x_i|two|new|2|1\nSELECT 1"}
	for _, end := range []string{"ROLLBACK", "ROLLBACK TO p", "COMMIT"} {
		statements{{"BEGIN", "BEGIN"}, {"SAVEPOINT p", "SAVEPOINT"}}.run(t, a)
		made.run(t, a)
		statements{after}.run(t, a)
		statements{
			before,
			{"SELECT one()", "1\nSELECT 1"},
			{"SELECT * FROM v", "42P01 relation \"v\" does not exist"},
			{"SELECT two()", "42883 function two() does not exist"},
			{"CREATE VIEW new.v AS SELECT 1", "3F000 schema \"new\" does not exist"},
			{"CREATE VIEW kept AS SELECT 1", "42P07 relation \"kept\" already exists"},
			{"SELECT count(*) FROM pg_description WHERE description = 'of public'", "0\nSELECT 1"},
		}.run(t, b)
		if end == "ROLLBACK TO p" {
			statements{{end, "ROLLBACK"}, before, {"COMMIT", "COMMIT"}}.run(t, a)
			statements{before}.run(t, b)
			continue
		}
		statements{{end, end}}.run(t, a)
	}
	statements{after}.run(t, b)

	begin := func(sql, tag string) {
		t.Helper()
		statements{{"BEGIN", "BEGIN"}, {sql, tag}}.run(t, a)
	}
	waits := func(q statements, end string) { t.Helper(); waitsFor(t, a, b, q, end) }
	begin("CREATE VIEW n AS SELECT 1", "CREATE VIEW")
	waits(statements{{"CREATE VIEW n AS SELECT 2", "42P07 relation \"n\" already exists"}}, "COMMIT")
	begin("CREATE OR REPLACE VIEW n AS SELECT 3", "CREATE VIEW")
	waits(statements{{"SELECT * FROM n", "3\nSELECT 1"}}, "COMMIT")
	begin("DROP VIEW n", "DROP VIEW")
	waits(statements{{"SELECT * FROM n", "42P01 relation \"n\" does not exist"}}, "COMMIT")
	begin("CREATE VIEW n AS SELECT 1", "CREATE VIEW")
	waits(statements{{"CREATE TABLE n (a int)", "42P07 relation \"n\" already exists"}}, "COMMIT")
	begin("DROP VIEW n", "DROP VIEW")
	waits(statements{{"SELECT * FROM n", "1\nSELECT 1"}}, "ROLLBACK")
	begin("CREATE TABLE n2 (a int)", "CREATE TABLE")
	waits(statements{{"CREATE VIEW n2 AS SELECT 2", "CREATE VIEW"}}, "ROLLBACK")
	begin("CREATE FUNCTION three() RETURNS int LANGUAGE sql AS 'SELECT 3'", "CREATE FUNCTION")
	waits(statements{{"CREATE FUNCTION three() RETURNS int LANGUAGE sql AS 'SELECT 3'", "42723 function \"three\" already exists with same argument types"}}, "COMMIT")
	begin("CREATE SCHEMA s", "CREATE SCHEMA")
	waits(statements{{"CREATE SCHEMA s", "42P06 schema \"s\" already exists"}}, "COMMIT")
	begin("CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 3'", "CREATE FUNCTION")
	waits(statements{{"DROP SCHEMA s", "DROP SCHEMA"}, {"CREATE SCHEMA s", "CREATE SCHEMA"}}, "ROLLBACK")
	begin("CREATE TABLE s.t (a int)", "CREATE TABLE")
	waits(statements{{"DROP SCHEMA s", "2BP01 cannot drop schema s because other objects depend on it / table s.t depends on schema s"}}, "COMMIT")
	begin("DROP SCHEMA s CASCADE", "DROP SCHEMA")
	waits(statements{{"CREATE VIEW s.v AS SELECT 1", "3F000 schema \"s\" does not exist"}}, "COMMIT")
}
