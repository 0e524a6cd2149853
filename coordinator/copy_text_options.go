package coordinator

import (
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// decideText checks the options of the text formats against each other, in
// PostgreSQL's order, and fills in what was not said.
func (o *copyOptions) decideText(st *ast.Copy, g *givenOptions) error {
	switch o.format {
	case "parquet":
		return nil
	case "binary":
		return o.binaryOptions(g)
	}
	if err := o.delimiter(g); err != nil {
		return err
	}
	if err := o.quoteAndEscape(g); err != nil {
		return err
	}
	if err := o.forces(st); err != nil {
		return err
	}
	null := o.text.Null
	switch {
	case strings.IndexByte(null, o.text.Delimiter) >= 0:
		return sqlerr.New(sqlerr.FeatureNotSupported, "COPY delimiter must not appear in the NULL specification")
	case o.text.CSV && strings.IndexByte(null, o.text.Quote) >= 0:
		return sqlerr.New(sqlerr.FeatureNotSupported, "CSV quote character must not appear in the NULL specification")
	}
	return nil
}

func (o *copyOptions) binaryOptions(g *givenOptions) error {
	switch {
	case g.seen["delimiter"]:
		return sqlerr.New(sqlerr.SyntaxError, "cannot specify DELIMITER in BINARY mode")
	case g.null != nil:
		return sqlerr.New(sqlerr.SyntaxError, "cannot specify NULL in BINARY mode")
	case o.header:
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot specify HEADER in BINARY mode")
	}
	return nil
}

// delimiter decides the delimiter and what NULL looks like.
func (o *copyOptions) delimiter(g *givenOptions) error {
	v, given := g.bytes["delimiter"]
	switch {
	case given && v == `\t`:
		o.text.Delimiter = '\t'
	case given && len(v) != 1:
		return sqlerr.New(sqlerr.FeatureNotSupported, "COPY delimiter must be a single one-byte character")
	case given:
		o.text.Delimiter = v[0]
	case o.text.Delimiter != 0:
	case o.text.CSV:
		o.text.Delimiter = ','
	default:
		o.text.Delimiter = '\t'
	}
	if c := o.text.Delimiter; c == '\n' || c == '\r' {
		return sqlerr.New(sqlerr.InvalidParameterValue, "COPY delimiter cannot be newline or carriage return")
	}
	switch {
	case g.null != nil:
		o.text.Null = *g.null
	case !o.text.CSV:
		o.text.Null = `\N`
	}
	if strings.ContainsAny(o.text.Null, "\r\n") {
		return sqlerr.New(sqlerr.InvalidParameterValue, "COPY null representation cannot use newline or carriage return")
	}
	if !o.text.CSV && strings.IndexByte(`\.abcdefghijklmnopqrstuvwxyz0123456789`, o.text.Delimiter) >= 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "COPY delimiter cannot be \"%c\"", o.text.Delimiter)
	}
	return nil
}

func (o *copyOptions) quoteAndEscape(g *givenOptions) error {
	for _, name := range []string{"quote", "escape"} {
		v, given := g.bytes[name]
		switch {
		case given && !o.text.CSV:
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY %s available only in CSV mode", name)
		case given && len(v) != 1:
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY %s must be a single one-byte character", name)
		case given && name == "quote":
			o.text.Quote = v[0]
		case given:
			o.text.Escape = v[0]
		}
		if name == "quote" && o.text.CSV && o.text.Delimiter == o.text.Quote {
			return sqlerr.New(sqlerr.InvalidParameterValue, "COPY delimiter and quote must be different")
		}
	}
	if o.text.Escape == 0 {
		o.text.Escape = o.text.Quote
	}
	return nil
}

// forces checks FORCE_QUOTE, FORCE_NOT_NULL and FORCE_NULL.
func (o *copyOptions) forces(st *ast.Copy) error {
	for _, f := range []struct {
		choice columnChoice
		name   string
		from   bool
	}{{o.forceQuote, "quote", false}, {o.forceNotNull, "not null", true}, {o.forceNull, "null", true}} {
		switch {
		case !f.choice.given():
		case !o.text.CSV:
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY force %s available only in CSV mode", f.name)
		case f.from && !st.From:
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY force %s only available using COPY FROM", f.name)
		case !f.from && st.From:
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY force %s only available using COPY TO", f.name)
		}
	}
	return nil
}
