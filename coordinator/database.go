package coordinator

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/catalog/pgcatalog"
	"volley/sqltype"
)

// catalogCache is the database as pg_catalog shows it, made once for each
// version of the catalog and search path.
type catalogCache struct {
	db      *pgcatalog.Database
	version uint64
	path    []string
}

// describeTries is how often the database is described while others change it.
const describeTries = 3

// catalogs is the database as pg_catalog shows it to this session. Rows are
// counted anew with each version only: they are estimates.
func (s *Session) catalogs() *pgcatalog.Database {
	path, version := s.searchPath(), s.c.version()
	if c := &s.catalogCache; c.db == nil || c.version != version || !slices.Equal(c.path, path) {
		db := s.describe(path)
		for tries := 1; tries < describeTries && version != s.c.version(); tries++ { // some of it is of before a change
			path, version = s.searchPath(), s.c.version()
			db = s.describe(path)
		}
		*c = catalogCache{db, version, path}
	}
	return s.catalogCache.db
}

func (s *Session) describe(path []string) *pgcatalog.Database {
	defer func(files []fileUse, of *meanings, peeking bool) {
		s.files, s.meanings, s.peeking = files, of, peeking
	}(s.files, s.meanings, s.peeking)
	s.meanings, s.peeking = nil, true // a statement does not depend on all that there is
	db := &pgcatalog.Database{
		Name: s.database, User: s.user, SearchPath: path, Registry: s.c.cfg.Registry, Numbers: &s.c.numbers,
		Settings: s.settingRows, Activity: s.activity, Prepared: s.preparedRows,
	}
	db.Schemas = append(db.Schemas, s.objects().Schemas()...)
	db.Schemas = append(db.Schemas, systemSchema)
	if s.temp != "" {
		db.Schemas = append(db.Schemas, s.temp)
	}
	for _, t := range s.tables().Tables() {
		if def, plain := s.tables().Describe(t); !isTemp(def.Schema) || def.Schema == s.temp {
			rel := s.describeTable(t, def, plain)
			db.Relations = append(db.Relations, rel)
			describeComments(db, rel, def, plain)
		}
	}
	for _, q := range s.tables().Sequences() {
		if def := s.tables().DescribeSequence(q); !def.Temp || def.Schema == s.temp {
			rel := s.describeSequence(db, q, def)
			db.Relations = append(db.Relations, rel)
			db.CommentRelation(rel.OID, 0, def.Comment)
		}
	}
	for _, o := range s.objects().List() {
		rel := s.describeObject(o)
		db.Relations = append(db.Relations, rel)
		db.CommentRelation(rel.OID, 0, o.Comment)
		for column, text := range o.ColumnComments {
			db.CommentRelation(rel.OID, column+1, text)
		}
	}
	for name, t := range systemTables {
		db.Relations = append(db.Relations, &pgcatalog.Relation{
			OID: s.c.numbers.Of("system", name), Schema: systemSchema, Name: name, Kind: pgcatalog.View, Rows: -1,
			Columns: describeColumns(t.schema), System: true,
		})
	}
	for _, schema := range db.Schemas {
		for _, kept := range s.objects().ListFunctions(schema) {
			if f, ok := s.describeFunction(kept); ok {
				db.Functions = append(db.Functions, f)
				db.CommentFunction(f.OID, kept.Comment)
			}
		}
	}
	for _, schema := range db.Schemas {
		db.CommentSchema(schema, s.objects().Comment(catalog.SchemaKey(schema)))
	}
	db.CommentDatabase(s.objects().Comment(catalog.DatabaseKey))
	slices.SortFunc(db.Relations, func(a, b *pgcatalog.Relation) int {
		return strings.Compare(a.Schema+"\x00"+a.Name, b.Schema+"\x00"+b.Name)
	})
	return db
}

