package planner

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindSetOp binds UNION, INTERSECT and EXCEPT. Chains nest to the left; a run
// of the same UNION is walked in a loop, so that it may be long.
func (b *binder) bindSetOp(op *ast.SetOp, outer *scope, ctes *cte) (relation, error) {
	if op.ByName {
		return b.bindByName(op, outer, ctes)
	}
	var run []*ast.SetOp // innermost last
	first := ast.Body(op)
	for {
		o, ok := first.(*ast.SetOp)
		if !ok || o.Op != op.Op || o.All != op.All || o.ByName {
			break
		}
		run = append(run, o)
		first = o.Left
		if op.Op != "union" {
			break
		}
	}
	acc, err := b.bindBody(first, outer, ctes, false)
	if err != nil {
		return relation{}, err
	}
	parts := []relation{acc}
	if op == b.streams {
		defer func(was bool) { b.opts.Lazy = was }(b.opts.Lazy)
		b.opts.Lazy = true
	}
	for i := len(run) - 1; i >= 0; i-- {
		right, err := b.bindBody(run[i].Right, outer, ctes, false)
		if err != nil {
			return relation{}, err
		}
		if parts, err = b.align(op.Op, parts, right, run[i].Right.Position()); err != nil {
			return relation{}, err
		}
	}
	return b.combined(op, parts)
}

// combined is the operation on aligned operands; the result has the names of the
// first.
func (b *binder) combined(op *ast.SetOp, parts []relation) (relation, error) {
	switch {
	case op.Op == "union":
		node := unionOf(parts)
		if !op.All {
			node = logical.NewDistinct(node)
		}
		return relation{node, parts[0].names}, nil
	case op.All:
		return b.multiset(op, parts[0], parts[1])
	}
	return existence(op, parts[0], parts[1]), nil
}

func unionOf(parts []relation) logical.Node {
	nodes := make([]logical.Node, len(parts))
	for i, p := range parts {
		nodes[i] = p.node
	}
	return &logical.Union{Parts: nodes, Out: nullableSchema(nodes[0].Schema())}
}

// align converts the operands so far and one more to common column types.
func (b *binder) align(op string, parts []relation, right relation, pos int) ([]relation, error) {
	op = strings.ToUpper(op)
	if len(right.names) != len(parts[0].names) {
		return nil, sqlerr.At(pos, sqlerr.SyntaxError, "each %s query must have the same number of columns", op)
	}
	types := make([]arrow.DataType, len(right.names))
	aligned := len(parts) > 1 // with one another, by the calls before
	for i := range types {
		t, err := b.commonOutput(op, parts[0], right, i)
		if err != nil {
			return nil, at(err, pos)
		}
		types[i] = t
		aligned = aligned && t != nil && sqltype.Equal(t, parts[0].node.Schema().Field(i).Type)
	}
	var err error
	for i := range parts {
		if aligned {
			break
		}
		if parts[i], err = b.convert(parts[i], types, sqltype.Implicit, pos); err != nil {
			return nil, err
		}
	}
	if right, err = b.convert(right, types, sqltype.Implicit, pos); err != nil {
		return nil, err
	}
	return append(parts, right), nil
}

// commonOutput is the type that a column has which two relations give.
func (b *binder) commonOutput(op string, left, right relation, i int) (arrow.DataType, error) {
	values := append(b.outputValues(left, i), b.outputValues(right, i)...)
	return b.commonType(op, values, dataTypes(b.outputType(left, i), b.outputType(right, i)))
}

// outputValues is what an output column is computed of, where the plan's top does so.
func (b *binder) outputValues(rel relation, i int) []expr.Expr {
	switch n := rel.node.(type) {
	case *logical.Project:
		return []expr.Expr{n.Exprs[i]}
	case *logical.Values:
		column := make([]expr.Expr, len(n.Rows))
		for r, row := range n.Rows {
			column[r] = row[i]
		}
		return column
	}
	return nil
}

// outputType is an output column's type, as far as it is decided.
func (b *binder) outputType(rel relation, i int) arrow.DataType {
	if p, ok := rel.node.(*logical.Project); ok {
		return b.settled(p.Exprs[i])
	}
	return rel.node.Schema().Field(i).Type
}

// existence is INTERSECT or EXCEPT: the distinct rows of the left side with, or
// without, an equal row on the right, where NULL equals NULL.
func existence(op *ast.SetOp, left, right relation) relation {
	kind := logical.Semi
	if op.Op == "except" {
		kind = logical.Anti
	}
	j := logical.NewJoin(kind, logical.NewDistinct(left.node), right.node)
	j.LeftKeys, j.RightKeys = columnsOf(j.Left), columnsOf(right.node)
	j.NullEqual = slices.Repeat([]bool{true}, len(j.LeftKeys))
	return relation{j, left.names}
}

func nullableSchema(s *logical.Schema) *logical.Schema { return logical.NewSchema(nullable(s)) }

// columnList is a schema, of a logical node or of records.
type columnList interface {
	NumFields() int
	Field(i int) arrow.Field
}

// nullable is the columns, each of which may be NULL.
func nullable(s columnList) []arrow.Field {
	fields := make([]arrow.Field, s.NumFields())
	for i := range fields {
		f := s.Field(i)
		fields[i] = arrow.Field{Name: f.Name, Type: f.Type, Nullable: true}
	}
	return fields
}

func dataTypes(t ...arrow.DataType) []arrow.DataType { return t }

// valuesSchema is the schema of rows like row.
func valuesSchema(row []expr.Expr, names []string) *logical.Schema {
	fields := make([]arrow.Field, len(row))
	for i, e := range row {
		fields[i] = arrow.Field{Name: names[i], Type: e.DataType(), Nullable: true}
	}
	return logical.NewSchema(fields)
}
