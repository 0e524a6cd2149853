package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// groupingKeys are the keys of a GROUP BY clause. Items that mean the same item
// of the select list are one key; two items of the select list are two, even if
// they are the same expression, since grouping sets may have only one of them.
type groupingKeys struct {
	exprs   []expr.Expr
	targets []int // number of the select list's item; −1: none is this key
}

// add gives the ordinal of a key.
func (k *groupingKeys) add(key expr.Expr, target int) int {
	for i, e := range k.exprs {
		if k.targets[i] == target && (target >= 0 || expr.Equal(e, key)) {
			return i
		}
	}
	k.exprs, k.targets = append(k.exprs, key), append(k.targets, target)
	return len(k.exprs) - 1
}

// once drops keys that are the same expression as one before.
func (k *groupingKeys) once() []expr.Expr {
	var out []expr.Expr
	for _, e := range k.exprs {
		if !contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// repeated are the ordinals of keys by the targets they are, of those keys that
// are the same expression as one before.
func (k *groupingKeys) repeated() map[int]int {
	out := map[int]int{}
	for i, e := range k.exprs {
		if contains(k.exprs[:i], e) && k.targets[i] >= 0 {
			out[k.targets[i]] = i
		}
	}
	return out
}

// keyColumn is an item of the select list that is a grouping key by its place,
// not by its expression.
type keyColumn struct {
	*expr.Literal // always nil: makes it an expr.Expr
	key           int
	of            expr.Expr
}

// DataType is the key's.
func (k *keyColumn) DataType() arrow.DataType { return k.of.DataType() }

// Children is nil.
func (k *keyColumn) Children() []expr.Expr { return nil }

// WithChildren is k itself.
func (k *keyColumn) WithChildren([]expr.Expr) expr.Expr { return k }

// String is the key's.
func (k *keyColumn) String() string { return k.of.String() }

// byKey puts the keys that s.keyTargets tells of in the place of targets.
func (s *block) byKey(targets []target) []target {
	if len(s.keyTargets) == 0 {
		return targets
	}
	out := slices.Clone(targets)
	for i, key := range s.keyTargets {
		out[i].expr = &keyColumn{key: key, of: out[i].expr}
	}
	return out
}
