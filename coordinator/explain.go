package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/parser/ast"
	"volley/planner"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

// explain runs EXPLAIN [ANALYZE].
func (s *Session) explain(ctx context.Context, p *Prepared, st *ast.Explain, params []arrow.Array) (*Result, error) {
	o, err := newExplainOptions(st)
	if err != nil {
		return nil, err
	}
	opts := s.planOptions()
	opts.Estimates = o.format != explainText
	e := &execution{p.bound, func(ctx context.Context, b *planner.Bound) (*physical.Plan, error) {
		return s.planner().Plan(ctx, b, params, opts)
	}}
	plan, err := e.first(ctx)
	if err != nil {
		return nil, err
	}
	var m *measured
	if o.analyze {
		if m, err = s.analyze(ctx, p, e, plan); err != nil {
			return nil, err
		}
	}
	switch o.format {
	case explainJSON:
		return explainedJSON(plan, m, o.schema())
	case explainDOT:
		return planLines(explainPlan(plan, m).dot()), nil
	}
	if m != nil {
		return planLines(strings.TrimRight(explainAnalyze(plan, m), "\n") + "\n" + explainFiles(plan)), nil
	}
	return planLines(strings.TrimRight(planner.Explain(plan), "\n") + "\n" + explainFiles(plan)), nil
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
func explainedJSON(plan *physical.Plan, m *measured, schema *arrow.Schema) (*Result, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode([]*explainedPlan{explainPlan(plan, m)}); err != nil {
		return nil, sqlerr.New(sqlerr.InternalError, "the plan has no JSON: %s", err)
	}
	lines := textRecord(planSchema, [][]string{{strings.TrimRight(text.String(), "\n")}})
	value := array.NewExtensionArrayWithStorage(sqltype.JSON.(arrow.ExtensionType), lines.Column(0))
	return records(schema, "EXPLAIN", array.NewRecord(schema, []arrow.Array{value}, 1)), nil
}

// analyze runs a plan to its end.
func (s *Session) analyze(ctx context.Context, p *Prepared, e *execution, plan *physical.Plan) (*measured, error) {
	began := s.c.cfg.Clock()
	res, err := s.startPlan(ctx, p, e, plan)
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
	return &measured{stages: res.query.Stats(), rows: res.rows, took: s.c.cfg.Clock().Sub(began)}, nil
}
