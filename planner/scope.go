package planner

import (
	"sort"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/sqlerr"
)

// scope is what names mean in one query block: the columns of its FROM clause.
// parent is the scope of the query around a subquery; a name found there makes
// the subquery correlated.
type scope struct {
	parent  *scope
	columns []column
	tables  []table
	byName  map[string][]int // ordinals of columns, filled on first use
	// frame collects what a subquery uses of this scope; nil where subqueries
	// cannot be correlated.
	frame *frame
	// barred: the names are there, but must not be used where this scope is looked
	// through: an UPDATE's target for the LATERAL items of FROM.
	barred bool
	// beside: the scope around is of the same query level, that of the items of
	// FROM before those of this one.
	beside bool
	// params are what $1, … stand for in the body of a function.
	params []expr.Expr
}

// column is a name that an expression may use. index is its ordinal in the
// block's input.
type column struct {
	schema, table string // "" for a column merged by USING
	name          string
	index         int
	typ           arrow.DataType
	// hidden: only a qualified name finds it, since USING merged it.
	hidden bool
	// keyWidth is the number of columns of its table's primary key, if it is one.
	keyWidth int
	// unlisted: * does not give it.
	unlisted bool
	// row: the one column of a function that gives scalars, which the name of
	// the function's alias means too.
	row bool
	// value is what a function's parameter stands for; index is not used then.
	value expr.Expr
	// merged is the conversion that gives a column merged by USING from one
	// side's, where one side alone gives it; else nil.
	merged expr.Expr
	// source gives the column; its node is nil where no single one does.
	source outputColumn
}

// table is an item of FROM that has a name.
type table struct {
	schema, name string
	// nullable: an outer join may have no row of it.
	nullable bool
	// scalar: a function whose rows are single values.
	scalar bool
	// relation is the own name of a table or view of the catalog.
	relation string
	oid      uint32 // of a table or view of the catalog; 0 for anything else
}

func newScope(parent *scope) *scope { return &scope{parent: parent} }

func (s *scope) add(c column) {
	s.columns = append(s.columns, c)
	s.byName = nil
}

// addRelation adds a FROM item under a name ("" for none), its columns from
// ordinal offset on.
func (s *scope) addRelation(schema, name string, rel relation, offset int) {
	if name != "" {
		s.tables = append(s.tables, table{schema: schema, name: name})
	}
	for i, f := range rel.node.Schema().Fields() {
		s.add(column{schema: schema, table: name, name: rel.names[i], index: offset + i, typ: f.Type, source: outputColumn{rel.node, i}})
	}
}

// tableNamed is the item that goes by a qualifier, or nil.
func (s *scope) tableNamed(qualifier []string) *table {
	n := len(qualifier)
	for i, t := range s.tables {
		if t.name == qualifier[n-1] && (n == 1 || t.schema == qualifier[n-2]) {
			return &s.tables[i]
		}
	}
	return nil
}

// setNullable notes that an outer join may have no row of the tables in s.
func (s *scope) setNullable() {
	s.tables = append([]table(nil), s.tables...)
	for i := range s.tables {
		s.tables[i].nullable = true
	}
}

// merge is the scope of a join: both sides, the right one's ordinals moved.
func (s *scope) merge(right *scope, offset, pos int) (*scope, error) {
	out := newScope(s.parent)
	out.tables = append(out.tables, s.tables...)
	out.columns = append(make([]column, 0, len(s.columns)+len(right.columns)), s.columns...)
	return out, out.absorb(right, offset, pos)
}

// absorb makes s, which nobody else uses any more, the scope of a join: a chain
// of joins costs what its columns do, not what all of its joins have together.
func (s *scope) absorb(right *scope, offset, pos int) error {
	for _, t := range right.tables {
		for _, u := range s.tables {
			if t.name == u.name && (t.schema == u.schema || t.schema == "" || u.schema == "") {
				return sqlerr.At(pos, sqlerr.DuplicateAlias, "table name \"%s\" specified more than once", t.name)
			}
		}
	}
	s.frame = nil
	s.tables = append(s.tables, right.tables...)
	for _, c := range right.columns {
		if s.byName != nil {
			s.byName[c.name] = append(s.byName[c.name], len(s.columns))
		}
		c.index += offset
		if c.merged != nil {
			c.merged = shifted([]expr.Expr{c.merged}, offset)[0]
		}
		s.columns = append(s.columns, c)
	}
	return nil
}

// named are the ordinals in s.columns of those called name. Where there is none,
// they are of those that differ from it only in case: unquoted names are folded
// to lower case, but the headers of files are not.
func (s *scope) named(name string) []int {
	if exact := s.exactly(name); len(exact) > 0 {
		return exact
	}
	var out []int
	for i, c := range s.columns {
		if strings.EqualFold(c.name, name) {
			out = append(out, i)
		}
	}
	return out
}

func (s *scope) exactly(name string) []int {
	if s.byName == nil {
		s.byName = make(map[string][]int, len(s.columns))
		for i, c := range s.columns {
			s.byName[c.name] = append(s.byName[c.name], i)
		}
	}
	return s.byName[name]
}

