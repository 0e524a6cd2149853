package coordinator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/coordinator/sched"
	"volley/exec/cast"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// bindQuery binds a query in the session's surroundings.
func (s *Session) bindQuery(ctx context.Context, q *ast.Query, params []arrow.DataType) (*planner.Bound, error) {
	return s.planner().Bind(ctx, q, &names{s: s}, planner.BindOptions{ParamTypes: params, TimeZone: s.settings.location, Style: s.settings.style()})
}

// execution is how the session plans a bound query. encode is COPY's text format,
// or nil.
func (s *Session) execution(p *Prepared, params []arrow.Array, encode *physical.TextFormat) *execution {
	return &execution{p.query(), func(ctx context.Context, b *planner.Bound) (*physical.Plan, error) {
		opts := s.planOptions()
		opts.Encode, opts.Files = encode, &fileLister{c: s.c}
		if s.observed != nil {
			opts.Estimates = true
			defer func(began time.Time) { s.observed.planning += time.Since(began) }(time.Now())
		}
		return p.plan(ctx, b, params, opts)
	}}
}

// planOptions are those of the cluster as it is.
func (s *Session) planOptions() planner.PlanOptions {
	cluster := s.c.cfg.Scheduler
	return planner.PlanOptions{
		Slots: max(cluster.Slots(), 1), Workers: max(len(cluster.Workers()), 1), Distributed: true,
		BroadcastBytes: s.settings.integer("volley.broadcast_bytes"), TaskMemory: cluster.TaskMemory(),
		ShipBytes:     s.settings.integer("volley.ship_table_bytes"),
		KeyFilterRows: s.settings.integer("volley.key_filter_rows"),
	}
}

// start plans and starts a query; its result streams.
func (s *Session) start(ctx context.Context, p *Prepared, params []arrow.Array, encode *physical.TextFormat) (*Result, error) {
	e := s.execution(p, params, encode)
	plan, err := e.first(ctx)
	if err != nil {
		return nil, err
	}
	return s.startPlan(ctx, p, e, plan)
}

func (s *Session) startPlan(ctx context.Context, p *Prepared, e *execution, plan *physical.Plan) (*Result, error) {
	if !memtable.HasView(ctx) { // that of the statement that this query is a part of
		ctx = memtable.WithView(ctx, s.view())
	}
	ctx, cancel := context.WithCancel(udf.WithSession(ctx, sessionHandle{s}))
	return s.stream(ctx, cancel, p, e, plan)
}

// stream starts a plan under a context of its own, which ends with the result.
func (s *Session) stream(ctx context.Context, cancel context.CancelFunc, p *Prepared, e *execution, plan *physical.Plan) (*Result, error) {
	err := s.c.tables.Pin(ctx, maps.Values(plan.Defs))
	if err == nil {
		err = p.checkMeanings()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	q, err := s.run(ctx, p, plan)
	if err != nil {
		cancel()
		return nil, err
	}
	s.tellNotes(plan)
	r := &Result{schema: p.query().Schema, query: q}
	begin := beginning{hold: e.bound.Lazy != nil}
	// the statement's own context counts: it has the timeout, and the caller's
	// context is its parent
	r.next = func(context.Context) (arrow.Record, error) {
		rec, err := begin.next(ctx, r.query)
		if err != nil && !errors.Is(err, io.EOF) && !begin.given {
			s.meanings = p.meanings // which hold for this statement
			again, failed := e.again(ctx, err)
			s.meanings = nil
			if again == nil || failed != nil {
				return nil, timedOut(ctx, cmp.Or(failed, err))
			}
			_ = r.query.Close()
			s.forget(r.query)
			if err = s.c.tables.Pin(ctx, maps.Values(again.Defs)); err == nil {
				q, err = s.run(ctx, p, again)
			}
			if err != nil {
				return nil, err
			}
			r.query, plan = q, again
			begin = beginning{}
			rec, err = begin.next(ctx, q)
		}
		if errors.Is(err, io.EOF) {
			if e := s.settleRejects(ctx, r.query, plan); e != nil {
				err = e
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			err = timedOut(ctx, err)
		}
		return rec, err
	}
	r.close = func(error) { _ = r.query.Close(); cancel() }
	r.tag = func(n int64) string { return fmt.Sprintf("SELECT %d", n) }
	return r, nil
}

// run hands a plan to the scheduler.
func (s *Session) run(ctx context.Context, p *Prepared, plan *physical.Plan) (*sched.Query, error) {
	if err := s.checkRejectTables(plan); err != nil {
		return nil, err
	}
	speculation, _ := s.settings.get("volley.speculation")
	q, err := s.c.cfg.Scheduler.Run(ctx, plan, sched.QueryInfo{
		ID: s.c.nextID(), SQL: p.sql, User: s.user, Session: s.physicalSession(), NoSpeculation: speculation == "off",
	})
	if err == nil {
		s.observe(q)
	}
	return q, timedOut(ctx, err)
}

// runQuery runs a SELECT.
func (s *Session) runQuery(ctx context.Context, p *Prepared, params []arrow.Array) (*Result, error) {
	return s.start(ctx, p, params, nil)
}

// constant evaluates an argument of EXECUTE and gives it the type of its
// parameter, as an assignment would.
func (s *Session) constant(ctx context.Context, e ast.Expr, parameter int, t arrow.DataType) (arrow.Array, error) {
	x, err := s.planner().BindExpr(ctx, e, nil, planner.BindOptions{Catalog: &names{s: s}, TimeZone: s.settings.location, Style: s.settings.style(), Clause: "EXECUTE parameters"})
	if err != nil {
		return nil, err
	}
	if from := x.DataType(); !sqltype.CanCast(from, t, sqltype.Assignment) && !isTextLiteral(e) {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "parameter $%d of type %s cannot be coerced to the expected type %s", parameter, sqltype.Name(from), sqltype.Name(t)).
			WithHint("You will need to rewrite or cast the expression.")
	}
	v, err := evaluator{s}.Eval(ctx, x)
	if err != nil {
		return nil, err
	}
	if sqltype.Equal(v.DataType(), t) {
		return v, nil
	}
	convert, err := cast.New(v.DataType(), t, cast.Options{TimeZone: s.settings.location, Style: s.settings.style(), Now: s.started})
	if err != nil {
		return nil, sqlerr.Find(err).WithPos(e.Position())
	}
	return convert(v)
}

// isTextLiteral tells whether a value is a literal whose type nothing has decided.
func isTextLiteral(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	return ok && (l.Kind == ast.String || l.Kind == ast.Null)
}
