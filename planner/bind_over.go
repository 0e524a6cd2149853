package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// over binds what follows OVER: a name, or a definition that may stand on a
// named one.
func (s *block) over(w *ast.Window) (*overSpec, error) {
	if w.Ref {
		return s.namedWindow(w.Name, w.Position())
	}
	return s.defineWindow(w, w.Name, true)
}

// namedWindow finds a window of the WINDOW clause.
func (s *block) namedWindow(name string, pos int) (*overSpec, error) {
	if s.windows.sel != nil {
		if err := s.bindNamedWindows(s.windows.sel, name); err != nil {
			return nil, err
		}
	}
	if o := s.windows.named[name]; o != nil {
		return o, nil
	}
	return nil, sqlerr.At(pos, sqlerr.UndefinedObject, "window \"%s\" does not exist", name)
}

// bindNamedWindows binds the WINDOW clause in order, up to the window called
// until, or all of it.
func (s *block) bindNamedWindows(sel *ast.Select, until string) error {
	if s.windows.named == nil {
		s.windows.named = map[string]*overSpec{}
	}
	for i := len(s.windows.named); i < len(sel.Windows) && s.windows.named[until] == nil; i++ {
		w := sel.Windows[i]
		if s.windows.named[w.Name] != nil {
			return sqlerr.At(w.Position(), sqlerr.WindowingError, "window \"%s\" is already defined", w.Name)
		}
		o, err := s.defineWindow(&w, sel.WindowBase[i], false)
		if err != nil {
			return err
		}
		s.windows.named[w.Name] = o
	}
	return nil
}

// defineWindow binds a definition on top of the window named base, if any. call
// says that it stands after OVER.
func (s *block) defineWindow(w *ast.Window, base string, call bool) (*overSpec, error) {
	o := &overSpec{frame: expr.DefaultFrame()}
	if base != "" {
		if err := s.inherit(o, w, base, call); err != nil {
			return nil, err
		}
	}
	x := s.exprs("window definitions", false)
	for _, e := range w.PartitionBy {
		key, err := x.bindKey(e)
		if err != nil {
			return nil, err
		}
		o.partition = append(o.partition, key)
	}
	for _, item := range w.OrderBy {
		if item.Using != "" && item.Using != "<" && item.Using != ">" {
			return nil, sqlerr.At(item.Expr.Position(), sqlerr.WrongObjectType, "operator %s is not a valid ordering operator", item.Using)
		}
		key, err := x.bindKey(item.Expr)
		if err != nil {
			return nil, err
		}
		o.order = append(o.order, sortKey(key, item))
	}
	if w.Frame == nil {
		return o, nil
	}
	o.framed = true
	var err error
	o.frame, err = s.bindFrame(w.Frame, o.order)
	return o, err
}

// inherit takes over partitions and order of a named window.
func (s *block) inherit(o *overSpec, w *ast.Window, base string, call bool) error {
	b, defined := s.windows.named[base], true
	if call {
		var err error
		if b, err = s.namedWindow(base, w.Position()); err != nil {
			return err
		}
	} else if b == nil {
		defined = false
	}
	switch {
	case !defined:
		return sqlerr.At(w.Position(), sqlerr.UndefinedObject, "window \"%s\" does not exist", base)
	case len(w.PartitionBy) > 0:
		return sqlerr.At(w.Position(), sqlerr.WindowingError, "cannot override PARTITION BY clause of window \"%s\"", base)
	case len(w.OrderBy) > 0 && len(b.order) > 0:
		return sqlerr.At(w.Position(), sqlerr.WindowingError, "cannot override ORDER BY clause of window \"%s\"", base)
	case b.framed:
		err := sqlerr.At(w.Position(), sqlerr.WindowingError, "cannot copy window \"%s\" because it has a frame clause", base)
		if call && len(w.OrderBy) == 0 && w.Frame == nil {
			err = err.WithHint("Omit the parentheses in this OVER clause.")
		}
		return err
	}
	o.partition, o.order = b.partition, b.order
	return nil
}

// bindKey binds an item of PARTITION BY or ORDER BY of a window, where a number
// is no ordinal.
func (x *exprBinder) bindKey(e ast.Expr) (expr.Expr, error) {
	key, err := x.bind(e)
	if err != nil {
		return nil, err
	}
	return x.resolveUnknown(key, e.Position())
}

