// Command pgx checks Go's driver pgx; the connection is in the environment.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func main() {
	fmt.Println("client pgx", version())
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		fmt.Println("FAIL connect:", err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	queries(ctx, conn)
	transaction(ctx, conn)
	copies(ctx, conn)
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, d := range info.Deps {
		if d.Path == "github.com/jackc/pgx/v5" {
			return d.Version
		}
	}
	return ""
}

func check(name string, got, want any, err error) {
	if err == nil && reflect.DeepEqual(got, want) {
		fmt.Println("ok", name)
		return
	}
	fmt.Printf("FAIL %s: got %v, want %v, error %v\n", name, got, want, err)
}

func queries(ctx context.Context, conn *pgx.Conn) {
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} {
		var n int
		var s string
		err := conn.QueryRow(ctx, "SELECT $1::int + 1, upper($2::text)", mode, 41, "abc").Scan(&n, &s)
		check(fmt.Sprint("query, ", mode), fmt.Sprintf("%d %s", n, s), "42 ABC", err)
	}
	rows, _ := conn.Query(ctx, "SELECT n FROM '"+os.Getenv("MANY")+"'")
	many, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	check("many rows", len(many), 5000, err)
}

func transaction(ctx context.Context, conn *pgx.Conn) {
	_, err := conn.Exec(ctx, "CREATE TABLE pgx_tx (n int, t text)")
	check("create", nil, nil, err)
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO pgx_tx VALUES ($1, $2)", 1, "one"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "SELECT 1/0")
		return err
	})
	var pe *pgconn.PgError
	check("rolled back by an error", errors.As(err, &pe) && pe.Code == "22012", true, nil)
	n := -1
	err = conn.QueryRow(ctx, "SELECT count(*) FROM pgx_tx").Scan(&n)
	check("nothing inserted", n, 0, err)
}

func copies(ctx context.Context, conn *pgx.Conn) {
	var out bytes.Buffer
	_, err := conn.PgConn().CopyTo(ctx, &out, "COPY (SELECT n FROM '"+os.Getenv("NUMBERS")+"') TO STDOUT")
	check("copy out", out.String(), "1\n2\n3\n", err)
	in := bytes.NewReader([]byte("1,one\n2,two\n"))
	tag, err := conn.PgConn().CopyFrom(ctx, in, "COPY pgx_tx FROM STDIN (FORMAT csv)")
	check("copy in", tag.RowsAffected(), int64(2), err)
	n, err := conn.CopyFrom(ctx, pgx.Identifier{"pgx_tx"}, []string{"n", "t"}, pgx.CopyFromRows([][]any{{3, "three"}}))
	check("binary copy in", n, int64(1), err)
}
