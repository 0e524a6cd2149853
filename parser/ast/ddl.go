package ast

type (
	// CreateSequence is CREATE [TEMP] SEQUENCE.
	CreateSequence struct {
		Pos
		Name        QName
		IfNotExists bool
		Temp        bool
		Options     SequenceOptions
	}
	// AlterSequence is ALTER SEQUENCE name options.
	AlterSequence struct {
		Pos
		Name     QName
		IfExists bool
		Options  SequenceOptions
	}
	// AlterTable is ALTER TABLE|VIEW|INDEX|SEQUENCE name actions; Kind is what
	// the statement calls it.
	AlterTable struct {
		Pos
		Kind     string
		Name     QName
		IfExists bool
		Actions  []AlterAction
	}
	// Comment is COMMENT ON kind name IS text; Text is nil for NULL. The name of
	// a column is the last part of Name.
	Comment struct {
		Pos
		Kind string // lower case
		Name QName
		// Args are the parameters of a function, nil where none are said.
		Args []ColumnDef
		// Table is that of a constraint.
		Table QName
		Text  *string
	}
	// Reindex is REINDEX INDEX|TABLE|SCHEMA|DATABASE|SYSTEM name.
	Reindex struct {
		Pos
		Kind string // lower case
		Name QName
	}
)

// SequenceOptions are what CREATE and ALTER SEQUENCE and GENERATED AS IDENTITY
// say; nil is not said.
type SequenceOptions struct {
	Type                       *TypeName
	Start, Increment, Min, Max *int64
	NoMin, NoMax               bool
	Cycle                      *bool
	Restart                    bool
	RestartWith                *int64
	OwnedBy                    []string // table and column; ["none"]
}

// AlterAction is one action of ALTER TABLE. Kind is "add column", "drop
// column", "rename column", "rename", "rename constraint", "set default",
// "drop default", "set not null", "drop not null", "type", "add constraint",
// "drop constraint", "set schema", "drop expression", "drop identity", or
// "none" for what is accepted without effect.
type AlterAction struct {
	Pos
	Kind       string
	Name       string // of the column or constraint
	NewName    string // of a rename or SET SCHEMA
	Column     ColumnDef
	Constraint Constraint
	Using      Expr // of a change of type
	IfExists   bool // or IF NOT EXISTS
	Cascade    bool
}

func (*CreateSequence) stmt() {}
func (*AlterSequence) stmt()  {}
func (*AlterTable) stmt()     {}
func (*Comment) stmt()        {}
func (*Reindex) stmt()        {}
