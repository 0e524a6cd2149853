package logical

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// PartialAggregate groups by Keys where the rows are, so that a group may come
// several times, and gives partial states instead of results; output: keys, then
// the columns of each aggregate's state. An Aggregate above whose calls combine
// these states gives the results.
type PartialAggregate struct {
	Input Node
	Keys  []expr.Expr
	Aggs  []AggCall
	Out   *Schema
}

// NewPartialAggregate groups by keys under names.
func NewPartialAggregate(input Node, keys []expr.Expr, names []string, aggs []AggCall) *PartialAggregate {
	fields := make([]arrow.Field, 0, len(keys)+len(aggs))
	for i, k := range keys {
		fields = append(fields, arrow.Field{Name: names[i], Type: k.DataType(), Nullable: true})
	}
	for _, a := range aggs {
		for _, t := range a.State {
			fields = append(fields, arrow.Field{Name: a.Func, Type: t, Nullable: true})
		}
	}
	return &PartialAggregate{Input: input, Keys: keys, Aggs: aggs, Out: NewSchema(fields)}
}

func (*PartialAggregate) node() {}

// Schema is keys, then states.
func (n *PartialAggregate) Schema() *Schema { return n.Out }

// Inputs is the aggregated input.
func (n *PartialAggregate) Inputs() []Node { return []Node{n.Input} }

// WithInputs is the same aggregation of another input.
func (n *PartialAggregate) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// String is the keys and the aggregates.
func (n *PartialAggregate) String() string {
	calls := columns(len(n.Aggs), func(i int) string { return n.Aggs[i].String() })
	return "PartialAggregate by [" + list(n.Keys) + "] compute " + calls
}
