package sqltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"volley/sqlerr"
)

// oidBool is PostgreSQL's type identifier of boolean.
const oidBool = 16

// Postgres is any server that speaks PostgreSQL's protocol. All files share the
// one database of the URL, unless Fresh is set: then each file has a new one
// (UTF8, collation C), which its role must be allowed to create.
type Postgres struct {
	URL   string
	Names []string // labels; empty: postgresql, postgres
	Fresh bool

	opened atomic.Int64
}

// Labels are the names given, or PostgreSQL's.
func (p *Postgres) Labels() []string {
	if len(p.Names) > 0 {
		return p.Names
	}
	return []string{"postgresql", "postgres"}
}

// Open checks the URL and, with Fresh, makes a database.
func (p *Postgres) Open(ctx context.Context) (Database, error) {
	cfg, err := pgconn.ParseConfig(p.URL)
	if err != nil {
		return nil, err
	}
	d := &postgresDatabase{cfg: cfg}
	if !p.Fresh {
		return d, nil
	}
	name := fmt.Sprintf("sqltest_%d_%d", os.Getpid(), p.opened.Add(1))
	create := "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
	if err := administer(ctx, cfg, create); err != nil {
		return nil, err
	}
	d.cfg = cfg.Copy()
	d.cfg.Database = name
	d.drop = func() error { return administer(context.Background(), cfg, "DROP DATABASE "+name+" WITH (FORCE)") }
	return d, nil
}

// administer runs a statement on a connection of its own.
func administer(ctx context.Context, cfg *pgconn.Config, sql string) error {
	c, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.Background()) }()
	_, err = c.Exec(ctx, sql).ReadAll()
	return err
}

// Close does nothing.
func (p *Postgres) Close() error { return nil }

type postgresDatabase struct {
	cfg  *pgconn.Config
	drop func() error // nil: the database was there before
}

func (d *postgresDatabase) Name() string { return d.cfg.Database }

func (d *postgresDatabase) Close() error {
	if d.drop == nil {
		return nil
	}
	return d.drop()
}

func (d *postgresDatabase) Connect(ctx context.Context) (Session, error) {
	c, err := pgconn.ConnectConfig(ctx, d.cfg)
	if err != nil {
		return nil, err
	}
	return &postgresSession{d.cfg, c}, nil
}

type postgresSession struct {
	cfg  *pgconn.Config
	conn *pgconn.PgConn
}

func (s *postgresSession) Close() error { return s.conn.Close(context.Background()) }

// revive connects again where the end of a context has ended the connection.
func (s *postgresSession) revive(ctx context.Context) error {
	if !s.conn.IsClosed() {
		return nil
	}
	c, err := pgconn.ConnectConfig(ctx, s.cfg)
	if err == nil {
		s.conn = c
	}
	return err
}

// Run executes the text by the simple protocol; the last statement's result counts.
func (s *postgresSession) Run(ctx context.Context, sql string) (*Result, error) {
	if err := s.revive(ctx); err != nil {
		return nil, err
	}
	if copyOut.MatchString(sql) {
		return s.copyTo(ctx, sql)
	}
	results := s.conn.Exec(ctx, sql)
	out := &Result{}
	for results.NextResult() {
		out = &Result{}
		r := results.ResultReader()
		for _, f := range r.FieldDescriptions() {
			out.Columns = append(out.Columns, f.Name)
			out.Booleans = append(out.Booleans, f.DataTypeOID == oidBool)
		}
		for r.NextRow() {
			row := make([]Value, len(r.Values()))
			for i, v := range r.Values() {
				row[i] = Value{Text: string(v), Null: v == nil}
			}
			out.Rows = append(out.Rows, row)
		}
		tag, err := r.Close()
		if err != nil {
			_ = results.Close()
			return nil, postgresError(err)
		}
		out.Affected = tag.RowsAffected()
	}
	if err := results.Close(); err != nil {
		return nil, postgresError(err)
	}
	return out, nil
}

// copyOut is a statement whose result is lines of text.
var copyOut = regexp.MustCompile(`(?is)^\s*copy\b.*\bto\s+stdout\b`)

// copyTo executes COPY … TO STDOUT; each line is a row.
func (s *postgresSession) copyTo(ctx context.Context, sql string) (*Result, error) {
	var text strings.Builder
	tag, err := s.conn.CopyTo(ctx, &text, sql)
	if err != nil {
		return nil, postgresError(err)
	}
	out := &Result{Affected: tag.RowsAffected()}
	for line := range strings.Lines(text.String()) {
		out.Rows = append(out.Rows, []Value{{Text: strings.TrimSuffix(line, "\n")}})
	}
	return out, nil
}

// CopyFrom executes COPY … FROM STDIN.
func (s *postgresSession) CopyFrom(ctx context.Context, sql string, data io.Reader) (*Result, error) {
	if err := s.revive(ctx); err != nil {
		return nil, err
	}
	tag, err := s.conn.CopyFrom(ctx, data, sql)
	if err != nil {
		return nil, postgresError(err)
	}
	return &Result{Affected: tag.RowsAffected()}, nil
}

func postgresError(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	return &sqlerr.Error{Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint, Position: int(e.Position), Cause: err}
}
