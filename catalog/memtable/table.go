package memtable

import (
	"maps"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/sqltype"
)

// Table is one managed table. Its methods are safe for concurrent use; writes
// go through a Tx.
type Table struct {
	store  *Store
	id     string
	origin string // id of the table that this one has replaced, its own otherwise
	schema *arrow.Schema
	def    atomic.Pointer[Definition]

	committed atomic.Pointer[Snapshot]
	analyzed  atomic.Pointer[analyzed]

	lock lock // of the transaction that writes the table
	// What only that transaction may touch: its own rows, nil before the first
	// write, and the keys of the unique constraints as of those rows.
	pending atomic.Pointer[Snapshot]
	keys    []*keyIndex
	plain   []Unique     // indexes without effect
	before  *description // what others see of a table that is described anew; guarded by store.mu
	dropped bool         // by that transaction, or for good; guarded by store.mu, which it need not ask
}

// PlainIndexes are the indexes that are not unique. They have no effect.
func (t *Table) PlainIndexes() []Unique {
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	return t.plain
}

// HasIndex tells whether the table has an index of that name.
func (t *Table) HasIndex(index string) bool {
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	def := t.Definition()
	return slices.Contains(indexNames(def, t.plain), name{def.Schema, index})
}

// ID identifies the table among all of the process.
func (t *Table) ID() string { return t.id }

// Origin identifies the table also when its definition changes.
func (t *Table) Origin() string { return t.origin }

// Definition is the table's current definition.
func (t *Table) Definition() *Definition { return t.def.Load() }

// Schema is that of the table's records.
func (t *Table) Schema() *arrow.Schema { return t.schema }

// Def is the table as the planner sees it.
func (t *Table) Def() *catalog.TableDef {
	d := t.Definition()
	def := &catalog.TableDef{
		Format: FormatName, Location: d.Schema + "." + d.Name,
		Options: map[string]string{optionID: t.id}, Schema: t.schema, Local: true, Portable: true,
	}
	for _, u := range d.Uniques {
		if u.Deferrable || u.IsComputed() { // may be broken for a while, or says nothing of columns alone
			continue
		}
		if u.Primary {
			def.Key = u.Columns
		} else {
			def.Uniques = append(def.Uniques, u.Columns)
		}
	}
	return def
}

// DefWithRowNumber is Def with one more column, RowNumber: a row's number,
// from 0, in the snapshot that is read.
func (t *Table) DefWithRowNumber() *catalog.TableDef {
	d := t.Def()
	d.Options = maps.Clone(d.Options)
	fields := append(append([]arrow.Field(nil), t.schema.Fields()...), arrow.Field{Name: RowNumber, Type: sqltype.Int64})
	d.Schema = arrow.NewSchema(fields, nil)
	return d
}

// current is what the holder of the table sees.
func (t *Table) current() *Snapshot {
	if p := t.pending.Load(); p != nil {
		return p
	}
	return t.committed.Load()
}
