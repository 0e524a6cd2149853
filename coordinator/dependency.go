package coordinator

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"volley/catalog"
	"volley/planner"
)

// reading is a catalog that notes which relations a query reads.
type reading struct {
	names
	seen map[relationName]string // kind by relation
}

type relationName struct{ schema, name string }

// Resolve finds a table or view.
func (n *reading) Resolve(ctx context.Context, parts []string) (planner.Object, error) {
	o, err := n.names.Resolve(ctx, parts)
	switch {
	case o.View != nil:
		n.seen[relationName{o.Schema, o.Name}] = "view"
	case o.Table != nil:
		n.seen[relationName{o.Schema, o.Name}] = "table"
	}
	return o, err
}

// dependantView is a view that reads a relation; on is what it reads itself.
type dependantView struct {
	object *catalog.Object
	on     string
}

// viewsOf are the views that read a relation, directly or through other views,
// those that others read first.
func (s *Session) viewsOf(schema, name string) []dependantView {
	target := relationName{schema, name}
	reads := map[relationName]map[relationName]string{}
	var views []*catalog.Object
	candidates := s.mentioning(name)
	slices.SortFunc(candidates, func(a, b *catalog.Object) int {
		return cmp.Or(strings.Compare(a.Schema, b.Schema), strings.Compare(a.Name, b.Name))
	})
	for _, o := range candidates {
		v, err := s.c.parseView(o)
		if err != nil {
			continue
		}
		files := s.files
		n := &reading{names{s: s}, map[relationName]string{}}
		_, err = s.planner().Bind(context.Background(), v.query, n, planner.BindOptions{})
		if s.files = files; err != nil {
			continue // it reads what is not there any more
		}
		if _, ok := n.seen[target]; ok {
			reads[relationName{o.Schema, o.Name}] = n.seen
			views = append(views, o)
		}
	}
	slices.SortStableFunc(views, func(a, b *catalog.Object) int {
		return len(reads[relationName{a.Schema, a.Name}]) - len(reads[relationName{b.Schema, b.Name}])
	})
	out := make([]dependantView, len(views))
	for i, o := range views {
		seen := reads[relationName{o.Schema, o.Name}]
		out[i] = dependantView{o, seen[target] + " " + name}
		for _, between := range views[:i] {
			if kind, ok := seen[relationName{between.Schema, between.Name}]; ok {
				out[i].on = kind + " " + between.Name
			}
		}
	}
	return out
}
