package planner

import (
	"sort"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
)

// bindQualify binds QUALIFY, whose names may also be those of output columns.
func (s *block) bindQualify(sel *ast.Select, targets []target) (expr.Expr, error) {
	if sel.Qualify == nil {
		return nil, nil
	}
	x := s.outputs("QUALIFY")
	x.aliases = targets
	return x.bindCondition(sel.Qualify, "QUALIFY")
}

// placeWindows puts the block's windows and QUALIFY on top of the block.
func (s *block) placeWindows(qualify expr.Expr) error {
	if len(s.windows.calls) > 0 {
		place, err := s.setsBeforeWindows()
		if err != nil {
			return err
		}
		results, err := s.addWindows(place)
		if err != nil {
			return err
		}
		below := s.move
		s.move = func(e expr.Expr) (expr.Expr, error) {
			if below != nil {
				var err error
				if e, err = below(e); err != nil {
					return nil, err
				}
			}
			return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
				if isWindowColumn(c) {
					return results[c.Index-windowBase]
				}
				return c
			}), nil
		}
	}
	if qualify == nil {
		return nil
	}
	return s.where(qualify)
}

func isWindowColumn(c *expr.Column) bool { return c.Index >= windowBase && c.Index < subqueryBase }

// addWindows adds a Window for each group of calls over the same partitions and
// order, and gives the column of each call.
func (s *block) addWindows(place func(expr.Expr) (expr.Expr, error)) ([]*expr.Column, error) {
	var overs []*overSpec
	members := map[*overSpec][]int{}
	calls := make([]logical.WindowCall, len(s.windows.calls))
	for i, c := range s.windows.calls {
		over, err := c.over.placed(place)
		if err != nil {
			return nil, err
		}
		if calls[i], err = placedCall(c.WindowCall, place); err != nil {
			return nil, err
		}
		same := over
		for _, o := range overs {
			if o.sameOrder(over) {
				same = o
				break
			}
		}
		if same == over {
			overs = append(overs, over)
		}
		members[same] = append(members[same], i)
	}
	s.computeKeys(overs)
	// Longer orders first: a shorter one that begins like them needs no sort.
	sort.SliceStable(overs, func(i, j int) bool { return overs[i].width() > overs[j].width() })
	results := make([]*expr.Column, len(calls))
	for _, o := range arrangeWindows(overs) {
		width := s.node.Schema().NumFields()
		list := make([]logical.WindowCall, len(members[o]))
		for k, i := range members[o] {
			list[k] = calls[i]
			results[i] = &expr.Column{Index: width + k, Name: calls[i].Func, Type: calls[i].Type}
		}
		s.node = logical.NewWindow(s.node, o.partition, o.order, list)
	}
	return results, nil
}

func (o *overSpec) width() int { return len(o.partition) + len(o.order) }

// placed is the window with its keys moved above the grouping.
func (o *overSpec) placed(place func(expr.Expr) (expr.Expr, error)) (*overSpec, error) {
	out := &overSpec{frame: o.frame}
	for _, e := range o.partition {
		p, err := place(e)
		if err != nil {
			return nil, err
		}
		if !contains(out.partition, p) {
			out.partition = append(out.partition, p)
		}
	}
	for _, k := range o.order {
		p, err := place(k.Expr)
		if err != nil {
			return nil, err
		}
		out.order = append(out.order, logical.SortKey{Expr: p, Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	return out, nil
}

func placedCall(c logical.WindowCall, place func(expr.Expr) (expr.Expr, error)) (logical.WindowCall, error) {
	var failed error
	out := c.Map(func(e expr.Expr) expr.Expr {
		p, err := place(e)
		if err != nil {
			failed = err
			return e
		}
		return p
	})
	return out, failed
}

// computeKeys makes columns of keys that are not, so that each is computed once
// for the sort, the exchange and the windows.
func (s *block) computeKeys(overs []*overSpec) {
	exprs, names := columnsOf(s.node), names(s.node)
	width := len(exprs)
	column := func(e expr.Expr) expr.Expr {
		if isLeaf(e) {
			return e
		}
		for i := width; i < len(exprs); i++ {
			if expr.Equal(exprs[i], e) {
				return &expr.Column{Index: i, Name: names[i], Type: e.DataType()}
			}
		}
		exprs, names = append(exprs, e), append(names, e.String())
		return &expr.Column{Index: len(exprs) - 1, Name: e.String(), Type: e.DataType()}
	}
	for _, o := range overs {
		for i, e := range o.partition {
			o.partition[i] = column(e)
		}
		for i := range o.order {
			o.order[i].Expr = column(o.order[i].Expr)
		}
	}
	if len(exprs) > width {
		s.node = logical.NewProject(s.node, exprs, names)
	}
}

// arrangeWindows puts windows whose sort order begins another one's right behind
// that one.
func arrangeWindows(overs []*overSpec) []*overSpec {
	var out []*overSpec
	used := make([]bool, len(overs))
	for i, o := range overs {
		if used[i] {
			continue
		}
		out, used[i] = append(out, o), true
		for j := i + 1; j < len(overs); j++ {
			if !used[j] && sortCovers(windowSort(o.partition, o.order), overs[j].partition, overs[j].order) {
				out, used[j] = append(out, overs[j]), true
			}
		}
	}
	return out
}

// windowSort is the order of rows that a window needs: by partition, then by
// its keys.
func windowSort(partition []expr.Expr, order []logical.SortKey) []logical.SortKey {
	keys := make([]logical.SortKey, 0, len(partition)+len(order))
	for _, e := range partition {
		keys = append(keys, logical.SortKey{Expr: e})
	}
	return append(keys, order...)
}

// sortCovers tells whether rows sorted by keys are partitioned and ordered as a
// window needs: partition keys come first, in any order and direction.
func sortCovers(keys []logical.SortKey, partition []expr.Expr, order []logical.SortKey) bool {
	if len(keys) < len(partition)+len(order) {
		return false
	}
	for _, k := range keys[:len(partition)] {
		if !contains(partition, k.Expr) {
			return false
		}
	}
	for i, e := range partition {
		if !containsKey(keys[:len(partition)], e) || contains(partition[:i], e) {
			return false
		}
	}
	return equalKeys(keys[len(partition):len(partition)+len(order)], order)
}

func containsKey(keys []logical.SortKey, e expr.Expr) bool {
	for _, k := range keys {
		if expr.Equal(k.Expr, e) {
			return true
		}
	}
	return false
}
