package coordinator

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindSummary binds SUMMARIZE of a bound query.
func (s *Session) bindSummary(ctx context.Context, query *ast.Query, b *planner.Bound, params []arrow.DataType) (*planner.Bound, error) {
	q, err := summary(query, b)
	if err != nil {
		return nil, err
	}
	return s.bindQuery(ctx, q, params)
}

// summary is the query of SUMMARIZE: a row for each column of a bound query,
// from one pass over its rows.
//
//	WITH source (c0, …) AS (query),
//	  summary AS MATERIALIZED (SELECT count(*) AS n, count(c0) AS n0, min(c0)::text AS l0, … FROM source)
//	SELECT 'name of c0' AS column_name, …, l0 AS min, … FROM summary
//	UNION ALL …
func summary(query *ast.Query, b *planner.Bound) (*ast.Query, error) {
	var names, values, rows []string
	for i, f := range b.Schema.Fields() {
		names = append(names, fmt.Sprintf("c%d", i))
		values = append(values, columnSummary(i, f.Type)...)
		rows = append(rows, fmt.Sprintf(
			"SELECT %s AS column_name, %s AS column_type, l%d AS min, h%d AS max, u%d AS approx_unique, a%d AS avg, s%d AS std, "+
				"q%d AS q25, m%d AS q50, p%d AS q75, n%d AS count, round(100.0 * (n - n%d) / nullif(n, 0), 2) AS null_percentage FROM summary",
			quoteText(b.Names[i]), quoteText(sqltype.Name(f.Type)), i, i, i, i, i, i, i, i, i, i))
	}
	if len(names) == 0 {
		return nil, sqlerr.At(query.Position(), sqlerr.SyntaxError, "SUMMARIZE needs a query with columns")
	}
	text := "WITH source (" + strings.Join(names, ", ") + ") AS (SELECT 1), summary AS MATERIALIZED (SELECT count(*) AS n, " +
		strings.Join(values, ", ") + " FROM source) " + strings.Join(rows, " UNION ALL ")
	st, err := parser.ParseOne(text)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "SUMMARIZE")
	}
	out := st.(*ast.Query)
	out.With[0].Query = query
	return out, nil
}

// columnSummary are the aggregates over column i, as far as its type has them.
func columnSummary(i int, t arrow.DataType) []string {
	values := map[string]string{
		"n": "count(c#)", "l": "NULL::text", "h": "NULL::text", "u": "NULL::bigint",
		"a": "NULL::float8", "s": "NULL::float8", "q": "NULL::float8", "m": "NULL::float8", "p": "NULL::float8",
	}
	t = sqltype.Logical(t)
	switch {
	case t.ID() == arrow.BOOL:
		values["l"], values["h"] = "bool_and(c#)::text", "bool_or(c#)::text"
		values["u"] = "approx_count_distinct(c#)"
	case sqltype.IsNumeric(t), sqltype.IsTemporal(t), t.ID() == arrow.STRING:
		values["l"], values["h"] = "min(c#)::text", "max(c#)::text"
		values["u"] = "approx_count_distinct(c#)"
	}
	if sqltype.IsNumeric(t) {
		values["a"], values["s"] = "avg(c#)::float8", "stddev(c#)::float8"
		for name, q := range map[string]string{"q": "0.25", "m": "0.5", "p": "0.75"} {
			values[name] = "approx_quantile(c#::float8, " + q + ")"
		}
	}
	out := make([]string, 0, len(values))
	for _, name := range []string{"n", "l", "h", "u", "a", "s", "q", "m", "p"} {
		out = append(out, strings.ReplaceAll(values[name], "#", fmt.Sprint(i))+" AS "+name+fmt.Sprint(i))
	}
	return out
}

// quoteText writes a text constant.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
