package coordinator

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
)

// explain runs EXPLAIN [ANALYZE].
func (s *Session) explain(ctx context.Context, p *Prepared, st *ast.Explain, params []arrow.Array) (*Result, error) {
	analyze := st.Analyze
	for _, opt := range st.Options {
		v, err := optionText(opt)
		if err != nil {
			return nil, err
		}
		switch opt.Name {
		case "analyze":
			if analyze, err = optionBool(opt, v); err != nil {
				return nil, err
			}
		case "format":
			if !strings.EqualFold(v, "text") {
				return nil, sqlerr.At(opt.Position(), sqlerr.FeatureNotSupported, "EXPLAIN format %q is not supported", v)
			}
		case "verbose", "costs", "buffers", "timing", "summary", "settings", "wal":
		default:
			return nil, sqlerr.At(opt.Position(), sqlerr.SyntaxError, "unrecognized EXPLAIN option %q", opt.Name)
		}
	}
	plan, err := s.plan(ctx, p, params, nil)
	if err != nil {
		return nil, err
	}
	text := planner.Explain(plan)
	if analyze {
		measured, err := s.analyze(ctx, p, params)
		if err != nil {
			return nil, err
		}
		text = measured
	}
	var rows [][]string
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		rows = append(rows, []string{line})
	}
	return textRows("EXPLAIN", planSchema, rows), nil
}

// analyze runs the query to its end and describes the plan with what happened.
func (s *Session) analyze(ctx context.Context, p *Prepared, params []arrow.Array) (string, error) {
	plan, err := s.plan(ctx, p, params, nil)
	if err != nil {
		return "", err
	}
	began := s.c.cfg.Clock()
	res, err := s.startPlan(ctx, p, plan)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Close() }()
	for {
		if _, err := res.Next(ctx); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", err
		}
	}
	return explainAnalyze(plan, res.query.Stats(), res.rows, s.c.cfg.Clock().Sub(began)), nil
}
