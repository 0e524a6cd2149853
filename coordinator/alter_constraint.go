package coordinator

import (
	"context"
	"slices"
	"strings"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/sqlerr"
)

// addConstraint runs ADD CONSTRAINT; the rows that are there must satisfy it.
func (a *alteration) addConstraint(ctx context.Context, act *ast.AlterAction) error {
	d := &tableDefinition{s: a.s, def: &a.def, used: map[string]bool{}}
	for _, u := range a.def.Uniques {
		d.used[u.Name] = true
	}
	for _, c := range a.def.Checks {
		d.used[c.Name] = true
	}
	if c := &act.Constraint; c.Kind != "check" && c.Name != "" && d.used[c.Name] {
		return sqlerr.New(sqlerr.DuplicateTable, "relation \"%s\" already exists", c.Name)
	}
	switch act.Constraint.Kind {
	case "primary key", "unique":
		if err := d.addKey(&act.Constraint); err != nil {
			return err
		}
		for i, c := range a.def.Columns {
			if c.NotNull {
				if err := a.setNotNull(ctx, i); err != nil {
					return err
				}
			}
		}
		return nil
	case "foreign key":
		a.res.notices = append(a.res.notices, *warning("0A000", "foreign keys are not enforced"))
		return nil
	}
	st := &ast.CreateTable{Pos: act.Pos, Constraints: []ast.Constraint{act.Constraint}}
	if err := d.addChecks(ctx, st); err != nil {
		return err
	}
	rules, err := a.s.bindRules(ctx, &a.def, a.def.ArrowSchema())
	if err != nil {
		return err
	}
	return a.checkRows(ctx, rules)
}

// constraint drops or renames a constraint.
func (a *alteration) constraint(act *ast.AlterAction) error {
	for i, u := range a.def.Uniques {
		if u.Name != act.Name || !u.Constraint {
			continue
		}
		if act.Kind == "drop constraint" {
			a.def.Uniques = slices.Delete(a.def.Uniques, i, i+1)
		} else {
			a.def.Uniques[i].Name = act.NewName
		}
		return nil
	}
	for i, c := range a.def.Checks {
		if c.Name != act.Name {
			continue
		}
		if act.Kind == "drop constraint" {
			a.def.Checks = slices.Delete(a.def.Checks, i, i+1)
		} else {
			a.def.Checks[i].Name = act.NewName
		}
		return nil
	}
	if act.IfExists {
		a.res.notices = append(a.res.notices, *notice("00000", "constraint \""+act.Name+"\" of relation \""+a.def.Name+"\" does not exist, skipping"))
		return nil
	}
	if act.Kind == "rename constraint" {
		return sqlerr.New(sqlerr.UndefinedObject, "constraint \"%s\" for table \"%s\" does not exist", act.Name, a.def.Name)
	}
	return sqlerr.New(sqlerr.UndefinedObject, "constraint \"%s\" of relation \"%s\" does not exist", act.Name, a.def.Name)
}

// alterOther runs ALTER of what is no managed table: it can be renamed and
// moved.
func (s *Session) alterOther(ctx context.Context, tx *memtable.Tx, st *ast.AlterTable) error {
	name := st.Name.Parts[len(st.Name.Parts)-1]
	if q := s.findSequence(st.Name); q != nil {
		d := q.Definition()
		for _, act := range st.Actions {
			switch act.Kind {
			case "rename":
				return tx.RenameSequence(ctx, q, d.Schema, act.NewName)
			case "set schema":
				return tx.RenameSequence(ctx, q, act.NewName, d.Name)
			}
		}
		return nil
	}
	for _, schema := range s.schemas(st.Name) {
		o, ok := s.objects().Lookup(schema, name)
		if !ok {
			continue
		}
		for _, act := range st.Actions {
			if err := s.alterObject(ctx, tx, o, &act); err != nil {
				return err
			}
		}
		return nil
	}
	if s.tables().HasIndex(schemaOf(s, st.Name, name), name) {
		return s.renameIndex(ctx, tx, st, name)
	}
	return sqlerr.New(sqlerr.UndefinedTable, "relation \"%s\" does not exist", strings.Join(st.Name.Parts, "."))
}

func schemaOf(s *Session, q ast.QName, name string) string {
	for _, schema := range s.schemas(q) {
		if s.tables().HasIndex(schema, name) {
			return schema
		}
	}
	return ""
}

// alterObject renames or moves a view or an external table.
func (s *Session) alterObject(ctx context.Context, tx *memtable.Tx, o *catalog.Object, act *ast.AlterAction) error {
	next := *o
	switch act.Kind {
	case "none":
		return nil
	case "rename":
		next.Name = act.NewName
	case "set schema":
		next.Schema = act.NewName
	case "set default", "drop default":
		if o.View != nil {
			return s.setViewDefault(ctx, tx, o, act)
		}
		fallthrough
	default:
		return sqlerr.New(sqlerr.FeatureNotSupported, "this form of ALTER is not supported for a %s", o.Kind())
	}
	if s.relationExists(next.Schema, next.Name) {
		return sqlerr.New(sqlerr.DuplicateTable, "relation \"%s\" already exists", next.Name)
	}
	if err := s.putObject(ctx, tx, &next, false); err != nil {
		return err
	}
	return s.dropObject(ctx, tx, o, o.Kind())
}

// renameIndex gives an index another name.
func (s *Session) renameIndex(ctx context.Context, tx *memtable.Tx, st *ast.AlterTable, name string) error {
	to := st.Actions[0].NewName
	if st.Actions[0].Kind != "rename" {
		return nil
	}
	for _, t := range s.tables().Tables() {
		schema := t.Definition().Schema
		if !slices.Contains(s.schemas(st.Name), schema) || !t.HasIndex(name) {
			continue
		}
		if s.relationExists(schema, to) {
			return sqlerr.New(sqlerr.DuplicateTable, "relation \"%s\" already exists", to)
		}
		if err := tx.Lock(ctx, t); err != nil { // before it is looked at: another may be changing it
			return err
		}
		def := *t.Definition()
		def.Uniques = slices.Clone(def.Uniques)
		for i := range def.Uniques {
			if def.Uniques[i].Name == name {
				def.Uniques[i].Name = to
				_, err := tx.Replace(ctx, t, &def, tx.Current(t))
				return err
			}
		}
		plain := slices.Clone(t.PlainIndexes())
		for i := range plain {
			if plain[i].Name == name {
				plain[i].Name = to
				return tx.SetPlainIndexes(ctx, t, plain)
			}
		}
	}
	return nil
}

// renamed is SQL text with an identifier in the place of another. Strings stay
// as they are.
func renamed(text, from, to string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case c == '\'' || c == '"':
			for i++; i < len(text) && text[i] != c; i++ {
			}
			i = min(i+1, len(text))
			if c == '"' && text[start:i] == `"`+from+`"` {
				out.WriteString(to)
				continue
			}
		case wordByte(c):
			for i < len(text) && wordByte(text[i]) {
				i++
			}
			if strings.ToLower(text[start:i]) == from {
				out.WriteString(to)
				continue
			}
		default:
			i++
		}
		out.WriteString(text[start:i])
	}
	return out.String()
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
