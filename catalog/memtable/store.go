package memtable

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"

	"volley/sqlerr"
)

// Store is the managed tables of one database and their indexes, by schema and
// name. It is safe for concurrent use.
type Store struct {
	format  *Format
	version atomic.Uint64 // of names and definitions

	mu sync.Mutex
	// What names stand for, as the transactions see it that change it.
	names   map[name]*Table
	indexes map[name]*index
	// sequences share the name space too.
	sequences map[name]*Sequence
	others    map[name]bool    // views and external tables, which share it as well
	renames   map[name]*rename // that no transaction has committed yet
	locks     map[string]*lock // that are held, by LockName's keys

	durable *durable // nil: the tables end with the process
}

type name struct{ schema, name string }

// index is a named index. Only unique ones have an effect.
type index struct {
	table      *Table
	constraint bool // belongs to a constraint: cannot be dropped alone
}

// NewStore makes an empty store, whose tables the format can read.
func (f *Format) NewStore() *Store {
	return &Store{format: f, names: map[name]*Table{}, indexes: map[name]*index{}, sequences: map[name]*Sequence{}, others: map[name]bool{}, renames: map[name]*rename{}, locks: map[string]*lock{}}
}

// Close drops everything from memory.
func (s *Store) Close() error {
	var err error
	if s.durable != nil {
		err = errors.Join(s.settle(), s.durable.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.names {
		s.remove(t)
		s.format.tables.Delete(t.id)
	}
	return err
}

// Version changes whenever tables are created, dropped or defined anew.
func (s *Store) Version() uint64 { return s.version.Load() }

// DropSchema drops every table of a schema, as at the end of a session that had
// temporary tables.
func (s *Store) DropSchema(schema string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, t := range s.names {
		if n.schema == schema {
			s.remove(t)
			s.format.tables.Delete(t.id)
		}
	}
	for n := range s.sequences {
		if n.schema == schema {
			delete(s.sequences, n)
		}
	}
}

// add makes a table known. Under mu.
func (s *Store) add(t *Table) {
	def := t.Definition()
	s.names[name{def.Schema, def.Name}] = t
	s.format.tables.Store(t.id, t)
	t.dropped = false
	for _, u := range def.Uniques {
		s.indexes[name{def.Schema, u.Name}] = &index{table: t, constraint: u.Constraint}
	}
	for _, u := range t.plain {
		s.indexes[name{def.Schema, u.Name}] = &index{table: t}
	}
	s.version.Add(1)
}

// remove takes a table's names away. It can be read until the transaction that does it
// commits, and on by readers that hold a snapshot. Under mu.
func (s *Store) remove(t *Table) {
	def := t.Definition()
	delete(s.names, name{def.Schema, def.Name})
	t.dropped = true
	for n, ix := range s.indexes {
		if ix.table == t {
			delete(s.indexes, n)
		}
	}
	s.version.Add(1)
}

func (s *Store) newTable(def *Definition) *Table {
	t := &Table{store: s, id: strconv.FormatUint(s.format.lastID.Add(1), 10), schema: def.arrowSchema()}
	t.origin = t.id
	t.def.Store(def)
	t.committed.Store(s.format.empty())
	for _, u := range def.Uniques {
		t.keys = append(t.keys, newKeyIndex(s.format, def, u))
	}
	return t
}

func exists(relation string) error {
	return sqlerr.New(sqlerr.DuplicateTable, "relation \"%s\" already exists", relation)
}
