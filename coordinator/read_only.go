package coordinator

import (
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// checkReadOnly refuses what changes the database in a read-only transaction
// (25006). Temporary tables may be written.
func (s *Session) checkReadOnly(stmt ast.Statement) error {
	if v, _ := s.settings.get("transaction_read_only"); v != "on" {
		return nil
	}
	if name := s.writeCommand(stmt); name != "" {
		return readOnly(name)
	}
	return nil
}

func readOnly(command string) error {
	return sqlerr.New(sqlerr.ReadOnlyTransaction, "cannot execute %s in a read-only transaction", command)
}

// writeCommand is the name of a statement that a read-only transaction refuses,
// "" for others. EXECUTE is seen when the statement it names runs.
func (s *Session) writeCommand(stmt ast.Statement) string {
	switch st := stmt.(type) {
	case *ast.Insert:
		return s.unlessTemp(st.Table, "INSERT")
	case *ast.Update:
		return s.unlessTemp(st.Table, "UPDATE")
	case *ast.Merge:
		return s.unlessTemp(st.Table, "MERGE")
	case *ast.Delete:
		return s.unlessTemp(st.Table, "DELETE")
	case *ast.Copy:
		if st.From {
			return s.unlessTemp(st.Table, "COPY FROM")
		}
		if st.Change != nil {
			return s.writeCommand(st.Change)
		}
		return s.writeCommand(st.Query)
	case *ast.Query:
		if st != nil && len(st.Locks) > 0 {
			return "SELECT FOR " + st.Locks[0].Strength
		}
	case *ast.Explain:
		if st.Analyze {
			return s.writeCommand(st.Stmt)
		}
	case *ast.NoOp:
		for _, changing := range []string{"GRANT", "REVOKE", "CREATE ", "ALTER ", "DROP ", "SECURITY LABEL"} {
			if strings.HasPrefix(st.Tag, changing) {
				return st.Tag
			}
		}
	}
	return definitionCommand(stmt)
}

// definitionCommand is the name of a statement that defines objects.
func definitionCommand(stmt ast.Statement) string {
	switch st := stmt.(type) {
	case *ast.CreateTable:
		switch {
		case st.Materialized != "":
			return "CREATE MATERIALIZED VIEW"
		case st.Into:
			return "SELECT INTO"
		case st.As != nil || st.Execute != nil:
			return "CREATE TABLE AS"
		}
		return "CREATE TABLE"
	case *ast.Drop:
		return "DROP " + strings.ToUpper(st.Kind)
	case *ast.CreateExternalTable:
		return "CREATE EXTERNAL TABLE"
	case *ast.CreateView:
		return "CREATE VIEW"
	case *ast.CreateFunction:
		return "CREATE FUNCTION"
	case *ast.CreateSchema:
		return "CREATE SCHEMA"
	case *ast.CreateSecret:
		return "CREATE SECRET"
	case *ast.DropSecret:
		return "DROP SECRET"
	case *ast.CreateIndex:
		return "CREATE INDEX"
	case *ast.CreateSequence:
		return "CREATE SEQUENCE"
	case *ast.AlterSequence:
		return "ALTER SEQUENCE"
	case *ast.AlterTable:
		return "ALTER TABLE"
	case *ast.Comment:
		return "COMMENT"
	case *ast.Truncate:
		return "TRUNCATE TABLE"
	case *ast.Refresh:
		return "REFRESH MATERIALIZED VIEW"
	}
	return ""
}

// unlessTemp is command, "" when its target is a temporary table.
func (s *Session) unlessTemp(target ast.QName, command string) string {
	if t := s.managed(target); t != nil && isTemp(t.Definition().Schema) {
		return ""
	}
	return command
}
