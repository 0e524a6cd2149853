package coordinator

import (
	"context"
	"slices"
	"strings"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// addLikes adds the columns of the LIKE clauses that stand before column i.
func (d *tableDefinition) addLikes(ctx context.Context, st *ast.CreateTable, i int) error {
	for k := range st.Likes {
		if like := &st.Likes[k]; like.Before == i {
			if err := d.addLike(ctx, like); err != nil {
				return err
			}
		}
	}
	return nil
}

// addLike adds the columns of another table or view: names, types and NOT NULL,
// and what is included besides.
func (d *tableDefinition) addLike(ctx context.Context, like *ast.TableLike) error {
	resolver := &names{s: d.s}
	obj, err := resolver.Resolve(ctx, like.Table.Parts)
	if err != nil {
		return sqlerr.Find(err).WithPos(like.Table.Position())
	}
	if obj.Table == nil && obj.View == nil {
		return sqlerr.At(like.Table.Position(), sqlerr.UndefinedTable, "relation \"%s\" does not exist", strings.Join(like.Table.Parts, "."))
	}
	source := d.s.tables().Lookup(obj.Schema, obj.Name)
	if source == nil {
		return d.addResultColumns(ctx, like)
	}
	def := source.Definition()
	first := len(d.def.Columns)
	for _, c := range def.Columns {
		if !like.Including["comments"] {
			c.Comment = ""
		}
		if err := d.likeDefault(&c, def, like); err != nil {
			return err
		}
		if err := d.addColumn(c, like.Position()); err != nil {
			return err
		}
	}
	if like.Including["constraints"] {
		for _, c := range def.Checks {
			if !slices.ContainsFunc(d.def.Checks, func(o memtable.Check) bool { return o.Name == c.Name }) {
				d.def.Checks = append(d.def.Checks, c)
			}
		}
	}
	if like.Including["indexes"] {
		for _, u := range def.Uniques {
			if u.Constraint {
				d.likeKeys = append(d.likeKeys, likeKey(def, u, like.Pos))
			} else {
				d.likeIndexes = append(d.likeIndexes, likeIndex(u, first))
			}
		}
		for _, u := range source.PlainIndexes() {
			d.likePlain = append(d.likePlain, likeIndex(u, first))
		}
	} else {
		for i := range d.def.Columns[first:] { // NOT NULL of a key stays
			d.def.Columns[first+i].NotNull = def.Columns[i].NotNull
		}
	}
	return nil
}

// likeDefault keeps of a column's default what is included. A serial column's
// shares the sequence; an identity gets one of its own.
func (d *tableDefinition) likeDefault(c *memtable.Column, def *memtable.Definition, like *ast.TableLike) error {
	sequence, identity := c.Sequence, c.Identity
	c.Sequence, c.Identity = "", 0
	if !like.Including["generated"] {
		c.Generated = ""
	}
	switch {
	case identity != 0 && like.Including["identity"]:
		c.Identity = identity
		kind := map[byte]string{'a': "always", 'd': "by default"}[identity]
		return d.addSequence(c, &ast.ColumnDef{Pos: like.Pos, Name: c.Name, Identity: kind})
	case !like.Including["defaults"]:
		c.Default = ""
	case sequence != "" && identity == 0:
		c.Default = sequenceText(def.Schema, sequence, false)
	}
	return nil
}

// likeIndex is an index of a table whose columns are copied from the first-th on; it gets its
// name when all columns are there.
func likeIndex(u memtable.Unique, first int) memtable.Unique {
	u.Name, u.Comment, u.Columns = "", "", slices.Clone(u.Columns)
	for i, c := range u.Columns {
		if c != memtable.Computed {
			u.Columns[i] += first
		}
	}
	return u
}

// nameIndexes gives the indexes that were taken from other tables names of their own.
func (d *tableDefinition) nameIndexes(list []memtable.Unique) error {
	for i := range list {
		names, err := indexColumnNames(d.def, &list[i])
		if err != nil {
			return err
		}
		list[i].Name = d.freeName(d.def.Name + "_" + strings.Join(names, "_") + "_idx")
	}
	return nil
}

// likeKey is a key of another table as a constraint without a name.
func likeKey(def *memtable.Definition, u memtable.Unique, pos ast.Pos) ast.Constraint {
	c := ast.Constraint{Pos: pos, Kind: "unique", Deferrable: u.Deferrable, Deferred: u.Deferred, NullsNotDistinct: u.NullsNotDistinct}
	if u.Primary {
		c.Kind = "primary key"
	}
	for _, at := range u.Columns {
		c.Columns = append(c.Columns, def.Columns[at].Name)
	}
	return c
}

// addResultColumns adds the columns of a view or of a table of files.
func (d *tableDefinition) addResultColumns(ctx context.Context, like *ast.TableLike) error {
	star := &ast.Query{Pos: like.Pos, Body: &ast.Select{
		Pos: like.Pos, Items: []ast.SelectItem{{Expr: &ast.Star{Pos: like.Pos}}}, From: []ast.TableRef{&ast.Table{Pos: like.Table.Pos, Name: like.Table}},
	}}
	b, err := d.s.bindQuery(ctx, star, nil)
	if err != nil {
		return err
	}
	for _, f := range b.Schema.Fields() {
		if err := d.addColumn(memtable.Column{Name: f.Name, Type: sqltype.Logical(f.Type)}, like.Position()); err != nil {
			return err
		}
	}
	return nil
}
