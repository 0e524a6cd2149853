package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// aggregated puts the aggregation on top of the block. With grouping sets the
// rows are expanded first: each row comes once for every set, with NULL for the
// keys that the set lacks, the set's number and the values of GROUPING(…) in
// it, which are keys too.
//
//	Aggregate by k₁ … kₙ, set, grouping₁ …
//	  Expand: input columns, k₁ or NULL, … kₙ or NULL, set, grouping₁ …
//
// A set without keys has a group even without rows.
func (s *block) aggregated(keys []expr.Expr) (*regrouping, error) {
	g := &regrouping{block: s, keys: keys, results: make([]expr.Expr, len(s.aggs))}
	var calls []logical.AggCall
	var groupings [][]int // arguments of GROUPING(…) as ordinals of keys
	at := make([]int, len(s.aggs))
	for i, a := range s.aggs {
		if a.Func != groupingCall {
			at[i] = len(calls)
			calls = append(calls, a)
			continue
		}
		args, err := groupingArgs(a, keys)
		if err != nil {
			return nil, err
		}
		at[i] = len(groupings)
		groupings = append(groupings, args)
	}
	first := len(keys)
	if s.sets == nil {
		calls, err := g.withoutMarks(calls, nil)
		if err != nil {
			return nil, err
		}
		s.node = logical.NewAggregate(s.node, keys, keyNames(keys), calls)
	} else {
		var err error
		if s.node, err = g.expandSets(groupings, calls); err != nil {
			return nil, err
		}
		first += 1 + len(groupings)
	}
	for i, a := range s.aggs {
		switch {
		case a.Func != groupingCall:
			g.results[i] = &expr.Column{Index: first + at[i], Name: a.String(), Type: a.Type}
		case s.sets == nil:
			g.results[i] = int32Literal(0)
		default:
			g.results[i] = &expr.Column{Index: len(keys) + 1 + at[i], Name: a.String(), Type: a.Type}
		}
	}
	return g, nil
}

func groupingArgs(call logical.AggCall, keys []expr.Expr) ([]int, error) {
	out := make([]int, len(call.Args))
	for i, a := range call.Args {
		out[i] = slices.IndexFunc(keys, func(k expr.Expr) bool { return expr.Equal(k, a) })
		if out[i] < 0 {
			return nil, sqlerr.At(call.Pos, sqlerr.GroupingError, "arguments to GROUPING must be grouping expressions of the associated query level")
		}
	}
	return out, nil
}

func keyNames(keys []expr.Expr) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	return out
}

// expandSets is the aggregation by grouping sets.
func (g *regrouping) expandSets(groupings [][]int, calls []logical.AggCall) (logical.Node, error) {
	input, keys := g.node, g.keys
	columns, columnNames := columnsOf(input), names(input)
	for i, k := range keys { // computed once, not once a set
		if _, ok := k.(*expr.Column); !ok {
			columns, columnNames = append(columns, k), append(columnNames, keyNames(keys[i : i+1])[0])
		}
	}
	values := append([]expr.Expr(nil), keys...)
	if width := input.Schema().NumFields(); len(columns) > width {
		input = logical.NewProject(input, columns, columnNames)
		columns = columnsOf(input)
		next := width
		for i, k := range keys {
			if _, ok := k.(*expr.Column); !ok {
				values[i] = columns[next]
				next++
			}
		}
	}
	added := append(keyNames(keys), "set")
	for range groupings {
		added = append(added, groupingCall)
	}
	var always [][]expr.Expr
	sets := make([][]expr.Expr, len(g.sets))
	for i, set := range g.sets {
		row := setKeys(int32(i), set, values, groupings)
		if len(set) == 0 {
			always = append(always, row)
		}
		sets[i] = append(slices.Clone(columns), row...)
	}
	expanded := logical.NewExpand(input, sets, append(columnNames, added...))
	groupBy := columnsOf(expanded)[len(columns):]
	calls, err := g.withoutMarks(calls, groupBy[:len(keys)])
	if err != nil {
		return nil, err
	}
	out := logical.NewAggregate(expanded, groupBy, added, calls)
	out.Always = always
	return out, nil
}

// setKeys are the keys of a set's groups: NULL for those it lacks, its number,
// and a bit for each argument of GROUPING(…), set for those it lacks.
func setKeys(number int32, set []int, values []expr.Expr, groupings [][]int) []expr.Expr {
	out := make([]expr.Expr, 0, len(values)+1+len(groupings))
	for i, v := range values {
		if !slices.Contains(set, i) {
			v = nullOf(v.DataType())
		}
		out = append(out, v)
	}
	out = append(out, int32Literal(number))
	for _, args := range groupings {
		bits := int32(0)
		for _, a := range args {
			bits <<= 1
			if !slices.Contains(set, a) {
				bits |= 1
			}
		}
		out = append(out, int32Literal(bits))
	}
	return out
}
