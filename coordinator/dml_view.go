package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
)

type updatableView struct {
	name string
}

func (s *Session) updatable(ctx context.Context, q ast.QName, verb string) (*changeTarget, error) {
	return nil, nil
}

func (t *changeTarget) notUpdatable(name string, pos int, verb string) error {
	return sqlerr.At(pos, sqlerr.FeatureNotSupported, "cannot %s column \"%s\" of view \"%s\"", verb, name, t.view.name).
		WithDetail("View columns that are not columns of their base relation are not updatable.")
}

func (v *updatableView) numbered() planner.Object { return planner.Object{} }
func (v *updatableView) rows() planner.Object     { return planner.Object{} }
func (v *updatableView) seen(ctx context.Context, r *changeRun, rec arrow.Record) ([]arrow.Array, error) {
	return nil, nil
}
func (v *updatableView) check(ctx context.Context, r *changeRun, recs []arrow.Record) error {
	return nil
}
