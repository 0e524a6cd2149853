package coordinator

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// explainFormat is how EXPLAIN writes a plan.
type explainFormat string

// Formats of EXPLAIN: text and dot are a row a line, json is one value.
const (
	explainText explainFormat = "text"
	explainJSON explainFormat = "json"
	explainDOT  explainFormat = "dot"
)

// explainOptions are the options of EXPLAIN that change what it gives.
type explainOptions struct {
	analyze bool
	format  explainFormat
	// verbose: batches, and the tasks of each worker; costs: estimates; timing:
	// times; buffers: sizes of memory and of what was read; summary: the totals
	verbose, costs, timing, buffers, summary bool
}

func newExplainOptions(st *ast.Explain) (explainOptions, error) {
	o := explainOptions{
		analyze: st.Analyze, format: explainText,
		verbose: st.Verbose, costs: true, timing: st.Analyze, buffers: true, summary: st.Analyze,
	}
	flags := map[string]*bool{"costs": &o.costs, "timing": &o.timing, "buffers": &o.buffers, "summary": &o.summary, "verbose": &o.verbose}
	for _, opt := range st.Options {
		v, err := optionText(opt)
		if err != nil {
			return o, err
		}
		switch opt.Name {
		case "analyze":
			if o.analyze, err = optionBool(opt, v); err != nil {
				return o, err
			}
		case "format":
			if o.format, err = parseExplainFormat(v, opt.Position()); err != nil {
				return o, err
			}
		case "verbose", "costs", "buffers", "timing", "summary", "settings", "wal", "generic_plan":
			on, err := optionBool(opt, v)
			if err != nil {
				return o, err
			}
			if on && !st.Analyze && (opt.Name == "timing" || opt.Name == "wal") {
				return o, sqlerr.New(sqlerr.InvalidParameterValue, "EXPLAIN option %s requires ANALYZE", strings.ToUpper(opt.Name))
			}
			if f := flags[opt.Name]; f != nil {
				*f = on
			}
		default:
			return o, sqlerr.At(opt.Position(), sqlerr.SyntaxError, "unrecognized EXPLAIN option \"%s\"", opt.Name)
		}
	}
	return o, nil
}

func parseExplainFormat(name string, pos int) (explainFormat, error) {
	switch f := explainFormat(strings.ToLower(name)); f {
	case explainText, explainJSON, explainDOT:
		return f, nil
	case "xml", "yaml":
		return "", sqlerr.At(pos, sqlerr.FeatureNotSupported, "EXPLAIN format \"%s\" is not supported", name).
			WithHint("Formats are text, json and dot.")
	}
	return "", sqlerr.At(pos, sqlerr.InvalidParameterValue, "unrecognized value for EXPLAIN option \"format\": \"%s\"", name)
}

// schema is that of the result.
func (o explainOptions) schema() *arrow.Schema {
	if o.format != explainJSON {
		return planSchema
	}
	return arrow.NewSchema([]arrow.Field{{Name: planSchema.Field(0).Name, Type: sqltype.JSON, Nullable: true}}, nil)
}
