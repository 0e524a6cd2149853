package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/exec/textrow"
	"volley/parser/ast"
	"volley/planner/physical"
	"volley/sqlerr"
)

// copyQuery is the query whose rows COPY … TO writes; nil for COPY FROM and for
// COPY of what a statement returns.
func (s *Session) copyQuery(st *ast.Copy) (*ast.Query, error) {
	if st.From || st.Change != nil {
		return nil, nil
	}
	if st.Query != nil {
		return st.Query, nil
	}
	if err := s.refuseCopyFrom(st.Table); err != nil {
		return nil, err
	}
	columns := st.Columns
	if t := s.managed(st.Table); t != nil {
		def := t.Definition()
		at, err := copyColumns(def, columns)
		if err != nil {
			return nil, err
		}
		columns = columnNamesOf(def, append([]int{}, at...))
	}
	sel := &ast.Select{Pos: st.Pos, From: []ast.TableRef{&ast.Table{Pos: st.Table.Pos, Name: st.Table}}}
	if columns == nil {
		sel.Items = []ast.SelectItem{{Expr: &ast.Star{Pos: st.Pos}}}
	}
	for _, c := range columns {
		sel.Items = append(sel.Items, ast.SelectItem{Expr: &ast.Column{Pos: st.Pos, Parts: []string{c}}})
	}
	return &ast.Query{Pos: st.Pos, Body: sel}, nil
}

// refuseCopyFrom refuses relations whose rows COPY does not read by their name.
func (s *Session) refuseCopyFrom(q ast.QName) error {
	name, kind := q.Parts[len(q.Parts)-1], ""
	if t := s.managed(q); t != nil {
		if t.Definition().Query != "" {
			kind = "materialized view"
		}
	} else if s.findSequence(q) != nil {
		return sqlerr.New(sqlerr.WrongObjectType, "cannot copy from sequence \"%s\"", name)
	} else if s.namesView(q) {
		kind = "view"
	}
	if kind == "" {
		return nil
	}
	return sqlerr.New(sqlerr.WrongObjectType, "cannot copy from %s \"%s\"", kind, name).
		WithHint("Try the COPY (SELECT ...) TO variant.")
}

// namesView tells whether a name is that of a view.
func (s *Session) namesView(q ast.QName) bool {
	for _, schema := range s.schemas(q) {
		if o, ok := s.objects().Lookup(schema, q.Parts[len(q.Parts)-1]); ok {
			return o.View != nil
		}
	}
	return false
}

// copyChange runs COPY (INSERT … RETURNING …) TO, or of a query whose WITH list
// changes data: its result is of chunks, or of
// rows where no format is given.
func (s *Session) copyChange(ctx context.Context, p *Prepared, params []arrow.Array, format *physical.TextFormat) (*Result, error) {
	rows, err := s.runChange(ctx, p, params)
	if err != nil || format == nil {
		return rows, err
	}
	next, encoder := rows.next, textrow.New(*format, s.settings.location)
	rows.next = func(ctx context.Context) (arrow.Record, error) {
		rec, err := next(ctx)
		if err != nil {
			return nil, err
		}
		text, err := encoder.Append(nil, rec)
		if err != nil {
			return nil, err
		}
		b := array.NewRecordBuilder(memory.DefaultAllocator, physical.ChunkSchema)
		b.Field(0).(*array.BinaryBuilder).Append(text)
		b.Field(1).(*array.Int64Builder).Append(rec.NumRows())
		return b.NewRecord(), nil
	}
	return rows, nil
}
