package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
	"volley/udf"
)

// placeKeyFilters puts runtime filters into finished stages. A join whose one side
// is the output of a stage that filters needs of its other side only the rows with
// that output's keys, so a KeyFilter goes down the other side, through the stages
// that feed it, to the scans that the keys come from:
//
//	stage 2: join on l_partkey = p_partkey     stage 0: sum by l_partkey
//	  ├ stage 0                            →     └ KeyFilter of stage 1's keys
//	  └ stage 1: scan part, filtered               └ scan lineitem
//
// Stages with a filter wait for the stage with the keys, so stages are numbered
// anew. A filter is worth the waiting only where what follows the scan is more than
// the join itself: an exchange, an aggregation, another join.
func (s *stager) placeKeyFilters() {
	if s.opts.KeyFilterRows < 0 {
		return
	}
	p := &keyPlacer{stager: s, refs: make([]int, len(s.plan.Stages))}
	for _, st := range s.plan.Stages {
		eachSource(st.Root, func(src *physical.ExchangeSource) { p.refs[src.Stage]++ })
	}
	for _, st := range s.plan.Stages {
		p.filtering = append(p.filtering, p.filters(st.Root))
	}
	for _, st := range s.plan.Stages {
		p.joins(st, st.Root)
	}
	if p.placed > 0 {
		s.orderStages()
	}
}

// defaultKeyFilterRows is how many rows a scan gives at least for a filter to be
// worth its while.
const defaultKeyFilterRows = 50_000

// keyFilterShare is how many of the rows a filter may let pass at most not to give up
// while it runs.
const keyFilterShare = 0.75

// keyPlacer places the filters of one plan.
type keyPlacer struct {
	*stager
	refs      []int  // how many exchange sources read each stage
	filtering []bool // stages with a filter somewhere below
	placed    int    // filters so far
}

// keyWay is the columns of the keys at a node on their way down.
type keyWay struct {
	from     *physical.ExchangeSource // the keys are columns of its rows
	fromKeys []int
	keys     []int
	far      bool    // there is work between here and the join
	share    float64 // of the rows with the keys, that the filter lets through
}

// joins looks at all joins of a stage.
func (p *keyPlacer) joins(st *physical.Stage, n physical.Node) {
	for _, in := range n.Inputs() {
		p.joins(st, in)
	}
	j, ok := n.(*physical.Join)
	if !ok || len(j.LeftKeys) == 0 {
		return
	}
	l, r := columnPairs(j)
	if j.Early = filtersProbe(j) && !p.failing(j.LeftKeys...) && p.dropsEarly(j.Left); j.Early {
		p.expectEarly(j, l)
	}
	rowsL, rowsR := p.rows(j.Left), p.rows(j.Right)
	if src, ok := j.Right.(*physical.ExchangeSource); ok && filtersProbe(j) && p.selective(src) && rowsR < rowsL/2 {
		j.Left = p.push(st, j.Left, keyWay{from: src, fromKeys: r, keys: l, share: p.partners[j].left})
	}
	if src, ok := j.Left.(*physical.ExchangeSource); ok && filtersBuild(j) && p.selective(src) && rowsL < rowsR/2 {
		j.Right = p.push(st, j.Right, keyWay{from: src, fromKeys: l, keys: r, share: p.partners[j].right})
	}
}

// dropsEarly tells whether rows that the node above n does not need may be left out by
// the scan below, since nothing between them fails or has effects.
func (p *keyPlacer) dropsEarly(n physical.Node) bool {
	switch n := n.(type) {
	case *physical.Scan:
		return n.Spec.Limit == 0 && !p.failing(n.Filter)
	case *physical.KeyFilter:
		return p.dropsEarly(n.Input)
	case *physical.Filter:
		return !p.failing(n.Predicate) && p.dropsEarly(n.Input)
	case *physical.Project:
		return !p.failing(n.Exprs...) && p.dropsEarly(n.Input)
	case *physical.Join:
		return n.Kind.LeftAlone() && !p.failing(n.Residual) && !p.failing(n.LeftKeys...) && p.dropsEarly(n.Left)
	case *physical.ExchangeSource: // the join may move into that stage
		return p.dropsEarly(p.plan.Stages[n.Stage].Root)
	}
	return false
}

// expectEarly lowers the guesses for what is between a join and the scan below that
// leaves out rows by one of its keys.
func (p *keyPlacer) expectEarly(j *physical.Join, keys []int) {
	share := p.partners[j].left
	if p.plan.Estimates == nil || share > keyFilterShare {
		return
	}
	for _, k := range keys {
		if nodes := leftOutEarly(j.Left, k); nodes != nil {
			for _, n := range nodes {
				if rows, ok := p.plan.Estimates[n]; ok {
					p.plan.Estimates[n] = rows * share
				}
			}
			return
		}
	}
}

