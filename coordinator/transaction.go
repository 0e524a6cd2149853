package coordinator

import (
	"volley/parser/ast"
	"volley/sqlerr"
)

// transaction is a session's transaction status. Queries over files see the
// files as they are; a transaction block only fixes now() and, as PostgreSQL
// does, refuses everything after an error until its end.
type transaction struct {
	status     byte // 'I' idle, 'T' in a block, 'E' in a failed block
	savepoints []string
	queried    bool // the block has run a query
}

// check refuses statements in a failed block.
func (t *transaction) check(stmt ast.Statement) error {
	if t.status != 'E' {
		return nil
	}
	if tx, ok := stmt.(*ast.Transaction); ok && (tx.Kind == "commit" || tx.Kind == "rollback" || tx.Kind == "rollback to") {
		return nil
	}
	return sqlerr.New(sqlerr.InFailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
}

// fail marks the block as failed.
func (t *transaction) fail() {
	if t.status == 'T' {
		t.status = 'E'
	}
}

// begin starts a block.
func (t *transaction) begin() { t.status, t.queried = 'T', false }

// apply runs a transaction statement and gives its command tag and a warning.
func (t *transaction) apply(tx *ast.Transaction) (tag string, notice *Notice, err error) {
	switch tx.Kind {
	case "begin":
		tag = "BEGIN"
		if tx.Start {
			tag = "START TRANSACTION"
		}
		if t.status != 'I' {
			return tag, warning(sqlerr.ActiveTransaction, "there is already a transaction in progress"), nil
		}
		t.begin()
		return tag, nil, nil
	case "commit", "rollback":
		tag = map[string]string{"commit": "COMMIT", "rollback": "ROLLBACK"}[tx.Kind]
		if t.status == 'I' && tx.Chain {
			return "", nil, sqlerr.New(sqlerr.NoActiveTransaction, "%s AND CHAIN can only be used in transaction blocks", tag)
		}
		if t.status == 'I' {
			return tag, warning(sqlerr.NoActiveTransaction, "there is no transaction in progress"), nil
		}
		if t.status == 'E' {
			tag = "ROLLBACK"
		}
		t.status, t.savepoints = 'I', nil
		return tag, nil, nil
	}
	if t.status == 'I' {
		return "", nil, sqlerr.At(tx.Position(), sqlerr.NoActiveTransaction, "%s can only be used in transaction blocks", upperKind[tx.Kind])
	}
	if tx.Kind == "savepoint" {
		t.savepoints = append(t.savepoints, tx.Name)
		return "SAVEPOINT", nil, nil
	}
	for i := len(t.savepoints) - 1; i >= 0; i-- {
		if t.savepoints[i] != tx.Name {
			continue
		}
		if tx.Kind == "release" {
			t.savepoints = t.savepoints[:i]
			return "RELEASE", nil, nil
		}
		t.savepoints = t.savepoints[:i+1]
		t.status = 'T'
		return "ROLLBACK", nil, nil
	}
	return "", nil, sqlerr.New("3B001", "savepoint %q does not exist", tx.Name)
}

var upperKind = map[string]string{"savepoint": "SAVEPOINT", "release": "RELEASE SAVEPOINT", "rollback to": "ROLLBACK TO SAVEPOINT"}

func warning(code, message string) *Notice { return &Notice{"WARNING", code, message} }
