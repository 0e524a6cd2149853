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
	// waits runs a statement of b until what a does then has ended its transaction.
	waits := func(q statements, end string) {
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
