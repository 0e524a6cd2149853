package catalog

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"volley/sqlerr"
)

// Key names a part of the catalog that is kept by itself: a kind and names, with a zero
// byte between each two.
type Key string

// The kinds of keys.
const (
	keyFormat   = "format"
	keyDatabase = "database"
	keySchema   = "schema"
	keyRelation = "relation"
	keyFunction = "function"
)

const (
	// FormatKey is kept in every data directory that has a catalog.
	FormatKey Key = keyFormat
	// DatabaseKey is the database's own; only its comment is kept under it.
	DatabaseKey Key = keyDatabase

	keptFormat = 1
)

// names are the key's kind and names.
func (k Key) names() []string { return strings.Split(string(k), "\x00") }

func key(parts ...string) Key { return Key(strings.Join(parts, "\x00")) }

// SchemaKey is a schema's key.
func SchemaKey(schema string) Key { return key(keySchema, schema) }

// RelationKey is the key of an external table or a view.
func RelationKey(schema, name string) Key { return key(keyRelation, schema, name) }

// FunctionsKey begins the keys of a schema's functions.
func FunctionsKey(schema string) string { return string(key(keyFunction, schema, "")) }

// Key is the object's key.
func (o *Object) Key() Key { return RelationKey(o.Schema, o.Name) }

// Key is the function's key.
func (f *Function) Key() Key { return key(keyFunction, f.Schema, f.Name, f.Signature) }

// keptComment is a schema, or the database.
type keptComment struct {
	Comment string `json:"comment,omitempty"`
}

// Text is what is to be kept under a key, as JSON; nil where there is no such thing.
func (c *Catalog) Text(k Key) (json.RawMessage, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, names := c.entry(k), k.names()
	switch {
	case k == FormatKey:
		return json.Marshal(keptFormat)
	case k == DatabaseKey, names[0] == keySchema && e.schema:
		return json.Marshal(keptComment{e.comment})
	case e.object != nil:
		return json.Marshal(store(e.object))
	case e.function != nil:
		return json.Marshal(e.function)
	}
	return nil, nil
}

// Keys are those of all that there is.
func (c *Catalog) Keys() []Key {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := []Key{FormatKey, DatabaseKey}
	for schema, names := range c.schemas {
		out = append(out, SchemaKey(schema))
		for _, o := range names {
			out = append(out, o.Key())
		}
	}
	for _, names := range c.functions {
		for _, list := range names {
			for _, f := range list {
				out = append(out, f.Key())
			}
		}
	}
	return out
}

// Restore makes a catalog of what was kept; XX001 where it cannot be read.
func Restore(kept map[string]json.RawMessage) (*Catalog, error) {
	c := New()
	c.schemas = map[string]map[string]*Object{}
	for _, k := range slices.Sorted(maps.Keys(kept)) {
		if err := c.restore(Key(k), kept[k]); err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not read %q of the catalog", k)
		}
	}
	return c, nil
}

func (c *Catalog) restore(k Key, text []byte) error {
	switch names := k.names(); names[0] {
	case keyFormat:
		var format int
		if err := json.Unmarshal(text, &format); err != nil {
			return err
		}
		if format != keptFormat {
			return sqlerr.New(sqlerr.DataCorrupted, "it is %d; this program reads format %d", format, keptFormat)
		}
	case keySchema, keyDatabase:
		var kept keptComment
		if err := json.Unmarshal(text, &kept); err != nil {
			return err
		}
		if kept.Comment != "" {
			c.comments[k] = kept.Comment
		}
		if names[0] == keySchema {
			c.makeSchema(names[1])
		}
	case keyRelation:
		var t storedTable
		if err := json.Unmarshal(text, &t); err != nil {
			return err
		}
		o, err := t.object(names[1])
		if err != nil {
			return err
		}
		c.makeSchema(o.Schema)[o.Name] = o
	case keyFunction:
		f := &Function{}
		if err := json.Unmarshal(text, f); err != nil {
			return err
		}
		c.setFunctions(f.Schema, f.Name, append(c.functions[f.Schema][f.Name], f))
	}
	return nil
}

// makeSchema gives the objects of a schema, which is made where it is missing.
func (c *Catalog) makeSchema(schema string) map[string]*Object {
	if c.schemas[schema] == nil {
		c.schemas[schema] = map[string]*Object{}
	}
	return c.schemas[schema]
}
