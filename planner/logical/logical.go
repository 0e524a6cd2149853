// Package logical is the relational algebra between binding and the choice of
// operators: what a query means, with every name and type decided and nothing
// said about how or where it runs.
//
// Nodes are plain data and immutable once built: a rule makes new nodes and
// shares the parts it leaves alone. Expressions refer to the columns of their
// node's input by ordinal; a Join's to left columns, then right ones.
package logical

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/planner/expr"
)

// Node is a relational operator. The set of implementations is closed.
type Node interface {
	fmt.Stringer // one line, without its inputs
	// Schema is the output columns; names are for people only.
	Schema() *Schema
	// Inputs are the operands, in order.
	Inputs() []Node
	// WithInputs is a copy with other operands of the same schemas' widths.
	WithInputs([]Node) Node
	node()
}

type (
	// Scan reads columns Projection of a table. Filter is over the output
	// columns. Pruning and Limit are as in catalog.ScanSpec.
	Scan struct {
		Table      string
		Def        *catalog.TableDef
		Stats      *catalog.Stats // nil: not known
		Projection []int
		Filter     expr.Expr
		Pruning    []catalog.Predicate
		Limit      int64
		Out        *Schema
	}
	// Values gives constant rows.
	Values struct {
		Rows [][]expr.Expr
		Out  *Schema
	}
	// Filter keeps the rows for which Predicate is true.
	Filter struct {
		Input     Node
		Predicate expr.Expr
	}
	// Project computes expressions.
	Project struct {
		Input Node
		Exprs []expr.Expr
		Out   *Schema
	}
	// Aggregate groups by Keys; output: keys, then aggregates. Without Keys
	// there is always exactly one group. Without Aggs it is DISTINCT. Always are
	// the keys, as constants, of groups that exist even without rows, such as
	// those of a grouping set without keys.
	Aggregate struct {
		Input  Node
		Keys   []expr.Expr
		Aggs   []AggCall
		Always [][]expr.Expr
		Out    *Schema
	}
	// Join joins on On (nil: every pair). Semi and Anti give left columns only,
	// Mark those and a boolean that says whether a right row matched, which is
	// NULL as in SQL's IN when NullAware.
	Join struct {
		Left, Right Node
		Kind        JoinKind
		// LeftKeys[i] = RightKeys[i], each over its own side, are conjuncts of
		// the condition; On is the rest of it, over both sides.
		LeftKeys, RightKeys []expr.Expr
		NullEqual           []bool // per key: it matches as IS NOT DISTINCT FROM does; nil: none
		On                  expr.Expr
		NullAware           bool
		Rows                float64 // estimated when the order of joins was chosen; 0: not
		Out                 *Schema
	}
	// Sort orders rows, stably.
	Sort struct {
		Input Node
		Keys  []SortKey
	}
	// Limit skips Offset rows and gives at most Count; both are bigint
	// expressions without columns, nil or NULL for none. With Ties, by which the
	// input is ordered, rows equal to the last one in them follow it.
	Limit struct {
		Input         Node
		Count, Offset expr.Expr
		Ties          []SortKey
	}
	// Union gives all rows of its parts, one part after the other.
	Union struct {
		Parts []Node
		Out   *Schema
	}
)

// AggCall is one aggregate over the input's columns.
type AggCall struct {
	Func     string
	Args     []expr.Expr
	Distinct bool
	Filter   expr.Expr
	OrderBy  []SortKey
	Type     arrow.DataType
	// NoPartial: it cannot be split into two phases.
	NoPartial bool
	// Ordered: its result depends on the order of rows.
	Ordered bool
	// State are the types of a partial result's columns.
	State []arrow.DataType
	// Combines, if not nil, are the types of the arguments of the call whose states,
	// made by a PartialAggregate, are Args here.
	Combines []arrow.DataType
	Pos      int
}

// SortKey is an expression to order by.
type SortKey struct {
	Expr       expr.Expr
	Desc       bool
	NullsFirst bool
}

// JoinKind is the kind of a join.
type JoinKind uint8

// Kinds of join, in the order of the physical ones.
const (
	Inner JoinKind = iota
	LeftOuter
	RightOuter
	FullOuter
	Semi
	Anti
	Mark
)

func (*Scan) node()      {}
func (*Values) node()    {}
func (*Filter) node()    {}
func (*Project) node()   {}
func (*Aggregate) node() {}
func (*Join) node()      {}
func (*Sort) node()      {}
func (*Limit) node()     {}
func (*Union) node()     {}
