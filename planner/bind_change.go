package planner

import (
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/parser/ast"
	"volley/planner/logical"
	"volley/sqlerr"
)

// RowsName is the name by which a statement made of an INSERT, UPDATE, DELETE or MERGE
// calls the rows of its FROM: as a table of the columns "0", "1", … of what
// stands beside the target or, where that is joined by the first item, of all, or with BindOptions.Rows of RowNumber. Nobody can
// write it.
const RowsName = "\x00rows"

// RowNumber is the name of the last column of BindOptions.Rows.
const RowNumber = "ctid"

// changeClause is what the select list of a statement that changes rows is
// called in messages.
func (b *binder) changeClause() string {
	switch {
	case b.opts.Returning:
		return "RETURNING"
	case b.opts.Clause != "":
		return b.opts.Clause
	}
	return "UPDATE"
}

// bindChanged binds the FROM of a statement that changes rows. Its target comes
// first and cannot be seen by the other items; that of MERGE is part of a join.
func (s *block) bindChanged(refs []ast.TableRef) error {
	all, err := s.bindRef(refs[0], nil)
	if err != nil {
		return err
	}
	width := all.node.Schema().NumFields()
	numbered := width // from where on columns have a name in RowsName
	if _, joined := refs[0].(*ast.Join); joined {
		numbered = 0
	} else if s.opts.Rows == nil {
		all.scope.unlist(1) // the number of the row
	}
	if len(refs) > 1 {
		for _, r := range refs[1:] {
			if t, ok := r.(*ast.Table); ok && t.Alias.Name == "" && t.File == "" && all.scope.tableNamed(t.Name.Parts[len(t.Name.Parts)-1:]) != nil {
				return sqlerr.At(t.Position(), sqlerr.DuplicateAlias, "table name \"%s\" specified more than once", t.Name.Parts[len(t.Name.Parts)-1])
			}
		}
		barred := *all.scope
		barred.barred = true
		s.lateral = &barred
		if err := s.bindItems(refs[1:], nil); err != nil {
			return err
		}
		s.lateral = nil
		if err = all.scope.absorb(s.scope, width, refs[1].Position()); err != nil {
			return err
		}
		all.node = logical.NewJoin(logical.Inner, all.node, s.node)
	}
	s.node, s.scope = all.node, all.scope
	if s.opts.Rows != nil {
		s.readRows(s.opts.Rows)
		return nil
	}
	for i := numbered; i < s.node.Schema().NumFields(); i++ {
		s.scope.add(column{
			table: RowsName, name: strconv.Itoa(i - numbered), index: i, typ: s.node.Schema().Type(i), hidden: true, unlisted: true,
			source: outputColumn{s.node, i},
		})
	}
	return nil
}

// readRows puts a table in the place of FROM.
func (s *block) readRows(rows func(columns *arrow.Schema) *catalog.TableDef) {
	width := s.node.Schema().NumFields()
	s.node = logical.NewScan("rows", rows(s.node.Schema().Arrow()), nil)
	s.scope.add(column{
		table: RowsName, name: RowNumber, index: width, typ: s.node.Schema().Field(width).Type, hidden: true, unlisted: true,
	})
}

// barredReference is the error of a use of the target by what stands beside it.
func (s *scope) barredReference(table string, pos int) error {
	return sqlerr.At(pos, sqlerr.InvalidColumnReference, "invalid reference to FROM-clause entry for table \"%s\"", table).
		WithHint("There is an entry for table \"%s\", but it cannot be referenced from this part of the query.", table)
}
