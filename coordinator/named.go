package coordinator

import (
	"context"
	"errors"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/pgcatalog"
	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// prepareNamed runs PREPARE, whose text is sql.
func (s *Session) prepareNamed(ctx context.Context, sql string, st *ast.Prepare) (*Result, error) {
	types := make([]arrow.DataType, len(st.Types))
	padded, declared := make([]bool, len(st.Types)), make([]uint32, len(st.Types))
	for i, t := range st.Types {
		var err error
		// a parameter has no length or precision, whatever is written
		if types[i], err = sqltype.Resolve(t.Name, nil, t.Array); err != nil {
			return nil, sqlerr.Find(err).WithPos(t.Position())
		}
		_, padded[i] = length(t)
		declared[i], _ = pgcatalog.TypeOfDeclared(types[i], t.Name, 0)
	}
	p, err := s.prepareStatement(ctx, st.Stmt, st.Text, types)
	if err != nil {
		return nil, err
	}
	p.named, p.padded, p.text, p.declared = true, padded, sql, declared
	if err := s.Keep(st.Name, p); err != nil {
		return nil, sqlerr.Find(err).WithPos(st.Position())
	}
	return command("PREPARE"), nil
}

// executeNamed runs EXECUTE: its arguments are constant expressions, cast to
// the parameters' types.
func (s *Session) executeNamed(ctx context.Context, st *ast.Execute) (*Result, error) {
	args, err := s.arguments(ctx, st)
	if err != nil {
		return nil, err
	}
	res, err := s.Named(st.Name).run(ctx, args)
	if err != nil {
		return nil, elsewhere(err)
	}
	next := res.next
	res.next = func(ctx context.Context) (arrow.Record, error) {
		rec, err := next(ctx)
		return rec, elsewhere(err)
	}
	return res, nil
}

// elsewhere is an error of a statement that another one runs, EXECUTE or FETCH: its
// position is one in the text of the first, which the client does not have at hand.
func elsewhere(err error) error {
	e := (*sqlerr.Error)(nil)
	if !errors.As(err, &e) || e.Position == 0 {
		return err
	}
	placeless := *e
	placeless.Position, placeless.Cause = 0, err
	return &placeless
}

// arguments are the arguments of EXECUTE for the parameters of its statement.
func (s *Session) arguments(ctx context.Context, st *ast.Execute) ([]arrow.Array, error) {
	p, err := s.preparedNamed(st)
	if err != nil {
		return nil, err
	}
	if len(st.Args) != len(p.params) {
		return nil, sqlerr.At(st.Position(), sqlerr.SyntaxError, "wrong number of parameters for prepared statement %q", st.Name).
			WithDetail("Expected %d parameters but got %d.", len(p.params), len(st.Args))
	}
	args := make([]arrow.Array, len(st.Args))
	for i, e := range st.Args {
		if args[i], err = s.constant(ctx, e, i+1, p.params[i]); err != nil {
			return nil, err
		}
		if i < len(p.padded) && p.padded[i] {
			if args[i], err = trimBlanks(args[i]); err != nil {
				return nil, err
			}
		}
	}
	return args, nil
}

// trimBlanks gives values of char(n) without the blanks at their ends, as they are
// inside of plans.
func trimBlanks(v arrow.Array) (arrow.Array, error) {
	text, ok := v.(*array.String)
	if !ok || text.IsNull(0) {
		return v, nil
	}
	return sqltype.Scalar(sqltype.Text, strings.TrimRight(text.Value(0), " "))
}

// preparedNamed is the statement that EXECUTE names.
func (s *Session) preparedNamed(st *ast.Execute) (*Prepared, error) {
	if p := s.Named(st.Name); p != nil {
		return p, nil
	}
	return nil, sqlerr.At(st.Position(), sqlerr.InvalidStatementName, "prepared statement %q does not exist", st.Name)
}

// bindExecuted gives CREATE TABLE AS EXECUTE the query that it names.
func (s *Session) bindExecuted(ctx context.Context, p *Prepared, st *ast.Execute) error {
	inner, err := s.preparedNamed(st)
	if err != nil {
		return err
	}
	if _, ok := inner.stmt.(*ast.Query); !ok {
		return sqlerr.At(st.Position(), sqlerr.WrongObjectType, "prepared statement is not a SELECT")
	}
	inner.ran()
	if err := inner.renew(ctx); err != nil {
		return err
	}
	p.bound = inner.bound
	s.meanings.include(inner.meanings)
	return nil
}

// deallocate runs DEALLOCATE.
func (s *Session) deallocate(st *ast.Deallocate) (*Result, error) {
	if st.Name == "" {
		s.forgetPrepared()
		return command("DEALLOCATE ALL"), nil
	}
	if !s.Forget(st.Name) {
		return nil, sqlerr.At(st.Position(), sqlerr.InvalidStatementName, "prepared statement %q does not exist", st.Name)
	}
	return command("DEALLOCATE"), nil
}
