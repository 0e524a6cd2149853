package coordinator

import (
	"slices"

	"volley/catalog"
	"volley/parser"
	"volley/parser/ast"
	"volley/sqlerr"
)

// viewText is what is known of a view from its text alone.
type viewText struct {
	query *ast.Query
	words []string // identifiers of the text, sorted
}

// parseView reads a stored query; each is read once.
func (c *Coordinator) parseView(o *catalog.Object) (*viewText, error) {
	if v, ok := c.views.Load(o); ok {
		return v.(*viewText), nil
	}
	st, err := parser.ParseOne(o.View.SQL)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "view %q", o.Name)
	}
	q, ok := st.(*ast.Query)
	if !ok {
		return nil, sqlerr.New(sqlerr.InternalError, "view %q is not a query", o.Name)
	}
	words, err := parser.Identifiers(o.View.SQL)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "view %q", o.Name)
	}
	known, _ := c.views.LoadOrStore(o, &viewText{query: q, words: words})
	return known.(*viewText), nil
}

// mentioning are the views whose text names a relation, or another such view, or
// a function of SQL, whose body may name it: all that could read it, and more.
func (s *Session) mentioning(name string) []*catalog.Object {
	names := append(s.objects().FunctionNames(), name)
	rest := s.objects().Views()
	var found []*catalog.Object
	for len(names) > 0 {
		var more []string
		rest = slices.DeleteFunc(rest, func(o *catalog.Object) bool {
			v, err := s.c.parseView(o)
			if err != nil || !slices.ContainsFunc(names, v.mentions) {
				return false
			}
			found, more = append(found, o), append(more, o.Name)
			return true
		})
		names = more
	}
	return found
}

func (v *viewText) mentions(name string) bool {
	_, ok := slices.BinarySearch(v.words, name)
	return ok
}
