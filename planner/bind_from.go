package planner

import (
	"path"
	"strings"

	"volley/catalog"
	"volley/parser/ast"
	"volley/planner/logical"
	"volley/sqlerr"
)

// maxViews is how deep views may refer to views.
const maxViews = 100

// source is a bound item of FROM with the names it brings.
type source struct {
	node  logical.Node
	scope *scope
}

// bindFrom sets the block's input and scope. Without FROM it is one row
// without columns.
func (s *block) bindFrom(refs []ast.TableRef, outer *scope) error {
	if s.updated != nil && s.updated == s.windows.sel {
		return s.bindChanged(refs)
	}
	return s.bindItems(refs, outer)
}

// bindItems binds the items of FROM.
func (s *block) bindItems(refs []ast.TableRef, outer *scope) error {
	if len(refs) == 0 {
		s.scope = newScope(outer)
		s.node = emptyRow()
		return nil
	}
	all, err := s.bindRef(refs[0], outer)
	if err != nil {
		return err
	}
	for _, r := range refs[1:] {
		if err := stopError(s.ctx); err != nil {
			return err
		}
		next, f, err := s.bindBeside(all, r, outer)
		if err != nil {
			return err
		}
		if err = all.scope.absorb(next.scope, all.node.Schema().NumFields(), r.Position()); err != nil {
			return err
		}
		all.node = logical.NewJoin(logical.Inner, all.node, next.node)
		if all.node, err = s.dependentJoin(all.node.(*logical.Join), f, r.Position()); err != nil {
			return err
		}
	}
	s.node, s.scope = all.node, all.scope
	return nil
}

func (s *block) bindRef(ref ast.TableRef, outer *scope) (source, error) {
	if err := s.enter(ref.Position()); err != nil {
		return source{}, err
	}
	defer s.leave()
	src, err := s.bindItem(ref, outer)
	if err == nil {
		s.listed(ref, src)
	}
	return src, err
}

func (s *block) bindItem(ref ast.TableRef, outer *scope) (source, error) {
	switch r := ref.(type) {
	case *ast.Table:
		src, err := s.bindTable(r, outer)
		if err != nil {
			return source{}, err
		}
		return s.sampled(src, r.Sample, outer)
	case *ast.TableFunc:
		if t := systemTable(r); t != nil {
			return s.bindItem(t, outer)
		}
		return s.bindTableFunc(r, outer)
	case *ast.Derived:
		return s.bindDerived(r, outer)
	case *ast.Join:
		return s.bindJoin(r, outer)
	}
	return source{}, unsupported(ref.Position(), "this item of FROM is")
}

// aliasedSource gives a relation its name and column names in FROM.
func aliasedSource(rel relation, schema, name string, alias ast.Alias, outer *scope, pos int) (source, error) {
	if len(alias.Defs) > 0 {
		return source{}, unsupported(pos, "a column definition list is")
	}
	if alias.Name != "" {
		schema, name = "", alias.Name
	}
	names, err := renamed(name, rel.names, alias.Columns, pos)
	if err != nil {
		return source{}, err
	}
	sc := newScope(outer)
	sc.addRelation(schema, name, relation{rel.node, names}, 0)
	if alias.Unlisted {
		sc.unlist(1)
	}
	return source{rel.node, sc}, nil
}

// renamed is names with the first ones replaced.
func renamed(table string, names, columns []string, pos int) ([]string, error) {
	if len(columns) == 0 {
		return names, nil
	}
	if len(columns) > len(names) {
		return nil, sqlerr.At(pos, sqlerr.InvalidColumnReference, "table \"%s\" has %d columns available but %d columns specified",
			table, len(names), len(columns))
	}
	return append(append(make([]string, 0, len(names)), columns...), names[len(columns):]...), nil
}

func (s *block) bindTable(t *ast.Table, outer *scope) (source, error) {
	if t.File != "" {
		def, stats, err := s.cat.File(s.ctx, "", catalog.Given{Location: t.File})
		if err != nil {
			return source{}, at(err, t.Position())
		}
		return aliasedSource(scanned(def, t.File, stats), "", stem(t.File), t.Alias, outer, t.Position())
	}
	name := t.Name.Parts[len(t.Name.Parts)-1]
	if len(t.Name.Parts) == 1 {
		if c := s.ctes.find(name); c != nil {
			s.selfReference = s.selfReference || c.working
			if c.unreturned {
				return source{}, sqlerr.At(t.Position(), sqlerr.FeatureNotSupported, "WITH query \"%s\" does not have a RETURNING clause", name)
			}
			src, err := aliasedSource(c.rel, "", name, t.Alias, outer, t.Position())
			if err == nil {
				src.scope.unlist(c.added)
			}
			return src, err
		}
	}
	if s.cat == nil {
		return source{}, undefinedTable(t, nil)
	}
	obj, err := s.cat.Resolve(s.ctx, t.Name.Parts)
	if err != nil {
		return source{}, at(err, t.Position())
	}
	switch {
	case obj.Table != nil:
		src, err := aliasedSource(scanned(obj.Table, name, obj.Stats), obj.Schema, name, t.Alias, outer, t.Position())
		if err == nil {
			src.scope.tables[0].oid, src.scope.tables[0].relation = obj.OID, obj.Name
			src.scope.keyed(obj.Table.Key)
		}
		return src, err
	case obj.View != nil:
		rel, err := s.bindView(obj, name, t.Position())
		if err != nil {
			return source{}, err
		}
		src, err := aliasedSource(rel, obj.Schema, name, t.Alias, outer, t.Position())
		if err == nil {
			src.scope.tables[0].relation = obj.Name
		}
		return src, err
	}
	return source{}, undefinedTable(t, s.cat.Names(s.ctx))
}

func undefinedTable(t *ast.Table, names []string) error {
	err := sqlerr.At(t.Position(), sqlerr.UndefinedTable, "relation \"%s\" does not exist", strings.Join(t.Name.Parts, "."))
	if like := closest(t.Name.Parts[len(t.Name.Parts)-1], names); like != "" {
		return err.WithHint("Did you mean \"%s\"?", like)
	}
	return err
}

func scanned(def *catalog.TableDef, name string, stats *catalog.Stats) relation {
	scan := logical.NewScan(name, def, stats)
	names := make([]string, def.Schema.NumFields())
	for i, f := range def.Schema.Fields() {
		names[i] = f.Name
	}
	return relation{scan, names}
}

// bindView binds a view's query in its own world. Positions in its text mean
// nothing to whoever uses the view, so errors have the use's.
func (s *block) bindView(obj Object, name string, pos int) (relation, error) {
	if s.views++; s.views > maxViews {
		return relation{}, sqlerr.At(pos, "42P17", "infinite recursion detected in rules for relation \"%s\"", name)
	}
	defer func() { s.views-- }()
	defer s.apart()()
	rel, err := s.bindQuery(obj.View, nil, nil, true)
	if err != nil {
		e := *sqlerr.Find(err)
		e.Position = 0
		if s.views == 1 {
			e.Message = "view \"" + name + "\": " + e.Message
		}
		return relation{}, e.WithPos(pos)
	}
	rel.names, err = renamed(name, rel.names, obj.ViewColumns, pos)
	return rel, err
}

// stem is the table name of a file: its base name up to the first dot.
func stem(file string) string {
	base, _, _ := strings.Cut(path.Base(file), ".")
	if strings.ContainsAny(base, "*?[") {
		return ""
	}
	return base
}
