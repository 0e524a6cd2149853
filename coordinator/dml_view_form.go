package coordinator

import (
	"slices"
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// checkOption is CREATE VIEW's WITH CHECK OPTION, or the same as an option; the
// view must be updatable then.
func (s *Session) checkOption(st *ast.CreateView) (string, error) {
	check := st.CheckOption
	for _, opt := range st.Options {
		v, err := optionText(opt)
		if err != nil {
			return "", err
		}
		switch opt.Name {
		case "check_option":
			if check = strings.ToLower(v); check != "local" && check != "cascaded" {
				return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for enum option \"check_option\": %s", v).
					WithDetail("Valid values are \"local\" and \"cascaded\".")
			}
		case "security_barrier", "security_invoker":
		default:
			return "", sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized parameter \"%s\"", opt.Name)
		}
	}
	if check == "" {
		return "", nil
	}
	sel, why := s.simpleView(st.Query)
	if why == "" && !slices.ContainsFunc(sel.Items, func(i ast.SelectItem) bool { return isColumn(i.Expr) }) {
		why = noColumns
	}
	if why != "" {
		return "", sqlerr.New(sqlerr.FeatureNotSupported, "WITH CHECK OPTION is supported only on automatically updatable views").WithHint("%s", why)
	}
	return check, nil
}

func isColumn(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Column, *ast.Star:
		return true
	}
	return false
}

// simpleView is the SELECT of a view that is automatically updatable, as far as
// its form tells; why is PostgreSQL's reason for one that is not.
func (s *Session) simpleView(q *ast.Query) (sel *ast.Select, why string) {
	sel, ok := q.Body.(*ast.Select)
	switch {
	case ok && (sel.Distinct || len(sel.DistinctOn) > 0):
		return nil, "Views containing DISTINCT are not automatically updatable."
	case ok && (len(sel.GroupBy) > 0 || sel.GroupAll):
		return nil, "Views containing GROUP BY are not automatically updatable."
	case ok && sel.Having != nil:
		return nil, "Views containing HAVING are not automatically updatable."
	}
	if _, set := q.Body.(*ast.SetOp); set {
		return nil, "Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable."
	}
	switch {
	case len(q.With) > 0:
		return nil, "Views containing WITH are not automatically updatable."
	case q.Limit != nil || q.Offset != nil:
		return nil, "Views containing LIMIT or OFFSET are not automatically updatable."
	case !ok:
		return nil, notSingle
	}
	for _, item := range sel.Items {
		if why := s.notPerRow(item.Expr); why != "" {
			return nil, why
		}
	}
	if len(sel.From) != 1 || sel.Qualify != nil {
		return nil, notSingle
	}
	t, ok := sel.From[0].(*ast.Table)
	if !ok || t.File != "" {
		return nil, notSingle
	}
	if t.Sample != nil {
		return nil, "Views containing TABLESAMPLE are not automatically updatable."
	}
	for _, item := range sel.Items {
		star, ok := item.Expr.(*ast.Star)
		if ok && (star.Columns || len(star.Exclude)+len(star.Replace) > 0) {
			return nil, notSingle
		}
	}
	return sel, ""
}

const (
	noColumns = "Views that have no updatable columns are not automatically updatable."
	notSingle = "Views that do not select from a single table or view are not automatically updatable."
)

// notPerRow is the reason why an expression of a select list is not computed row
// by row, "" if it is.
func (s *Session) notPerRow(e ast.Expr) (why string) {
	if c, ok := e.(*ast.Call); ok {
		name := c.Name.Parts[len(c.Name.Parts)-1]
		registry := s.c.cfg.Registry
		switch {
		case c.Over != nil:
			return "Views that return window functions are not automatically updatable."
		case registry.IsAggregate(name):
			return "Views that return aggregate functions are not automatically updatable."
		case registry.IsTable(name) && !registry.IsScalar(name):
			return "Views that return set-returning functions are not automatically updatable."
		}
	}
	ast.EachOperand(e, func(e ast.Expr) {
		if why == "" && e != nil {
			why = s.notPerRow(e)
		}
	}, nil)
	return why
}