// describeComments adds what was said of a managed table.
func describeComments(db *pgcatalog.Database, rel *pgcatalog.Relation, def *memtable.Definition, plain []memtable.Unique) {
	db.CommentRelation(rel.OID, 0, def.Comment)
	for i, c := range def.Columns {
		db.CommentRelation(rel.OID, i+1, c.Comment)
	}
	for i, u := range slices.Concat(def.Uniques, plain) { // in the order of the keys
		db.CommentRelation(rel.Keys[i].OID, 0, u.Comment)
		db.CommentConstraint(rel.Keys[i].ConstraintOID, u.ConstraintComment)
	}
	for i, c := range def.Checks {
		db.CommentConstraint(rel.Checks[i].OID, c.Comment)
	}
}

func (s *Session) describeTable(t *memtable.Table, def *memtable.Definition, plain []memtable.Unique) *pgcatalog.Relation {
	rel := &pgcatalog.Relation{
		OID: s.c.numbers.Of("table", t.Origin()), Schema: def.Schema, Name: def.Name, Kind: pgcatalog.Table, Temp: isTemp(def.Schema),
		Rows: t.Stats(s.writes).Rows, Analyzed: func() *catalog.Stats { return t.Analyzed(s.writes) },
	}
	for _, c := range def.Columns {
		oid, mod := pgcatalog.TypeOfDeclared(c.Type, c.Declared, c.Length)
		col := pgcatalog.Column{Name: c.Name, Type: oid, Mod: mod, NotNull: c.NotNull, Default: c.Default, Identity: c.Identity}
		switch {
		case c.Generated != "":
			col.Default, col.Generated = "("+c.Generated+")", true
		case c.Sequence != "" && c.Identity == 0:
			col.Default = sequenceText(def.Schema, c.Sequence, slices.Contains(s.searchPath(), def.Schema))
		}
		rel.Columns = append(rel.Columns, col)
	}
	key := func(u memtable.Unique, unique bool) {
		id := t.Origin() + "\x00" + u.Name
		rel.Keys = append(rel.Keys, pgcatalog.Key{
			Exprs: s.describeKeyExprs(&u, t.Schema()), Where: u.Where, Options: u.Options,
			OID: s.c.numbers.Of("index", id), ConstraintOID: s.c.numbers.Of("constraint", id), Name: u.Name, Columns: u.Columns,
			Unique: unique, Primary: u.Primary, Constraint: u.Constraint,
			Deferrable: u.Deferrable, Deferred: u.Deferred, NullsNotDistinct: u.NullsNotDistinct,
		})
	}
	for _, u := range def.Uniques {
		key(u, true)
	}
	for _, u := range plain {
		key(u, false)
	}
	for _, c := range def.Checks {
		rel.Checks = append(rel.Checks, pgcatalog.Check{OID: s.c.numbers.Of("constraint", t.Origin()+"\x00"+c.Name), Name: c.Name, Text: c.Text})
	}
	return rel
}

// describeObject describes a view or an external table. A view whose query does
// not bind any more, since its tables have changed, has no columns.
func (s *Session) describeObject(o *catalog.Object) *pgcatalog.Relation {
	rel := &pgcatalog.Relation{
		OID: s.c.numbers.Of("relation", o.Schema+"\x00"+o.Name), Schema: o.Schema, Name: o.Name, Kind: pgcatalog.Table, Rows: -1,
	}
	if o.Table != nil {
		rel.Columns = describeColumns(o.Table.Def.Schema)
		for _, f := range o.Table.Def.Files {
			rel.Bytes += max(f.Size, 0)
		}
		if a := o.Table.Analyzed; a != nil {
			rel.Rows, rel.Analyzed = a.Stats.Rows, func() *catalog.Stats { return a.Stats }
		}
		return rel
	}
	rel.Kind, rel.Query = pgcatalog.View, o.View.SQL
	v, err := s.c.parseView(o)
	if err != nil {
		return rel
	}
	b, err := s.bindQuery(context.Background(), v.query, nil)
	if err != nil {
		return rel
	}
	rel.Columns = describeColumns(b.Schema)
	for i, name := range o.View.Columns {
		rel.Columns[i].Name = name
	}
	for i, text := range o.View.Defaults {
		rel.Columns[i].Default = text
	}
	return rel
}

