package memtable

import (
	"context"
	"sort"
	"strings"
)

// relation is what a name stands for: one of these, or nothing.
type relation struct {
	table    *Table
	index    *index
	sequence *Sequence
	other    bool // a view or an external table, which are kept elsewhere
}

// rename is what a name stood for before a transaction that has not ended changed that.
type rename struct {
	tx     *Tx
	before relation
}

// Names are the relations of a store by the names that they have for a transaction: what
// others have not committed has not happened. It is safe for concurrent use.
type Names struct {
	store *Store
	tx    *Tx
}

// As gives the names as a transaction sees them; tx nil: as all see them.
func (s *Store) As(tx *Tx) Names { return Names{s, tx} }

// now is what a name stands for, as whoever changes it sees it. Under mu.
func (s *Store) now(n name) relation {
	return relation{s.names[n], s.indexes[n], s.sequences[n], s.others[n]}
}

// of is what a name stands for. Under store.mu.
func (v Names) of(n name) relation {
	if r := v.store.renames[n]; r != nil && r.tx != v.tx {
		return r.before
	}
	return v.store.now(n)
}

// Lookup finds a table, nil when there is none.
func (v Names) Lookup(schema, table string) *Table {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	return v.of(name{schema, table}).table
}

// HasIndex tells whether a schema has an index or a sequence of that name, which
// share one name space with tables.
func (v Names) HasIndex(schema, index string) bool {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	r := v.of(name{schema, index})
	return r.index != nil || r.sequence != nil
}

// Sequence finds a sequence, nil when there is none.
func (v Names) Sequence(schema, sequence string) *Sequence {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	return v.of(name{schema, sequence}).sequence
}

// each calls f with all relations but indexes.
func (v Names) each(f func(relation)) {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	own := func(n name) bool { r := v.store.renames[n]; return r == nil || r.tx == v.tx }
	for n, t := range v.store.names {
		if own(n) {
			f(relation{table: t})
		}
	}
	for n, q := range v.store.sequences {
		if own(n) {
			f(relation{sequence: q})
		}
	}
	for n, r := range v.store.renames {
		if !own(n) {
			f(r.before)
		}
	}
}

// Tables are all tables, by schema and name.
func (v Names) Tables() []*Table {
	var out []*Table
	v.each(func(r relation) {
		if r.table != nil {
			out = append(out, r.table)
		}
	})
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i].Definition(), out[j].Definition()
		return a.Schema < b.Schema || a.Schema == b.Schema && a.Name < b.Name
	})
	return out
}

// TableNames are the names of all tables, sorted.
func (v Names) TableNames() []string {
	tables := v.Tables()
	out := make([]string, len(tables))
	for i, t := range tables {
		out[i] = t.Definition().Name
	}
	sort.Strings(out)
	return out
}

// Sequences are all sequences, in no order.
func (v Names) Sequences() []*Sequence {
	var out []*Sequence
	v.each(func(r relation) {
		if r.sequence != nil {
			out = append(out, r.sequence)
		}
	})
	return out
}

// description is what may change of a table without a new one in its place.
type description struct {
	def   *Definition
	plain []Unique
}

// Describe gives a table's definition and its indexes without effect.
func (v Names) Describe(t *Table) (*Definition, []Unique) {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	if t.before != nil && t.lock.holder != v.tx {
		return t.before.def, t.before.plain
	}
	return t.Definition(), t.plain
}

// Await waits while another transaction drops the table or view of a name or changes its
// definition, as whoever is to use it does: 40P01 when that one waits for this transaction
// in turn.
func (v Names) Await(ctx context.Context, schema, table string) error {
	tx, n := v.tx, name{schema, table}
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	for {
		r := v.store.renames[n]
		if r == nil || r.tx == v.tx || r.before.table == nil && !r.before.other {
			return nil
		}
		if tx == nil { // somebody has to wait
			tx = v.store.Begin()
		}
		if err := tx.await(ctx, &r.tx.ended, "table", table); err != nil {
			return err
		}
	}
}

