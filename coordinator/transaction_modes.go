package coordinator

import (
	"context"
	"maps"
	"strings"

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

// transact runs BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their kin.
func (s *Session) transact(ctx context.Context, st *ast.Transaction) (*Result, error) {
	failed := s.tx.status == 'E'
	modes := s.settings.modes()
	if failed && len(s.savepoints) == 0 { // a failed transaction has lost its modes, in PostgreSQL too
		modes = s.settings.initialModes()
	}
	tag, notice, err := s.tx.apply(st)
	if err == nil {
		err = s.followTransaction(ctx, st, failed)
	}
	if err == nil && st.Chain {
		s.chain(modes)
	}
	if err == nil {
		err = s.setModes(st.Modes, false)
	}
	return command(tag, notice), err
}

// chain begins a transaction block with the modes of the one that has just ended.
func (s *Session) chain(modes map[string]string) {
	s.tx.begin()
	s.started = s.stated
	s.settings.begin()
	s.settings.block.modes = modes
}

// modes are the transaction's settings.
func (s *settings) modes() map[string]string {
	if s.block != nil {
		return maps.Clone(s.block.modes)
	}
	return s.initialModes()
}

// initialModes are those with which a transaction begins.
func (s *settings) initialModes() map[string]string {
	out := map[string]string{}
	for name, initial := range transactionSettings {
		out[name], _ = s.get(initial)
	}
	return out
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
		}
		if err := s.setSetting(name, mode[1], !defaults); err != nil {
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

// setSetting changes a setting, if that is allowed where the transaction is.
func (s *Session) setSetting(name, value string, local bool) error {
	v, err := s.settings.canonical(name, value)
	if err == nil {
		err = s.checkMode(strings.ToLower(name), v)
	}
	if err != nil {
		return err
	}
	return s.settings.set(name, value, local)
}

// checkMode refuses to change a mode of the transaction when it is too late for
// that (25001).
func (s *Session) checkMode(name, value string) error {
	if transactionSettings[name] == "" {
		return nil
	}
	before, _ := s.settings.get(name)
	if before == value && name != "transaction_deferrable" || !s.tx.queried && len(s.savepoints) == 0 {
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
		if len(s.savepoints) > 0 {
			return sqlerr.New(sqlerr.ActiveTransaction, "SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction")
		}
		return sqlerr.New(sqlerr.ActiveTransaction, "SET TRANSACTION [NOT] DEFERRABLE must be called before any query")
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
