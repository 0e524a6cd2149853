package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// subscriptJSON is a jsonb value's part at a path of subscripts, the innermost
// one last in chain. A number means an element or the key of its digits, as in a
// path.
func (x *exprBinder) subscriptJSON(arg expr.Expr, chain []*ast.Subscript) (expr.Expr, error) {
	texts, _, err := x.jsonPath(chain)
	if err != nil {
		return nil, err
	}
	pos := func(int) int { return chain[0].Position() }
	return x.call("#>", chain[0].Position(), pos, arg, texts)
}

// jsonPath is subscripts, the innermost one last, as a path of text[]; number tells whether
// its first step is one.
func (x *exprBinder) jsonPath(chain []*ast.Subscript) (texts expr.Expr, number bool, err error) {
	path := make([]expr.Expr, 0, len(chain))
	for i := len(chain) - 1; i >= 0; i-- {
		index, err := x.bind(chain[i].Low)
		if err != nil {
			return nil, false, err
		}
		pos := chain[i].Low.Position()
		if t := x.settled(index); !isUnknown(t) && t.ID() != arrow.STRING {
			number = number || i == len(chain)-1
			if !sqltype.CanCast(t, sqltype.Int32, sqltype.Implicit) {
				return nil, false, sqlerr.At(pos, sqlerr.DatatypeMismatch, "subscript type %s is not supported", typeName(t)).
					WithHint("jsonb subscript must be coercible to either integer or text.")
			}
			if index, err = x.coerce(index, sqltype.Int32, sqltype.Implicit, pos); err != nil {
				return nil, false, err
			}
		}
		if index, err = x.coerce(index, sqltype.Text, sqltype.Explicit, pos); err != nil {
			return nil, false, err
		}
		path = append(path, index)
	}
	texts = &expr.Call{Func: arrayConstructor, Args: path, Type: arrow.ListOf(sqltype.Text), Pos: chain[0].Position()}
	return texts, number, nil
}
