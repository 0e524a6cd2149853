package exec

import (
	"volley/exec/rowkey"
	"volley/planner/expr"
)

type rowkeyOrder = rowkey.Order

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
