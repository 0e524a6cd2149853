// Package memtable keeps managed tables in the memory of one process, and, if it is
// given a directory, on disk (package journal), from where the next process has them.
//
//	Store ── Table ── Snapshot (immutable records), Snapshot, …
//	  └ Tx: locks the tables it writes, checks constraints, publishes on Commit
//	  └ View: the snapshots that one statement reads
//
// A table's rows are a list of immutable blocks, in memory or on disk (package block).
// A write makes a new list that shares all blocks it does not change and swaps it in,
// so readers never wait and always see whole statements. Small blocks are joined as they
// pile up, geometrically, so that a row is copied only a logarithmic number of
// times however small the inserts are.
//
// What a transaction makes of names is its own until it commits (Names): others find the
// table that it drops or replaces, and wait for its end before they use it.
//
// Writers of one table exclude each other until their transaction ends; waiting
// in a circle is found and fails with 40P01. Constraints (NOT NULL, UNIQUE,
// PRIMARY KEY, lengths of character columns) are checked here; CHECK and
// DEFAULT are kept as text, for whoever can evaluate expressions.
//
// The tables are read through a catalog.Format named "memtable", which works in
// the process that holds them only. A scan may ask for one column more than the
// table has: the row's number in the snapshot (see Table.DefWithRowNumber), by
// which UPDATE and DELETE name rows.
package memtable

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// RowNumber is the name of the column that DefWithRowNumber adds, a bigint. No
// table may have a column of this name.
const RowNumber = "ctid"

// Column is a column's definition.
type Column struct {
	Name string
	Type arrow.DataType `json:"-"`
	// Length is the n of varchar(n) and char(n), and of types of bits and their
	// arrays, 0 for other types. Char(n) is
	// kept without its padding, since trailing blanks count in no operation.
	Length int32
	Char   bool // char(n)
	// Mods are the modifiers of numeric and temporal types as they are written.
	Mods    []int32
	NotNull bool
	Default string // SQL text, "" for none
	// Declared is the internal name of the type as it was written, where the
	// type that keeps the values has several: varchar, bpchar, name.
	Declared string
	// Sequence is the name, in the table's schema, of the sequence that is the
	// column's own and gives its default; "" for none.
	Sequence string
	// Identity is 'a' for a column that is always given its number, 'd' for one
	// that may be set, 0 for none.
	Identity byte
	// Generated is the SQL text of the expression that is the column's value, ""
	// for an ordinary column.
	Generated string
	Comment   string `json:",omitempty"`
}

// Unique is a UNIQUE or PRIMARY KEY constraint, or a unique index.
type Unique struct {
	Name    string
	Columns []int // ordinals; Computed for those of Exprs
	Primary bool
	// Exprs are the SQL texts of the key's columns that are computed, in their order.
	Exprs []string `json:",omitempty"`
	// Where is the SQL text of the condition of the rows that the index has; "" is all.
	Where string `json:",omitempty"`
	// Options are, by column, how an index that is not unique would be sorted: 1 for DESC,
	// plus 2 for NULLS FIRST, as pg_index.indoption has them; nil for none.
	Options []int16 `json:",omitempty"`
	// Constraint: made by a constraint, not by CREATE UNIQUE INDEX.
	Constraint bool
	Comment    string `json:",omitempty"` // of the index
	// ConstraintComment is the constraint's own.
	ConstraintComment string `json:",omitempty"`
	// Deferrable: rows with the same key are refused at the end of a statement, not one
	// by one, or at that of the transaction: by default where Deferred.
	Deferrable bool `json:",omitempty"`
	Deferred   bool `json:",omitempty"`
	// NullsNotDistinct: NULLs are equal.
	NullsNotDistinct bool `json:",omitempty"`
}

// Computed stands among the ordinals of Unique.Columns for a column that an expression
// gives.
const Computed = -1

// IsComputed tells whether keys need more than a row's columns: expressions, or a condition.
func (u *Unique) IsComputed() bool { return len(u.Exprs) > 0 || u.Where != "" }

// Check is a CHECK constraint; Text is its SQL.
type Check struct {
	Name, Text string
	Comment    string `json:",omitempty"`
}

// Definition is what CREATE TABLE says. It is immutable once given to a Store.
type Definition struct {
	Schema, Name string
	Columns      []Column
	Uniques      []Unique
	Checks       []Check
	// Query is the text of a materialized view's query; "" for tables.
	Query   string
	Comment string `json:",omitempty"`
}

// Ordinal is the number of the column of that name, −1 when there is none.
func (d *Definition) Ordinal(name string) int {
	return slices.IndexFunc(d.Columns, func(c Column) bool { return c.Name == name })
}

// Types are the columns' types.
func (d *Definition) Types() []arrow.DataType {
	types := make([]arrow.DataType, len(d.Columns))
	for i, c := range d.Columns {
		types[i] = c.Type
	}
	return types
}

// arrowSchema is the schema of the table's records.
func (d *Definition) arrowSchema() *arrow.Schema {
	fields := make([]arrow.Field, len(d.Columns))
	for i, c := range d.Columns {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type, Nullable: !c.NotNull}
		switch {
		case c.Char:
			fields[i] = sqltype.CharField(fields[i], c.Length)
		case c.Declared == "varchar" || c.Declared == "character varying":
			fields[i] = sqltype.VarcharField(fields[i], c.Length)
		case sqltype.IsBits(sqltype.ElementType(c.Type)):
			fields[i] = sqltype.BitField(fields[i], c.Length)
		}
	}
	return arrow.NewSchema(fields, nil)
}
