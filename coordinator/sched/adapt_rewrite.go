package sched

import (
	"maps"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/physical"
)

// movableJoin finds the join whose probe side gives a stage its rows, if all that
// follows the join works alike on any part of the rows; nil where there is none.
func movableJoin(n physical.Node) *physical.Join {
	for {
		if below, ok := rowByRow(n); ok {
			n = below
			continue
		}
		switch x := n.(type) {
		case *physical.Join:
			if keepsBuild(x.Kind) {
				return nil
			}
			if src, ok := x.Right.(*physical.ExchangeSource); !ok || src.Broadcast {
				n = x.Left
				continue
			}
			return x
		default:
			return nil
		}
	}
}

// keepsBuild: rows of the build side without a match come out, once.
func keepsBuild(k physical.JoinKind) bool { return k == physical.RightOuter || k == physical.FullOuter }

// anyJoin finds a stage's join of two outputs cut by hash.
func anyJoin(n physical.Node) (found *physical.Join) {
	walk(n, func(n physical.Node) {
		if j, ok := n.(*physical.Join); ok && found == nil && len(j.LeftKeys) > 0 && hashSource(j.Left) != nil && hashSource(j.Right) != nil {
			found = j
		}
	})
	return found
}

// hashSource is a node that reads its own partition, in any order; nil for
// others.
func hashSource(n physical.Node) *physical.ExchangeSource {
	if x, ok := n.(*physical.ExchangeSource); ok && !x.Broadcast && !x.Ordered && len(x.Merge) == 0 {
		return x
	}
	return nil
}

// broadcastJoin is the movable join n with the probe side itself instead of its
// output, and all of the build side; nil for other nodes.
func broadcastJoin(n physical.Node, probe physical.Node) physical.Node {
	j, ok := n.(*physical.Join)
	if !ok || hashSource(j.Left) == nil || hashSource(j.Right) == nil {
		return nil
	}
	whole, out := *hashSource(j.Right), *j
	whole.Broadcast = true
	out.Left, out.Right, out.Whole = probe, &whole, nil
	return &out
}

var mirrored = map[physical.JoinKind]physical.JoinKind{
	physical.Inner: physical.Inner, physical.LeftOuter: physical.RightOuter,
	physical.RightOuter: physical.LeftOuter, physical.FullOuter: physical.FullOuter,
}

// swapped is a join with its sides in each other's place, and its columns in the
// order they had.
func swapped(j *physical.Join, kind physical.JoinKind) physical.Node {
	l, r := j.Left.Schema().NumFields(), j.Right.Schema().NumFields()
	place := func(i int) int {
		if i < l {
			return r + i
		}
		return i - l
	}
	out := *j
	out.Left, out.Right, out.LeftKeys, out.RightKeys, out.Kind = j.Right, j.Left, j.RightKeys, j.LeftKeys, kind
	if j.Residual != nil {
		out.Residual = expr.MapColumns(j.Residual, func(c *expr.Column) expr.Expr {
			return &expr.Column{Index: place(c.Index), Name: c.Name, Type: c.Type}
		})
	}
	fields := j.Out.Fields()
	turned := append(append(fields[:0:0], fields[l:]...), fields[:l]...)
	out.Out = arrow.NewSchema(turned, nil)
	p := &physical.Project{Input: &out, Names: make([]string, len(fields)), Exprs: make([]expr.Expr, len(fields))}
	for i, f := range fields {
		p.Names[i], p.Exprs[i] = f.Name, &expr.Column{Index: place(i), Name: f.Name, Type: f.Type}
	}
	return p
}

// rewrite is a copy of a tree in which the first node, from the root down along
// the rows' way, for which with gives another one is replaced. What the planner
// expected of a node it now expects of its copy.
func (q *queryState) rewrite(n physical.Node, with func(physical.Node) physical.Node) physical.Node {
	out := with(n)
	if out == nil {
		out = q.above(n, with)
	}
	if out != n {
		if q.copies == nil {
			q.copies = map[physical.Node]physical.Node{}
		}
		q.copies[out] = n
	}
	return out
}

// above copies a node over the replaced one.
func (q *queryState) above(n physical.Node, with func(physical.Node) physical.Node) physical.Node {
	switch x := n.(type) {
	case *physical.Filter:
		c := *x
		c.Input = q.rewrite(x.Input, with)
		return &c
	case *physical.Project:
		c := *x
		c.Input = q.rewrite(x.Input, with)
		return &c
	case *physical.Expand:
		c := *x
		c.Input = q.rewrite(x.Input, with)
		return &c
	case *physical.EncodeText:
		c := *x
		c.Input = q.rewrite(x.Input, with)
		return &c
	case *physical.Sort:
		c := *x
		c.Input = q.rewrite(x.Input, with)
		return &c
	case *physical.Limit:
		c := *x
		c.Input = q.rewrite(x.Input, with)
		return &c
	case *physical.Aggregate:
		c := *x
		c.Input = q.rewrite(x.Input, with)
		return &c
	case *physical.Window:
		c := *x
		c.Input = q.rewrite(x.Input, with)
		return &c
	case *physical.Join:
		c := *x
		c.Left = q.rewrite(x.Left, with)
		return &c
	}
	return n
}

// Plan is the plan as it was settled so far: stages that have become part of
// others are nil.
func (q *Query) Plan() *physical.Plan {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	st := q.settled
	if st == nil || len(st.changes) == 0 {
		return q.plan
	}
	out := *q.plan
	out.Stages = make([]*physical.Stage, q.rootID()+1)
	out.Estimates = maps.Clone(q.plan.Estimates)
	for i, s := range st.stages[:min(len(st.stages), q.rootID())] {
		if s.gone {
			continue
		}
		spec := *s.spec
		if out.Stages[i] = &spec; !s.split {
			spec.Tasks = len(s.tasks)
		}
		if s.root > 0 { // what is cut for a stage in reserve, the root reads whole
			spec.Output = physical.Partitioning{Kind: physical.Gather, Count: 1}
		}
	}
	root := *q.plan.Root()
	root.ID, root.Root = q.rootID(), st.root
	out.Stages[root.ID] = &root
	var expected func(n physical.Node) (float64, bool)
	expected = func(n physical.Node) (float64, bool) {
		if rows, ok := q.plan.Estimates[n]; ok {
			return rows, true
		}
		if from, ok := st.copies[n]; ok {
			return expected(from)
		}
		return 0, false
	}
	for n := range st.copies {
		if rows, ok := expected(n); ok && out.Estimates != nil {
			out.Estimates[n] = rows
		}
	}
	return &out
}

// rootID is the number of the root stage, which is the last one: stages in reserve come
// before it if any is used.
func (q *Query) rootID() int {
	planned := q.plan.Root().ID
	if q.settled == nil || !slices.ContainsFunc(q.settled.stages[planned:], func(s *stageState) bool { return !s.gone }) {
		return planned
	}
	return len(q.settled.stages)
}

// Changes are the decisions that changed the plan so far.
func (q *Query) Changes() []PlanChange {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	if q.settled == nil {
		return nil
	}
	return append([]PlanChange(nil), q.settled.changes...)
}