func (s *Session) describeSequence(db *pgcatalog.Database, q *memtable.Sequence, def memtable.SequenceDefinition) *pgcatalog.Relation {
	rel := &pgcatalog.Relation{
		OID: s.c.numbers.Of("sequence", q.ID()), Schema: def.Schema, Name: def.Name, Kind: pgcatalog.Sequence, Rows: 1, Temp: def.Temp,
		Columns: []pgcatalog.Column{{Name: "last_value", Type: 20, Mod: -1}, {Name: "log_cnt", Type: 20, Mod: -1}, {Name: "is_called", Type: 16, Mod: -1}},
	}
	last, called := s.tables().SequenceState(q)
	rel.Sequence = &pgcatalog.SequenceState{
		Start: def.Start, Increment: def.Increment, Min: def.Min, Max: def.Max, Cycle: def.Cycle, Last: last, Called: called,
	}
	for _, t := range s.tables().Tables() {
		td, _ := s.tables().Describe(t)
		if td.Schema != def.Schema {
			continue
		}
		for i, c := range td.Columns {
			if c.Sequence != def.Name {
				continue
			}
			for _, r := range db.Relations {
				if r.Schema == td.Schema && r.Name == td.Name {
					rel.OwnedBy = &r.Columns[i]
				}
			}
		}
	}
	return rel
}

func describeColumns(schema *arrow.Schema) []pgcatalog.Column {
	out := make([]pgcatalog.Column, schema.NumFields())
	for i, f := range schema.Fields() {
		oid, mod := pgcatalog.TypeOf(f.Type)
		if name, n := sqltype.DeclaredAs(f); name != "" {
			oid, mod = pgcatalog.TypeOfDeclared(f.Type, name, n)
		}
		if sqltype.Equal(f.Type, sqltype.Unknown) {
			oid = 25
		}
		out[i] = pgcatalog.Column{Name: f.Name, Type: oid, Mod: mod}
	}
	return out
}

// settingRows are the rows of pg_settings.
func (s *Session) settingRows() []pgcatalog.Setting {
	var out []pgcatalog.Setting
	for _, name := range s.settings.names() {
		v, _ := s.settings.get(name)
		k := knownSettings[name]
		out = append(out, pgcatalog.Setting{
			Name: displayName(name), Value: v, Default: k.value, ReadOnly: k.readOnly, Description: k.about, Category: "Client Connection Defaults",
		})
	}
	return out
}

// activity are the rows of pg_stat_activity: the session and what runs.
func (s *Session) activity() []pgcatalog.Activity {
	application, _ := s.settings.get("application_name")
	var out []pgcatalog.Activity
	for _, q := range s.c.cfg.Scheduler.Queries() {
		if q.State != "running" && q.State != "queued" {
			continue
		}
		start := arrow.Timestamp(q.Started.UnixMicro())
		out = append(out, pgcatalog.Activity{
			PID: pgcatalog.BackendPID(), User: q.User, Application: application, Query: q.SQL, State: "active", Started: start, QueryStart: start,
		})
	}
	return out
}

// sessionHandle is what functions reach of a session.
type sessionHandle struct{ s *Session }

// Database is the database as pg_catalog shows it.
func (h sessionHandle) Database() *pgcatalog.Database { return h.s.catalogs() }

// ObjectName is the name of an object.
func (h sessionHandle) ObjectName(kind string, oid uint32) string {
	return h.s.catalogs().ObjectName(kind, oid)
}

// ObjectOID finds an object.
func (h sessionHandle) ObjectOID(kind, name string) (uint32, error) {
	return h.s.catalogs().ObjectOID(kind, name)
}

// Setting is a setting's value.
func (h sessionHandle) Setting(name string) (string, bool) {
	v, err := h.s.settings.get(name)
	return v, err == nil
}

// SetSetting changes a setting.
func (h sessionHandle) SetSetting(name, value string, local bool) (string, error) {
	if err := h.s.setSetting(name, value, local); err != nil {
		return "", err
	}
	return h.s.settings.get(name)
}