var (
	frameUnits = map[string]expr.FrameUnit{"rows": expr.Rows, "range": expr.Range, "groups": expr.Groups}
	boundKinds = map[string]expr.BoundKind{
		"unbounded preceding": expr.UnboundedPreceding, "preceding": expr.Preceding, "current row": expr.CurrentRow,
		"following": expr.Following, "unbounded following": expr.UnboundedFollowing,
	}
	exclusions = map[string]expr.Exclusion{"current row": expr.ExcludeCurrentRow, "group": expr.ExcludeGroup, "ties": expr.ExcludeTies}
	unitNames  = [...]string{"ROWS", "RANGE", "GROUPS"}
)

func (s *block) bindFrame(f *ast.Frame, order []logical.SortKey) (expr.Frame, error) {
	out := expr.Frame{Unit: frameUnits[f.Unit], Exclude: exclusions[f.Exclude]}
	offsets := f.Start.Offset != nil || f.End.Offset != nil
	switch {
	case out.Unit == expr.Groups && len(order) == 0:
		return out, sqlerr.At(f.Position(), sqlerr.WindowingError, "GROUPS mode requires an ORDER BY clause")
	case out.Unit == expr.Range && offsets && len(order) != 1:
		return out, sqlerr.At(f.Position(), sqlerr.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column")
	}
	var err error
	if out.Start, err = s.bindBound(f.Start, out.Unit, order); err != nil {
		return out, err
	}
	out.End, err = s.bindBound(f.End, out.Unit, order)
	return out, err
}

func (s *block) bindBound(b ast.Bound, unit expr.FrameUnit, order []logical.SortKey) (expr.Bound, error) {
	out := expr.Bound{Kind: boundKinds[b.Kind]}
	if b.Offset == nil {
		return out, nil
	}
	pos := b.Offset.Position()
	x := &exprBinder{binder: s.binder, scope: newScope(nil), block: s, constant: true, clause: "window " + unitNames[unit]}
	e, err := x.bind(b.Offset)
	if err != nil {
		if sqlerr.Code(err) == sqlerr.UndefinedColumn || sqlerr.Code(err) == sqlerr.UndefinedTable {
			return out, sqlerr.At(pos, sqlerr.InvalidColumnReference, "argument of %s must not contain variables", unitNames[unit])
		}
		return out, err
	}
	if unit == expr.Range {
		out.Offset, err = s.rangeOffset(e, order[0].Expr.DataType(), pos)
		return out, err
	}
	if t := s.settled(e); !isUnknown(t) && !sqltype.CanCast(t, sqltype.Int64, sqltype.Assignment) {
		return out, sqlerr.At(pos, sqlerr.DatatypeMismatch, "argument of %s must be type bigint, not type %s", unitNames[unit], typeName(t))
	}
	out.Offset, err = s.coerce(e, sqltype.Int64, sqltype.Assignment, pos)
	return out, err
}

// rangeOffset gives a RANGE offset the type that is added to the key's.
func (s *block) rangeOffset(e expr.Expr, key arrow.DataType, pos int) (expr.Expr, error) {
	want := rangeOffsetType(key)
	if want == nil {
		return nil, sqlerr.At(pos, sqlerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s", typeName(key))
	}
	if t := s.settled(e); !isUnknown(t) && !sqltype.CanCast(t, want, sqltype.Implicit) && !sqltype.Equal(t, want) {
		return nil, sqlerr.At(pos, sqlerr.FeatureNotSupported,
			"RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s", typeName(key), typeName(t)).
			WithHint("Cast the offset value to an appropriate type.")
	}
	return s.coerce(e, want, sqltype.Implicit, pos)
}

// rangeOffsetType is the type of offsets to keys of type t, nil when there are
// none.
func rangeOffsetType(t arrow.DataType) arrow.DataType {
	switch {
	case sqltype.IsInteger(t):
		return sqltype.Int64
	case sqltype.IsFloat(t):
		return sqltype.Float64
	case sqltype.IsNumeric(t):
		return sqltype.Numeric
	case sqltype.IsTemporal(t) || sqltype.Equal(t, sqltype.Interval) || sqltype.Equal(t, sqltype.Time):
		return sqltype.Interval
	}
	return nil
}
