package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
)

// pruneColumns makes every node give only the columns that something above it
// needs, down to the scans' projections.
func pruneColumns(_ *optimizer, n logical.Node) logical.Node {
	need := everyColumn(n.Schema().NumFields())
	out, at := prune(n, need)
	return narrowed(out, n, need, at)
}

// columnSet is which columns of a node are needed.
type columnSet []bool

func everyColumn(n int) columnSet {
	s := make(columnSet, n)
	for i := range s {
		s[i] = true
	}
	return s
}

func (s columnSet) addFrom(e expr.Expr) {
	if e != nil {
		expr.EachColumn(e, func(c *expr.Column) { s[c.Index] = true })
	}
}

// withKeys is s and the columns of keys.
func (s columnSet) withKeys(keys []logical.SortKey) columnSet {
	s = s.clone()
	for _, k := range keys {
		s.addFrom(k.Expr)
	}
	return s
}

func (s columnSet) clone() columnSet { return append(columnSet(nil), s...) }

// moved is e after columns have moved to at[i].
func moved(e expr.Expr, at []int) expr.Expr {
	if e == nil {
		return nil
	}
	return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
		if at[c.Index] == c.Index {
			return c
		}
		return &expr.Column{Index: at[c.Index], Name: c.Name, Type: c.Type}
	})
}

func movedAll(es []expr.Expr, at []int) []expr.Expr {
	if es == nil {
		return nil
	}
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = moved(e, at)
	}
	return out
}

func movedKeys(keys []logical.SortKey, at []int) []logical.SortKey {
	if keys == nil {
		return nil
	}
	out := make([]logical.SortKey, len(keys))
	for i, k := range keys {
		out[i] = logical.SortKey{Expr: moved(k.Expr, at), Desc: k.Desc, NullsFirst: k.NullsFirst}
	}
	return out
}

// narrowed projects out, where n's column i is at at[i], to the needed columns.
func narrowed(out, n logical.Node, need columnSet, at []int) logical.Node {
	var exprs []expr.Expr
	var names []string
	inPlace := true
	for i, f := range n.Schema().Fields() {
		if need[i] {
			inPlace = inPlace && at[i] == len(exprs)
			exprs = append(exprs, &expr.Column{Index: at[i], Name: f.Name, Type: f.Type})
			names = append(names, f.Name)
		}
	}
	if inPlace && len(exprs) == out.Schema().NumFields() {
		return out
	}
	return logical.NewProject(out, exprs, names)
}

// prune gives n with at least the needed columns, and where column i of n is in
// the result (−1: gone).
func prune(n logical.Node, need columnSet) (logical.Node, []int) {
	switch n := n.(type) {
	case *logical.Scan:
		return pruneScan(n, need)
	case *logical.Values:
		return pruneValues(n, need)
	case *logical.Filter:
		need = need.clone()
		need.addFrom(n.Predicate)
		in, at := prune(n.Input, need)
		return &logical.Filter{Input: in, Predicate: moved(n.Predicate, at)}, at
	case *logical.Project:
		return pruneProject(n, need)
	case *logical.ProjectSet:
		return pruneProjectSet(n, need)
	case *logical.Aggregate:
		return pruneAggregate(n, need)
	case *logical.PartialAggregate:
		return prunePartialAggregate(n, need)
	case *logical.Join:
		return pruneJoin(n, need)
	case *logical.Sort:
		in, at := prune(n.Input, need.withKeys(n.Keys))
		return &logical.Sort{Input: in, Keys: movedKeys(n.Keys, at)}, at
	case *logical.Window:
		return pruneWindow(n, need)
	case *logical.Limit:
		in, at := prune(n.Input, need.withKeys(n.Ties))
		return &logical.Limit{Input: in, Count: n.Count, Offset: n.Offset, Ties: movedKeys(n.Ties, at)}, at
	case *logical.DistinctOn:
		in, at := prune(n.Input, need.withKeys(n.Keys))
		return &logical.DistinctOn{Input: in, Keys: movedKeys(n.Keys, at), Groups: n.Groups}, at
	case *logical.Repeat:
		need = need.clone()
		need.addFrom(n.Count)
		in, at := prune(n.Input, need)
		return &logical.Repeat{Input: in, Count: moved(n.Count, at)}, at
	case *logical.Sample:
		in, at := prune(n.Input, need)
		return n.WithInputs([]logical.Node{in}), at
	case *logical.Expand:
		return pruneExpand(n, need)
	case *logical.LimitBy:
		return pruneLimitBy(n, need)
	case *logical.Recursive:
		every := everyColumn(len(need))
		var terms [2]logical.Node
		for i, term := range n.Inputs() {
			in, at := prune(term, every)
			terms[i] = narrowed(in, term, every, at)
		}
		return n.WithInputs(terms[:]), positions(every)
	case *logical.Union:
		parts := make([]logical.Node, len(n.Parts))
		for i, p := range n.Parts {
			in, at := prune(p, need)
			parts[i] = narrowed(in, p, need, at)
		}
		return &logical.Union{Parts: parts, Out: nullableSchema(parts[0].Schema())}, positions(need)
	}
	return n, positions(everyColumn(len(need)))
}

