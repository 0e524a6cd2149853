package memtable

import (
	"io"

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

// NewSnapshot begins rows that somebody keeps (Append), on disk where memory is short as
// those of tables are.
func (s *Store) NewSnapshot() *Snapshot { return s.format.empty() }

// Append adds rows, of one schema, to a snapshot that nobody else has seen.
func (s *Snapshot) Append(recs ...arrow.Record) error {
	for _, rec := range recs {
		if rec.NumRows() == 0 {
			continue
		}
		b, err := s.pool.New(rec)
		if err != nil {
			return err
		}
		s.add(b)
	}
	return nil
}

// Next gives the rows one record after the other, and io.EOF at their end.
func (s *Snapshot) Next() func() (arrow.Record, error) {
	i := -1
	return func() (arrow.Record, error) {
		if i++; i >= len(s.blocks) {
			return nil, io.EOF
		}
		return s.blocks[i].Record()
	}
}

// Put gives a table of NewRows its rows, as this view sees it.
func (v *View) Put(t *Table, rows *Snapshot) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.pinned == nil {
		v.pinned = map[*Table]*Snapshot{}
	}
	v.pinned[t] = rows
}
