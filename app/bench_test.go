package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"volley/coordinator"
	"volley/pgwire"
)

// openNode makes a node for a benchmark: a worker in this process, or so many
// worker processes.
func openNode(b *testing.B, workers int) *node {
	b.Helper()
	registerDefaults(b)
	o := nodeOptions{threads: 2, memory: 1 << 30, spillDir: b.TempDir()}
	b.Setenv(asProgram, "1") // for the worker processes
	n, err := o.open(context.Background(), workers)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(n.close)
	return n
}

// BenchmarkSelectOne is the least a statement costs: in a session, and over an
// open connection.
func BenchmarkSelectOne(b *testing.B) {
	n := openNode(b, 0)
	ctx := context.Background()
	b.Run("session", func(b *testing.B) {
		s, err := n.coordinator.NewSession(coordinator.SessionOptions{User: "u", Database: "d"})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			res, err := s.Query(ctx, "SELECT 1")
			if err != nil {
				b.Fatal(err)
			}
			if err := drain(ctx, res); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("wire", func(b *testing.B) {
		server := pgwire.NewServer(pgwire.Config{Backend: &backend{n.coordinator}})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		go func() { _ = server.Serve(l) }()
		defer server.Shutdown(ctx)
		c, err := pgx.Connect(ctx, "postgres://u@"+l.Addr().String()+"/d?sslmode=disable")
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = c.Close(ctx) }()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.PgConn().Exec(ctx, "SELECT 1").ReadAll(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCopyCSV reads 20,000 rows of a small CSV as text and writes them back
// with a computed column, which is all of the user's job but his function: in
// this process and on worker processes.
func BenchmarkCopyCSV(b *testing.B) {
	for _, workers := range []int{0, 1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) { copyCSV(b, openNode(b, workers)) })
	}
}

func copyCSV(b *testing.B, n *node) {
	dir := b.TempDir()
	in := filepath.Join(dir, "in.csv")
	var text strings.Builder
	text.WriteString("ID,SKU,FLUX,MANUFACTURER_NAME,DESCRIPTION\n")
	for i := range 20_000 {
		fmt.Fprintf(&text, "%d,%d,%d.5,\"Maker, %d\",some product of type %d\n", i, 7*i, i%97, i%13, i%31)
	}
	if err := os.WriteFile(in, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	s, err := n.coordinator.NewSession(coordinator.SessionOptions{User: "u", Database: "d"})
	if err != nil {
		b.Fatal(err)
	}
	sql := "COPY (SELECT *, cheap(length(sku) + length(description)) FROM read_csv('" + in + "', all_varchar = true)) TO '" + filepath.Join(dir, "out.csv") + "' (FORMAT csv, HEADER false)"
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		res, err := s.Query(ctx, sql)
		if err != nil {
			b.Fatal(err)
		}
		if err := drain(ctx, res); err != nil {
			b.Fatal(err)
		}
	}
}