// matches tells whether a qualifier ([table] or [schema, table], possibly with
// the database before) means c's table.
func (c column) matches(qualifier []string) bool {
	switch len(qualifier) {
	case 0:
		return !c.hidden
	case 1:
		return c.table == qualifier[0]
	}
	n := len(qualifier)
	return c.table == qualifier[n-1] && c.schema == qualifier[n-2]
}

// ambiguous refuses a table's name that tables of several schemas have.
func (s *scope) ambiguous(qualifier []string, pos int) error {
	if len(qualifier) != 1 {
		return nil
	}
	seen := false
	for i := range s.tables {
		if s.tables[i].name != qualifier[0] {
			continue
		}
		if seen {
			return sqlerr.At(pos, sqlerr.AmbiguousAlias, "table reference \"%s\" is ambiguous", qualifier[0])
		}
		seen = true
	}
	return nil
}

// find looks a column up in s alone; ok is false when there is none.
func (s *scope) find(parts []string, pos int) (c column, ok bool, err error) {
	name, qualifier := parts[len(parts)-1], parts[:len(parts)-1]
	if err := s.ambiguous(qualifier, pos); err != nil {
		return column{}, true, err
	}
	for _, i := range s.named(name) {
		if !s.columns[i].matches(qualifier) {
			continue
		}
		if ok {
			return c, true, sqlerr.At(pos, sqlerr.AmbiguousColumn, "column reference \"%s\" is ambiguous", name)
		}
		c, ok = s.columns[i], true
	}
	if ok && s.barred {
		return c, true, s.barredReference(c.table, pos)
	}
	if ok || len(qualifier) > 0 {
		return c, ok, nil
	}
	for _, c := range s.columns {
		if c.row && c.table == name {
			return c, true, nil
		}
	}
	return c, false, nil
}

// lookup finds a column in s or in a scope around it; from is the latter.
func (s *scope) lookup(parts []string, pos int) (c column, from *scope, err error) {
	for sc := s; sc != nil; sc = sc.parent {
		c, ok, err := sc.find(parts, pos)
		if ok && err == nil {
			err = sc.alsoBeside(parts, pos)
		}
		if ok || err != nil {
			return c, sc, err
		}
	}
	return column{}, nil, s.missing(parts, pos)
}

// alsoBeside is the error where a name means something in s and in the items of
// FROM before it, too.
func (s *scope) alsoBeside(parts []string, pos int) error {
	for sc := s; sc.beside; {
		if sc = sc.parent; sc.barred {
			continue
		}
		if len(parts) > 1 && sc.tableNamed(parts[:len(parts)-1]) != nil {
			return sqlerr.At(pos, sqlerr.AmbiguousAlias, "table reference \"%s\" is ambiguous", parts[len(parts)-2])
		}
		if _, found, _ := sc.find(parts, pos); found {
			return sqlerr.At(pos, sqlerr.AmbiguousColumn, "column reference \"%s\" is ambiguous", parts[len(parts)-1])
		}
	}
	return nil
}

// missing is the error for a name that nothing has.
func (s *scope) missing(parts []string, pos int) error {
	name := parts[len(parts)-1]
	if len(parts) == 1 {
		e := sqlerr.At(pos, sqlerr.UndefinedColumn, "column \"%s\" does not exist", name)
		if like := s.similar(name); like != "" {
			e = e.WithHint("Did you mean \"%s\"?", like)
		}
		return e
	}
	qualifier := parts[:len(parts)-1]
	tab := qualifier[len(qualifier)-1]
	for sc := s; sc != nil; sc = sc.parent {
		for _, t := range sc.tables {
			if t.name == tab {
				e := sqlerr.At(pos, sqlerr.UndefinedColumn, "column %s.%s does not exist", tab, name)
				if like := s.similar(name); like != "" {
					e = e.WithHint("Did you mean \"%s\"?", like)
				}
				return e
			}
		}
	}
	return sqlerr.At(pos, sqlerr.UndefinedTable, "missing FROM-clause entry for table \"%s\"", tab)
}

// similar is the visible column whose name is closest to a misspelt one.
func (s *scope) similar(name string) string {
	var names []string
	for sc := s; sc != nil; sc = sc.parent {
		for _, c := range sc.columns {
			if !c.hidden {
				names = append(names, c.name)
			}
		}
	}
	return closest(name, names)
}

// star is the columns of * (qualifier nil) or t.*, in order.
func (s *scope) star(qualifier []string) []column {
	var out []column
	for _, c := range s.columns {
		if c.matches(qualifier) && !c.unlisted {
			out = append(out, c)
		}
	}
	if qualifier != nil {
		sort.SliceStable(out, func(i, j int) bool { return out[i].index < out[j].index })
	}
	return out
}

// keyed marks the columns of a table's primary key.
func (s *scope) keyed(ordinals []int) {
	for _, i := range ordinals {
		s.columns[i].keyWidth = len(ordinals)
	}
}

// unlist keeps the last n columns out of *.
func (s *scope) unlist(n int) {
	for i := len(s.columns) - n; i < len(s.columns); i++ {
		s.columns[i].unlisted = true
	}
}
