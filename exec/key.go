package exec

import (
	"volley/exec/eval"
	"volley/exec/rowkey"
	"volley/planner/expr"
	"volley/planner/physical"
)

// keyable is nil when values of e can be grouped, joined and sorted.
func keyable(e expr.Expr) error { return rowkey.Supported(e.DataType()) }

// allKeyable is keyable for each expression.
func allKeyable(list []expr.Expr) error {
	for _, e := range list {
		if err := keyable(e); err != nil {
			return err
		}
	}
	return nil
}

// sortKeys are compiled sort keys.
type sortKeys struct {
	exprs  []*eval.Program
	orders []rowkey.Order
}

func (t *task) compileSortKeys(keys []physical.SortKey) (sortKeys, error) {
	var s sortKeys
	for _, k := range keys {
		if err := keyable(k.Expr); err != nil {
			return s, err
		}
		p, err := t.eval.Compile(k.Expr)
		if err != nil {
			return s, err
		}
		s.exprs = append(s.exprs, p)
		s.orders = append(s.orders, rowkey.Order{Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	return s, nil
}