// positions is where each needed column is when only these are kept, in order.
func positions(need columnSet) []int {
	at, n := make([]int, len(need)), 0
	for i, needed := range need {
		at[i] = -1
		if needed {
			at[i] = n
			n++
		}
	}
	return at
}

func kept(need columnSet) []int {
	var out []int
	for i, needed := range need {
		if needed {
			out = append(out, i)
		}
	}
	return out
}

func pruneScan(n *logical.Scan, need columnSet) (logical.Node, []int) {
	need = need.clone()
	need.addFrom(n.Filter)
	at := positions(need)
	scan := n.Project(kept(need))
	scan.Filter = moved(n.Filter, at)
	return scan, at
}

func pruneValues(n *logical.Values, need columnSet) (logical.Node, []int) {
	keep := kept(need)
	rows := make([][]expr.Expr, len(n.Rows))
	for r, row := range n.Rows {
		rows[r] = make([]expr.Expr, len(keep))
		for i, k := range keep {
			rows[r][i] = row[k]
		}
	}
	names := make([]string, len(keep))
	exprs := make([]expr.Expr, len(keep))
	for i, k := range keep {
		f := n.Out.Field(k)
		names[i], exprs[i] = f.Name, &expr.Column{Type: f.Type}
	}
	return &logical.Values{Rows: rows, Out: valuesSchema(exprs, names)}, positions(need)
}

func pruneProject(n *logical.Project, need columnSet) (logical.Node, []int) {
	inNeed := make(columnSet, n.Input.Schema().NumFields())
	keep := kept(need)
	for _, i := range keep {
		inNeed.addFrom(n.Exprs[i])
	}
	in, at := prune(n.Input, inNeed)
	if len(keep) == 0 { // only the number of rows matters
		return in, positions(need)
	}
	exprs, names := make([]expr.Expr, len(keep)), make([]string, len(keep))
	for i, k := range keep {
		exprs[i], names[i] = moved(n.Exprs[k], at), n.Out.Field(k).Name
	}
	return logical.NewProject(in, exprs, names), positions(need)
}

func pruneAggregate(n *logical.Aggregate, need columnSet) (logical.Node, []int) {
	need = need.clone()
	for i := range n.Keys {
		need[i] = true
	}
	var aggs []logical.AggCall
	for i, a := range n.Aggs {
		if need[len(n.Keys)+i] {
			aggs = append(aggs, a)
		}
	}
	in, keys, aggs := pruneGrouped(n.Input, n.Keys, aggs)
	out := logical.NewAggregate(in, keys, names(n)[:len(keys)], aggs)
	out.Always = n.Always
	return out, positions(need)
}

// prunePartialAggregate keeps whole states.
func prunePartialAggregate(n *logical.PartialAggregate, need columnSet) (logical.Node, []int) {
	need = need.clone()
	for i := range n.Keys {
		need[i] = true
	}
	var aggs []logical.AggCall
	at := len(n.Keys)
	for _, a := range n.Aggs {
		state := need[at : at+len(a.State)]
		at += len(a.State)
		if slices.Contains(state, true) {
			aggs = append(aggs, a)
			copy(state, everyColumn(len(state)))
		}
	}
	in, keys, aggs := pruneGrouped(n.Input, n.Keys, aggs)
	return logical.NewPartialAggregate(in, keys, names(n)[:len(keys)], aggs), positions(need)
}

