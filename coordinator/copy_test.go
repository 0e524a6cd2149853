package coordinator

import (
	"strings"
	"testing"

	"volley/sqlerr"
)

// TestCopyContext holds where COPY FROM says that a fault is.
func TestCopyContext(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	statements{{"CREATE TABLE x (a int primary key, b varchar(3) NOT NULL DEFAULT 'd')", "CREATE TABLE"}}.run(t, s)
	long := strings.Repeat("é", 60)
	for _, c := range []struct{ sql, data, want string }{
		{"COPY x FROM STDIN", "1\tx\ny\tx\n", `COPY x, line 2, column a: "y"`},
		{"COPY x FROM STDIN", "1\tx\n2\n", `COPY x, line 2: "2"`},
		{"COPY x FROM STDIN", "1\tx\n2\t\\N\n", `COPY x, line 2: "2	\N"`},
		{"COPY x FROM STDIN", "1\tx\n2\tlong\n", `COPY x, line 2, column b: "long"`},
		{"COPY x FROM STDIN", "1\tx\n2\tx\n1\tx\n", "COPY x, line 3"},
		{"COPY x FROM STDIN CSV", "1,\"a\nb\"\n2,\"a\nlong\"\n", "COPY x, line 4, column b: \"a\nlong\""},
		{"COPY x FROM STDIN CSV", "1,x\n2,\"y", `COPY x, line 2: "2,"y"`},
		{"COPY x FROM STDIN (FORMAT csv, HEADER match)", "a,c\n", `COPY x, line 1: "a,c"`},
		{"COPY x FROM STDIN", "1\t" + long + "\n", `COPY x, line 1, column b: "` + long[:100] + `..."`},
		{"COPY x FROM STDIN (ENCODING win1252)", "1\tx\n2\t\x81\n", "COPY x, line 2"},
		{"COPY x (a) FROM STDIN WHERE 1 / a > 0", "1\n0\n", `COPY x, line 2: "0"`},
	} {
		res, err := s.Query(t.Context(), c.sql)
		if err != nil {
			t.Fatal(c.sql, err)
		}
		if _, err = res.CopyIn().Write([]byte(c.data)); err == nil {
			err = res.CopyIn().Done()
		}
		if err == nil || sqlerr.Find(err).Context != c.want {
			t.Errorf("%s %q: got %v in %q, want %q", c.sql, c.data, err, sqlerr.Find(err).Context, c.want)
		}
	}
}