// leftOutEarly are a Parquet scan that can leave out rows by a column of n, and the nodes
// up to n; nil: there is none.
func leftOutEarly(n physical.Node, column int) []physical.Node {
	var nodes []physical.Node
	for {
		nodes = append(nodes, n)
		switch x := n.(type) {
		case *physical.Scan:
			if t := x.Schema().Field(column).Type; x.Spec.Format == "parquet" && (sqltype.IsInteger(t) || t.ID() == arrow.DATE32) {
				return nodes
			}
			return nil
		case *physical.Project:
			c, ok := x.Exprs[column].(*expr.Column)
			if !ok {
				return nil
			}
			column = c.Index
		case *physical.Join:
			if column >= x.Left.Schema().NumFields() {
				return nil
			}
		case *physical.Filter, *physical.KeyFilter:
		default:
			return nil
		}
		n = n.Inputs()[0]
	}
}

// failing tells whether expressions may fail or differ from call to call; some may be
// nil.
func (p *keyPlacer) failing(list ...expr.Expr) bool {
	return slices.ContainsFunc(list, func(e expr.Expr) bool { return e != nil && (p.p.mayFail(e) || p.volatility(e) == udf.Volatile) })
}

// rows is how many rows a node is expected to give to all tasks together.
func (p *keyPlacer) rows(n physical.Node) float64 {
	if rows, ok := p.expected[n]; ok {
		return rows
	}
	if src, ok := n.(*physical.ExchangeSource); ok {
		return p.rows(p.plan.Stages[src.Stage].Root)
	}
	sum := 0.0
	for _, in := range n.Inputs() {
		sum += p.rows(in)
	}
	return sum
}

// columnPairs are the keys of a join that are columns on both sides and must be
// equal, not NULL.
func columnPairs(j *physical.Join) (left, right []int) {
	for i := range j.LeftKeys {
		l, okL := j.LeftKeys[i].(*expr.Column)
		r, okR := j.RightKeys[i].(*expr.Column)
		if okL && okR && (j.NullEqual == nil || !j.NullEqual[i]) {
			left, right = append(left, l.Index), append(right, r.Index)
		}
	}
	return left, right
}

// filtersProbe: probe rows without a match do not come out.
func filtersProbe(j *physical.Join) bool {
	return j.Kind == physical.Inner || j.Kind == physical.Semi || j.Kind == physical.RightOuter
}

// filtersBuild: build rows without a match change nothing.
func filtersBuild(j *physical.Join) bool {
	return j.Kind != physical.RightOuter && j.Kind != physical.FullOuter && !j.NullAware
}

// selective tells whether the rows of a stage are likely to lack keys: there is a
// filter somewhere below.
func (p *keyPlacer) selective(src *physical.ExchangeSource) bool { return p.filtering[src.Stage] }

func (p *keyPlacer) filters(n physical.Node) bool {
	switch n := n.(type) {
	case *physical.Filter:
		return true
	case *physical.Limit:
		return true
	case *physical.Scan:
		return n.Filter != nil
	case *physical.Join:
		if n.Kind == physical.Semi || n.Kind == physical.Anti {
			return true
		}
		if n.Kind == physical.FullOuter || n.Kind == physical.LeftOuter {
			return p.filters(n.Left)
		}
	case *physical.ExchangeSource:
		return p.filtering[n.Stage] // producers come first
	}
	return slices.ContainsFunc(n.Inputs(), p.filters)
}

// push is n with the filter below it, as far down as the keys come. What is between
// the filter and the join gives fewer rows in the same proportion.
func (p *keyPlacer) push(st *physical.Stage, n physical.Node, w keyWay) physical.Node {
	if len(w.keys) == 0 {
		return n
	}
	before := p.placed
	out := p.pushBelow(st, n, w)
	if rows, ok := p.plan.Estimates[n]; ok && p.placed > before && out == n {
		p.plan.Estimates[n] = rows * w.share
	}
	return out
}

func (p *keyPlacer) pushBelow(st *physical.Stage, n physical.Node, w keyWay) physical.Node {
	switch n := n.(type) {
	case *physical.Scan:
		return p.place(st, n, w)
	case *physical.KeyFilter:
		n.Input = p.push(st, n.Input, w)
	case *physical.Filter:
		n.Input = p.push(st, n.Input, w)
	case *physical.Sort:
		if n.Limit < 0 {
			n.Input = p.push(st, n.Input, w)
		}
	case *physical.Project:
		if !p.volatileExprs(n.Exprs) {
			n.Input = p.push(st, n.Input, w.through(n.Exprs))
		}
	case *physical.Aggregate:
		if len(n.Always) == 0 {
			w.far = true
			n.Input = p.push(st, n.Input, w.through(n.Keys))
		}
	case *physical.Union:
		for i := range n.Parts {
			n.Parts[i] = p.push(st, n.Parts[i], w)
		}
	case *physical.Join:
		p.pushJoin(st, n, w)
	case *physical.ExchangeSource:
		if n.Limit < 0 && p.refs[n.Stage] == 1 && !p.needs(w.from.Stage, n.Stage) {
			w.far = true
			below := p.plan.Stages[n.Stage]
			below.Root = p.push(below, below.Root, w)
		}
	}
	return n
}