// pruneGrouped prunes the input of a grouping; aggs are the caller's own.
func pruneGrouped(input logical.Node, keys []expr.Expr, aggs []logical.AggCall) (logical.Node, []expr.Expr, []logical.AggCall) {
	need := make(columnSet, input.Schema().NumFields())
	for _, k := range keys {
		need.addFrom(k)
	}
	for _, a := range aggs {
		for _, e := range a.Args {
			need.addFrom(e)
		}
		need.addFrom(a.Filter)
		for _, k := range a.OrderBy {
			need.addFrom(k.Expr)
		}
	}
	in, at := prune(input, need)
	for i, a := range aggs {
		aggs[i].Args, aggs[i].Filter, aggs[i].OrderBy = movedAll(a.Args, at), moved(a.Filter, at), movedKeys(a.OrderBy, at)
	}
	return in, movedAll(keys, at), aggs
}

func pruneJoin(n *logical.Join, need columnSet) (logical.Node, []int) {
	width, right := n.Left.Schema().NumFields(), n.Right.Schema().NumFields()
	all := make(columnSet, width+right)
	oneSided := n.Kind == logical.Semi || n.Kind == logical.Anti || n.Kind == logical.Mark
	if oneSided {
		copy(all, need[:width])
	} else {
		copy(all, need)
	}
	all.addFrom(n.On)
	lneed, rneed := all[:width:width], all[width:]
	for i := range n.LeftKeys {
		lneed.addFrom(n.LeftKeys[i])
		rneed.addFrom(n.RightKeys[i])
	}
	l, lat := prune(n.Left, lneed)
	r, rat := prune(n.Right, rneed)
	newWidth := l.Schema().NumFields()
	at := append(make([]int, 0, width+right+1), lat...)
	for _, i := range rat {
		if i >= 0 {
			i += newWidth
		}
		at = append(at, i)
	}
	j := *n
	j.LeftKeys, j.RightKeys, j.On = movedAll(n.LeftKeys, lat), movedAll(n.RightKeys, rat), moved(n.On, at)
	if n.Kind == logical.Mark {
		at = append(at[:width], newWidth)
	} else if oneSided {
		at = at[:width]
	}
	out := j.WithInputs([]logical.Node{l, r})
	if oneSided {
		return out, at
	}
	return withoutDead(out, n, need, at)
}

// deadColumns is how many columns a join may give that nothing needs any more,
// its keys above all. The joins above it would copy them all.
const deadColumns = 8

// withoutDead is out, a join pruned of n, without the columns that are not
// needed if they are many.
func withoutDead(out, n logical.Node, need columnSet, at []int) (logical.Node, []int) {
	live := 0
	for _, needed := range need {
		if needed {
			live++
		}
	}
	if out.Schema().NumFields()-live < deadColumns {
		return out, at
	}
	return narrowed(out, n, need, at), positions(need)
}

func pruneExpand(n *logical.Expand, need columnSet) (logical.Node, []int) {
	inNeed := make(columnSet, n.Input.Schema().NumFields())
	keep := kept(need)
	for _, set := range n.Sets {
		for _, i := range keep {
			inNeed.addFrom(set[i])
		}
	}
	in, at := prune(n.Input, inNeed)
	sets, names := make([][]expr.Expr, len(n.Sets)), make([]string, len(keep))
	for s, set := range n.Sets {
		sets[s] = make([]expr.Expr, len(keep))
		for i, k := range keep {
			sets[s][i], names[i] = moved(set[k], at), n.Out.Field(k).Name
		}
	}
	return logical.NewExpand(in, sets, names), positions(need)
}

func pruneLimitBy(n *logical.LimitBy, need columnSet) (logical.Node, []int) {
	need = need.clone()
	for _, k := range n.Keys {
		need.addFrom(k)
	}
	need.addFrom(n.Count)
	need.addFrom(n.Offset)
	in, at := prune(n.Input, need)
	return &logical.LimitBy{Input: in, Keys: movedAll(n.Keys, at), Count: moved(n.Count, at), Offset: moved(n.Offset, at)}, at
}
