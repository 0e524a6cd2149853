package memtable

import (
	"errors"
	"sort"
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

	mu      sync.Mutex
	names   map[name]*Table
	indexes map[name]*index
	// sequences share the name space too.
	sequences map[name]*Sequence
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
	return &Store{format: f, names: map[name]*Table{}, indexes: map[name]*index{}, sequences: map[name]*Sequence{}, locks: map[string]*lock{}}
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
	}
	return err
}

// Version changes whenever tables are created, dropped or defined anew.
func (s *Store) Version() uint64 { return s.version.Load() }

// Lookup finds a table, nil when there is none.
func (s *Store) Lookup(schema, table string) *Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names[name{schema, table}]
}

// HasIndex tells whether a schema has an index or a sequence of that name, which
// share one name space with tables.
func (s *Store) HasIndex(schema, index string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.indexes[name{schema, index}] != nil || s.sequences[name{schema, index}] != nil
}

// Tables are all tables, by schema and name.
func (s *Store) Tables() []*Table {
	s.mu.Lock()
	out := make([]*Table, 0, len(s.names))
	for _, t := range s.names {
		out = append(out, t)
	}
	s.mu.Unlock()
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i].Definition(), out[j].Definition()
		return a.Schema < b.Schema || a.Schema == b.Schema && a.Name < b.Name
	})
	return out
}

// Names are the names of all tables, sorted.
func (s *Store) Names() []string {
	tables := s.Tables()
	out := make([]string, len(tables))
	for i, t := range tables {
		out[i] = t.Definition().Name
	}
	sort.Strings(out)
	return out
}

// DropSchema drops every table of a schema, as at the end of a session that had
// temporary tables.
func (s *Store) DropSchema(schema string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, t := range s.names {
		if n.schema == schema {
			s.remove(t)
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
	for _, u := range def.Uniques {
		s.indexes[name{def.Schema, u.Name}] = &index{table: t, constraint: u.Constraint}
	}
	for _, u := range t.plain {
		s.indexes[name{def.Schema, u.Name}] = &index{table: t}
	}
	s.version.Add(1)
}

// remove forgets a table. Readers that hold a snapshot go on. Under mu.
func (s *Store) remove(t *Table) {
	def := t.Definition()
	delete(s.names, name{def.Schema, def.Name})
	s.format.tables.Delete(t.id)
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
		t.keys = append(t.keys, newKeyIndex(s.format.keys, def, u))
	}
	return t
}

// taken tells whether a relation of that name exists. Under mu.
func (s *Store) taken(n name) bool {
	return s.names[n] != nil || s.indexes[n] != nil || s.sequences[n] != nil
}

func exists(relation string) error {
	return sqlerr.New(sqlerr.DuplicateTable, "relation \"%s\" already exists", relation)
}
