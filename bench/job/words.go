package job

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"volley/parser"
	"volley/parser/ast"
)

// Query is one of the benchmark's.
type Query struct{ Name, SQL string }

// Read reads the queries of a folder, a file each.
func Read(folder string) (out []Query, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(f), ".sql")
		out = append(out, Query{name, strings.TrimSuffix(strings.TrimSpace(string(text)), ";")})
	}
	return out, nil
}

// words are the constants that queries compare columns with, by "table.column". Where
// the rows are of a type, an info_type or a role_type that the query names, they are
// also there by "table.column of type"; and the names of types by the tables that
// refer to them, "type's table.column in table".
type words struct {
	values   map[string]map[string]int // of =, <>, IN, and how often
	patterns map[string]map[string]int // of LIKE
	ranged   map[string]bool           // compared with < and the like
}

// readWords reads them out of queries of the form SELECT … FROM t AS a, … WHERE ….
func readWords(queries []Query) (*words, error) {
	w := &words{map[string]map[string]int{}, map[string]map[string]int{}, map[string]bool{}}
	for _, q := range queries {
		stmt, err := parser.ParseOne(q.SQL)
		if err != nil {
			return nil, err
		}
		if query, ok := stmt.(*ast.Query); ok {
			if s, ok := query.Body.(*ast.Select); ok {
				w.read(s)
			}
		}
	}
	return w, nil
}

// reader reads one query.
type reader struct {
	*words
	tables map[string]string   // by alias
	types  map[string]string   // the alias of its type, by alias
	named  map[string][]string // the names that a type's alias is compared with
}

func (w *words) read(s *ast.Select) {
	r := &reader{w, map[string]string{}, map[string]string{}, map[string][]string{}}
	for _, from := range s.From {
		if t, ok := from.(*ast.Table); ok {
			name := t.Name.Parts[len(t.Name.Parts)-1]
			r.tables[cmp.Or(t.Alias.Name, name)] = name
		}
	}
	conjuncts := conditions(s.Where)
	for _, c := range conjuncts {
		r.joins(c)
	}
	for _, c := range conjuncts {
		if alias, _, value, ok := comparison(c); ok && typeTables[r.tables[alias]] {
			r.named[alias] = append(r.named[alias], value)
		}
	}
	for _, c := range conjuncts {
		r.condition(c)
	}
}

var typeTables = map[string]bool{"info_type": true, "role_type": true}

// conditions are those that AND, OR and NOT combine.
func conditions(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.Binary:
		if e.Op == "and" || e.Op == "or" {
			return append(conditions(e.Left), conditions(e.Right)...)
		}
	case *ast.Unary:
		if e.Op == "not" {
			return conditions(e.Arg)
		}
	}
	return []ast.Expr{e}
}

// joins notes which alias is of which type.
func (r *reader) joins(e ast.Expr) {
	b, ok := e.(*ast.Binary)
	if !ok || b.Op != "=" {
		return
	}
	left, _, ok1 := column(b.Left)
	right, _, ok2 := column(b.Right)
	if ok1 && ok2 {
		if typeTables[r.tables[left]] {
			left, right = right, left
		}
		if typeTables[r.tables[right]] {
			r.types[left] = right
		}
	}
}

func column(e ast.Expr) (alias, name string, ok bool) {
	if c, is := e.(*ast.Column); is && len(c.Parts) == 2 {
		return c.Parts[0], c.Parts[1], true
	}
	return "", "", false
}

func text(e ast.Expr) (string, bool) {
	if l, ok := e.(*ast.Literal); ok && l.Kind == ast.String {
		return l.Text, true
	}
	return "", false
}

// comparison recognises alias.column = 'value'.
func comparison(e ast.Expr) (alias, name, value string, ok bool) {
	if b, is := e.(*ast.Binary); is {
		if alias, name, ok = column(b.Left); ok {
			value, ok = text(b.Right)
		}
	}
	return alias, name, value, ok
}

// condition notes a condition's constants.
func (r *reader) condition(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Binary:
		alias, name, value, ok := comparison(e)
		switch {
		case !ok:
		case e.Op == "=" || e.Op == "<>":
			r.note(r.values, alias, name, value)
		default:
			for _, key := range r.keys(alias, name) {
				r.ranged[key] = true
			}
		}
	case *ast.In:
		if alias, name, ok := column(e.Arg); ok {
			for _, v := range e.List {
				if value, ok := text(v); ok {
					r.note(r.values, alias, name, value)
				}
			}
		}
	case *ast.Like:
		if alias, name, ok := column(e.Arg); ok {
			if value, ok := text(e.Match); ok {
				r.note(r.patterns, alias, name, value)
			}
		}
	}
}

func (r *reader) keys(alias, name string) []string {
	column := r.tables[alias] + "." + name
	out := []string{column}
	for _, of := range r.named[r.types[alias]] {
		out = append(out, column+" of "+of)
	}
	for other, of := range r.types {
		if of == alias {
			out = append(out, column+" in "+r.tables[other])
		}
	}
	return out
}

func (r *reader) note(into map[string]map[string]int, alias, name, value string) {
	if value == "" || strings.ContainsAny(value, "|\"\n") { // those have a meaning in the files
		return
	}
	for _, key := range r.keys(alias, name) {
		if into[key] == nil {
			into[key] = map[string]int{}
		}
		into[key][value]++
	}
}

// byFrequency are words, those that are named most often first.
func byFrequency(of map[string]int) []string {
	return slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b))
	})
}
