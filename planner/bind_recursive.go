package planner

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindRecursive binds an item of WITH RECURSIVE that refers to itself. Its
// columns have the types of the initial term; the recursive term reads a
// working table of these columns.
func (b *binder) bindRecursive(item *ast.CTE, outer *scope, ctes *cte) (relation, error) {
	op, err := recursiveTerms(item)
	if err != nil {
		return relation{}, err
	}
	if err := b.enter(item.Position()); err != nil {
		return relation{}, err
	}
	defer b.leave()
	if ctes, err = b.bindWith(item.Query, outer, ctes); err != nil {
		return relation{}, err
	}
	initial, err := b.bindBody(op.Left, outer, ctes, true)
	if err != nil {
		return relation{}, err
	}
	names, err := renamed(item.Name, initial.names, item.Columns, item.Position())
	if err != nil {
		return relation{}, err
	}
	added := 0
	if item.Search != nil || item.Cycle != nil {
		if item, added, err = withSearchCycle(item, op, names); err != nil {
			return relation{}, err
		}
		op, names = item.Query.Body.(*ast.SetOp), item.Columns
		if initial, err = b.bindBody(op.Left, outer, ctes, true); err != nil {
			return relation{}, err
		}
	}
	for {
		again, rel, err := b.bindStep(item, op, initial, names, outer, &cte{next: ctes, name: item.Name, working: true, added: added})
		if err != nil {
			return relation{}, err
		}
		if again == nil {
			return b.shared(item, rel)
		}
		if initial, err = b.convert(initial, again, sqltype.Implicit, op.Left.Position()); err != nil {
			return relation{}, err
		}
	}
}

// bindStep binds the recursive term over a working table like initial, which
// self makes known. It gives
// the recursion, or the types that the initial term must have instead: those of
// numeric columns whose scale the recursive term changes.
func (b *binder) bindStep(item *ast.CTE, op *ast.SetOp, initial relation, names []string, outer *scope, self *cte) ([]arrow.DataType, relation, error) {
	r := &logical.Recursion{Name: item.Name}
	out := renamedSchema(initial.node.Schema(), names)
	self.rel = relation{&logical.WorkingTable{Of: r, Out: out}, names}
	step, err := b.bindBody(op.Right, outer, self, false)
	if err != nil {
		return nil, relation{}, err
	}
	pos := op.Right.Position()
	if len(step.names) != len(names) {
		return nil, relation{}, sqlerr.At(pos, sqlerr.SyntaxError, "each UNION query must have the same number of columns")
	}
	types := make([]arrow.DataType, len(names))
	var again bool
	for i := range types {
		first := out.Field(i).Type
		if types[i], err = b.commonType("UNION", b.outputValues(step, i), dataTypes(first, b.outputType(step, i))); err != nil {
			return nil, relation{}, at(err, pos)
		}
		switch {
		case types[i] == nil || sqltype.Equal(types[i], first):
			types[i] = first
		case sqltype.IsDecimal(first) && !declaredDecimal(initial.node, i) && (sqltype.IsDecimal(types[i]) || sqltype.IsUnconstrainedNumeric(types[i])):
			types[i], again = sqltype.Numeric, true
		default:
			had, has := mismatchNames(first, types[i])
			return nil, relation{}, sqlerr.At(op.Left.Position(), sqlerr.DatatypeMismatch,
				"recursive query \"%s\" column %d has type %s in non-recursive term but type %s overall", item.Name, i+1, had, has).
				WithHint("Cast the output of the non-recursive term to the correct type.")
		}
	}
	if again {
		return types, relation{}, nil
	}
	if step, err = b.convert(step, types, sqltype.Implicit, pos); err != nil {
		return nil, relation{}, err
	}
	node := &logical.Recursive{Recursion: r, Initial: initial.node, Step: step.node, All: op.All, Out: out}
	return nil, relation{node, names}, nil
}

// renamedSchema has the columns of s under other names.
func renamedSchema(s *logical.Schema, names []string) *logical.Schema {
	fields := make([]arrow.Field, len(names))
	for i, f := range s.Fields() {
		fields[i] = arrow.Field{Name: names[i], Type: f.Type, Nullable: true}
	}
	return logical.NewSchema(fields)
}

// declaredDecimal tells whether precision and scale of a column were written: in
// a cast, or in a table's definition.
func declaredDecimal(n logical.Node, i int) bool {
	switch n := n.(type) {
	case *logical.Scan:
		return true
	case *logical.Project:
		switch e := n.Exprs[i].(type) {
		case *expr.Cast:
			return true
		case *expr.Column:
			return e.Index < n.Input.Schema().NumFields() && declaredDecimal(n.Input, e.Index)
		}
	case *logical.Filter:
		return declaredDecimal(n.Input, i)
	}
	return false
}

// mismatchNames are the types of a column in the first term and overall, as the
// error calls them: terms of different precision and scale have none together.
func mismatchNames(first, overall arrow.DataType) (string, string) {
	if d, ok := first.(*arrow.Decimal128Type); ok && (sqltype.IsDecimal(overall) || sqltype.IsUnconstrainedNumeric(overall)) {
		return fmt.Sprintf("numeric(%d,%d)", d.Precision, d.Scale), "numeric"
	}
	return typeName(first), typeName(overall)
}
