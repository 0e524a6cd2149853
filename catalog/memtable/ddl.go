package memtable

import (
	"context"
	"slices"
	"strings"

	"volley/sqlerr"
)

// DependentObjects is the SQLSTATE of dropping what something else needs.
const DependentObjects = "2BP01"

// Create makes an empty table, which others see when the transaction commits. 42P07 when a
// table or index of a name in def exists; where another transaction makes one, it waits for
// that to end.
func (tx *Tx) Create(ctx context.Context, def *Definition) (*Table, error) {
	s := tx.store
	t := s.newTable(def)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range t.relations() {
		if err := tx.claim(ctx, n); err != nil {
			return nil, err
		}
	}
	s.add(t)
	tx.hold(t)
	tx.undo = append(tx.undo, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.remove(t)
	})
	return t, nil
}

// Drop drops a table and its indexes.
func (tx *Tx) Drop(ctx context.Context, t *Table) error {
	if err := tx.Lock(ctx, t); err != nil {
		return err
	}
	s := tx.store
	s.mu.Lock()
	defer s.mu.Unlock()
	tx.rename(t.relations()...)
	s.remove(t)
	tx.undo = append(tx.undo, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.add(t)
	})
	return nil
}

// CreateIndex adds an index. A unique one is enforced from now on, 23505 when
// the rows break it already; others have no effect but their name.
func (tx *Tx) CreateIndex(ctx context.Context, t *Table, u Unique, unique bool) error {
	if err := tx.Lock(ctx, t); err != nil {
		return err
	}
	def := t.Definition()
	tx.store.mu.Lock()
	err := tx.claim(ctx, name{def.Schema, u.Name})
	tx.store.mu.Unlock()
	if err != nil {
		return err
	}
	if !unique {
		return tx.SetPlainIndexes(ctx, t, append(slices.Clone(t.plain), u))
	}
	next := *def
	next.Uniques = append(slices.Clone(def.Uniques), u)
	k := newKeyIndex(tx.store.format, &next, u)
	if err := k.fill(ctx, tx.keysOf(t, &next), t.current(), false); err != nil {
		if e := sqlerr.Find(err); e.Code == sqlerr.UniqueViolation {
			e.Message = "could not create unique index \"" + u.Name + "\""
			e.Detail = strings.Replace(e.Detail, " already exists.", " is duplicated.", 1)
		}
		return err
	}
	tx.redefine(t, &next, append(slices.Clone(t.keys), k), t.plain)
	return nil
}

// DropIndex drops an index by name; found is false when there is none. 2BP01
// when it belongs to a constraint.
func (tx *Tx) DropIndex(ctx context.Context, schema, index string) (found bool, err error) {
	s := tx.store
	s.mu.Lock()
	ix := s.As(tx).of(name{schema, index}).index
	s.mu.Unlock()
	if ix == nil {
		return false, nil
	}
	t := ix.table
	if ix.constraint {
		return true, sqlerr.New(DependentObjects, "cannot drop index %s because constraint %s on table %s requires it", index, index, t.Definition().Name).
			WithHint("You can drop constraint %s on table %s instead.", index, t.Definition().Name)
	}
	if err := tx.Lock(ctx, t); err != nil {
		return true, err
	}
	next := *t.Definition()
	next.Uniques = slices.DeleteFunc(slices.Clone(next.Uniques), func(u Unique) bool { return u.Name == index })
	keys := slices.DeleteFunc(slices.Clone(t.keys), func(k *keyIndex) bool { return k.Name == index })
	plain := slices.DeleteFunc(slices.Clone(t.plain), func(u Unique) bool { return u.Name == index })
	tx.redefine(t, &next, keys, plain)
	return true, nil
}

// redefine changes a locked table's definition and indexes; others that are to use the
// table wait for the transaction's end.
func (tx *Tx) redefine(t *Table, def *Definition, keys []*keyIndex, plain []Unique) {
	tx.store.mu.Lock()
	tx.rename(t.relations()...)
	tx.store.mu.Unlock()
	tx.describe(t, def, keys, plain)
}

// describe changes a locked table's definition and indexes in a way that nobody has to
// wait for.
func (tx *Tx) describe(t *Table, def *Definition, keys []*keyIndex, plain []Unique) {
	oldDef, oldKeys, oldPlain := t.Definition(), t.keys, t.plain
	set := func(def *Definition, keys []*keyIndex, plain []Unique) {
		s := tx.store
		s.mu.Lock()
		defer s.mu.Unlock()
		s.remove(t)
		t.def.Store(def)
		t.keys, t.plain = keys, plain
		s.add(t)
	}
	tx.store.mu.Lock()
	if t.before == nil {
		t.before = &description{oldDef, oldPlain}
	}
	tx.rename(indexNames(oldDef, oldPlain)...)
	tx.rename(indexNames(def, plain)...)
	tx.store.mu.Unlock()
	set(def, keys, plain)
	tx.undo = append(tx.undo, func() { set(oldDef, oldKeys, oldPlain) })
}
