package parser

import (
	"io"
	"strconv"

	tast "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/format"

	"volley/parser/ast"
)

// TiDB's grammar makes its literals through functions that its user registers.
// These keep numbers as text: nothing is rounded, and none is too long.

// value is a literal in TiDB's AST: nil, bool, int64, uint64, decimal or string.
type value struct {
	tast.TexprNode
	v      any
	offset int
}

// decimal is the text of a number with a point, or of one beyond 64 bits.
type decimal string

// paramMarker is "?" in TiDB's AST.
type paramMarker struct {
	value
	order int
}

func init() {
	tast.NewValueExpr = func(v any, _, _ string) tast.ValueExpr {
		if x, ok := v.(*value); ok {
			return x
		}
		return &value{v: v}
	}
	tast.NewParamMarkerExpr = func(int) tast.ParamMarkerExpr { return &paramMarker{} }
	tast.NewDecimal = func(s string) (any, error) { return decimal(s), nil }
	// The front writes neither of these.
	tast.NewHexLiteral = func(s string) (any, error) { return s, nil }
	tast.NewBitLiteral = func(s string) (any, error) { return s, nil }
}

func (n *value) Accept(v tast.Visitor) (tast.Node, bool) {
	node, _ := v.Enter(n)
	return v.Leave(node)
}

func (n *paramMarker) Accept(v tast.Visitor) (tast.Node, bool) {
	node, _ := v.Enter(n)
	return v.Leave(node)
}

func (n *value) Restore(*format.RestoreCtx) error { return nil }
func (n *value) Format(io.Writer)                 {}
func (n *value) Text() string                     { return "" }
func (n *value) SetValue(v any)                   { n.v = v }
func (n *value) GetValue() any                    { return n.v }
func (n *value) GetDatumString() string           { return n.GetString() }
func (n *value) GetProjectionOffset() int         { return n.offset }
func (n *value) SetProjectionOffset(offset int)   { n.offset = offset }
func (n *paramMarker) SetOrder(order int)         { n.order = order }

func (n *value) GetString() string {
	s, _ := n.v.(string)
	return s
}

// literal is the value as a node of parser/ast.
func (n *value) literal(pos ast.Pos) *ast.Literal {
	lit := &ast.Literal{Pos: pos}
	switch v := n.v.(type) {
	case nil:
	case bool:
		lit.Kind, lit.Text = ast.Boolean, strconv.FormatBool(v)
	case int64:
		lit.Kind, lit.Text = ast.Integer, strconv.FormatInt(v, 10)
	case uint64:
		lit.Kind, lit.Text = ast.Integer, strconv.FormatUint(v, 10)
	case decimal:
		lit.Kind, lit.Text = ast.Integer, string(v)
		for i := 0; i < len(v); i++ {
			if !isDigit(v[i]) {
				lit.Kind = ast.Decimal
			}
		}
	case string:
		lit.Kind, lit.Text = ast.String, v
	}
	return lit
}
