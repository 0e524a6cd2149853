package exec

import (
	"strings"

	"volley/exec/eval"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/udf"
)

// shareStates lets aggregates of the same arguments keep one state where that
// does for both: sum(x), avg(x) and count(x) read and add x once.
func (g *groupTable) shareStates(env *eval.Env) {
	byArgs := map[string][]*aggCall{} // there may be very many aggregates
	for _, a := range g.aggs {
		if _, ok := a.acc.(udf.Sharing); ok && len(a.args) > 0 && !a.merge && a.seen == nil && a.sorted == nil {
			text := exprText(a.call)
			byArgs[text] = append(byArgs[text], a)
		}
	}
	for _, calls := range byArgs {
		if len(calls) > 1 {
			shareAmong(env, calls)
		}
	}
	g.connect()
}

func exprText(call *physical.AggCall) string {
	var text strings.Builder
	for _, e := range call.Args {
		text.WriteString(e.String())
	}
	return text.String()
}

func shareAmong(env *eval.Env, calls []*aggCall) {
	sources := map[*aggCall]bool{}
	for _, a := range calls {
		for _, b := range calls {
			if a != b && a.source == nil && b.source == nil && !sources[a] && sameRows(env, a.call, b.call) && a.shareWith(b) {
				sources[b] = true
			}
		}
	}
}

// shareWith makes b the source of a's state, if it has what a needs.
func (a *aggCall) shareWith(b *aggCall) bool {
	ok := a.acc.(udf.Sharing).Share(b.acc)
	if ok {
		a.source = b
	}
	return ok
}

// sameRows tells whether two aggregates get the same rows, as far as the form of
// their arguments and filters shows it.
func sameRows(env *eval.Env, a, b *physical.AggCall) bool {
	if len(a.Args) != len(b.Args) || (a.Filter == nil) != (b.Filter == nil) {
		return false
	}
	if a.Filter != nil && !sameValue(env, a.Filter, b.Filter) {
		return false
	}
	for i, e := range a.Args {
		if !sameValue(env, e, b.Args[i]) {
			return false
		}
	}
	return true
}

func sameValue(env *eval.Env, a, b expr.Expr) bool { return expr.Equal(a, b) && env.Repeatable(a) }

// renew gives all aggregates states without groups.
func (g *groupTable) renew() error {
	for _, a := range g.aggs {
		if acc, ok := a.acc.(udf.Reusable); ok {
			acc.Reset()
			continue
		}
		var err error
		if a.acc, err = a.fresh(); err != nil {
			return placedAt(err, a.call.Pos)
		}
	}
	g.connect()
	return nil
}

// connect tells accumulators, of which some may be new, about each other.
func (g *groupTable) connect() {
	for _, a := range g.aggs {
		if acc, ok := a.acc.(udf.RowCountUser); ok {
			acc.CountBy(&g.counts)
		}
		if a.source != nil {
			a.acc.(udf.Sharing).Share(a.source.acc)
		}
	}
}