// AwaitSchema waits for other transactions that make, change or drop anything in a schema, of
// which they have the names or locks whose keys have a prefix (LockName).
func (tx *Tx) AwaitSchema(ctx context.Context, schema, prefix string) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	for {
		var held *lock
		for n, r := range tx.store.renames {
			if n.schema == schema && r.tx != tx {
				held = &r.tx.ended
			}
		}
		for key, l := range tx.store.locks {
			if l.holder != tx && strings.HasPrefix(key, prefix) {
				held = l
			}
		}
		if held == nil {
			return nil
		}
		if err := tx.await(ctx, held, "schema", schema); err != nil {
			return err
		}
	}
}

// Reserve takes a name for a view or an external table that is there from the beginning.
func (s *Store) Reserve(schema, relation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.others[name{schema, relation}] = true
}

// Claim takes a name for a view or an external table that the transaction makes, as Create
// does for a table.
func (tx *Tx) Claim(ctx context.Context, schema, relation string) error {
	n := name{schema, relation}
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	if err := tx.claim(ctx, n); err != nil {
		return err
	}
	tx.other(n, true)
	return nil
}

// Unclaim gives up the name of a view or an external table that the transaction drops.
func (tx *Tx) Unclaim(schema, relation string) {
	n := name{schema, relation}
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	tx.rename(n)
	tx.other(n, false)
}

// Redefine has others that are to use a view or an external table wait for the transaction,
// which changes it.
func (tx *Tx) Redefine(schema, relation string) {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	tx.rename(name{schema, relation})
}

// other notes whether a name is one of what is kept elsewhere. Under store.mu.
func (tx *Tx) other(n name, is bool) {
	tx.store.others[n] = is
	if !is {
		delete(tx.store.others, n)
	}
	tx.undo = append(tx.undo, func() {
		tx.store.mu.Lock()
		defer tx.store.mu.Unlock()
		if tx.store.others[n] = !is; is {
			delete(tx.store.others, n)
		}
	})
}

// AtEnd runs f when the transaction has ended, at the moment in which others see what has
// become of it. f must not use the store.
func (tx *Tx) AtEnd(f func()) { tx.ends = append(tx.ends, f) }

// claim takes a name for something new, and waits for another transaction that does:
// 42P07 when the name is taken. Under store.mu, which is open meanwhile.
func (tx *Tx) claim(ctx context.Context, n name) error {
	for {
		if tx.store.As(tx).of(n) != (relation{}) {
			return exists(n.name)
		}
		r := tx.store.renames[n]
		if r == nil || r.tx == tx {
			tx.rename(n)
			return nil
		}
		if err := tx.await(ctx, &r.tx.ended, "table", n.name); err != nil {
			return err
		}
	}
}

// rename notes what names stand for, before the transaction changes that. Under store.mu.
func (tx *Tx) rename(names ...name) {
	for _, n := range names {
		if tx.store.renames[n] != nil { // which is its own: others hold what they change
			continue
		}
		if tx.ended.holder == nil {
			tx.ended.take(tx)
		}
		tx.store.renames[n] = &rename{tx, tx.store.now(n)}
		tx.renamed = append(tx.renamed, n)
	}
}

// settle makes names stand for the same for everybody, at the transaction's end. Under
// store.mu.
func (tx *Tx) settle() {
	for _, n := range tx.renamed {
		delete(tx.store.renames, n)
	}
	for _, f := range tx.ends {
		f()
	}
	tx.ends = nil
	if tx.ended.holder != nil {
		tx.ended.release()
		tx.store.version.Add(1)
	}
	tx.renamed = nil
}

// relations are the names of a table and its indexes.
func (t *Table) relations() []name {
	return append(indexNames(t.Definition(), t.plain), name{t.Definition().Schema, t.Definition().Name})
}

// indexNames are the names of a table's indexes.
func indexNames(def *Definition, plain []Unique) (out []name) {
	for _, list := range [][]Unique{def.Uniques, plain} {
		for _, u := range list {
			out = append(out, name{def.Schema, u.Name})
		}
	}
	return out
}