// through are the keys below expressions, where they are columns.
func (w keyWay) through(exprs []expr.Expr) keyWay {
	out := keyWay{from: w.from, far: w.far, share: w.share}
	for i, k := range w.keys {
		if k >= len(exprs) {
			continue
		}
		if c, ok := exprs[k].(*expr.Column); ok {
			out.keys, out.fromKeys = append(out.keys, c.Index), append(out.fromKeys, w.fromKeys[i])
		}
	}
	return out
}

// pushJoin pushes the keys of either side down that side, and those that are keys
// of the join down the other side too: what it has no rows for is not needed.
func (p *keyPlacer) pushJoin(st *physical.Stage, j *physical.Join, w keyWay) {
	w.far = true
	left, right := keyWay{from: w.from, far: true, share: w.share}, keyWay{from: w.from, far: true, share: w.share}
	n := j.Left.Schema().NumFields()
	lk, rk := columnPairs(j)
	for i, k := range w.keys {
		switch {
		case k < n && j.Kind != physical.RightOuter && j.Kind != physical.FullOuter:
			left.add(k, w.fromKeys[i])
			if at := slices.Index(lk, k); at >= 0 && !j.NullAware {
				right.add(rk[at], w.fromKeys[i])
			}
		case k >= n && (j.Kind == physical.Inner || j.Kind == physical.RightOuter):
			right.add(k-n, w.fromKeys[i])
			if at := slices.Index(rk, k-n); at >= 0 {
				left.add(lk[at], w.fromKeys[i])
			}
		}
	}
	j.Left = p.push(st, j.Left, left)
	j.Right = p.push(st, j.Right, right)
}

func (w *keyWay) add(key, from int) {
	w.keys, w.fromKeys = append(w.keys, key), append(w.fromKeys, from)
}

// place puts the filter over a scan.
func (p *keyPlacer) place(st *physical.Stage, n *physical.Scan, w keyWay) physical.Node {
	in, from := n.Schema(), w.from.Schema()
	for i := range w.keys {
		if !sqltype.Equal(in.Field(w.keys[i]).Type, from.Field(w.fromKeys[i]).Type) {
			return n
		}
	}
	if !w.far || st.Scan != n.ID || n.Rows < p.opts.KeyFilterRows || n.Spec.Limit > 0 || p.needs(w.from.Stage, st.ID) {
		return n
	}
	src := &physical.ExchangeSource{Stage: w.from.Stage, Broadcast: true, Limit: -1, Out: w.from.Out}
	f := &physical.KeyFilter{Input: n, From: src, Keys: w.keys, FromKeys: w.fromKeys, Early: p.dropsEarly(n)}
	p.refs[src.Stage]++
	p.placed++
	if p.plan.Estimates != nil {
		rows, ok := p.plan.Estimates[n]
		if !ok {
			rows = max(float64(n.Rows), 0)
		}
		p.plan.Estimates[f] = rows * w.share
	}
	return f
}

// needs tells whether stage a is b or waits for it.
func (p *keyPlacer) needs(a, b int) bool {
	seen := make([]bool, len(p.plan.Stages))
	var visit func(int)
	visit = func(id int) {
		if seen[id] {
			return
		}
		seen[id] = true
		eachSource(p.plan.Stages[id].Root, func(src *physical.ExchangeSource) { visit(src.Stage) })
	}
	visit(a)
	return seen[b]
}

func (p *keyPlacer) volatileExprs(list []expr.Expr) bool {
	return slices.ContainsFunc(list, func(e expr.Expr) bool { return p.volatility(e) == udf.Volatile })
}

func eachSource(n physical.Node, f func(*physical.ExchangeSource)) {
	if src, ok := n.(*physical.ExchangeSource); ok {
		f(src)
	}
	for _, in := range n.Inputs() {
		eachSource(in, f)
	}
}

// orderStages numbers the stages so that producers come before consumers.
func (s *stager) orderStages() {
	var order []*physical.Stage
	seen := make([]bool, len(s.plan.Stages))
	var visit func(st *physical.Stage)
	visit = func(st *physical.Stage) {
		if seen[st.ID] {
			return
		}
		seen[st.ID] = true
		eachSource(st.Root, func(src *physical.ExchangeSource) { visit(s.plan.Stages[src.Stage]) })
		order = append(order, st)
	}
	for _, st := range s.plan.Stages {
		visit(st)
	}
	number := make([]int, len(order))
	for i, st := range order {
		number[st.ID] = i
	}
	moved := map[*physical.ExchangeSource]bool{} // one may be in several trees
	for i, st := range order {
		st.ID = i
		eachSource(st.Root, func(src *physical.ExchangeSource) {
			if !moved[src] {
				moved[src] = true
				src.Stage = number[src.Stage]
			}
		})
	}
	s.plan.Stages = order
}
