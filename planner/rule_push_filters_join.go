package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// pushJoin distributes conjuncts over a join. What may go where:
//
//	            preds above the join        conjuncts of ON
//	inner       left, right, condition      left, right, condition
//	left        left                        right, condition
//	right       right                       left, condition
//	full        (none)                      condition
//	semi, anti  left                        right (semi: left too), condition
//	mark        left                        right, condition
//
// where "condition" means: a key if it is an equality between the sides.
func (f *filterPusher) pushJoin(n *logical.Join, preds []expr.Expr) logical.Node {
	j := keyed{*n}
	width := j.Left.Schema().NumFields()
	var left, right, above, on []expr.Expr
	for _, p := range preds {
		switch l, r := sides(p, width); {
		case j.Kind == logical.Inner && l && r:
			on = append(on, p)
		case l && !r && j.Kind != logical.RightOuter && j.Kind != logical.FullOuter:
			left = append(left, p)
		case r && !l && (j.Kind == logical.Inner || j.Kind == logical.RightOuter):
			right = append(right, expr.Shift(p, -width))
		default:
			above = append(above, p)
		}
	}
	for _, c := range expr.Conjuncts(j.On) {
		if v, known := truth(c); known && v {
			continue
		}
		switch l, r := sides(c, width); {
		case l && !r && (j.Kind == logical.Inner || j.Kind == logical.RightOuter || j.Kind == logical.Semi):
			left = append(left, c)
		case r && !l && j.Kind != logical.RightOuter && j.Kind != logical.FullOuter:
			right = append(right, expr.Shift(c, -width))
		default:
			on = append(on, c)
		}
	}
	j.On = expr.And(on)
	j.ownKeys()
	j.keysFromCondition(width)
	return f.above(j.WithInputs([]logical.Node{f.push(j.Left, left), f.push(j.Right, right)}), above)
}

// sides tells whether e uses columns of the left and of the right side.
func sides(e expr.Expr, width int) (left, right bool) {
	expr.EachColumn(e, func(c *expr.Column) {
		left = left || c.Index < width
		right = right || c.Index >= width
	})
	return left, right
}

// keyed is a join that gets keys.
type keyed struct{ logical.Join }

// ownKeys copies the keys, which other plans may share.
func (j *keyed) ownKeys() {
	j.LeftKeys, j.RightKeys = slices.Clone(j.LeftKeys), slices.Clone(j.RightKeys)
	j.NullEqual = slices.Clone(j.NullEqual)
}

// keysFromCondition makes keys of the conjuncts of the condition that are
// equalities between the sides. The keys of a null-aware join are what IN
// compares, so that it gets no others.
func (j *keyed) keysFromCondition(width int) {
	if j.NullAware {
		return
	}
	var rest []expr.Expr
	for _, c := range expr.Conjuncts(j.On) {
		l, r, nullEqual, ok := equality(c, width)
		if !ok {
			rest = append(rest, c)
			continue
		}
		if nullEqual && j.NullEqual == nil {
			j.NullEqual = make([]bool, len(j.LeftKeys))
		}
		j.LeftKeys, j.RightKeys = append(j.LeftKeys, l), append(j.RightKeys, r)
		if j.NullEqual != nil {
			j.NullEqual = append(j.NullEqual, nullEqual)
		}
	}
	j.On = expr.And(rest)
}

// equality splits left = right, or left IS NOT DISTINCT FROM right, into keys over their own side. Types that are
// equal in more ways than their values' bytes say are no keys.
func equality(e expr.Expr, width int) (left, right expr.Expr, nullEqual, ok bool) {
	c, isCall := e.(*expr.Call)
	if !isCall || c.Func != "=" && c.Func != "is not distinct from" || len(c.Args) != 2 {
		return nil, nil, false, false
	}
	a, b := c.Args[0], c.Args[1]
	al, ar := sides(a, width)
	bl, br := sides(b, width)
	switch {
	case al && !ar && br && !bl:
	case ar && !al && bl && !br:
		a, b = b, a
	default:
		return nil, nil, false, false
	}
	if t := a.DataType(); t.ID() == arrow.INTERVAL_MONTH_DAY_NANO {
		return nil, nil, false, false
	}
	b = expr.Shift(b, -width)
	if !sqltype.Equal(a.DataType(), b.DataType()) {
		t, err := sqltype.CommonType(dataTypes(a.DataType(), b.DataType()))
		if err != nil {
			return nil, nil, false, false
		}
		a, b = castTo(a, t), castTo(b, t)
	}
	return a, b, c.Func != "=", true
}

func castTo(e expr.Expr, t arrow.DataType) expr.Expr {
	if sqltype.Equal(e.DataType(), t) {
		return e
	}
	return &expr.Cast{Arg: e, Type: t, Pos: -1}
}
