package coordinator

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// How long TestStatementsWhileDefinitionsChange goes on.
const definitionsChangeFor = time.Second

// TestStatementsWhileDefinitionsChange lets sessions use relations that others alter, rename,
// and drop and make anew, each time in a transaction: whatever a statement was bound to when
// one of these commits, it sees the relations as they are before or after it.
func TestStatementsWhileDefinitionsChange(t *testing.T) {
	c := newTestCoordinator(t)
	statements{
		{"CREATE TABLE x (a int)", "CREATE TABLE"},
		{"INSERT INTO x VALUES (1), (2), (3)", "INSERT 0 3"},
		{"CREATE TABLE twin (a int)", "CREATE TABLE"},
		{"INSERT INTO twin VALUES (1), (2), (3)", "INSERT 0 3"},
		{"CREATE VIEW v AS SELECT a FROM x", "CREATE VIEW"},
		{"CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT sum(a) FROM v'", "CREATE FUNCTION"},
	}.run(t, newTestSession(t, c))
	changes := []statements{
		{{"ALTER TABLE x ADD COLUMN b int DEFAULT 7", "ALTER TABLE"}, {"ALTER TABLE x DROP COLUMN b", "ALTER TABLE"}},
		{{"ALTER TABLE x RENAME TO other", "ALTER TABLE"}, {"ALTER TABLE twin RENAME TO x", "ALTER TABLE"}, {"ALTER TABLE other RENAME TO twin", "ALTER TABLE"}},
		{
			{"DROP TABLE x CASCADE", "DROP TABLE"},
			{"CREATE TABLE x (z text, a int)", "CREATE TABLE"},
			{"INSERT INTO x VALUES ('p', 0), ('q', 2), ('r', 4)", "INSERT 0 3"},
			{"CREATE VIEW v AS SELECT a FROM x", "CREATE VIEW"},
		},
		{
			{"DROP TABLE x CASCADE", "DROP TABLE"},
			{"CREATE TABLE x (a int)", "CREATE TABLE"},
			{"INSERT INTO x VALUES (1), (2), (3)", "INSERT 0 3"},
			{"CREATE VIEW v AS SELECT a FROM x", "CREATE VIEW"},
		},
		{{"CREATE UNIQUE INDEX x_i ON x (a)", "CREATE INDEX"}, {"DROP INDEX x_i", "DROP INDEX"}},
		{{"CREATE OR REPLACE VIEW v AS SELECT a FROM x WHERE true", "CREATE VIEW"}},
	}
	uses := []struct {
		sql  string
		want []string
	}{
		{"SELECT count(*), sum(a) FROM x", []string{"3|6\nSELECT 1"}},
		{"SELECT * FROM x ORDER BY a", []string{"1\n2\n3\nSELECT 3", "p|0\nq|2\nr|4\nSELECT 3"}},
		{"SELECT (SELECT sum(a) FROM v), f(), (SELECT max(l.a * r.a) FROM x l JOIN v r USING (a))", []string{"6|6|9\nSELECT 1", "6|6|16\nSELECT 1"}},
		{"UPDATE x SET a = a", []string{"UPDATE 3"}},
		{"UPDATE v SET a = a + 0 WHERE a = 2", []string{"UPDATE 1"}},
		{"WITH gone AS (DELETE FROM x WHERE a = 2 RETURNING a), back AS (INSERT INTO twin SELECT a FROM gone WHERE false) SELECT sum(a) FROM x", []string{"6\nSELECT 1"}},
		{"EXECUTE q(1)", []string{"7\nSELECT 1"}},
		{"EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT 1 FROM x WHERE false", nil},
	}
	stop := time.After(definitionsChangeFor)
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		s := newTestSession(t, c)
		for i := 0; ; i++ {
			select {
			case <-stop:
				close(done)
				return
			default:
			}
			statements{{"BEGIN", "BEGIN"}}.run(t, s)
			changes[i%len(changes)].run(t, s)
			end := []string{"COMMIT", "ROLLBACK"}[i/len(changes)%2]
			statements{{end, end}}.run(t, s)
		}
	})
	for n := range 3 {
		s := newTestSession(t, c)
		log, own := fmt.Sprintf("log%d", n), fmt.Sprintf("own%d", n)
		statements{
			{"CREATE TABLE " + log + " (s bigint)", "CREATE TABLE"},
			{"PREPARE q AS SELECT sum(a) + $1 FROM x", "PREPARE"},
		}.run(t, s)
		running.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					statements{{"SELECT min(s), max(s) FROM " + log, "6|6\nSELECT 1"}}.run(t, s)
					return
				default:
				}
				u := uses[i%len(uses)]
				if u.sql[:4] == "WITH" { // which is undone
					statements{{"BEGIN", "BEGIN"}}.run(t, s)
				}
				if got := answer(s, u.sql, ""); u.want != nil && !slices.Contains(u.want, got) {
					t.Errorf("%s\ngot  %s\nwant one of %q", u.sql, got, u.want)
				}
				statements{
					{"ROLLBACK", "ROLLBACK"},
					{"INSERT INTO " + log + " SELECT sum(a) FROM x", "INSERT 0 1"},
					{"CREATE TABLE " + own + " AS SELECT sum(a) AS s FROM v", "SELECT 1"},
					{"SELECT s FROM " + own, "6\nSELECT 1"},
					{"DROP TABLE " + own, "DROP TABLE"},
					{"BEGIN", "BEGIN"},
					{"DECLARE c CURSOR FOR SELECT a * 0 FROM x", "DECLARE CURSOR"},
					{"FETCH ALL FROM c", "0\n0\n0\nFETCH 3"},
					{"COMMIT", "COMMIT"},
				}.run(t, s)
				if t.Failed() {
					return
				}
			}
		})
	}
	running.Wait()
}
