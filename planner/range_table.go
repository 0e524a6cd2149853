package planner

import (
	"volley/parser/ast"
	"volley/sqlerr"
)

// rangeTable is the items of FROM of one query level that are bound so far,
// whether or not an expression may refer to them from where it stands.
type rangeTable []rangeEntry

// rangeEntry is an item of FROM: its name there and, of a table or view, its
// own.
type rangeEntry struct{ alias, table string }

// enterLevel begins a query level; leaving it is the result.
func (b *binder) enterLevel() func() {
	b.levels = append(b.levels, nil)
	return func() { b.levels = b.levels[:len(b.levels)-1] }
}

// apart hides the levels around from what is bound next, which is text of its
// own, such as a view's; the result shows them again.
func (b *binder) apart() func() {
	was := b.levels
	b.levels = nil
	return func() { b.levels = was }
}

// listed adds an item of FROM to the level's.
func (b *binder) listed(ref ast.TableRef, src source) {
	if len(b.levels) == 0 {
		return
	}
	level := &b.levels[len(b.levels)-1]
	add := func(alias, table string) { *level = append(*level, rangeEntry{alias, table}) }
	switch r := ref.(type) {
	case *ast.Table:
		name := ""
		if r.File == "" {
			name = r.Name.Parts[len(r.Name.Parts)-1]
		}
		for _, t := range src.scope.tables {
			if t.relation != "" {
				name = t.relation
			}
			add(t.name, name)
		}
	case *ast.Join:
		if r.Alias.Name != "" {
			add(r.Alias.Name, "")
		}
	default:
		for _, t := range src.scope.tables {
			add(t.name, "")
		}
	}
}

// missingTable is the error of a name that is qualified by no item of FROM that
// may be referred to.
func (x *exprBinder) missingTable(qualifier []string, pos int) error {
	tab := qualifier[len(qualifier)-1]
	for i := len(x.levels) - 1; i >= 0; i-- {
		for _, e := range x.levels[i] {
			if e.alias != tab && e.table != tab {
				continue
			}
			err := sqlerr.At(pos, sqlerr.UndefinedTable, "invalid reference to FROM-clause entry for table \"%s\"", tab)
			if e.alias != tab && x.visible(e.alias) {
				return err.WithHint("Perhaps you meant to reference the table alias \"%s\".", e.alias)
			}
			return err.WithHint("There is an entry for table \"%s\", but it cannot be referenced from this part of the query.", e.alias)
		}
	}
	return sqlerr.At(pos, sqlerr.UndefinedTable, "missing FROM-clause entry for table \"%s\"", tab)
}

// visible tells whether an item of FROM may be referred to.
func (x *exprBinder) visible(alias string) bool {
	for sc := x.scope; sc != nil; sc = sc.parent {
		if sc.tableNamed([]string{alias}) != nil {
			return true
		}
	}
	return false
}
