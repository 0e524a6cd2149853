package app

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// describeAll are queries whose answers together say what the catalog has.
var describeAll = []string{
	"SELECT schema_name FROM information_schema.schemata ORDER BY 1",
	`SELECT table_schema, table_name, table_type FROM information_schema.tables
	  WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'volley') ORDER BY 1, 2`,
	`SELECT table_name, column_name, ordinal_position, column_default, is_nullable, data_type, character_maximum_length,
	    numeric_precision, numeric_scale, is_identity, identity_generation, is_generated, generation_expression
	  FROM information_schema.columns WHERE table_schema IN ('public', 's') ORDER BY table_schema, table_name, ordinal_position`,
	"SELECT n.nspname, conname, contype, pg_get_constraintdef(c.oid) FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = connamespace ORDER BY 1, 2",
	"SELECT schemaname, tablename, indexname, indexdef FROM pg_indexes WHERE schemaname IN ('public', 's') ORDER BY 1, 2, 3",
	"SELECT table_schema, table_name, view_definition, check_option FROM information_schema.views WHERE table_schema IN ('public', 's') ORDER BY 1, 2",
	"SELECT schemaname, sequencename, start_value, min_value, max_value, increment_by, cycle FROM pg_sequences ORDER BY 1, 2",
	"SELECT proname, pg_get_function_arguments(p.oid), prosrc FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace WHERE nspname IN ('public', 's') ORDER BY 1, 2",
	"SELECT schemaname, tablename, attname, null_frac, n_distinct, most_common_vals, histogram_bounds FROM pg_stats WHERE schemaname IN ('public', 's') ORDER BY 1, 2, 3",
	`SELECT c.relname, c.relkind, objsubid, description FROM pg_description JOIN pg_class AS c ON c.oid = objoid ORDER BY 1, 3`,
	"SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace ORDER BY 1",
	"SELECT shobj_description(oid, 'pg_database') FROM pg_database",
	"SHOW TABLES",
	"SELECT name FROM volley.secrets ORDER BY 1",
}

