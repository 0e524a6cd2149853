package app

import (
	"context"
	"net"
	"testing"

	"github.com/jackc/pgx/v5"

	"volley/coordinator"
	"volley/pgwire"
	"volley/udf"
	"volley/udf/builtin"
)

// openNode makes a node of this process for a benchmark.
func openNode(b *testing.B) *node {
	b.Helper()
	if !udf.Default.IsScalar("+") {
		if err := builtin.Register(udf.Default); err != nil {
			b.Fatal(err)
		}
	}
	o := nodeOptions{threads: 2, memory: 1 << 30, spillDir: b.TempDir()}
	n, err := o.open(context.Background(), 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(n.close)
	return n
}

// BenchmarkSelectOne is the least a statement costs: in a session, and over an
// open connection.
func BenchmarkSelectOne(b *testing.B) {
	n := openNode(b)
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
