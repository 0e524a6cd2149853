package coordinator

import (
	"context"
	"errors"
	"io"

	"volley/catalog/objstore/secret"
	"volley/parser/ast"
	"volley/sqlerr"
)

// maxCertificates bounds the file that CA of a secret names, in bytes.
const maxCertificates = 1 << 20

// createSecret runs CREATE SECRET. As in DuckDB secrets are the server's, not a
// database's; they are made at once, so that no transaction block may be open.
func (s *Session) createSecret(ctx context.Context, st *ast.CreateSecret) (*Result, error) {
	const tag = "CREATE SECRET"
	if err := s.outsideBlock(tag); err != nil {
		return nil, err
	}
	settings := make([]secret.Setting, len(st.Settings))
	for i, o := range st.Settings {
		settings[i] = secret.Setting{Name: o.Name, Values: o.Values}
	}
	name := st.Name
	if name == "" {
		name = secret.DefaultName(settings)
	}
	keeper := s.c.cfg.Scheduler.Secrets()
	made, err := secret.New(name, settings, func(path string) (string, error) { return s.readCertificates(ctx, path) })
	if err != nil {
		return nil, sqlerr.Find(err).WithPos(st.Position())
	}
	made.Persistent = st.Persistent
	if err := keeper.Create(made, st.OrReplace); err != nil {
		if st.IfNotExists && sqlerr.Code(err) == sqlerr.DuplicateObject {
			return command(tag, notice(sqlerr.DuplicateObject, sqlerr.Find(err).Message+", skipping")), nil
		}
		return nil, err
	}
	s.c.files.forget() // which were found with other settings
	return command(tag), nil
}

// dropSecret runs DROP SECRET.
func (s *Session) dropSecret(st *ast.DropSecret) (*Result, error) {
	const tag = "DROP SECRET"
	if err := s.outsideBlock(tag); err != nil {
		return nil, err
	}
	var persistent *bool
	if st.Which != nil {
		persistent = &st.Which.Persistent
	}
	err := s.c.cfg.Scheduler.Secrets().Drop(st.Name, persistent)
	if st.IfExists && sqlerr.Code(err) == sqlerr.UndefinedObject {
		return command(tag, notice("00000", sqlerr.Find(err).Message+", skipping")), nil
	}
	if err != nil {
		return nil, err
	}
	s.c.files.forget()
	return command(tag), nil
}

func (s *Session) outsideBlock(tag string) error {
	if s.tx.status == 'I' {
		return nil
	}
	return sqlerr.New(sqlerr.ActiveTransaction, "%s cannot run inside a transaction block", tag)
}

// readCertificates reads the file of CA, which must be one that SQL may read.
func (s *Session) readCertificates(ctx context.Context, path string) (string, error) {
	r, err := s.c.cfg.Store.Open(ctx, path)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	size := r.Info().Size
	if size > maxCertificates {
		return "", sqlerr.New(sqlerr.ProgramLimitExceeded, "file of certificates \"%s\" is larger than %d bytes", path, maxCertificates)
	}
	text := make([]byte, size)
	if n, err := r.ReadAt(ctx, text, 0); int64(n) < size && err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return string(text), nil
}
