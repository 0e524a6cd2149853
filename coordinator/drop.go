package coordinator

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/sqlerr"
)

// drop runs DROP TABLE, VIEW, INDEX, SEQUENCE and SCHEMA: all of the names or
// none of them.
func (s *Session) drop(ctx context.Context, st *ast.Drop) (*Result, error) {
	tag := "DROP " + strings.ToUpper(st.Kind)
	res := command(tag)
	err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
		d := &dropping{s: s, tx: tx, st: st, res: res}
		for i, q := range st.Names {
			err := d.one(ctx, q, i)
			switch code := sqlerr.Code(err); {
			case err == nil:
			case st.IfExists && code == sqlerr.UndefinedFunction:
				res.notices = append(res.notices, *notice("00000", sqlerr.Find(err).Message+", skipping"))
			case st.IfExists && (code == sqlerr.UndefinedTable || code == sqlerr.InvalidSchemaName || code == sqlerr.UndefinedObject):
				res.notices = append(res.notices, *notice("00000", st.Kind+" \""+q.Parts[len(q.Parts)-1]+"\" does not exist, skipping"))
			default:
				return sqlerr.Find(err).WithPos(q.Position())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// dropping is a running DROP.
type dropping struct {
	s   *Session
	tx  *memtable.Tx
	st  *ast.Drop
	res *Result
}

// one drops one object, the i-th name of the statement.
func (d *dropping) one(ctx context.Context, q ast.QName, i int) error {
	s, name := d.s, q.Parts[len(q.Parts)-1]
	switch d.st.Kind {
	case "schema":
		return d.schema(ctx, name)
	case "index":
		for _, schema := range s.schemas(q) {
			if found, err := d.tx.DropIndex(ctx, schema, name); found || err != nil {
				return err
			}
		}
		return sqlerr.New(sqlerr.UndefinedObject, "index %q does not exist", name)
	case "sequence":
		return d.sequence(ctx, q, name)
	case "function":
		return d.function(ctx, q, d.st.Args[i])
	case "table", "view", "materialized view":
	default:
		return sqlerr.At(d.st.Position(), sqlerr.FeatureNotSupported, "DROP %s is not supported", strings.ToUpper(d.st.Kind))
	}
	if err := s.await(q); err != nil {
		return err
	}
	for _, schema := range s.schemas(q) {
		if t := s.tables().Lookup(schema, name); t != nil {
			if kind := kindOf(t); d.st.Kind != kind {
				return sqlerr.New(sqlerr.WrongObjectType, "%q is not a %s", name, d.st.Kind).
					WithHint("Use DROP %s to remove a %s.", strings.ToUpper(kind), kind)
			}
			if err := d.dependants(ctx, schema, name, "table"); err != nil {
				return err
			}
			return s.dropTable(ctx, d.tx, t)
		}
		if o, ok := s.objects().Lookup(schema, name); ok {
			if o.Kind() == d.st.Kind {
				if err := d.dependants(ctx, schema, name, o.Kind()); err != nil {
					return err
				}
			}
			return s.dropObject(ctx, d.tx, o, d.st.Kind)
		}
		if s.tables().HasIndex(schema, name) {
			return sqlerr.New(sqlerr.WrongObjectType, "%q is not a %s", name, d.st.Kind)
		}
	}
	if len(q.Parts) > 1 && !s.objects().HasSchema(s.realSchema(q.Parts[len(q.Parts)-2])) && !d.st.IfExists {
		return sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", q.Parts[len(q.Parts)-2])
	}
	return sqlerr.New(sqlerr.UndefinedTable, "%s %q does not exist", d.st.Kind, name)
}

// dropTable drops a managed table with the sequences of its columns.
func (s *Session) dropTable(ctx context.Context, tx *memtable.Tx, t *memtable.Table) error {
	s.c.rules.Delete(t.ID())
	if err := tx.Drop(ctx, t); err != nil {
		return err
	}
	def := t.Definition()
	for _, c := range def.Columns {
		if q := s.tables().Sequence(def.Schema, c.Sequence); q != nil {
			if err := tx.DropSequence(ctx, q); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *dropping) sequence(ctx context.Context, q ast.QName, name string) error {
	seq := d.s.findSequence(q)
	if seq == nil {
		return sqlerr.New(sqlerr.UndefinedTable, "sequence %q does not exist", name)
	}
	def := seq.Definition()
	for _, t := range d.s.tables().Tables() {
		td := t.Definition()
		for _, c := range td.Columns {
			switch {
			case td.Schema != def.Schema || c.Sequence != def.Name:
			case c.Identity != 0:
				return dependent("sequence "+name, "column "+c.Name+" of table "+td.Name+" requires it", "")
			default:
				return dependent("sequence "+name, "other objects depend on it", "default value for column "+c.Name+" of table "+td.Name+" depends on sequence "+name)
			}
		}
	}
	return d.tx.DropSequence(ctx, seq)
}

// dependent is the error of dropping what something else needs.
func dependent(what, why, detail string) error {
	e := sqlerr.New(memtable.DependentObjects, "cannot drop %s because %s", what, why)
	if detail != "" {
		e = e.WithDetail("%s", detail).WithHint("Use DROP ... CASCADE to drop the dependent objects too.")
	}
	return e
}

// dependants refuses to drop what views are made of, or drops those views too.
// Relations that the same statement drops do not count.
func (d *dropping) dependants(ctx context.Context, schema, name, kind string) error {
	views := d.s.viewsOf(schema, name)
	if !d.st.Cascade {
		views = slices.DeleteFunc(views, func(v dependantView) bool { return d.named(v.object) })
		if len(views) == 0 {
			return nil
		}
		lines := make([]string, len(views))
		for i, v := range views {
			lines[i] = "view " + v.object.Name + " depends on " + v.on
		}
		return dependent(kind+" "+name, "other objects depend on it", strings.Join(lines, "\n"))
	}
	dropped := []string{}
	for _, v := range views {
		if _, ok := d.s.objects().Lookup(v.object.Schema, v.object.Name); !ok {
			continue
		}
		if err := d.s.dropObject(ctx, d.tx, v.object, "view"); err != nil {
			return err
		}
		dropped = append(dropped, "view "+v.object.Name)
	}
	d.cascaded(dropped)
	return nil
}

// cascaded tells what else was dropped.
func (d *dropping) cascaded(dropped []string) {
	switch len(dropped) {
	case 0:
	case 1:
		d.res.notices = append(d.res.notices, *notice("00000", "drop cascades to "+dropped[0]))
	default:
		d.res.notices = append(d.res.notices, *notice("00000", fmt.Sprintf("drop cascades to %d other objects", len(dropped))))
	}
}

// named tells whether the statement drops an object itself.
func (d *dropping) named(o *catalog.Object) bool {
	return d.st.Kind == o.Kind() && slices.ContainsFunc(d.st.Names, func(q ast.QName) bool {
		return q.Parts[len(q.Parts)-1] == o.Name && slices.Contains(d.s.schemas(q), o.Schema)
	})
}

// schema drops a schema, and with CASCADE all that is in it.
func (d *dropping) schema(ctx context.Context, schema string) error {
	if err := d.tx.AwaitSchema(ctx, schema, catalog.FunctionsKey(schema)); err != nil { // for what others are making in it
		return err
	}
	dropped, err := d.contents(ctx, schema)
	if err != nil {
		return err
	}
	if len(dropped) > 0 && !d.st.Cascade {
		return dependent("schema "+schema, "other objects depend on it", dropped[0]+" depends on schema "+schema)
	}
	if err := d.s.removeSchema(ctx, d.tx, schema); err != nil {
		return err
	}
	d.cascaded(dropped)
	return nil
}

// contents gives what is in a schema, and with CASCADE drops it.
func (d *dropping) contents(ctx context.Context, schema string) (dropped []string, err error) {
	s, names := d.s, d.s.objects()
	for _, t := range s.tables().Tables() {
		if t.Definition().Schema == schema {
			dropped = append(dropped, "table "+schema+"."+t.Definition().Name)
			if !d.st.Cascade {
				continue
			}
			if err := d.dependants(ctx, schema, t.Definition().Name, "table"); err != nil {
				return nil, err
			}
			if err := s.dropTable(ctx, d.tx, t); err != nil {
				return nil, err
			}
		}
	}
	for _, q := range s.tables().Sequences() {
		if q.Definition().Schema == schema {
			if dropped = append(dropped, "sequence "+schema+"."+q.Definition().Name); d.st.Cascade {
				if err := d.tx.DropSequence(ctx, q); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, o := range names.List() {
		if o.Schema != schema {
			continue
		}
		if dropped = append(dropped, o.Kind()+" "+schema+"."+o.Name); d.st.Cascade {
			if err := s.dropObject(ctx, d.tx, o, o.Kind()); err != nil {
				return nil, err
			}
		}
	}
	for _, f := range names.ListFunctions(schema) {
		if dropped = append(dropped, "function "+schema+"."+f.Name+"("+f.Signature+")"); d.st.Cascade {
			if err := s.dropCatalogFunction(ctx, d.tx, f); err != nil {
				return nil, err
			}
		}
	}
	return dropped, nil
}
