package planner

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// FileLister finds the files of tables whose files are listed when a query is planned
// (catalog.TableDef.Unlisted).
type FileLister interface {
	// List gives def with its files, and what is known of them, but for files that are
	// not wanted (nil: all are), which it may leave out.
	List(ctx context.Context, def *catalog.TableDef, wanted catalog.Wanted) (*catalog.TableDef, *catalog.Stats, error)
}

// listFiles has the files of tables listed that the conditions of their scans leave:
// whatever these came from, WHERE of a query around a view, another table of a join or
// the values of parameters, directories of partitions that they refuse are not looked
// at. The plan of no values in particular (generic) has its files listed by each of its
// executions.
func listFiles(o *optimizer, n logical.Node) logical.Node {
	if o.files == nil || o.generic {
		return n
	}
	l := fileListing{p: o.p, ctx: o.ctx, files: o.files}
	return o.transform(n, func(n logical.Node) logical.Node {
		scan, ok := n.(*logical.Scan)
		if !ok || scan.Def.Unlisted == nil || o.err != nil {
			return n
		}
		var found listedFiles
		if found, o.err = l.list(scan.Def, scan.Filter, scan.Projection); o.err != nil {
			return n
		}
		c := *scan
		c.Def, c.Stats = found.def, found.stats
		return &c
	})
}

// fileListing lists the files of one plan.
type fileListing struct {
	p     *Planner
	ctx   context.Context
	files FileLister
	found []listedFiles
}

// listedFiles are those of a table under some conditions.
type listedFiles struct {
	of         *catalog.TableDef
	conditions string
	def        *catalog.TableDef
	stats      *catalog.Stats
}

// list lists the files of def for a scan of columns projection with a filter over them,
// once for each filter: rules copy scans.
func (l *fileListing) list(def *catalog.TableDef, filter expr.Expr, projection []int) (listedFiles, error) {
	conditions := l.p.partitionConditions(def, filter, projection)
	var text strings.Builder
	for _, c := range conditions {
		text.WriteString(c.String() + "\n")
	}
	for _, f := range l.found {
		if f.of == def && f.conditions == text.String() {
			return f, nil
		}
	}
	found := listedFiles{of: def, conditions: text.String()}
	var err error
	if found.def, found.stats, err = l.files.List(l.ctx, def, l.p.wanted(conditions)); err == nil {
		l.found = append(l.found, found)
	}
	return found, err
}

// partitionConditions are the conjuncts of a filter that partition columns alone
// decide; their columns are ordinals of def.PartitionColumns.
func (p *Planner) partitionConditions(def *catalog.TableDef, filter expr.Expr, projection []int) (out []expr.Expr) {
	if filter == nil || len(def.PartitionColumns) == 0 {
		return nil
	}
	o := &optimizer{p: p}
	for _, c := range expr.Conjuncts(filter) {
		decided := o.volatility(c) < udf.Volatile && expr.HasColumns(c)
		c = expr.MapColumns(c, func(col *expr.Column) expr.Expr {
			at := slices.Index(def.PartitionColumns, def.Schema.Field(projection[col.Index]).Name)
			decided = decided && at >= 0
			return &expr.Column{Index: at, Name: col.Name, Type: col.Type}
		})
		if decided {
			out = append(out, c)
		}
	}
	return out
}

// undecided is a scan's filter without the conjuncts that all rows of its files meet.
func undecided(n *logical.Scan) expr.Expr {
	if n.Filter == nil || n.Stats == nil || !n.Stats.Wanted {
		return n.Filter
	}
	return expr.And(slices.DeleteFunc(slices.Clone(expr.Conjuncts(n.Filter)), func(c expr.Expr) bool {
		decided := expr.HasColumns(c)
		expr.EachColumn(c, func(col *expr.Column) {
			decided = decided && slices.Contains(n.Def.PartitionColumns, n.Def.Schema.Field(n.Projection[col.Index]).Name)
		})
		return decided
	}))
}

// wanted tells by conjuncts over partition columns which files may have rows that meet
// them all; nil: there are none.
func (p *Planner) wanted(conditions []expr.Expr) catalog.Wanted {
	if len(conditions) == 0 {
		return nil
	}
	pred := expr.And(conditions)
	return func(ctx context.Context, values []arrow.Array) bool {
		o := &optimizer{ctx: ctx, p: p}
		known := expr.MapColumns(pred, func(c *expr.Column) expr.Expr {
			if v := values[c.Index]; v != nil {
				return &expr.Literal{Value: v}
			}
			return c
		})
		return !o.neverTrue(expr.And(o.conditions(o.simplify(o.fold(known)))))
	}
}
