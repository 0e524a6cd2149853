package sched

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/physical"
)

// Where groups are merged is settled by what the partial steps of an aggregation gave,
// whatever the planner had expected:
//
//  1. A plan that merges them in the root stage (its partial steps have a Gather output
//     with keys) gets a stage in reserve, with a task for each part of their outputs,
//     which are cut by hash from the start. If more than spreadBytes come, the reserve
//     merges them; otherwise it is dropped, and the root reads all parts.
//  2. A plan that merges them by hash in the stage that the root reads: if all of it
//     would be one small task, the root does its work, and the way to a worker and back
//     is spared.
//
// The root operator is built when that is decided: it could not read anything before.

// spreadBytes is from what size on states are merged by several tasks: several
// times what one should have to read.
const spreadBytes = 4 * minPartitionBytes

// reserve is what a stage may take over from the root stage.
type reserve struct {
	final *physical.Aggregate
}

// findPlaces looks for aggregations whose place is decided on while the query runs.
func (q *queryState) findPlaces(root physical.Node) {
	q.root = root
	if q.adaptive {
		q.findReserves(root)
		q.findFold()
	}
	for _, s := range q.stages {
		if out := s.spec.Output; out.Kind == physical.Gather && len(out.Keys) > 0 {
			s.output(physical.Partitioning{Kind: physical.Gather, Count: 1}) // the root alone reads it
		}
	}
}

// findReserves goes through the root stage. Other parts of a union can give rows while an
// aggregation still waits for its own.
func (q *queryState) findReserves(n physical.Node) {
	if _, several := n.(*physical.Union); several {
		return
	}
	if a, ok := n.(*physical.Aggregate); ok && a.Mode == physical.Final && len(a.Keys) > 0 {
		q.addReserve(a)
	}
	for _, in := range n.Inputs() {
		q.findReserves(in)
	}
}

// output changes how a stage cuts its output, before any task has run.
func (s *stageState) output(p physical.Partitioning) {
	spec := *s.spec
	spec.Output, s.spec = p, &spec
}

// addReserve adds the stage that may merge the groups of a, if all that a reads are
// outputs that can be cut.
func (q *queryState) addReserve(a *physical.Aggregate) {
	parts := []physical.Node{a.Input}
	union, several := a.Input.(*physical.Union)
	if several {
		parts = union.Parts
	}
	count := 0
	var producers []*stageState
	copies := make([]physical.Node, len(parts))
	for i, n := range parts {
		src := hashSource(n)
		if src == nil {
			return
		}
		p := q.stages[src.Stage]
		out := p.spec.Output
		if out.Kind != physical.Gather || len(out.Keys) == 0 || out.Count < 2 || count > 0 && out.Count != count ||
			p.root != 1 || slices.Contains(producers, p) {
			return
		}
		c := *src
		count, producers, copies[i] = out.Count, append(producers, p), q.copied(&c, src)
	}
	merge := *a
	merge.Partitions = count
	if merge.Input = copies[0]; several {
		merge.Input = q.copied(&physical.Union{Parts: copies, Out: union.Out}, union)
	}
	s := &stageState{query: q, id: len(q.stages), producers: producers, reserve: &reserve{final: a}}
	s.spec = &physical.Stage{
		ID: s.id, Root: q.copied(&merge, a), Scan: -1, Tasks: count,
		Output: physical.Partitioning{Kind: physical.Gather, Count: 1},
	}
	for i := range count {
		s.tasks = append(s.tasks, &taskState{stage: s, number: i, end: -1})
	}
	for _, p := range producers {
		out := p.spec.Output
		out.Kind = physical.Hash
		p.output(out)
		p.consumers = append(p.consumers, s)
	}
	q.stages = append(q.stages, s)
	q.undecided++
}

// findFold notes the stage that the root reads, if it is the only one and merges
// groups of outputs cut by hash.
func (q *queryState) findFold() {
	read := sources(q.root)
	if len(read) != 1 {
		return
	}
	s := q.stages[read[0].Stage]
	if s.root == 1 && len(s.consumers) == 0 && !s.split && !s.spec.Costly && mergesGroups(s.spec.Root) {
		s.foldable = true
		q.undecided++
	}
}

// mergesGroups tells whether a tree only merges groups, and works on them row by row.
func mergesGroups(n physical.Node) bool {
	for {
		if a, ok := n.(*physical.Aggregate); ok && a.Mode == physical.Final {
			return !slices.ContainsFunc(a.Input.Inputs(), func(in physical.Node) bool { return hashSource(in) == nil }) &&
				(len(a.Input.Inputs()) > 0 || hashSource(a.Input) != nil)
		}
		below, ok := rowByRow(n)
		if !ok {
			return false
		}
		n = below
	}
}

