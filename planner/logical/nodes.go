package logical

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/planner/expr"
	"volley/sqltype"
)

// NewScan reads all columns of a table.
func NewScan(name string, def *catalog.TableDef, stats *catalog.Stats) *Scan {
	s := &Scan{Table: name, Def: def, Stats: stats, Projection: make([]int, def.Schema.NumFields())}
	for i := range s.Projection {
		s.Projection[i] = i
	}
	return s.withSchema()
}

// Project is the scan of columns keep of its output only; its filter must not
// need others.
func (n *Scan) Project(keep []int) *Scan {
	c := *n
	c.Projection = make([]int, len(keep))
	for i, k := range keep {
		c.Projection[i] = n.Projection[k]
	}
	return c.withSchema()
}

func (n *Scan) withSchema() *Scan {
	fields := make([]arrow.Field, len(n.Projection))
	for i, c := range n.Projection {
		fields[i] = n.Def.Schema.Field(c)
	}
	n.Out = NewSchema(fields)
	return n
}

// NewProject computes exprs under names.
func NewProject(input Node, exprs []expr.Expr, names []string) *Project {
	fields := make([]arrow.Field, len(exprs))
	for i, e := range exprs {
		fields[i] = arrow.Field{Name: names[i], Type: e.DataType(), Nullable: true}
	}
	return &Project{Input: input, Exprs: exprs, Out: NewSchema(fields)}
}

// NewAggregate groups by keys under names.
func NewAggregate(input Node, keys []expr.Expr, names []string, aggs []AggCall) *Aggregate {
	fields := make([]arrow.Field, 0, len(keys)+len(aggs))
	for i, k := range keys {
		fields = append(fields, arrow.Field{Name: names[i], Type: k.DataType(), Nullable: true})
	}
	for _, a := range aggs {
		fields = append(fields, arrow.Field{Name: a.Func, Type: a.Type, Nullable: true})
	}
	return &Aggregate{Input: input, Keys: keys, Aggs: aggs, Out: NewSchema(fields)}
}

// NewDistinct removes duplicate rows.
func NewDistinct(input Node) *Aggregate {
	s := input.Schema()
	keys, names := make([]expr.Expr, s.NumFields()), make([]string, s.NumFields())
	for i, f := range s.Fields() {
		keys[i], names[i] = &expr.Column{Index: i, Name: f.Name, Type: f.Type}, f.Name
	}
	return NewAggregate(input, keys, names, nil)
}

// NewJoin is a join with the schema its kind asks for.
func NewJoin(kind JoinKind, left, right Node) *Join {
	return (&Join{Left: left, Right: right, Kind: kind}).withSchema()
}

func (n *Join) withSchema() *Join {
	switch l := n.Left.Schema(); n.Kind {
	case Semi, Anti:
		n.Out = l
	case Mark:
		n.Out = l.With(arrow.Field{Name: "mark", Type: sqltype.Bool, Nullable: true})
	default:
		n.Out = l.beside(n.Right.Schema())
	}
	return n
}

// Schema is the projected columns.
func (n *Scan) Schema() *Schema { return n.Out }

// Schema is that of the rows.
func (n *Values) Schema() *Schema { return n.Out }

// Schema is the input's.
func (n *Filter) Schema() *Schema { return n.Input.Schema() }

// Schema is one column for each expression.
func (n *Project) Schema() *Schema { return n.Out }

// Schema is keys, then aggregates.
func (n *Aggregate) Schema() *Schema { return n.Out }

// Schema is left columns, then right ones, by the kind of join.
func (n *Join) Schema() *Schema { return n.Out }

// Schema is the input's.
func (n *Sort) Schema() *Schema { return n.Input.Schema() }

// Schema is the input's.
func (n *Limit) Schema() *Schema { return n.Input.Schema() }

// Schema is that of every part.
func (n *Union) Schema() *Schema { return n.Out }

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

// Inputs are left and right.
func (n *Join) Inputs() []Node { return []Node{n.Left, n.Right} }

// Inputs is the sorted input.
func (n *Sort) Inputs() []Node { return []Node{n.Input} }

// Inputs is the limited input.
func (n *Limit) Inputs() []Node { return []Node{n.Input} }

// Inputs are the parts.
func (n *Union) Inputs() []Node { return n.Parts }

// WithInputs is n itself.
func (n *Scan) WithInputs([]Node) Node { return n }

// WithInputs is n itself.
func (n *Values) WithInputs([]Node) Node { return n }

// WithInputs is the same filter of another input.
func (n *Filter) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// WithInputs is the same projection of another input.
func (n *Project) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// WithInputs is the same aggregation of another input.
func (n *Aggregate) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// WithInputs is the same join of other inputs.
func (n *Join) WithInputs(in []Node) Node {
	c := *n
	c.Left, c.Right = in[0], in[1]
	if in[0].Schema() == n.Left.Schema() && in[1].Schema() == n.Right.Schema() {
		return &c
	}
	return c.withSchema()
}

// WithKind is the join of the same inputs as another kind of join.
func (n *Join) WithKind(kind JoinKind) *Join {
	c := *n
	c.Kind = kind
	return c.withSchema()
}

// WithInputs is the same order of another input.
func (n *Sort) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// WithInputs is the same limit of another input.
func (n *Limit) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// WithInputs is the union of other parts.
func (n *Union) WithInputs(in []Node) Node { c := *n; c.Parts = in; return &c }

// Transform rebuilds a tree bottom-up: f is applied to each node whose inputs
// are transformed already.
func Transform(n Node, f func(Node) Node) Node {
	in := n.Inputs()
	var out []Node
	for i, c := range in {
		x := Transform(c, f)
		if x != c && out == nil {
			out = append([]Node(nil), in...)
		}
		if out != nil {
			out[i] = x
		}
	}
	if out != nil {
		n = n.WithInputs(out)
	}
	return f(n)
}
