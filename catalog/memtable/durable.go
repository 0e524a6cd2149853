package memtable

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"volley/catalog"
	"volley/catalog/memtable/journal"
	"volley/sqlerr"
	"volley/sqltype"
)

// durable is the journal of a store and what it says of the store's tables.
type durable struct {
	*journal.Journal
	kept map[string]keptTable // by ID, guarded by Store.mu
	// values are what was kept by key when the store was opened.
	values map[string]json.RawMessage
}

// keptTable is a table's definition as it was last written.
type keptTable struct {
	def   *Definition
	plain []Unique
}

// aboutTable is what the journal says of a table beside its rows.
type aboutTable struct {
	Definition *Definition
	Schema     []byte // an Arrow IPC stream without records
	Plain      []Unique
	Origin     string
}

// tempPrefix begins the names of schemas whose tables end with their session.
const tempPrefix = "pg_temp"

func isTemp(schema string) bool { return strings.HasPrefix(schema, tempPrefix) }

// OpenStore makes a store whose tables and sequences outlive the process: they are
// kept in a directory, each transaction from the moment its Commit returns, and so are
// statistics and what Tx.Keep is given. Temporary tables are not.
func (f *Format) OpenStore(dir string) (*Store, error) {
	j, state, err := journal.Open(dir, f.pool)
	if err != nil {
		return nil, err
	}
	s := f.NewStore()
	s.durable = &durable{Journal: j, kept: map[string]keptTable{}, values: map[string]json.RawMessage{}}
	for _, t := range state.Tables {
		if err := s.recover(t); err != nil {
			_ = j.Close()
			return nil, sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not read managed table %s in %s", t.ID, dir)
		}
	}
	for key, text := range state.Values {
		if id, ok := strings.CutPrefix(key, statisticsPrefix); ok {
			s.recoverStatistics(id, text)
			continue
		}
		if key, ok := strings.CutPrefix(key, valuePrefix); ok {
			s.durable.values[key] = text
			continue
		}
		if err := s.recoverSequence(text); err != nil {
			_ = j.Close()
			return nil, sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not read sequence %q in %s", key, dir)
		}
	}
	return s, nil
}

// Durable tells whether the tables outlive the process.
func (s *Store) Durable() bool { return s.durable != nil }

// recover makes a table of what the journal has of it.
func (s *Store) recover(kept journal.Table) error {
	var about aboutTable
	if err := json.Unmarshal(kept.About, &about); err != nil {
		return err
	}
	schema, err := catalog.DecodeSchema(about.Schema)
	if err != nil {
		return err
	}
	def := about.Definition
	if def == nil || schema == nil || schema.NumFields() != len(def.Columns) {
		return sqlerr.New(sqlerr.DataCorrupted, "its definition is not whole")
	}
	for i := range def.Columns {
		def.Columns[i].Type = schema.Field(i).Type
	}
	id, err := strconv.ParseUint(kept.ID, 10, 64)
	if err != nil {
		return err
	}
	s.format.used(id)
	t := &Table{store: s, id: kept.ID, origin: about.Origin, schema: def.arrowSchema(), plain: about.Plain}
	t.def.Store(def)
	rows := s.format.empty()
	for _, b := range kept.Blocks {
		rec, err := b.Record()
		if err != nil {
			return err
		}
		if int(rec.NumCols()) != len(def.Columns) {
			return sqlerr.New(sqlerr.DataCorrupted, "it has rows of %d columns", rec.NumCols())
		}
		for i, c := range def.Columns {
			if !sqltype.Equal(rec.Column(i).DataType(), c.Type) {
				return sqlerr.New(sqlerr.DataCorrupted, "it has rows with another type of column \"%s\"", c.Name)
			}
		}
		rows.add(b)
	}
	rows.changes = max(kept.Changes, rows.Rows())
	t.committed.Store(rows)
	for _, u := range def.Uniques {
		k := newKeyIndex(s.format, def, u)
		if k.unfilled = u.IsComputed(); k.unfilled { // by the first transaction that needs it
			t.keys = append(t.keys, k)
			continue
		}
		if err := k.fill(context.Background(), keyMaker{}, rows, true); err != nil {
			return err
		}
		t.keys = append(t.keys, k)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(t)
	s.durable.kept[t.id] = keptTable{def, t.plain}
	return nil
}

// used makes sure that no later table gets an ID.
func (f *Format) used(id uint64) {
	for {
		last := f.lastID.Load()
		if last >= id || f.lastID.CompareAndSwap(last, id) {
			return
		}
	}
}

// persist writes what a transaction has changed to the journal.
func (tx *Tx) persist(ctx context.Context) error {
	d := tx.store.durable
	if d == nil {
		return nil
	}
	change, after, err := tx.change()
	if err != nil {
		return err
	}
	values, done, err := tx.sequenceValues()
	if err != nil {
		return err
	}
	for key, text := range tx.values {
		values[valuePrefix+key] = text
	}
	if err := tx.statisticsValues(values, change.Drop); err != nil {
		done(false)
		return err
	}
	if change.Values = values; len(change.Tables)+len(change.Drop)+len(change.Values) > 0 {
		err = d.Commit(ctx, change)
	}
	if done(err == nil); err != nil {
		return err
	}
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	for id, k := range after {
		d.kept[id] = k
	}
	for _, id := range change.Drop {
		delete(d.kept, id)
	}
	return nil
}

// change is what the transaction does to tables, and how they are defined after it.
func (tx *Tx) change() (c journal.Change, after map[string]keptTable, err error) {
	s := tx.store
	s.mu.Lock()
	defer s.mu.Unlock()
	after = map[string]keptTable{}
	for _, t := range tx.locked {
		def, before := t.Definition(), s.durable.kept[t.id]
		if isTemp(def.Schema) {
			continue
		}
		if t.dropped {
			if before.def != nil { // else it was made by this transaction
				c.Drop = append(c.Drop, t.id)
			}
			continue
		}
		same := before.def == def && slices.EqualFunc(before.plain, t.plain, equalIndex)
		if same && (t.pending.Load() == nil || t.pending.Load() == t.committed.Load()) {
			continue
		}
		about, err := json.Marshal(aboutTable{Definition: def, Schema: catalog.EncodeSchema(t.schema), Plain: t.plain, Origin: t.origin})
		if err != nil {
			return c, nil, sqlerr.Wrap(err, sqlerr.InternalError, "could not encode the definition of table \"%s\"", def.Name)
		}
		c.Tables = append(c.Tables, journal.Table{ID: t.id, About: about, Changes: t.current().changes, Blocks: t.current().blocks})
		after[t.id] = keptTable{def, t.plain}
	}
	return c, after, nil
}

func equalIndex(a, b Unique) bool {
	return a.Name == b.Name && a.Primary == b.Primary && a.Constraint == b.Constraint && a.Comment == b.Comment && slices.Equal(a.Columns, b.Columns) &&
		slices.Equal(a.Exprs, b.Exprs) && a.Where == b.Where && slices.Equal(a.Options, b.Options)
}