// TestFaultCatalogSurvives makes one of each kind of object, kills the server with
// SIGKILL, and compares the catalogs before and after; then the same for changes in a
// transaction, which are all there when it was committed and none when not.
func TestFaultCatalogSurvives(t *testing.T) {
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "e.csv")
	if err := os.WriteFile(file, []byte("a;b\n1;x\n2;y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--allow-path", "/", "--data-dir", data, "--threads", "2"}
	c := &faultCluster{cluster: startServer(t, "serve", args...)}
	c.watch = c.connect(t, 0)
	run := func(sql string) string { return c.run(t, sql) }
	all := func() string {
		t.Helper()
		var out strings.Builder
		for _, sql := range describeAll {
			out.WriteString("-- " + sql + "\n" + run(sql))
		}
		return out.String()
	}
	restart := func() {
		t.Helper()
		c.signal(t, syscall.SIGKILL, 10*time.Second)
		c.process = start(t, append([]string{"serve", "--listen", c.listen, "--flight", c.flight, "--http", c.http}, args...)...)
		c.watch = c.connect(t, 0)
	}
	same := func(when, got, want string) {
		t.Helper()
		if got == want {
			return
		}
		g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Fatalf("%s: line %d is\n%s\nnot\n%s", when, i, g[i], w[i])
			}
		}
		t.Fatalf("%s: there are %d lines of %d", when, len(g), len(w))
	}
	for _, sql := range []string{
		"CREATE SCHEMA s",
		`CREATE TABLE s.t (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY 5) PRIMARY KEY, n serial,
		  name varchar(20) DEFAULT 'none' NOT NULL, c char(3), price numeric(10, 2) CONSTRAINT positive CHECK (price > 0),
		  twice numeric GENERATED ALWAYS AS (price * 2) STORED, days date[], CONSTRAINT one UNIQUE (name, c))`,
		"INSERT INTO s.t (name, c, price) SELECT 'n' || i % 40, i::text, i FROM generate_series(1, 300) AS i",
		"CREATE INDEX plain ON s.t (price)", "CREATE UNIQUE INDEX sole ON s.t (n)",
		"CREATE VIEW s.v (x) AS SELECT id FROM s.t WHERE price > 10 WITH CHECK OPTION",
		"CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM s.t", "CREATE MATERIALIZED VIEW empty AS SELECT 1 AS one WITH NO DATA",
		"CREATE FUNCTION f(a bigint, b bigint DEFAULT 2) RETURNS bigint LANGUAGE sql AS 'SELECT a * b'",
		"CREATE FUNCTION f(a text) RETURNS text LANGUAGE sql AS 'SELECT a'",
		"CREATE SEQUENCE s.q INCREMENT BY 3 MINVALUE 2 MAXVALUE 100 CYCLE",
		"CREATE EXTERNAL TABLE e STORED AS CSV LOCATION '" + file + "' OPTIONS (delim ';', header true)",
		"CREATE PERSISTENT SECRET kept (TYPE s3, KEY_ID 'a', SECRET 'b')",
		"COMMENT ON SCHEMA s IS 'of s'", "COMMENT ON DATABASE postgres IS 'of all'", "COMMENT ON TABLE s.t IS 'of t'",
		"COMMENT ON COLUMN s.t.price IS 'of price'", "COMMENT ON VIEW s.v IS 'of v'", "COMMENT ON COLUMN s.v.x IS 'of x'",
		"COMMENT ON INDEX s.plain IS 'of plain'", "COMMENT ON INDEX s.one IS 'of one'", "COMMENT ON SEQUENCE s.q IS 'of q'",
		"COMMENT ON TABLE e IS 'of e'", "COMMENT ON COLUMN e.b IS 'of b'", "COMMENT ON MATERIALIZED VIEW m IS 'of m'",
		"ANALYZE s.t", "ANALYZE e",
	} {
		run(sql)
	}
	before := all()
	for _, word := range []string{"of q", "of price", "of one", "of all", "of b", "of s", "CHECK (", "plain", "n39", "price > 10", "kept"} {
		if !strings.Contains(before, word) {
			t.Fatalf("%q is not in\n%s", word, before)
		}
	}
	restart()
	same("after a kill", all(), before)
	if got := run("SELECT (SELECT n FROM m), (SELECT count(*) FROM empty), f(3), f('x'), (SELECT sum(a) FROM e)"); got != "300|0|6|x|3\n" {
		t.Errorf("what is in them: %s", got)
	}

	changes := []string{
		"CREATE SCHEMA new", "CREATE TABLE new.t (a int PRIMARY KEY)", "INSERT INTO new.t VALUES (1)", "CREATE VIEW new.v AS SELECT a FROM new.t",
		"CREATE FUNCTION new.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE SEQUENCE new.q",
		"CREATE EXTERNAL TABLE new.e STORED AS CSV LOCATION '" + file + "'", "CREATE MATERIALIZED VIEW new.m AS SELECT 1 AS one",
		"CREATE INDEX other ON s.t (c)", "DROP INDEX s.plain", "DROP VIEW s.v", "DROP FUNCTION f(text)", "DROP MATERIALIZED VIEW empty",
		"CREATE OR REPLACE FUNCTION f(a bigint, b bigint DEFAULT 3) RETURNS bigint LANGUAGE sql AS 'SELECT a + b'",
		"ALTER TABLE s.t RENAME COLUMN price TO cost", "ALTER TABLE s.t ADD COLUMN more text DEFAULT 'm'", "ALTER TABLE s.t ALTER COLUMN c SET DEFAULT 'z'",
		"ALTER SEQUENCE s.q INCREMENT BY 7 RESTART", "ALTER TABLE e RENAME TO e2", "COMMENT ON SCHEMA s IS 'other'", "COMMENT ON DATABASE postgres IS NULL",
		"COMMENT ON COLUMN s.t.name IS 'name'", "COMMENT ON TABLE e2 IS NULL", "ANALYZE s.t (name)", "ANALYZE e2", "CREATE SCHEMA gone", "DROP SCHEMA gone",
	}
	run("BEGIN; " + strings.Join(changes, "; ") + "; ROLLBACK")
	same("after a rollback", all(), before)
	run("BEGIN")
	for _, sql := range changes {
		run("SAVEPOINT a; " + sql + "; ROLLBACK TO a; " + sql)
	}
	after := all()
	restart()
	same("after a kill in the transaction", all(), before)
	run("BEGIN; " + strings.Join(changes, "; ") + "; COMMIT")
	same("after the commit", all(), after)
	restart()
	same("after the commit and a kill", all(), after)
	run("DROP SCHEMA new CASCADE; DROP SCHEMA s CASCADE; DROP SCHEMA public CASCADE")
	restart()
	if got := run("SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'volley')"); got != "0\n" {
		t.Errorf("%s tables are left", got)
	}
	if got := run("SELECT count(*) FROM pg_namespace WHERE nspname IN ('public', 's', 'new')"); got != "0\n" {
		t.Errorf("%s schemas are left", got)
	}
}
