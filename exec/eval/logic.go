package eval

import (
	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/udf"
)

// logicNode is AND or OR, three-valued.
type logicNode struct {
	or   bool
	args []node
	// whole: the operand may be evaluated on decided rows too.
	whole  []bool
	effort float64 // of all operands
}

func (env *Env) compileLogic(e *expr.Logic) (node, error) {
	args, err := env.compileList(e.Args)
	if err != nil {
		return nil, err
	}
	l := &logicNode{or: e.Or, args: args, whole: make([]bool, len(args))}
	for i, a := range e.Args {
		effort := env.effort(a, args[i])
		l.whole[i] = effort <= costly
		l.effort += effort
	}
	return l, nil
}

func (l *logicNode) eval(b *Batch) (udf.Arg, error) {
	acc, err := l.truth(b, false)
	if err != nil {
		return udf.Arg{}, err
	}
	return udf.Arg{Array: acc.Array()}, nil
}

// truth evaluates the operands from the left. An operand that may fail is
// evaluated only for the rows that those before it do not decide. For a filter,
// AND is decided by NULL too, which is as good as false.
func (l *logicNode) truth(b *Batch, filter bool) (kernel.Truth, error) {
	acc, err := truth(l.args[0], b)
	if err != nil {
		return acc, err
	}
	for i, arg := range l.args[1:] {
		decided := acc.False
		switch {
		case l.or:
			decided = acc.True
		case filter:
			decided = acc.True.Not(b.n)
		}
		done := decided.Count()
		if done == b.n {
			break
		}
		if l.whole[i+1] || done == 0 {
			t, err := truth(arg, b)
			if err != nil {
				return acc, err
			}
			l.combine(acc, t)
			continue
		}
		rows := decided.Not(b.n).Rows()
		sub := b.Select(rows)
		t, err := truth(arg, sub)
		if err != nil {
			return acc, sub.PlaceRow(err)
		}
		l.combine(acc, l.spread(t, rows, b.n))
	}
	return acc, nil
}

func (l *logicNode) combine(acc, t kernel.Truth) {
	if l.or {
		acc.Or(t)
	} else {
		acc.And(t)
	}
}

// spread puts the results of some rows among n; the others get the value that
// does not change them: true for AND, false for OR.
func (l *logicNode) spread(t kernel.Truth, rows []int32, n int) kernel.Truth {
	neutral, other := kernel.Ones(n), make(kernel.Words, (n+63)/64)
	out := kernel.Truth{True: neutral, False: other, N: n}
	if l.or {
		out.True, out.False = other, neutral
	}
	for i, r := range rows {
		if !t.True.Get(i) {
			out.True.Clear(int(r))
		} else {
			out.True.Set(int(r))
		}
		if !t.False.Get(i) {
			out.False.Clear(int(r))
		} else {
			out.False.Set(int(r))
		}
	}
	return out
}
