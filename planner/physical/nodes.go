package physical

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

func (*Scan) node()           {}
func (*Values) node()         {}
func (*Filter) node()         {}
func (*Project) node()        {}
func (*Aggregate) node()      {}
func (*Join) node()           {}
func (*Sort) node()           {}
func (*Limit) node()          {}
func (*Union) node()          {}
func (*ExchangeSource) node() {}
func (*EncodeText) node()     {}

// Schema is the projected columns of the table.
func (n *Scan) Schema() *arrow.Schema { return n.Spec.Out() }

// Schema is that of the rows.
func (n *Values) Schema() *arrow.Schema { return n.Out }

// Schema is the input's.
func (n *Filter) Schema() *arrow.Schema { return n.Input.Schema() }

// Schema has one nullable field for each expression.
func (n *Project) Schema() *arrow.Schema {
	fields := make([]arrow.Field, len(n.Exprs))
	for i, e := range n.Exprs {
		fields[i] = arrow.Field{Name: n.Names[i], Type: e.DataType(), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// Schema is keys, then aggregates or states.
func (n *Aggregate) Schema() *arrow.Schema { return n.Out }

// Schema is left columns, then right columns, by the kind of join.
func (n *Join) Schema() *arrow.Schema { return n.Out }

// Schema is the input's.
func (n *Sort) Schema() *arrow.Schema { return n.Input.Schema() }

// Schema is the input's.
func (n *Limit) Schema() *arrow.Schema { return n.Input.Schema() }

// Schema is that of every part.
func (n *Union) Schema() *arrow.Schema { return n.Out }

// Schema is that of the producer stage's root.
func (n *ExchangeSource) Schema() *arrow.Schema { return n.Out }

// ChunkSchema is the output of EncodeText: the text of some rows, and how many
// rows it is.
var ChunkSchema = arrow.NewSchema([]arrow.Field{
	{Name: "chunk", Type: sqltype.Bytea}, {Name: "rows", Type: sqltype.Int64},
}, nil)

// Schema is ChunkSchema.
func (n *EncodeText) Schema() *arrow.Schema { return ChunkSchema }

// Inputs is nil.
func (n *Scan) Inputs() []Node { return nil }

// Inputs is nil.
func (n *Values) Inputs() []Node { return nil }

// Inputs is the filtered input.
func (n *Filter) Inputs() []Node { return []Node{n.Input} }

// Inputs is the projected input.
func (n *Project) Inputs() []Node { return []Node{n.Input} }

// Inputs is the aggregated input.
func (n *Aggregate) Inputs() []Node { return []Node{n.Input} }

// Inputs are the probe side, the build side and, if any, the whole of it.
func (n *Join) Inputs() []Node {
	if n.Whole != nil {
		return []Node{n.Left, n.Right, n.Whole}
	}
	return []Node{n.Left, n.Right}
}

// Inputs is the sorted input.
func (n *Sort) Inputs() []Node { return []Node{n.Input} }

// Inputs is the limited input.
func (n *Limit) Inputs() []Node { return []Node{n.Input} }

// Inputs are the parts.
func (n *Union) Inputs() []Node { return n.Parts }

// Inputs is nil: the producer is another stage.
func (n *ExchangeSource) Inputs() []Node { return nil }

// Inputs is the encoded input.
func (n *EncodeText) Inputs() []Node { return []Node{n.Input} }
