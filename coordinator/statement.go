package coordinator

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/sqlerr"
)

// errEnd is what ends a stream without being a failure.
var errEnd = io.EOF

var (
	planSchema     = textSchema("QUERY PLAN")
	describeSchema = textSchema("column_name", "column_type", "null", "key", "default", "extra")
	tablesSchema   = textSchema("schema", "name", "type", "location")
	settingsSchema = textSchema("name", "setting", "description")
)

// columnsOf gives the result columns of a bound statement, nil for none.
func (s *Session) columnsOf(p *Prepared) (*arrow.Schema, error) {
	switch st := p.stmt.(type) {
	case *ast.Query:
		return p.bound.Schema, nil
	case *ast.Explain:
		o, err := newExplainOptions(st)
		return o.schema(), err
	case *ast.Describe:
		if st.Summarize {
			return p.bound.Schema, nil
		}
		return describeSchema, nil
	case *ast.Show:
		return showSchema(st), nil
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		if r := p.mutation.returning; r != nil {
			return r.schema, nil
		}
		return nil, nil
	case *ast.Execute:
		inner, err := s.preparedNamed(st)
		if err != nil {
			return nil, err
		}
		return inner.columns, nil
	case *ast.Fetch:
		if st.Move {
			return nil, nil
		}
		c, err := s.findCursor(st.Cursor)
		if err != nil {
			return nil, err
		}
		return c.result.schema, nil
	}
	return nil, nil
}

// execute runs a bound statement.
func (s *Session) execute(ctx context.Context, p *Prepared, params []arrow.Array) (*Result, error) {
	s.notices = nil
	res, err := s.dispatch(ctx, p, params)
	if res != nil {
		res.late = s.takeNotices
	}
	return res, err
}

// takeNotices gives what queries of the statement had to say when they ended.
func (s *Session) takeNotices() []Notice {
	n := s.notices
	s.notices = nil
	return n
}

func (s *Session) dispatch(ctx context.Context, p *Prepared, params []arrow.Array) (*Result, error) {
	if err := s.checkReadOnly(p.stmt); err != nil {
		return nil, err
	}
	s.tx.queried = queries(p.stmt) || s.tx.queried && s.tx.status != 'I'
	switch st := p.stmt.(type) {
	case *ast.Query:
		if p.change != nil {
			return s.runChange(ctx, p, params)
		}
		return s.runQuery(ctx, p, params)
	case *ast.Explain:
		return s.explain(ctx, p, st, params)
	case *ast.Copy:
		return s.copy(ctx, p, st, params)
	case *ast.Describe:
		if st.Summarize {
			return s.runQuery(ctx, p, params)
		}
		return textRows("DESCRIBE %d", describeSchema, describeRows(p.bound.Schema)), nil
	case *ast.Show:
		return s.show(ctx, st)
	case *ast.Set:
		return s.set(st)
	case *ast.SetTransaction:
		return s.setTransaction(st)
	case *ast.Reset:
		return command("RESET"), s.settings.reset(st.Name)
	case *ast.Transaction:
		return s.transact(ctx, st)
	case *ast.Prepare:
		return s.prepareNamed(ctx, p.sql, st)
	case *ast.Execute:
		return s.executeNamed(ctx, st)
	case *ast.Deallocate:
		return s.deallocate(st)
	case *ast.Discard:
		return s.discard(ctx, st)
	case *ast.Refresh:
		return s.refresh(ctx, st)
	case *ast.DeclareCursor:
		return s.declareCursor(ctx, p, st, params)
	case *ast.Fetch:
		return s.fetch(ctx, st)
	case *ast.CloseCursor:
		return s.closeCursor(st)
	case *ast.SetConstraints:
		return s.setConstraints(ctx, st)
	case *ast.NoOp:
		return command(st.Tag), nil
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return s.runChange(ctx, p, params)
	case *ast.Truncate:
		return s.truncate(ctx, st)
	}
	return s.define(ctx, p, params)
}

// define runs a statement that changes or describes what objects there are.
func (s *Session) define(ctx context.Context, p *Prepared, params []arrow.Array) (*Result, error) {
	switch st := p.stmt.(type) {
	case *ast.CreateExternalTable:
		return s.createExternalTable(ctx, st)
	case *ast.CreateView:
		return s.createView(ctx, st)
	case *ast.CreateFunction:
		return s.createFunction(ctx, st)
	case *ast.CreateSchema:
		return s.createSchema(ctx, st)
	case *ast.CreateSecret:
		return s.createSecret(ctx, st)
	case *ast.DropSecret:
		return s.dropSecret(st)
	case *ast.Drop:
		return s.drop(ctx, st)
	case *ast.CreateTable:
		if st.Execute != nil {
			if params, err := s.arguments(ctx, st.Execute); err != nil {
				return nil, err
			} else {
				return s.createTable(ctx, p, st, params)
			}
		}
		return s.createTable(ctx, p, st, params)
	case *ast.CreateIndex:
		return s.createIndex(ctx, st)
	case *ast.CreateSequence:
		return s.createSequence(ctx, st)
	case *ast.AlterSequence:
		return s.alterSequence(ctx, st)
	case *ast.AlterTable:
		return s.alterTable(ctx, st)
	case *ast.Comment:
		return s.comment(ctx, st)
	case *ast.Reindex:
		return s.reindex(st)
	case *ast.Analyze:
		return s.analyzeTables(ctx, st)
	}
	return nil, sqlerr.At(p.stmt.Position(), sqlerr.FeatureNotSupported, "%s is not supported", statementName(p.stmt))
}

// statementName is what a statement is called in messages.
func statementName(stmt ast.Statement) string {
	switch stmt.(type) {
	case *ast.CreateTable:
		return "CREATE TABLE"
	case *ast.CreateIndex:
		return "CREATE INDEX"
	case *ast.CreateFunction:
		return "CREATE FUNCTION"
	case *ast.Insert:
		return "INSERT"
	case *ast.Update:
		return "UPDATE"
	case *ast.Delete:
		return "DELETE"
	case *ast.Merge:
		return "MERGE"
	case *ast.Truncate:
		return "TRUNCATE"
	}
	return "this statement"
}
