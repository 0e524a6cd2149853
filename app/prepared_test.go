package app

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"volley/sqlerr"
)

// PREPARE and the protocol name the same prepared statements, and pg_prepared_statements
// has those of both.
func TestPreparedOfBothKinds(t *testing.T) {
	c := startServer(t, "serve")
	c.connect(t, 1)
	conn, err := pgconn.Connect(t.Context(), "postgres://ann@"+c.listen+"/db?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	values := func(results []*pgconn.Result, err error) (out string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			for _, row := range r.Rows {
				for _, v := range row {
					out += string(v) + " "
				}
			}
		}
		return out
	}
	simple := func(sql string) string {
		t.Helper()
		return values(conn.Exec(t.Context(), sql).ReadAll())
	}
	extended := func(name string, args ...string) string {
		t.Helper()
		var params [][]byte
		for _, a := range args {
			params = append(params, []byte(a))
		}
		r := conn.ExecPrepared(t.Context(), name, params, nil, nil).Read()
		return values([]*pgconn.Result{r}, r.Err)
	}
	fails := func(code string, err error) {
		t.Helper()
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != code {
			t.Errorf("the error is %v, want %s", err, code)
		}
	}
	prepare := func(name, sql string) error {
		_, err := conn.Prepare(t.Context(), name, sql, nil)
		return err
	}
	if err := prepare("wire", "SELECT $1::int + 1"); err != nil {
		t.Fatal(err)
	}
	simple("PREPARE text(int) AS SELECT $1 * 2")
	if got := simple("EXECUTE wire(4)") + extended("text", "4") + extended("wire", "5") + simple("EXECUTE text(5)"); got != "5 8 6 10 " {
		t.Errorf("the statements give %s", got)
	}
	got := simple("SELECT name, statement, parameter_types, from_sql, generic_plans, custom_plans, prepare_time <= now() FROM pg_prepared_statements ORDER BY name")
	if want := "text PREPARE text(int) AS SELECT $1 * 2 {integer} t 0 2 t wire SELECT $1::int + 1 {integer} f 0 2 t "; got != want {
		t.Errorf("the view has\n%s\nwant\n%s", got, want)
	}
	fails(sqlerr.DuplicatePrepared, prepare("text", "SELECT 1"))
	_, err = conn.Exec(t.Context(), "PREPARE wire AS SELECT 1").ReadAll()
	fails(sqlerr.DuplicatePrepared, err)

	simple("DEALLOCATE wire")
	fails(sqlerr.InvalidStatementName, conn.ExecPrepared(t.Context(), "wire", [][]byte{[]byte("1")}, nil, nil).Read().Err)
	if err := conn.Deallocate(t.Context(), "text"); err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), "EXECUTE text(1)").ReadAll()
	fails(sqlerr.InvalidStatementName, err)
	if err := prepare("wire", "SELECT $1::int - 1"); err != nil {
		t.Fatal(err)
	}
	if got := extended("wire", "5"); got != "4 " {
		t.Errorf("the new statement gives %s", got)
	}
	simple("DISCARD ALL")
	if got := simple("SELECT name FROM pg_prepared_statements"); got != "" {
		t.Errorf("DISCARD ALL left %s", got)
	}
	if err := prepare("wire", "SELECT 7"); err != nil || extended("wire") != "7 " {
		t.Errorf("the name is not free: %v", err)
	}
}
