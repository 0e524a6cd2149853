package memtable

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
)

// NewRows makes a table without name that no store has: a place in plans for
// rows that a view gets with Put. Its columns may have equal names.
func (s *Store) NewRows(schema *arrow.Schema) *Table {
	t := s.newTable(&Definition{})
	t.schema = schema
	return t
}

// RowsDef is a table of NewRows as the planner sees it; numbered adds the
// column RowNumber.
func (t *Table) RowsDef(numbered bool) *catalog.TableDef {
	def := &catalog.TableDef{Format: FormatName, Options: map[string]string{optionID: t.id}, Schema: t.schema, Local: true, Portable: true}
	if numbered {
		def.Schema = t.DefWithRowNumber().Schema
	}
	return def
}

// Put gives a table of NewRows its rows, as this view sees it.
func (v *View) Put(t *Table, recs []arrow.Record) error {
	rows, err := t.store.format.empty().with(context.Background(), slices.Clone(recs))
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.pinned == nil {
		v.pinned = map[*Table]*Snapshot{}
	}
	v.pinned[t] = rows
	return nil
}