// place decides whether a stage or the root does the work of both, once all that it
// reads has ended. It tells whether the stage remains.
func (s *stageState) place() bool {
	if s.reserve == nil && !s.foldable {
		return true
	}
	q := s.query
	q.undecided--
	if s.foldable {
		s.foldable = false
		return !s.fold()
	}
	var rows, bytes int64
	for _, p := range s.producers {
		r, b := p.given()
		rows, bytes = rows+r, bytes+b
	}
	if bytes <= spreadBytes {
		s.leave()
		return false
	}
	s.takeOver()
	for _, p := range s.producers {
		p.root--
	}
	s.root = 1
	q.changes = append(q.changes, PlanChange{
		Kind: ChangeSpread, Stage: s.id, Build: s.producers[0].id, Rows: rows, Bytes: bytes, Before: 1, After: len(s.tasks),
	})
	return true
}

// takeOver puts the groups' merging into the stage, and what follows it row by row; of a
// top-N each task gives its own.
func (s *stageState) takeOver() {
	q, spec := s.query, *s.spec
	over := physical.Node(s.reserve.final) // what the root no longer has
	for again := true; again; {
		again = false
		above := parent(q.root, over)
		switch x := above.(type) {
		case *physical.Filter, *physical.Project, *physical.EncodeText:
			below := over
			spec.Root, over, again = q.replace(x, below, spec.Root), x, true
		case *physical.Sort:
			if x.Limit >= 0 {
				spec.Root = q.replace(x, over, spec.Root)
			}
		}
	}
	s.spec = &spec
	q.root = q.replace(q.root, over, &physical.ExchangeSource{Stage: s.id, Limit: -1, Out: over.Schema()})
}

// parent is the node in a tree that has n as an input; nil where there is none.
func parent(tree, n physical.Node) physical.Node {
	for _, in := range tree.Inputs() {
		if in == n {
			return tree
		}
		if p := parent(in, n); p != nil {
			return p
		}
	}
	return nil
}

// fold lets the root do the work of a stage that has become one small task.
func (s *stageState) fold() bool {
	q := s.query
	sizes := s.partitionSizes()
	if total := sum64(sizes); len(sizes) < 2 || total > minPartitionBytes {
		return false
	}
	for _, src := range sources(s.spec.Root) {
		q.stages[src.Stage].root++
	}
	q.root = q.replace(q.root, sources(q.root)[0], q.whole(s.spec.Root))
	q.changes = append(q.changes, PlanChange{
		Kind: ChangeFold, Stage: s.id, Bytes: sum64(sizes), Before: len(s.tasks),
	})
	s.root = 0
	s.leave()
	return true
}

// leave takes a stage that has not started out of the query.
func (s *stageState) leave() {
	for _, p := range s.producers {
		// a copy: progress may be going through the consumers
		p.consumers = slices.DeleteFunc(slices.Clone(p.consumers), func(c *stageState) bool { return c == s })
	}
	s.gone = true
	s.tasks, s.producers = nil, nil
}

// whole is a tree whose aggregation has all partitions.
func (q *queryState) whole(n physical.Node) physical.Node {
	if a, ok := n.(*physical.Aggregate); ok && a.Mode == physical.Final {
		c := *a
		c.Partitions = 0
		return q.copied(&c, a)
	}
	below, _ := rowByRow(n)
	return q.replace(n, below, q.whole(below))
}

// replace is a copy of a tree with another node in the place of one, which is in it.
func (q *queryState) replace(n, old, by physical.Node) physical.Node {
	if n == old {
		return q.copied(by, old)
	}
	changed := false
	same := func(e expr.Expr) expr.Expr { return e }
	out := physical.Rewriting{Expr: same, Key: same, Input: func(in physical.Node) physical.Node {
		c := q.replace(in, old, by)
		changed = changed || c != in
		return c
	}}.Node(n)
	if !changed {
		return n
	}
	return q.copied(out, n)
}

// copied notes of which node one is a copy: what the planner expected of it is what it
// expected of the other.
func (q *queryState) copied(n, of physical.Node) physical.Node {
	if _, ok := q.copies[n]; ok || n == of {
		return n
	}
	if q.copies == nil {
		q.copies = map[physical.Node]physical.Node{}
	}
	q.copies[n] = of
	return n
}
