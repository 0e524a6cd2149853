package sqltest

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"volley/sqlerr"
)

// oidBool is PostgreSQL's type identifier of boolean.
const oidBool = 16

// Postgres is any server that speaks PostgreSQL's protocol. All files share the
// one database of the URL.
type Postgres struct {
	URL   string
	Names []string // labels; empty: postgresql, postgres
}

// Labels are the names given, or PostgreSQL's.
func (p *Postgres) Labels() []string {
	if len(p.Names) > 0 {
		return p.Names
	}
	return []string{"postgresql", "postgres"}
}

// Open checks the URL; nothing is created.
func (p *Postgres) Open(context.Context) (Database, error) {
	cfg, err := pgconn.ParseConfig(p.URL)
	if err != nil {
		return nil, err
	}
	return &postgresDatabase{cfg}, nil
}

// Close does nothing.
func (p *Postgres) Close() error { return nil }

type postgresDatabase struct{ cfg *pgconn.Config }

func (d *postgresDatabase) Name() string { return d.cfg.Database }
func (d *postgresDatabase) Close() error { return nil }

func (d *postgresDatabase) Connect(ctx context.Context) (Session, error) {
	c, err := pgconn.ConnectConfig(ctx, d.cfg)
	if err != nil {
		return nil, err
	}
	return &postgresSession{c}, nil
}

type postgresSession struct{ conn *pgconn.PgConn }

func (s *postgresSession) Close() error { return s.conn.Close(context.Background()) }

// Run executes the text by the simple protocol; the last statement's result counts.
func (s *postgresSession) Run(ctx context.Context, sql string) (*Result, error) {
	results := s.conn.Exec(ctx, sql)
	out := &Result{}
	for results.NextResult() {
		out = &Result{}
		r := results.ResultReader()
		for _, f := range r.FieldDescriptions() {
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

func postgresError(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	return &sqlerr.Error{Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint, Position: int(e.Position), Cause: err}
}
