package builtin

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

func registerQuoting(b *registrar) {
	b.strict("quote_ident", types(tText), tText, text1(tText, appendIdent))
	b.strict("quote_literal", types(tText), tText, text1(tText, appendLiteral))
	b.scalar(udf.Scalar{Name: "quote_literal", Params: types(tAny), Returns: tText, Volatility: udf.Stable, Batch: quoteAny})
	b.scalar(udf.Scalar{Name: "quote_nullable", Params: types(tAny), Returns: tText, Volatility: udf.Stable, NullCall: true, Batch: quoteNullable})
}

func quoteAny(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	t := newTexts(ctx, args)
	var scratch []byte
	return writeText(ctx, tText, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
		scratch = t.append(scratch[:0], 0, i)
		return appendLiteral(dst, string(scratch))
	})
}

func quoteNullable(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	t := newTexts(ctx, args)
	return writeText(ctx, tText, vector.Validity{}, n, func(dst []byte, i int) ([]byte, error) {
		if t.null(0, i) {
			return append(dst, "NULL"...), nil
		}
		return appendLiteral(dst, string(t.append(nil, 0, i)))
	})
}

func appendLiteral(dst []byte, s string) ([]byte, error) {
	if strings.Contains(s, `\`) {
		dst = append(dst, 'E')
	}
	dst = append(dst, '\'')
	for i := range len(s) {
		if s[i] == '\'' || s[i] == '\\' {
			dst = append(dst, s[i])
		}
		dst = append(dst, s[i])
	}
	return append(dst, '\''), nil
}

func appendIdent(dst []byte, s string) ([]byte, error) {
	safe := s != "" && !reserved[s]
	for i := range len(s) {
		c := s[i]
		safe = safe && (c >= 'a' && c <= 'z' || c == '_' || i > 0 && c >= '0' && c <= '9')
	}
	if safe {
		return append(dst, s...), nil
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"'), nil
}

// reserved are PostgreSQL's key words that cannot be names without quotes
// everywhere (all but the unreserved ones).
var reserved = wordSet(`all analyse analyze and any array as asc asymmetric authorization between bigint binary
	bit boolean both case cast char character check coalesce collate collation column concurrently constraint
	create cross current_catalog current_date current_role current_schema current_time current_timestamp
	current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch
	float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout
	int integer intersect interval into is isnull join lateral leading least left like limit localtime
	localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or
	order out outer overlaps overlay placing position precision primary real references returning right row
	select session_user setof similar smallint some substring symmetric table tablesample then time timestamp
	to trailing treat trim true union unique user using values varchar variadic verbose when where window with
	xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
