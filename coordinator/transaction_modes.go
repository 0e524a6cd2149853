package coordinator

import (
	"volley/parser/ast"
	"volley/sqlerr"
)

// transactionSettings are the settings of the current transaction, and those
// that a transaction begins with.
var transactionSettings = map[string]string{
	"transaction_isolation":  "default_transaction_isolation",
	"transaction_read_only":  "default_transaction_read_only",
	"transaction_deferrable": "default_transaction_deferrable",
}

// setTransaction runs SET TRANSACTION and SET SESSION CHARACTERISTICS.
func (s *Session) setTransaction(st *ast.SetTransaction) (*Result, error) {
	if !st.Session && s.tx.status == 'I' {
		return command("SET", warning(sqlerr.NoActiveTransaction, "SET TRANSACTION can only be used in transaction blocks")), nil
	}
	return command("SET"), s.setModes(st.Modes, st.Session)
}

// setModes gives the transaction its modes; with defaults the ones to come.
func (s *Session) setModes(m ast.TransactionModes, defaults bool) error {
	var list [][2]string
	if m.Isolation != "" {
		list = append(list, [2]string{"transaction_isolation", m.Isolation})
	}
	if m.ReadOnly != nil {
		list = append(list, [2]string{"transaction_read_only", onOff(*m.ReadOnly)})
	}
	if m.Deferrable != nil {
		list = append(list, [2]string{"transaction_deferrable", onOff(*m.Deferrable)})
	}
	for _, mode := range list {
		name := mode[0]
		if defaults {
			name = transactionSettings[name]
		} else if err := s.checkMode(name, mode[1]); err != nil {
			return err
		}
		if err := s.settings.set(name, mode[1], !defaults); err != nil {
			return err
		}
	}
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// checkMode refuses to change a mode of the transaction when it is too late for
// that (25001).
func (s *Session) checkMode(name, value string) error {
	before, _ := s.settings.get(name)
	if before == value || !s.tx.queried && len(s.savepoints) == 0 {
		return nil
	}
	switch name {
	case "transaction_read_only":
		switch {
		case value != "off":
		case len(s.savepoints) > 0:
			return sqlerr.New(sqlerr.ActiveTransaction, "cannot set transaction read-write mode inside a read-only transaction")
		default:
			return sqlerr.New(sqlerr.ActiveTransaction, "transaction read-write mode must be set before any query")
		}
	case "transaction_isolation":
		if s.tx.queried {
			return sqlerr.New(sqlerr.ActiveTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query")
		}
		return sqlerr.New(sqlerr.ActiveTransaction, "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction")
	case "transaction_deferrable":
		if s.tx.queried {
			return sqlerr.New(sqlerr.ActiveTransaction, "SET TRANSACTION [NOT] DEFERRABLE must be called before any query")
		}
		return sqlerr.New(sqlerr.ActiveTransaction, "SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction")
	}
	return nil
}

// queries tells whether a statement is one after which it is too late to change
// the transaction's modes.
func queries(stmt ast.Statement) bool {
	switch stmt.(type) {
	case *ast.Set, *ast.SetTransaction, *ast.Reset, *ast.Show, *ast.Transaction, *ast.NoOp, *ast.SetConstraints, *ast.Discard, *ast.Deallocate:
		return false
	}
	return true
}
