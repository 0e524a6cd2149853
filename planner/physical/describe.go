package physical

import (
	"fmt"
	"strings"
)

// Description is an operator for a tree that people read: a short Name, and
// what else there is to say of it, a line each.
type Description struct {
	Name    string
	Details []string
}

// Describe gives the name and the details of an operator. Together they say what
// String does; the tables and files of a Scan, and the stage of an
// ExchangeSource, are left to the caller, who knows the plan.
func Describe(n Node) Description {
	switch n := n.(type) {
	case *Scan:
		return n.describe()
	case *Filter:
		return Description{Name: "Filter", Details: []string{n.Predicate.String()}}
	case *Project:
		_, exprs, _ := strings.Cut(n.String(), " ")
		return Description{"Project", []string{exprs}}
	case *Aggregate:
		return n.describe()
	case *Join:
		return n.describe()
	case *Sort:
		if n.Limit >= 0 {
			return Description{fmt.Sprintf("TopN %d", n.Limit), []string{"by " + sortKeys(n.Keys)}}
		}
		return Description{"Sort", []string{"by " + sortKeys(n.Keys)}}
	case *Window:
		return n.describe()
	case *KeyFilter:
		return Description{"KeyFilter", []string{n.pairs()}}
	case *Unique:
		return Description{"Unique", []string{"by " + sortKeys(n.Keys)}}
	case *ProjectSet:
		_, calls, _ := strings.Cut(n.String(), " ")
		return Description{"ProjectSet", []string{calls}}
	case *Values:
		name, rows, _ := strings.Cut(n.String(), " ")
		return Description{name, []string{rows}}
	}
	return Description{Name: n.String()}
}

// PruningText are the predicates by which a scan leaves out files and parts of
// them.
func (n *Scan) PruningText() string {
	parts := make([]string, len(n.Spec.Pruning))
	for i, p := range n.Spec.Pruning {
		parts[i] = predicateString(n.Spec, p)
	}
	return strings.Join(parts, " and ")
}

func (n *Scan) describe() Description {
	d := Description{Name: "Scan " + strings.Trim(n.Spec.Table, "\x00 ")}
	if len(n.Spec.Projection) < n.Spec.Schema.NumFields() {
		cols := make([]string, len(n.Spec.Projection))
		for i, c := range n.Spec.Projection {
			cols[i] = n.Spec.Schema.Field(c).Name
		}
		if len(cols) == 0 {
			cols = []string{"none"}
		}
		d.Details = append(d.Details, "columns "+strings.Join(cols, ", "))
	}
	if n.Filter != nil {
		d.Details = append(d.Details, "filter "+n.Filter.String())
	}
	if n.Spec.Limit > 0 {
		d.Details = append(d.Details, fmt.Sprintf("limit %d", n.Spec.Limit))
	}
	return d
}

func (n *Aggregate) describe() Description {
	d := Description{Name: "Aggregate"}
	if n.Mode != Single {
		d.Name += " " + n.Mode.String()
	}
	if len(n.Keys) > 0 {
		d.Details = append(d.Details, "by "+list(n.Keys))
	}
	if len(n.Aggs) > 0 {
		parts := make([]string, len(n.Aggs))
		for i, a := range n.Aggs {
			parts[i] = a.String()
		}
		d.Details = append(d.Details, "compute "+strings.Join(parts, ", "))
	}
	return d
}

func (n *Join) describe() Description {
	d := Description{Name: "HashJoin " + n.Kind.String()}
	if len(n.LeftKeys) == 0 {
		d.Name = "NestedLoopJoin " + n.Kind.String()
	}
	if n.NullAware {
		d.Name += " null-aware"
	}
	if len(n.LeftKeys) > 0 {
		d.Details = append(d.Details, "on "+n.keys())
	}
	if n.Residual != nil {
		d.Details = append(d.Details, "where "+n.Residual.String())
	}
	return d
}

func (n *Window) describe() Description {
	d := Description{Name: "Window"}
	if len(n.PartitionBy) > 0 {
		d.Details = append(d.Details, "partition by "+list(n.PartitionBy))
	}
	if len(n.OrderBy) > 0 {
		d.Details = append(d.Details, "order by "+sortKeys(n.OrderBy))
	}
	parts := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		parts[i] = c.String()
	}
	d.Details = append(d.Details, "compute "+strings.Join(parts, ", "))
	return d
}
