package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/catalog/objstore/local"
	"volley/coordinator/sched"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/builtin"
	"volley/worker"
)

// functions are the functions that tests know.
var functions = sync.OnceValues(func() (*udf.Registry, error) {
	r := udf.NewRegistry()
	return r, builtin.Register(r)
})

// newTestCoordinator is a coordinator with one worker in this process.
func newTestCoordinator(tb testing.TB, set ...func(*sched.Config)) *Coordinator {
	tb.Helper()
	registry, err := functions()
	if err != nil {
		tb.Fatal(err)
	}
	formats := map[string]catalog.Format{memtable.FormatName: memtable.New()}
	store := local.New()
	cfg := sched.Config{Store: store, Formats: formats, Registry: registry}
	for _, f := range set {
		f(&cfg)
	}
	scheduler := sched.New(cfg)
	scheduler.AddLocal(worker.New(worker.Config{ID: "local", Slots: 1, Store: store, Formats: formats, Registry: registry}), "")
	c := New(Config{Catalog: catalog.New(), Store: store, Formats: formats, Registry: registry, Scheduler: scheduler})
	tb.Cleanup(func() { _ = errors.Join(c.Close(), scheduler.Close()) })
	return c
}

func newTestSession(tb testing.TB, c *Coordinator) *Session {
	tb.Helper()
	s, err := c.NewSession(SessionOptions{User: "postgres", Database: "postgres"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// answer runs a statement and writes down what a client sees: rows as
// a|b|c with ∅ for NULL, then the tag; or code, message and detail. data is
// what COPY FROM STDIN is sent.
func answer(s *Session, sql, data string) string {
	out, err := rowsAndTag(s, sql, data)
	if err == nil {
		return out
	}
	s.Fail()
	e := sqlerr.Find(err)
	text := e.Code + " " + e.Message
	if e.Detail != "" {
		text += " / " + e.Detail
	}
	return text
}

func rowsAndTag(s *Session, sql, data string) (string, error) {
	ctx := context.Background()
	res, err := s.Query(ctx, sql)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Close() }()
	if in := res.CopyIn(); in != nil {
		for _, piece := range strings.SplitAfter(data, "\n") {
			if _, err := in.Write([]byte(piece)); err != nil {
				return "", err
			}
		}
		if err := in.Done(); err != nil {
			return "", err
		}
	}
	var out []string
	for {
		rec, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			return strings.Join(append(out, res.Tag()), "\n"), nil
		}
		if err != nil {
			return "", err
		}
		for row := range int(rec.NumRows()) {
			var fields []string
			for _, col := range rec.Columns() {
				if col.IsNull(row) {
					fields = append(fields, "∅")
					continue
				}
				fields = append(fields, string(sqltype.NewTextEncoder(col.DataType(), sqltype.TextOptions{})(nil, col, row)))
			}
			out = append(out, strings.Join(fields, "|"))
		}
	}
}

// statements are SQL with PostgreSQL 15's answers, run in order by one session.
type statements [][2]string

func (list statements) run(t *testing.T, s *Session) {
	t.Helper()
	for _, st := range list {
		if got := answer(s, st[0], ""); got != st[1] {
			t.Errorf("%s\ngot  %s\nwant %s", st[0], got, st[1])
		}
	}
}

func TestInsert(t *testing.T) {
	statements{
		{"CREATE TABLE t (a int primary key, b varchar(3) not null default 'x' unique, c numeric(6,2) check (c > 0), e double precision, check (a < e), constraint big check (a < 100 or b = 'q'))", "CREATE TABLE"},
		{"INSERT INTO t VALUES (1,'abc',1.005, 10)", "INSERT 0 1"},
		{"INSERT INTO t VALUES (1,'abd',1.005, 10)", `23505 duplicate key value violates unique constraint "t_pkey" / Key (a)=(1) already exists.`},
		{"INSERT INTO t VALUES (2,'abc',1.005, 10)", `23505 duplicate key value violates unique constraint "t_b_key" / Key (b)=(abc) already exists.`},
		{"INSERT INTO t VALUES (2,null,1.005, 10)", `23502 null value in column "b" of relation "t" violates not-null constraint / Failing row contains (2, null, 1.01, 10).`},
		{"INSERT INTO t VALUES (null,'q',1.005, 10)", `23502 null value in column "a" of relation "t" violates not-null constraint / Failing row contains (null, q, 1.01, 10).`},
		{"INSERT INTO t VALUES (2,'abcd',1.005, 10)", "22001 value too long for type character varying(3)"},
		{"INSERT INTO t VALUES (2,'ab   ',1.005, 10)", "INSERT 0 1"},
		{"INSERT INTO t VALUES (3,'x',-1, 10)", `23514 new row for relation "t" violates check constraint "t_c_check" / Failing row contains (3, x, -1.00, 10).`},
		{"INSERT INTO t VALUES (3,'x',1, 2)", `23514 new row for relation "t" violates check constraint "t_check" / Failing row contains (3, x, 1.00, 2).`},
		{"INSERT INTO t VALUES (200,'x',1, 2000)", `23514 new row for relation "t" violates check constraint "big" / Failing row contains (200, x, 1.00, 2000).`},
		{"INSERT INTO t VALUES (3,'x',12345, 2000)", "22003 numeric field overflow / A field with precision 6, scale 2 must round to an absolute value less than 10^4."},
		{"INSERT INTO t VALUES (3,'x',1, 2000, 7)", "42601 INSERT has more expressions than target columns"},
		{"INSERT INTO t (a,b) VALUES (3,'x',1)", "42601 INSERT has more expressions than target columns"},
		{"INSERT INTO t (a,b,c) VALUES (3,'x')", "42601 INSERT has more target columns than expressions"},
		{"INSERT INTO t (a,z) VALUES (3,'x')", `42703 column "z" of relation "t" does not exist`},
		{"INSERT INTO t (a,a) VALUES (3,3)", `42701 column "a" specified more than once`},
		{"INSERT INTO t (a,b) VALUES ('x','x')", `22P02 invalid input syntax for type integer: "x"`},
		{"INSERT INTO t (a,b) VALUES (now(),'x')", `42804 column "a" is of type integer but expression is of type timestamp with time zone`},
		{"INSERT INTO t (a,b) SELECT 'a'||'b', 'c'", `42804 column "a" is of type integer but expression is of type text`},
		{"INSERT INTO t (a) VALUES (4),(5)", `23505 duplicate key value violates unique constraint "t_b_key" / Key (b)=(x) already exists.`},
		{"INSERT INTO t (a,b) VALUES (4,'d'),(5,'e'),(6,'f')", "INSERT 0 3"},
		{"INSERT INTO t (a,b) VALUES (6,'d'),(7,'g') ON CONFLICT DO NOTHING RETURNING a", "7\nINSERT 0 1"},
		{"INSERT INTO t (a,b) VALUES (6,'d'),(7,'g') ON CONFLICT DO NOTHING", "INSERT 0 0"},
		{"INSERT INTO t (b,a) VALUES (DEFAULT, 8) RETURNING *, a+1 AS n, b || '!'", "8|x|∅|∅|9|x!\nINSERT 0 1"},
		{"INSERT INTO t DEFAULT VALUES", `23502 null value in column "a" of relation "t" violates not-null constraint / Failing row contains (null, x, null, null).`},
		{"INSERT INTO t SELECT a + 10, 'n' || a FROM t WHERE a < 3", "INSERT 0 2"},
		{"INSERT INTO nosuch VALUES (1)", `42P01 relation "nosuch" does not exist`},
		{"SELECT * FROM t ORDER BY a", "1|abc|1.01|10\n2|ab |1.01|10\n4|d|∅|∅\n5|e|∅|∅\n6|f|∅|∅\n7|g|∅|∅\n8|x|∅|∅\n11|n1|∅|∅\n12|n2|∅|∅\nSELECT 9"},
		{"CREATE TABLE k (d date, n numeric, f float8, primary key (n, f))", "CREATE TABLE"},
		{"INSERT INTO k VALUES ('2020-01-01', 1.0, 0), ('2020-01-01', 1.00, '-0')", `23505 duplicate key value violates unique constraint "k_pkey" / Key (n, f)=(1.00, -0) already exists.`},
		{"INSERT INTO k VALUES ('2020-01-01', 1.0, 'nan'), ('2020-01-01', 2, 0)", "INSERT 0 2"},
		{"INSERT INTO k SELECT * FROM k", `23505 duplicate key value violates unique constraint "k_pkey" / Key (n, f)=(1.0, NaN) already exists.`},
		{"CREATE TABLE ch (a char(3))", "CREATE TABLE"},
		{"INSERT INTO ch VALUES ('a'), ('abc  ')", "INSERT 0 2"},
		{"INSERT INTO ch VALUES ('abcd')", "22001 value too long for type character(3)"},
		{"SELECT a = 'a', length(a) FROM ch", "t|1\nf|3\nSELECT 2"},
	}.run(t, newTestSession(t, newTestCoordinator(t)))
}

func TestUpdateAndDelete(t *testing.T) {
	statements{
		{"CREATE TABLE t (a int primary key, b text default 'x' check (b <> 'no'), c numeric(6,2))", "CREATE TABLE"},
		{"INSERT INTO t VALUES (1,'a',1), (2,'b',2), (3,'c',3), (4,'d',4)", "INSERT 0 4"},
		{"UPDATE t SET a = 9 WHERE a = 2 RETURNING t.a, b", "9|b\nUPDATE 1"},
		{"SELECT a FROM t", "1\n3\n4\n9\nSELECT 4"},
		{"UPDATE t SET a = 1 WHERE a = 9", `23505 duplicate key value violates unique constraint "t_pkey" / Key (a)=(1) already exists.`},
		{"UPDATE t SET a = null WHERE a = 9", `23502 null value in column "a" of relation "t" violates not-null constraint / Failing row contains (null, b, 2.00).`},
		{"UPDATE t SET b = 'no' WHERE a = 9", `23514 new row for relation "t" violates check constraint "t_b_check" / Failing row contains (9, no, 2.00).`},
		{"UPDATE t SET b = DEFAULT, c = c * 2.5 WHERE a > 3", "UPDATE 2"},
		{"UPDATE t SET (b, c) = ('zz', a) WHERE a = 9", "UPDATE 1"},
		{"UPDATE t SET z = 1", `42703 column "z" of relation "t" does not exist`},
		{"UPDATE t SET a = 1, a = 2", `42601 multiple assignments to same column "a"`},
		{"UPDATE t SET a = now()", `42804 column "a" is of type integer but expression is of type timestamp with time zone`},
		{"UPDATE t SET a = x.a FROM (VALUES (9, 10), (9, 11)) x(k, a) WHERE t.a = x.k", "UPDATE 1"},
		{"UPDATE t AS u SET c = u.a FROM t WHERE u.a = t.a AND t.a > 6", "UPDATE 1"},
		{"UPDATE t SET c = 0 WHERE false", "UPDATE 0"},
		{"SELECT * FROM t", "1|a|1.00\n3|c|3.00\n4|x|10.00\n10|zz|10.00\nSELECT 4"},
		{"DELETE FROM t USING (VALUES (1),(7)) v(x) WHERE a = v.x RETURNING a, b", "1|a\nDELETE 1"},
		{"DELETE FROM t WHERE a IN (SELECT max(a) FROM t)", "DELETE 1"},
		{"DELETE FROM t WHERE zz = 1", `42703 column "zz" does not exist`},
		{"DELETE FROM nosuch", `42P01 relation "nosuch" does not exist`},
		{"TRUNCATE t", "TRUNCATE TABLE"},
		{"INSERT INTO t (a) VALUES (3) RETURNING *", "3|x|∅\nINSERT 0 1"},
		{"DELETE FROM t", "DELETE 1"},
		{"DELETE FROM t", "DELETE 0"},
	}.run(t, newTestSession(t, newTestCoordinator(t)))
}

func TestCreateTable(t *testing.T) {
	statements{
		{"CREATE TABLE t (a int)", "CREATE TABLE"},
		{"CREATE TABLE t (a int)", `42P07 relation "t" already exists`},
		{"CREATE TABLE IF NOT EXISTS t (b int)", "CREATE TABLE"},
		{"CREATE VIEW t AS SELECT 1", `42P07 relation "t" already exists`},
		{"CREATE VIEW v AS SELECT 1 AS a", "CREATE VIEW"},
		{"CREATE TABLE v (a int)", `42P07 relation "v" already exists`},
		{"DROP VIEW t", `42809 "t" is not a view`},
		{"DROP TABLE v", `42809 "v" is not a table`},
		{"CREATE TABLE p (a int primary key, b int primary key)", `42P16 multiple primary keys for table "p" are not allowed`},
		{"CREATE TABLE p (a int, a int)", `42701 column "a" specified more than once`},
		{"CREATE TABLE p (a int, primary key (a, b))", `42703 column "b" named in key does not exist`},
		{"CREATE TABLE p (a int, primary key (a, a))", `42701 column "a" appears twice in primary key constraint`},
		{"CREATE TABLE p (a int default 'x')", `22P02 invalid input syntax for type integer: "x"`},
		{"CREATE TABLE p (a int default now())", `42804 column "a" is of type integer but default expression is of type timestamp with time zone`},
		{"CREATE TABLE p (a int default b)", "0A000 cannot use column reference in DEFAULT expression"},
		{"CREATE TABLE p (a int check (a + 1))", "42804 argument of CHECK must be type boolean, not type integer"},
		{"CREATE TABLE p (a nosuchtype)", `42704 type "nosuchtype" does not exist`},
		{"CREATE TABLE nosuch.p (a int)", `3F000 schema "nosuch" does not exist`},
		{"CREATE TABLE p (ctid int)", `42701 column name "ctid" conflicts with a system column name`},
		{"CREATE TABLE p (a int unique, b int, unique (a), unique (a, b), check (a > b), check (b > 0), check (b < 10))", "CREATE TABLE"},
		{"INSERT INTO p VALUES (1, 2)", `23514 new row for relation "p" violates check constraint "p_check" / Failing row contains (1, 2).`},
		{"INSERT INTO p VALUES (10, -2)", `23514 new row for relation "p" violates check constraint "p_b_check" / Failing row contains (10, -2).`},
		{"INSERT INTO p VALUES (100, 12)", `23514 new row for relation "p" violates check constraint "p_b_check1" / Failing row contains (100, 12).`},
		{"INSERT INTO p VALUES (null, 8), (null, 8)", "INSERT 0 2"},
		{"CREATE TABLE c1 AS SELECT 1 AS a, 'x' AS b, null AS n, 1.50 AS d", "SELECT 1"},
		{"SELECT * FROM c1", "1|x|∅|1.50\nSELECT 1"},
		{"CREATE TABLE c2 (x, y) AS SELECT 1, 2 WITH NO DATA", "CREATE TABLE AS"},
		{"SELECT * FROM c2", "SELECT 0"},
		{"CREATE TABLE c3 AS SELECT 1 AS a, 2 AS a", `42701 column "a" specified more than once`},
		{"CREATE TABLE c3 (a, b, c) AS SELECT 1", "42601 too many column names were specified"},
		{"CREATE TABLE c3 AS SELECT 1/0", "22012 division by zero"},
		{"SELECT * FROM c3", `42P01 relation "c3" does not exist`},
		{"CREATE TEMP TABLE c1 (z int)", "CREATE TABLE"},
		{"SELECT * FROM c1", "SELECT 0"},
		{"INSERT INTO pg_temp.c1 VALUES (7)", "INSERT 0 1"},
		{"SELECT * FROM c1", "7\nSELECT 1"},
		{"SELECT a FROM public.c1", "1\nSELECT 1"},
		{"DROP TABLE c1", "DROP TABLE"},
		{"SELECT a FROM c1", "1\nSELECT 1"},
		{"DROP TABLE nosuch", `42P01 table "nosuch" does not exist`},
		{"DROP TABLE IF EXISTS nosuch", "DROP TABLE"},
		{"DROP TABLE c1, nosuch", `42P01 table "nosuch" does not exist`},
		{"SELECT a FROM c1", "1\nSELECT 1"},
		{"DROP TABLE t, c1", "DROP TABLE"},
		{"CREATE SCHEMA s", "CREATE SCHEMA"},
		{"CREATE TABLE s.t (a int)", "CREATE TABLE"},
		{"INSERT INTO s.t VALUES (1)", "INSERT 0 1"},
		{"SELECT a FROM s.t", "1\nSELECT 1"},
		{"DROP SCHEMA s", "2BP01 cannot drop schema s because other objects depend on it / table s.t depends on schema s"},
		{"DROP SCHEMA s CASCADE", "DROP SCHEMA"},
		{"SELECT a FROM s.t", `42P01 relation "s.t" does not exist`},
	}.run(t, newTestSession(t, newTestCoordinator(t)))
}

func TestOnConflict(t *testing.T) {
	statements{
		{"CREATE TABLE t (a int primary key, b int unique, c int)", "CREATE TABLE"},
		{"INSERT INTO t VALUES (1, 1, 1)", "INSERT 0 1"},
		{"INSERT INTO t VALUES (1, 2, 2), (2, 1, 2), (3, 3, 3), (3, 4, 4) ON CONFLICT DO NOTHING", "INSERT 0 1"},
		{"INSERT INTO t VALUES (1, 1, 1) ON CONFLICT (b) DO NOTHING", "INSERT 0 0"},
		{"INSERT INTO t VALUES (1, 9, 1) ON CONFLICT (b) DO NOTHING", `23505 duplicate key value violates unique constraint "t_pkey" / Key (a)=(1) already exists.`},
		{"INSERT INTO t VALUES (1, 9, 1) ON CONFLICT ON CONSTRAINT t_pkey DO NOTHING", "INSERT 0 0"},
		{"INSERT INTO t VALUES (1, 9, 1) ON CONFLICT (c) DO NOTHING", "42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification"},
		{"INSERT INTO t VALUES (1, 9, 1) ON CONFLICT (z) DO NOTHING", `42703 column "z" does not exist`},
		{"INSERT INTO t VALUES (1, 9, 1) ON CONFLICT ON CONSTRAINT z DO NOTHING", `42704 constraint "z" for table "t" does not exist`},
		{"SELECT * FROM t", "1|1|1\n3|3|3\nSELECT 2"},
	}.run(t, newTestSession(t, newTestCoordinator(t)))
}

func TestDefaults(t *testing.T) {
	statements{
		{"CREATE TABLE t (id serial primary key, a int default 1 + 1, b text, c timestamptz default now())", "CREATE TABLE"},
		{"INSERT INTO t (b) VALUES ('x'), ('y')", "INSERT 0 2"},
		{"INSERT INTO t VALUES (DEFAULT, DEFAULT, 'z', DEFAULT), (DEFAULT, 7, DEFAULT, NULL)", "INSERT 0 2"},
		{"INSERT INTO t (b, a) VALUES (DEFAULT, DEFAULT)", "INSERT 0 1"},
		{"INSERT INTO t VALUES (DEFAULT, DEFAULT, DEFAULT, DEFAULT) RETURNING id", "6\nINSERT 0 1"},
		{"INSERT INTO t (id, b) VALUES (DEFAULT)", "42601 INSERT has more target columns than expressions"},
		{"INSERT INTO t (id) VALUES (DEFAULT, 1)", "42601 INSERT has more expressions than target columns"},
		{"INSERT INTO t (id, b) VALUES (1, 'w')", `23505 duplicate key value violates unique constraint "t_pkey" / Key (id)=(1) already exists.`},
		{"SELECT id, a, b, c IS NULL FROM t", "1|2|x|f\n2|2|y|f\n3|2|z|f\n4|7|∅|t\n5|2|∅|f\n6|2|∅|f\nSELECT 6"},
		{"CREATE TABLE w (id serial default 1)", `42601 multiple default values specified for column "id" of table "w"`},
	}.run(t, newTestSession(t, newTestCoordinator(t)))
}

func TestCreateIndex(t *testing.T) {
	statements{
		{"CREATE TABLE t (a int primary key, b text, c int)", "CREATE TABLE"},
		{"INSERT INTO t VALUES (1,'a',1), (2,'b',1)", "INSERT 0 2"},
		{"CREATE INDEX i ON t (b)", "CREATE INDEX"},
		{"CREATE INDEX i ON t (b)", `42P07 relation "i" already exists`},
		{"CREATE INDEX IF NOT EXISTS i ON t (b)", "CREATE INDEX"},
		{"CREATE INDEX ON t ((a+1))", "CREATE INDEX"},
		{"CREATE INDEX ON t (zz)", `42703 column "zz" does not exist`},
		{"CREATE TABLE i (a int)", `42P07 relation "i" already exists`},
		{"CREATE UNIQUE INDEX u ON t (c)", `23505 could not create unique index "u" / Key (c)=(1) is duplicated.`},
		{"DELETE FROM t WHERE a = 2", "DELETE 1"},
		{"CREATE UNIQUE INDEX u ON t (c)", "CREATE INDEX"},
		{"INSERT INTO t VALUES (2,'b',1)", `23505 duplicate key value violates unique constraint "u" / Key (c)=(1) already exists.`},
		{"DROP INDEX u", "DROP INDEX"},
		{"INSERT INTO t VALUES (2,'b',1)", "INSERT 0 1"},
		{"DROP INDEX u", `42704 index "u" does not exist`},
		{"DROP INDEX t_pkey", "2BP01 cannot drop index t_pkey because constraint t_pkey on table t requires it"},
	}.run(t, newTestSession(t, newTestCoordinator(t)))
}

func TestTransactionsOnTables(t *testing.T) {
	c := newTestCoordinator(t)
	s := newTestSession(t, c)
	statements{
		{"CREATE TABLE t (a int primary key)", "CREATE TABLE"},
		{"BEGIN", "BEGIN"},
		{"INSERT INTO t VALUES (1)", "INSERT 0 1"},
		{"SAVEPOINT s", "SAVEPOINT"},
		{"INSERT INTO t VALUES (3)", "INSERT 0 1"},
		{"ROLLBACK TO s", "ROLLBACK"},
		{"INSERT INTO t VALUES (5)", "INSERT 0 1"},
		{"SELECT * FROM t", "1\n5\nSELECT 2"},
	}.run(t, s)
	statements{{"SELECT * FROM t", "SELECT 0"}}.run(t, newTestSession(t, c))
	statements{
		{"INSERT INTO t VALUES (6), (1)", `23505 duplicate key value violates unique constraint "t_pkey" / Key (a)=(1) already exists.`},
		{"SELECT 1", "25P02 current transaction is aborted, commands ignored until end of transaction block"},
		{"ROLLBACK TO s", "ROLLBACK"},
		{"SELECT * FROM t", "1\nSELECT 1"},
		{"CREATE TABLE u (a int)", "CREATE TABLE"},
		{"COMMIT", "COMMIT"},
	}.run(t, s)
	statements{{"SELECT * FROM t, u", "SELECT 0"}, {"SELECT * FROM t", "1\nSELECT 1"}}.run(t, newTestSession(t, c))
	statements{
		{"BEGIN", "BEGIN"},
		{"DELETE FROM t", "DELETE 1"},
		{"DROP TABLE u", "DROP TABLE"},
		{"ROLLBACK", "ROLLBACK"},
		{"SELECT * FROM t", "1\nSELECT 1"},
		{"SELECT * FROM u", "SELECT 0"},
		{"BEGIN", "BEGIN"},
		{"INSERT INTO t VALUES (2)", "INSERT 0 1"},
		{"SELECT 1/0", "22012 division by zero"},
		{"COMMIT", "ROLLBACK"},
		{"SELECT * FROM t", "1\nSELECT 1"},
	}.run(t, s)
}

func TestTemporaryTablesBelongToTheirSession(t *testing.T) {
	c := newTestCoordinator(t)
	one, two := newTestSession(t, c), newTestSession(t, c)
	statements{{"CREATE TEMP TABLE x (a int)", "CREATE TABLE"}}.run(t, one)
	statements{
		{"SELECT * FROM x", `42P01 relation "x" does not exist`},
		{"CREATE TEMP TABLE x (b text)", "CREATE TABLE"},
	}.run(t, two)
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(c.tables.As(nil).Tables()); n != 1 {
		t.Errorf("%d tables are left, want the other session's one", n)
	}
}

func TestPreparedMutations(t *testing.T) {
	statements{
		{"CREATE TABLE t (a int, b text)", "CREATE TABLE"},
		{"PREPARE ins AS INSERT INTO t VALUES ($1, $2), ($1 + 1, DEFAULT) RETURNING b", "PREPARE"},
		{"EXECUTE ins (1, 'y')", "y\n∅\nINSERT 0 2"},
		{"PREPARE upd (text) AS UPDATE t SET b = $1 WHERE a = $2", "PREPARE"},
		{"EXECUTE upd ('new', 2)", "UPDATE 1"},
		{"PREPARE del AS DELETE FROM t WHERE a = $1", "PREPARE"},
		{"EXECUTE del (1)", "DELETE 1"},
		{"SELECT * FROM t", "2|new\nSELECT 1"},
		{"DROP TABLE t", "DROP TABLE"},
		{"EXECUTE del (1)", `42P01 relation "t" does not exist`},
	}.run(t, newTestSession(t, newTestCoordinator(t)))
}

func TestCopyFrom(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	statements{{"CREATE TABLE t (a int primary key, b text default 'x', c numeric(6,2) check (c > 0))", "CREATE TABLE"}}.run(t, s)
	for _, c := range []struct{ sql, data, want string }{
		{"COPY t FROM STDIN", "1\ta\\tb\\\\c\\nd\\x41\\101\t1.005\n2\t\\N\t\\N\n\\.\n", "COPY 2"},
		{"COPY t (c, a) FROM STDIN WITH (FORMAT csv, HEADER)", "c,a\r\n2.5,3\r\n,4", "COPY 2"},
		{"COPY t FROM STDIN CSV", "5,\"a \"\"q\"\", b\nc\",1\n6,\"\",\n7,,\n", "COPY 3"},
		{"COPY t FROM STDIN CSV DELIMITER ';' NULL 'nix' QUOTE ''''", "8;'nix';1\n9;nix;nix\n", "COPY 2"},
		{"COPY t FROM STDIN", "10\tx\n", `22P04 missing data for column "c"`},
		{"COPY t FROM STDIN", "10\tx\t1\t2\n", "22P04 extra data after last expected column"},
		{"COPY t FROM STDIN", "10\tx\t1\ny\tx\t1\n", `22P02 invalid input syntax for type integer: "y"`},
		{"COPY t FROM STDIN", "10\tx\t1\n1\tx\t1\n", `23505 duplicate key value violates unique constraint "t_pkey" / Key (a)=(1) already exists.`},
		{"COPY t FROM STDIN", "10\tx\t-1\n", `23514 new row for relation "t" violates check constraint "t_c_check" / Failing row contains (10, x, -1.00).`},
		{"COPY t FROM STDIN CSV", "10,\"x,1\n", "22P04 unterminated CSV quoted field"},
		{"COPY t FROM STDIN", "10\t\xff\t1\n", `22021 invalid byte sequence for encoding "UTF8": 0xff`},
		{"COPY t FROM STDIN CSV", "10,x,1\n11,x\r\n", "22P04 unquoted carriage return found in data"},
		{"COPY t FROM STDIN", "10\tx\t1\r11\tx\n", "22P04 literal newline found in data"},
		{"COPY t FROM STDIN", "10\tx\t1\n\\.x\n", "22P04 end-of-copy marker corrupt"},
		{"COPY t FROM STDIN", "10\tx\t1\n\\.\r\n", "22P04 end-of-copy marker does not match previous newline style"},
		{"COPY t FROM STDIN (ENCODING win1252)", "10\t\x81\t1\n", `22P05 character with byte sequence 0x81 in encoding "WIN1252" has no equivalent in encoding "UTF8"`},
		{"COPY nosuch FROM STDIN", "", `42P01 relation "nosuch" does not exist`},
		{"SELECT * FROM t", "", "1|a\tb\\c\ndAA|1.01\n2|∅|∅\n3|x|2.50\n4|x|∅\n5|a \"q\", b\nc|1.00\n6||∅\n7|∅|∅\n8|nix|1.00\n9|∅|∅\nSELECT 9"},
	} {
		if got := answer(s, c.sql, c.data); got != c.want {
			t.Errorf("%s\n%s\ngot  %s\nwant %s", c.sql, c.data, got, c.want)
		}
	}
}

func TestCopyFromFiles(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	dir := t.TempDir()
	statements{
		{"CREATE TABLE t (a int, b text)", "CREATE TABLE"},
		{"INSERT INTO t VALUES (1, 'x,y'), (2, null), (3, '')", "INSERT 0 3"},
	}.run(t, s)
	for _, name := range []string{"t.csv", "t.csv.gz", "t.txt.zst"} {
		statements{
			{fmt.Sprintf("COPY t TO '%s/%s'", dir, name), "COPY 3"},
			{"CREATE TABLE u (a int, b text)", "CREATE TABLE"},
			{fmt.Sprintf("COPY u FROM '%s/%s'", dir, name), "COPY 3"},
			{"SELECT * FROM u", "1|x,y\n2|∅\n3|\nSELECT 3"},
			{"DROP TABLE u", "DROP TABLE"},
		}.run(t, s)
	}
}

func FuzzCopyRows(f *testing.F) {
	f.Add("1\ta\\tb\n\\.\n", false, 3)
	f.Add("1,\"a\"\"b\n\",\n", true, 1)
	f.Fuzz(func(t *testing.T, data string, csv bool, cut int) {
		format := copyRows{}.format
		format.CSV, format.Delimiter, format.Quote, format.Escape, format.Null = csv, '\t', '"', '"', `\N`
		if csv {
			format.Delimiter, format.Null = ',', ""
		}
		read := func(pieces ...string) (out string) {
			r := copyRows{format: format}
			give := func(_ []byte, fields []copyField) error {
				for _, f := range fields {
					out += fmt.Sprintf("%d %v %q\n", r.line, f.null, f.text)
				}
				return nil
			}
			for _, p := range pieces {
				if err := r.feed([]byte(p), give); err != nil {
					return out + err.Error()
				}
			}
			if err := r.end(give); err != nil {
				out += err.Error()
			}
			return out
		}
		at := min(max(cut, 0), len(data))
		if whole, cut := read(data), read(data[:at], data[at:]); whole != cut {
			t.Errorf("in one piece:\n%s\ncut at %d:\n%s", whole, at, cut)
		}
	})
}

func BenchmarkInsertStatement(b *testing.B) {
	s := newTestSession(b, newTestCoordinator(b))
	if got := answer(s, "CREATE TABLE t1(a INTEGER, b INTEGER, c INTEGER, d INTEGER, e INTEGER)", ""); got != "CREATE TABLE" {
		b.Fatal(got)
	}
	b.ReportAllocs()
	for i := range b.N {
		if got := answer(s, fmt.Sprintf("INSERT INTO t1(e,c,b,d,a) VALUES(%d,102,100,101,104)", i), ""); got != "INSERT 0 1" {
			b.Fatal(got)
		}
	}
}

func BenchmarkUpdateStatement(b *testing.B) {
	s := newTestSession(b, newTestCoordinator(b))
	answer(s, "CREATE TABLE t1(a INTEGER, b INTEGER)", "")
	answer(s, "INSERT INTO t1 VALUES (1, 2), (2, 3), (3, 4)", "")
	b.ReportAllocs()
	for range b.N {
		if got := answer(s, "UPDATE t1 SET b = b + 1 WHERE a = 2", ""); got != "UPDATE 1" {
			b.Fatal(got)
		}
	}
}

func BenchmarkSelectStatement(b *testing.B) {
	s := newTestSession(b, newTestCoordinator(b))
	answer(s, "CREATE TABLE t1(a INTEGER, b INTEGER)", "")
	answer(s, "INSERT INTO t1 VALUES (1, 2), (2, 3), (3, 4)", "")
	b.ReportAllocs()
	for range b.N {
		if got := answer(s, "SELECT a, b FROM t1 WHERE b > 3", ""); got != "3|4\nSELECT 1" {
			b.Fatal(got)
		}
	}
}
