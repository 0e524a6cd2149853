package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/objstore"
	"volley/exec"
	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindExplained binds the statement that EXPLAIN is about.
func (p *Prepared) bindExplained(ctx context.Context, st *ast.Explain) error {
	if c, ok := st.Stmt.(*ast.CreateTable); ok && c.As == nil && c.Execute == nil {
		return sqlerr.At(st.Position(), sqlerr.FeatureNotSupported, "EXPLAIN of this statement is not supported")
	}
	switch st.Stmt.(type) {
	case *ast.Query, *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge, *ast.CreateTable, *ast.Execute, *ast.DeclareCursor:
	default:
		return sqlerr.At(st.Position(), sqlerr.FeatureNotSupported, "EXPLAIN of this statement is not supported")
	}
	inner := &Prepared{s: p.s, sql: p.sql, stmt: st.Stmt, given: p.given, lookups: &objstore.Meter{}}
	if err := inner.bind(objstore.WithMeter(ctx, inner.lookups)); err != nil {
		return err
	}
	p.explained, p.params = inner, inner.params
	return nil
}

// explain runs EXPLAIN [ANALYZE].
func (s *Session) explain(ctx context.Context, p *Prepared, st *ast.Explain, params []arrow.Array) (*Result, error) {
	o, err := newExplainOptions(st)
	if err != nil {
		return nil, err
	}
	var out *explainedPlan
	ctx = objstore.WithMeter(ctx, p.explained.lookups) // scans have their own
	if o.analyze {
		out, err = s.explainRun(ctx, p.explained, params)
	} else {
		out, err = s.explainPlanned(ctx, p.explained, params)
	}
	if err != nil {
		return nil, err
	}
	if !o.summary {
		out.Planning = nil
	} else if asked := explainedTraffic(p.explained.lookups.Traffic()); asked != (explainedTraffic{}) {
		out.Lookups = &asked
	}
	switch o.format {
	case explainJSON:
		return explainedJSON(out, o.schema())
	case explainDOT:
		return planLines(out.dot()), nil
	}
	return planLines(out.text(o)), nil
}

// planLines is a row for each line.
func planLines(text string) *Result {
	var rows [][]string
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		rows = append(rows, []string{line})
	}
	return textRows("EXPLAIN", planSchema, rows)
}

// explainedJSON is one row: an array of one plan.
func explainedJSON(out *explainedPlan, schema *arrow.Schema) (*Result, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode([]*explainedPlan{out}); err != nil {
		return nil, sqlerr.New(sqlerr.InternalError, "the plan has no JSON: %s", err)
	}
	lines := textRecord(planSchema, [][]string{{strings.TrimRight(text.String(), "\n")}})
	value := array.NewExtensionArrayWithStorage(sqltype.JSON.(arrow.ExtensionType), lines.Column(0))
	return records(schema, "EXPLAIN", array.NewRecord(schema, []arrow.Array{value}, 1)), nil
}

// explainPlanned describes how a statement would be run.
func (s *Session) explainPlanned(ctx context.Context, p *Prepared, params []arrow.Array) (*explainedPlan, error) {
	p, params, err := s.executed(ctx, p, params)
	if err != nil {
		return nil, err
	}
	watch, done := s.watch()
	defer done()
	var parts []*explainedPlan
	for _, b := range p.queries() {
		plan, err := s.execution(p.part(b), params, nil).first(ctx)
		if err != nil {
			return nil, err
		}
		parts = append(parts, explainPlan(plan, nil))
	}
	planning := millis(watch.planning)
	out := p.combined(parts)
	out.explainedTotals = &explainedTotals{Planning: &planning}
	return out, nil
}

// executed is the statement that EXECUTE runs, with its arguments; other
// statements are themselves.
func (s *Session) executed(ctx context.Context, p *Prepared, params []arrow.Array) (*Prepared, []arrow.Array, error) {
	e, ok := p.stmt.(*ast.Execute)
	if c, isTable := p.stmt.(*ast.CreateTable); isTable && c.Execute != nil {
		args, err := s.arguments(ctx, c.Execute)
		return p, args, err
	}
	if !ok {
		return p, params, nil
	}
	args, err := s.arguments(ctx, e)
	if err != nil {
		return nil, nil, err
	}
	inner := s.Named(e.Name)
	inner.ran()
	return inner, args, inner.renew(ctx)
}

// explainRun runs a statement to its end and describes how that went.
func (s *Session) explainRun(ctx context.Context, p *Prepared, params []arrow.Array) (*explainedPlan, error) {
	watch, done := s.watch()
	defer done()
	cpu := exec.StartCPU()
	defer cpu.Stop()
	began := time.Now()
	run := s.dispatch
	if _, ok := p.stmt.(*ast.DeclareCursor); ok { // only its query runs
		run = s.runQuery
	}
	res, err := run(ctx, p, params)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Close() }()
	for {
		if _, err := res.Next(ctx); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	took := time.Since(began) - watch.planning
	if e, ok := p.stmt.(*ast.Execute); ok {
		p = s.Named(e.Name)
	}
	var parts []*explainedPlan
	total := measured{}
	for _, o := range watch.plans {
		m := o.measured()
		parts = append(parts, explainPlan(m.plan, m))
		total.stages = append(total.stages, m.stages...)
	}
	out := p.combined(parts)
	if out.Plan.explainedWork == nil { // a change of data
		out.Plan.explainedWork = &explainedWork{Rows: watch.changed, Self: max(millis(took)-out.Plan.waited(), 0)}
		out.Plan.total()
		out.Rows = &watch.changed
	}
	total.took, total.cpu = took, time.Duration(cpu.Stop())
	planning := millis(watch.planning)
	out.explainedTotals = total.totals()
	out.Planning = &planning
	return out, nil
}
