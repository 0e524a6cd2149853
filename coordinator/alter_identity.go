package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/sqlerr"
)

// addIdentity runs ADD GENERATED … AS IDENTITY.
func (a *alteration) addIdentity(ctx context.Context, act *ast.AlterAction, col *memtable.Column) error {
	d := &tableDefinition{s: a.s, def: &a.def}
	next := *col
	if err := d.addSequence(&next, &ast.ColumnDef{Pos: act.Pos, Name: col.Name, Identity: act.Column.Identity, Sequence: act.Column.Sequence}); err != nil {
		return err
	}
	what := "column \"" + col.Name + "\" of relation \"" + a.def.Name + "\""
	switch {
	case !col.NotNull:
		return sqlerr.New(sqlerr.ObjectNotInState, "%s must be declared NOT NULL before identity can be added", what)
	case col.Identity != 0:
		return sqlerr.New(sqlerr.ObjectNotInState, "%s is already an identity column", what)
	case col.Default != "" || col.Sequence != "" || col.Generated != "":
		return sqlerr.New(sqlerr.ObjectNotInState, "%s already has a default value", what)
	}
	for _, q := range d.sequences {
		if _, err := a.tx.CreateSequence(ctx, q); err != nil {
			return err
		}
	}
	next.Identity = identities[act.Column.Identity]
	*col = next
	return nil
}

// identityColumn refuses a column that is none of GENERATED AS IDENTITY; done is set where IF
// EXISTS says that this is right.
func (a *alteration) identityColumn(act *ast.AlterAction, col *memtable.Column) (done bool, err error) {
	if col.Identity != 0 {
		return false, nil
	}
	return a.lacks(act, col, "is not an identity column")
}

// lacks is the notice of IF EXISTS, or else the error, about a column.
func (a *alteration) lacks(act *ast.AlterAction, col *memtable.Column, what string) (done bool, err error) {
	text := "column \"" + col.Name + "\" of relation \"" + a.def.Name + "\" " + what
	if !act.IfExists {
		return false, sqlerr.New(sqlerr.ObjectNotInState, "%s", text)
	}
	a.res.notices = append(a.res.notices, *notice("00000", text+", skipping"))
	return true, nil
}

// setIdentity runs SET GENERATED, SET option and RESTART.
func (a *alteration) setIdentity(ctx context.Context, act *ast.AlterAction, col *memtable.Column) error {
	if _, err := a.identityColumn(act, col); err != nil {
		return err
	}
	if kind := act.Column.Identity; kind != "" {
		col.Identity = identities[kind]
	}
	q := a.s.tables().Sequence(a.def.Schema, col.Sequence)
	if q == nil {
		return nil
	}
	return changeSequence(ctx, a.tx, q, &act.Column.Sequence, integerBits(col.Type))
}

// dropIdentity runs DROP IDENTITY; the sequence goes with it.
func (a *alteration) dropIdentity(ctx context.Context, act *ast.AlterAction, col *memtable.Column) error {
	if done, err := a.identityColumn(act, col); done || err != nil {
		return err
	}
	if q := a.s.tables().Sequence(a.def.Schema, col.Sequence); q != nil {
		if err := a.tx.DropSequence(ctx, q); err != nil {
			return err
		}
	}
	col.Identity, col.Sequence = 0, ""
	return nil
}

// dropExpression runs DROP EXPRESSION; the values stay.
func (a *alteration) dropExpression(act *ast.AlterAction, col *memtable.Column) error {
	if col.Generated == "" {
		_, err := a.lacks(act, col, "is not a stored generated column")
		return err
	}
	col.Generated = ""
	return nil
}

// identityType gives the sequence of an identity column the bounds of another type.
func (a *alteration) identityType(ctx context.Context, col *memtable.Column, to arrow.DataType) error {
	q := a.s.tables().Sequence(a.def.Schema, col.Sequence)
	if col.Identity == 0 || q == nil {
		return nil
	}
	bits := integerBits(to)
	if bits == 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "identity column type must be smallint, integer, or bigint")
	}
	d := q.Definition()
	low, high := memtable.Bounds(integerBits(col.Type), d.Increment > 0)
	var o ast.SequenceOptions
	o.NoMin, o.NoMax = d.Min == low, d.Max == high
	return changeSequence(ctx, a.tx, q, &o, bits)
}

// refuseOwnDefault refuses to change the default of a column that makes its own values.
func (a *alteration) refuseOwnDefault(act *ast.AlterAction, col *memtable.Column) error {
	what, instead := "", ""
	switch {
	case col.Identity != 0:
		what, instead = "an identity column", "IDENTITY"
	case col.Generated != "":
		what, instead = "a generated column", "EXPRESSION"
	default:
		return nil
	}
	err := sqlerr.New(sqlerr.SyntaxError, "column \"%s\" of relation \"%s\" is %s", col.Name, a.def.Name, what)
	if act.Kind == "drop default" {
		return err.WithHint("Use ALTER TABLE ... ALTER COLUMN ... DROP %s instead.", instead)
	}
	return err
}
