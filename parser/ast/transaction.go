package ast

// TransactionModes are what BEGIN and SET TRANSACTION say of a transaction; the
// zero value says nothing.
type TransactionModes struct {
	Isolation  string // "read committed", …; "" when not said
	ReadOnly   *bool
	Deferrable *bool
}

// Lock is FOR UPDATE, FOR SHARE and their kin.
type Lock struct {
	Pos
	Strength string  // "UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"
	Of       []QName // nil: all tables
}

func (*SetTransaction) stmt() {}
