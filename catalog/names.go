package catalog

import (
	"sort"
	"sync"

	"volley/sqlerr"
)

// DefaultSchema is where names without a schema are made and looked for.
const DefaultSchema = "public"

// reservedSchemas hold Volley's own tables; nothing can be made in them.
var reservedSchemas = []string{"volley", "pg_catalog", "information_schema"}

// Object is a named table or view: exactly one of Table and View is set.
type Object struct {
	Schema string
	Name   string
	Table  *External
	View   *View
	// Comment is what COMMENT ON said of it, and ColumnComments of its columns by
	// their ordinals.
	Comment        string
	ColumnComments map[int]string
}

// External is a table over files: what the user said, and what was decided when
// it was made. Its files are looked for again by each query.
type External struct {
	Format string
	Given  Given
	Def    *TableDef
	// Analyzed are the statistics that ANALYZE has made; nil for none.
	Analyzed *Analyzed
	// Sampled: it is of one statement, and Def's columns are those of some of its files.
	Sampled bool
}

// Analyzed are statistics of a table of files, as long as its files are these.
type Analyzed struct {
	Files []FileInfo
	Stats *Stats
}

// View is a stored query.
type View struct {
	SQL     string   // of the query
	Columns []string // names of its first columns, where given
	// Defaults are the SQL texts of what INSERT gives columns for which it has no value, "" for
	// what the table's column says; nil for none at all.
	Defaults []string `json:",omitempty"`
	// CheckOption is "local" or "cascaded" of WITH CHECK OPTION, "" for none.
	CheckOption string `json:",omitempty"`
}

// Kind is "table" or "view".
func (o *Object) Kind() string {
	if o.View != nil {
		return "view"
	}
	return "table"
}

// Catalog holds named objects. It is safe for concurrent use; objects are
// immutable once they are in it. It is in memory: what outlives the process is what
// Text and Restore say, of which whoever changes the catalog keeps the parts that it
// has changed.
type Catalog struct {
	mu      sync.RWMutex
	version uint64
	schemas map[string]map[string]*Object
	// comments are those of schemas, and that of the database under its key.
	comments map[Key]string
	// functions are by schema and name.
	functions map[string]map[string][]*Function
	pending   map[Key]*pending
}

// New makes a catalog of one empty schema, the default one.
func New() *Catalog {
	return &Catalog{
		schemas: map[string]map[string]*Object{DefaultSchema: {}}, functions: map[string]map[string][]*Function{}, comments: map[Key]string{}, pending: map[Key]*pending{},
	}
}

// Version changes whenever an object is made or dropped.
func (c *Catalog) Version() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.version
}

// Lookup finds an object.
func (v Names) Lookup(schema, name string) (*Object, bool) {
	v.c.mu.RLock()
	defer v.c.mu.RUnlock()
	o := v.c.schemas[schema][name]
	if len(v.c.pending) > 0 {
		if e, changed := v.before(RelationKey(schema, name)); changed {
			o = e.object
		}
	}
	return o, o != nil
}

// objects calls f with all objects, in no order.
func (v Names) objects(f func(*Object)) {
	v.c.mu.RLock()
	defer v.c.mu.RUnlock()
	for _, s := range v.c.schemas {
		for _, o := range s {
			if _, changed := v.before(o.Key()); !changed {
				f(o)
			}
		}
	}
	v.hidden(func(_ Key, e entry) {
		if e.object != nil {
			f(e.object)
		}
	})
}

// List gives all objects by schema and name.
func (v Names) List() []*Object {
	var out []*Object
	v.objects(func(o *Object) { out = append(out, o) })
	sort.Slice(out, func(i, j int) bool {
		if out[i].Schema != out[j].Schema {
			return out[i].Schema < out[j].Schema
		}
		return out[i].Name < out[j].Name
	})
	return out
}

// Views gives all views, in no order.
func (v Names) Views() []*Object {
	var out []*Object
	v.objects(func(o *Object) {
		if o.View != nil {
			out = append(out, o)
		}
	})
	return out
}

// Schemas gives the names of all schemas that users may use, sorted.
func (v Names) Schemas() []string {
	v.c.mu.RLock()
	defer v.c.mu.RUnlock()
	var out []string
	for s := range v.c.schemas {
		if _, changed := v.before(SchemaKey(s)); !changed {
			out = append(out, s)
		}
	}
	v.hidden(func(k Key, e entry) {
		if e.schema {
			out = append(out, k.names()[1])
		}
	})
	sort.Strings(out)
	return out
}

