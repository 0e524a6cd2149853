package app

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/coordinator"
	"volley/pgwire"
)

// backend adapts the coordinator to pgwire's interfaces; neither package knows
// the other.
type backend struct{ c *coordinator.Coordinator }

// Open begins a session.
func (b *backend) Open(_ context.Context, start pgwire.Startup) (pgwire.Session, error) {
	s, err := b.c.NewSession(coordinator.SessionOptions{User: start.User, Database: start.Database, Settings: start.Settings})
	if err != nil {
		return nil, err
	}
	return &wireSession{s}, nil
}

type wireSession struct{ *coordinator.Session }

// Split cuts a text into statements.
func (s *wireSession) Split(ctx context.Context, sql string) (texts []string, offsets []int, err error) {
	pieces, err := s.Session.Split(ctx, sql)
	for _, p := range pieces {
		texts, offsets = append(texts, p.Text), append(offsets, p.Pos)
	}
	return texts, offsets, err
}

// Prepare parses and binds one statement.
func (s *wireSession) Prepare(ctx context.Context, sql string, params []arrow.DataType) (pgwire.Prepared, error) {
	p, err := s.Session.Prepare(ctx, sql, params)
	if err != nil {
		return nil, err
	}
	return wirePrepared{p}, nil
}

// Query runs one statement without parameters.
func (s *wireSession) Query(ctx context.Context, sql string) (pgwire.Result, error) {
	r, err := s.Session.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return &wireResult{r}, nil
}

// Keep gives a statement a name.
func (s *wireSession) Keep(name string, p pgwire.Prepared) error {
	return s.Session.Keep(name, p.(wirePrepared).Prepared)
}

// Named is the statement of a name.
func (s *wireSession) Named(name string) (pgwire.Prepared, string) {
	if p := s.Session.Named(name); p != nil {
		return wirePrepared{p}, p.SQL()
	}
	return nil, ""
}

type wirePrepared struct{ *coordinator.Prepared }

// Run starts the statement.
func (p wirePrepared) Run(ctx context.Context, params []arrow.Array) (pgwire.Result, error) {
	r, err := p.Prepared.Run(ctx, params)
	if err != nil {
		return nil, err
	}
	return &wireResult{r}, nil
}

type wireResult struct{ *coordinator.Result }

// CopyIn is where the data of COPY … FROM STDIN goes; nil for other statements.
func (r *wireResult) CopyIn() pgwire.CopyIn {
	if in := r.Result.CopyIn(); in != nil {
		return in
	}
	return nil
}

// Notices are the messages so far.
func (r *wireResult) Notices() []pgwire.Notice {
	var out []pgwire.Notice
	for _, n := range r.Result.Notices() {
		out = append(out, pgwire.Notice(n))
	}
	return out
}
