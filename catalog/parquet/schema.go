package parquet

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// column is a node of a file's schema as it is read: a leaf with values, a list
// of its one child, or a struct of its children.
type column struct {
	name     string
	typ      arrow.DataType // SQL type of the column as a whole
	kind     columnKind
	leaf     *leaf // of kind leafColumn
	children []*column
	// levels say which definition and repetition levels mean what here; see
	// file.LevelInfo. Of a list, those of its elements but for
	// RepeatedAncestorDefLevel, which is the list's own.
	levels   file.LevelInfo
	nullable bool
}

type columnKind uint8

const (
	leafColumn columnKind = iota
	listColumn
	structColumn
	variantColumn // of the group that is its one child
)

// buildColumns makes the top-level columns of a schema. Names that occur twice
// get a number, so that every column can be named. variants are the numbers of the
// schema's elements that are annotated as VARIANT.
func buildColumns(s *schema.Schema, variants []int) ([]*column, error) {
	b := schemaBuilder{s, variantNodes(s, variants)}
	root := s.Root()
	columns := make([]*column, root.NumFields())
	seen := make(map[string]bool, len(columns))
	for i := range columns {
		c, err := b.field(root.Field(i), file.LevelInfo{NullSlotUsage: 1})
		if err != nil {
			return nil, err
		}
		base := c.name
		for n := 1; seen[c.name]; n++ {
			c.name = fmt.Sprintf("%s_%d", base, n)
		}
		seen[c.name] = true
		columns[i] = c
	}
	return columns, nil
}

type schemaBuilder struct {
	schema   *schema.Schema
	variants map[schema.Node]bool
}

// field makes the column of a node inside a parent with the given levels.
func (b schemaBuilder) field(n schema.Node, levels file.LevelInfo) (*column, error) {
	if n.RepetitionType() == parquet.Repetitions.Repeated {
		// A repeated field without an annotation is a list that is never null.
		ancestor := levels.IncrementRepeated()
		element, err := b.value(n, levels)
		if err != nil {
			return nil, err
		}
		element.nullable = false
		return listOf(n.Name(), element, levels, ancestor, false), nil
	}
	levels.Increment(n)
	return b.value(n, levels)
}

// value makes the column of a node whose own repetition is in levels already.
func (b schemaBuilder) value(n schema.Node, levels file.LevelInfo) (*column, error) {
	optional := n.RepetitionType() == parquet.Repetitions.Optional
	group, ok := n.(*schema.GroupNode)
	if !ok {
		p := n.(*schema.PrimitiveNode)
		l := newLeaf(p, b.schema)
		return &column{name: n.Name(), typ: l.typ, leaf: l, levels: levels, nullable: optional}, nil
	}
	if isList(group) {
		return b.list(group, levels, optional)
	}
	return b.structure(group, levels, optional)
}

// isList tells whether a group is annotated as a list or a map and has the one
// repeated field that makes it one. A map is a list of its entries.
func isList(g *schema.GroupNode) bool {
	switch g.LogicalType().(type) {
	case schema.ListLogicalType, *schema.ListLogicalType, schema.MapLogicalType, *schema.MapLogicalType:
	default:
		return false
	}
	return g.NumFields() == 1 && g.Field(0).RepetitionType() == parquet.Repetitions.Repeated
}

// list makes the column of an annotated list:
//
//	optional group name (LIST) {
//	  repeated group list {
//	    optional TYPE element;
//	  }
//	}
//
// In files of old writers the repeated field is the element itself; see
// "Backward-compatibility rules" in the format's LogicalTypes.md.
func (b schemaBuilder) list(g *schema.GroupNode, levels file.LevelInfo, optional bool) (*column, error) {
	ancestor := levels.IncrementRepeated()
	repeated := g.Field(0)
	var element *column
	var err error
	if inner, ok := repeated.(*schema.GroupNode); ok && inner.NumFields() == 1 && !isMap(g) && !isList(inner) &&
		inner.Name() != "array" && inner.Name() != g.Name()+"_tuple" {
		element, err = b.field(inner.Field(0), levels)
	} else {
		element, err = b.value(repeated, levels)
	}
	if err != nil {
		return nil, err
	}
	return listOf(g.Name(), element, levels, ancestor, optional), nil
}

func isMap(g *schema.GroupNode) bool {
	switch g.LogicalType().(type) {
	case schema.MapLogicalType, *schema.MapLogicalType:
		return true
	}
	return false
}

func listOf(name string, element *column, levels file.LevelInfo, ancestor int16, optional bool) *column {
	levels.RepeatedAncestorDefLevel = ancestor
	return &column{
		name: name, typ: arrow.ListOf(element.typ), kind: listColumn,
		children: []*column{element}, levels: levels, nullable: optional,
	}
}

func (b schemaBuilder) structure(g *schema.GroupNode, levels file.LevelInfo, optional bool) (*column, error) {
	if g.NumFields() == 0 {
		return nil, fmt.Errorf("group %q has no fields", g.Name())
	}
	c := &column{name: g.Name(), kind: structColumn, levels: levels, nullable: optional}
	fields := make([]arrow.Field, g.NumFields())
	for i := range fields {
		child, err := b.field(g.Field(i), levels)
		if err != nil {
			return nil, err
		}
		c.children = append(c.children, child)
		fields[i] = arrow.Field{Name: child.name, Type: child.typ, Nullable: true}
	}
	c.typ = arrow.StructOf(fields...)
	if b.variants[g] {
		return variant(c, levels)
	}
	return c, nil
}

// leaves appends the leaves of c in file order.
func (c *column) leaves(to []*leaf) []*leaf {
	if c.kind == leafColumn {
		return append(to, c.leaf)
	}
	for _, child := range c.children {
		to = child.leaves(to)
	}
	return to
}

// repeated tells whether a list is somewhere in c.
func (c *column) repeated() bool {
	if c.kind == listColumn {
		return true
	}
	for _, child := range c.children {
		if child.repeated() {
			return true
		}
	}
	return false
}