// change runs f under the lock.
func (c *Catalog) change(f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := f()
	if err == nil {
		c.version++
	}
	return err
}

// Touch makes a new version, for objects that live elsewhere (managed tables).
func (c *Catalog) Touch() {
	c.mu.Lock()
	c.version++
	c.mu.Unlock()
}

// Create adds an object. An existing one of the same name is replaced where
// replace is set and both are of the same kind; otherwise it is error 42P07.
func (c *Catalog) Create(o *Object, replace bool) error {
	return c.change(func() error {
		names, err := c.writable(o.Schema)
		if err != nil {
			return err
		}
		old := names[o.Name]
		if old != nil && !replace {
			return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", o.Name)
		}
		if old != nil && old.Kind() != o.Kind() {
			return sqlerr.New(sqlerr.WrongObjectType, "%q is not a %s", o.Name, o.Kind())
		}
		names[o.Name] = o
		return nil
	})
}

// Drop removes an object of a kind ("table", "view"); a missing one is error
// 42P01, one of the other kind 42809.
func (c *Catalog) Drop(schema, name, kind string) error {
	return c.change(func() error {
		names, err := c.writable(schema)
		if err != nil {
			return err
		}
		old := names[name]
		if old == nil {
			return sqlerr.New(sqlerr.UndefinedTable, "%s %q does not exist", kind, name)
		}
		if old.Kind() != kind {
			return sqlerr.New(sqlerr.WrongObjectType, "%q is not a %s", name, kind).
				WithHint("Use DROP %s to remove a %s.", upper[old.Kind()], old.Kind())
		}
		delete(names, name)
		return nil
	})
}

var upper = map[string]string{"table": "TABLE", "view": "VIEW"}

// CreateSchema adds a schema; an existing one is error 42P06.
func (c *Catalog) CreateSchema(name string) error {
	return c.change(func() error {
		if c.schemas[name] != nil || isReserved(name) {
			return sqlerr.New("42P06", "schema %q already exists", name)
		}
		c.schemas[name] = map[string]*Object{}
		return nil
	})
}

// DropSchema removes a schema; one with objects in it needs cascade.
func (c *Catalog) DropSchema(name string, cascade bool) error {
	return c.change(func() error {
		names, err := c.writable(name)
		if err != nil {
			return err
		}
		if len(names) > 0 && !cascade {
			return sqlerr.New("2BP01", "cannot drop schema %s because other objects depend on it", name).
				WithHint("Use DROP ... CASCADE to drop the dependent objects too.")
		}
		delete(c.schemas, name)
		delete(c.comments, SchemaKey(name))
		return nil
	})
}

// writable gives the objects of a schema that users may change.
func (c *Catalog) writable(schema string) (map[string]*Object, error) {
	if isReserved(schema) {
		return nil, sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied for schema %s", schema)
	}
	names, ok := c.schemas[schema]
	if !ok {
		return nil, sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", schema)
	}
	return names, nil
}

// Comment is that of a schema or of the database, "" for none.
func (v Names) Comment(k Key) string {
	v.c.mu.RLock()
	defer v.c.mu.RUnlock()
	if e, changed := v.before(k); changed {
		return e.comment
	}
	return v.c.comments[k]
}

// SetComment changes the comment of a schema or of the database; "" removes it.
func (c *Catalog) SetComment(k Key, text string) error {
	return c.change(func() error {
		if c.comments[k] = text; text == "" {
			delete(c.comments, k)
		}
		return nil
	})
}

// HasSchema reports whether a schema exists, Volley's own included.
func (v Names) HasSchema(name string) bool {
	v.c.mu.RLock()
	defer v.c.mu.RUnlock()
	if e, changed := v.before(SchemaKey(name)); changed {
		return e.schema
	}
	return v.c.schemas[name] != nil || isReserved(name)
}

// Dropping tells whether another transaction, which has not ended, has dropped a schema.
func (v Names) Dropping(schema string) bool {
	v.c.mu.RLock()
	defer v.c.mu.RUnlock()
	e, changed := v.before(SchemaKey(schema))
	return changed && e.schema && v.c.schemas[schema] == nil
}

func isReserved(schema string) bool {
	for _, r := range reservedSchemas {
		if r == schema {
			return true
		}
	}
	return false
}
