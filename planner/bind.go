package planner

import (
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// Limits that keep hostile queries from exhausting the stack or memory.
const (
	maxDepth = 3000    // nesting of expressions, queries and views
	maxNodes = 200_000 // operators after views and CTEs are expanded
)

// binder is the state of one Bind call.
type binder struct {
	ctx     context.Context
	p       *Planner
	cat     Catalog
	opts    BindOptions
	params  []arrow.DataType // by index−1; nil: not decided yet
	depth   int
	entered int // calls of enter
	// levels are the query levels being bound, the innermost last.
	levels []rangeTable
	views  int // views being expanded
	// calling are the functions of SQL that are being expanded, expansions how
	// many there were.
	calling    []*Function
	expansions int
	outers     int // outer columns given out, see frame
	// sharing: there is a WITH item whose place is decided at the end.
	sharing bool
	// inserted are the VALUES of an INSERT, each of which gets its column's type
	// by itself: they need no common type.
	inserted *ast.Values
	// updated is the SELECT that computes the new values of an UPDATE or those of
	// RETURNING.
	updated *ast.Select
	// collations are those that expressions have by COLLATE.
	collations map[expr.Expr]string
	// chars are the columns known to be of char(n), or not to be.
	chars charLengths
	// eager: a subquery is evaluated that perhaps no row needs (see lazyGuards).
	eager bool
	// streams is the UNION ALL at the top of the query, of which rows have been
	// given when its later operands begin.
	streams *ast.SetOp
}

// relation is a bound query or FROM item: a plan and its columns' names.
type relation struct {
	node  logical.Node
	names []string
}

// Bind resolves names and types of a query. The result is immutable.
func (p *Planner) Bind(ctx context.Context, q *ast.Query, cat Catalog, opts BindOptions) (*Bound, error) {
	b := &binder{ctx: ctx, p: p, cat: cat, opts: opts, chars: charLengths{}}
	b.declareParams(opts.ParamTypes)
	if opts.Targets != nil {
		q = b.oneRowOfSets(q)
	}
	if sel, ok := q.Body.(*ast.Select); ok && (opts.Update || opts.Rows != nil) {
		b.updated = sel
	}
	if op, ok := q.Body.(*ast.SetOp); ok && op.Op == "union" && op.All && len(q.OrderBy) == 0 && !q.OrderAll {
		b.streams = op
	}
	if v, ok := q.Body.(*ast.Values); ok && opts.Targets != nil && len(q.OrderBy) == 0 && !q.OrderAll && q.Limit == nil && q.Offset == nil {
		b.inserted = v
	}
	ctes, err := b.bindWithList(opts.With)
	if err != nil {
		return nil, err
	}
	rel, err := b.bindQuery(q, nil, ctes, opts.Targets == nil)
	if err != nil {
		return nil, err
	}
	if opts.Targets != nil {
		if rel, err = b.assign(rel, opts.Targets, q.Position()); err != nil {
			return nil, err
		}
	}
	if b.sharing {
		rel.node = b.resolveShared(rel.node)
	}
	if size := countNodes(rel.node, map[logical.Node]int{}); size > maxNodes {
		return nil, sqlerr.New(sqlerr.StatementTooComplex, "the query has more than %d operators when its views and common table expressions are expanded", maxNodes)
	}
	inferred := slices.Clone(b.params)
	b.settleParams()
	fields := make([]arrow.Field, len(rel.names))
	for i, f := range rel.node.Schema().Fields() {
		fields[i] = b.chars.column(rel.node, i).field(arrow.Field{Name: rel.names[i], Type: f.Type, Nullable: true})
	}
	if opts.Targets == nil && !opts.Unpadded {
		rel = b.padded(rel)
	}
	out := &Bound{Root: rel.node, Names: rel.names, Schema: arrow.NewSchema(fields, nil), Params: b.params, Inferred: inferred}
	if b.eager {
		opts.Lazy, opts.ParamTypes = true, b.params
		out.Lazy = func(ctx context.Context) (*Bound, error) { return p.Bind(ctx, q, cat, opts) }
	}
	return out, nil
}

// BindExpr binds an expression over the columns of schema, which may be nil:
// DEFAULT and CHECK, arguments of EXECUTE, options. opts.Targets, if it has one
// type, is what the expression is assigned to.
func (p *Planner) BindExpr(ctx context.Context, e ast.Expr, schema *arrow.Schema, opts BindOptions) (expr.Expr, error) {
	b := &binder{ctx: ctx, p: p, cat: opts.Catalog, opts: opts, chars: charLengths{}}
	b.declareParams(opts.ParamTypes)
	sc := newScope(nil)
	if schema != nil {
		for i, f := range schema.Fields() {
			sc.add(column{table: opts.Table, name: f.Name, index: i, typ: f.Type})
		}
	}
	x := &exprBinder{binder: b, scope: sc, clause: cmp.Or(opts.Clause, "this expression")}
	out, err := x.bind(e)
	if err != nil {
		return nil, err
	}
	if len(opts.Targets) == 1 {
		return b.coerce(out, opts.Targets[0], sqltype.Assignment, e.Position())
	}
	return b.resolveUnknown(out, e.Position())
}

// enter goes one level of nesting down; the caller must leave.
func (b *binder) enter(pos int) error {
	b.depth++
	if b.entered++; b.entered%stopSteps == 0 {
		if err := stopError(b.ctx); err != nil {
			return err
		}
	}
	if b.depth > maxDepth {
		return sqlerr.At(pos, sqlerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("The query is nested deeper than %d levels.", maxDepth)
	}
	return nil
}

func (b *binder) leave() { b.depth-- }

// countNodes is the size of the tree, in which shared parts count each time.
func countNodes(n logical.Node, memo map[logical.Node]int) int {
	if size, ok := memo[n]; ok {
		return size
	}
	size := 1
	if c, ok := n.(*logical.CTE); ok {
		if memo[n] = 1; memo[c.Shared.Plan] == 0 { // counts once
			size += countNodes(c.Shared.Plan, memo)
		}
	}
	for _, c := range n.Inputs() {
		size = min(size+countNodes(c, memo), maxNodes+1)
	}
	memo[n] = size
	return size
}

// unsupported is the error of valid PostgreSQL that Volley does not take.
func unsupported(pos int, format string, args ...any) error {
	return sqlerr.At(pos, sqlerr.FeatureNotSupported, format+" not supported", args...)
}

// at gives an error a position unless it has one.
func at(err error, pos int) error {
	if e := sqlerr.Find(err); e != nil {
		return e.WithPos(pos)
	}
	return nil
}

// oneRowOfSets is INSERT's VALUES of one row as a select list, as PostgreSQL has
// it, where it has set-returning functions.
func (b *binder) oneRowOfSets(q *ast.Query) *ast.Query {
	v, ok := q.Body.(*ast.Values)
	if !ok || len(v.Rows) != 1 {
		return q
	}
	items, sets := make([]ast.SelectItem, len(v.Rows[0])), false
	for i, e := range v.Rows[0] {
		c, call := e.(*ast.Call)
		sets = sets || call && b.p.Registry.IsTable(functionName(c))
		items[i].Expr = e
	}
	if !sets {
		return q
	}
	out := *q
	out.Body = &ast.Select{Pos: v.Pos, Items: items}
	return &out
}
