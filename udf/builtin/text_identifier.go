package builtin

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
)

// registerIdentifiers adds parse_ident.
func registerIdentifiers(b *registrar) {
	b.strict("parse_ident", types(tText), tTexts, parseIdent)
	b.strict("parse_ident", types(tText, tBool), tTexts, parseIdent)
}

// parseIdent splits a qualified name into its identifiers, folded as SQL folds
// them.
func parseIdent(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	names, v, w := load[string](args[0]), valid(args, n), newListWriter(ctx, n)
	for i := range n {
		if !v.Valid(i) {
			w.setNull(i)
		} else if err := eachIdentifier(names.At(i), len(args) == 1 || boolAt(args[1], i), func(part string) {
			w.append([]byte(part), false)
		}); err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
		if err := w.endRow(); err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
	}
	return w.array(), nil
}

func eachIdentifier(name string, strict bool, f func(string)) error {
	bad := func(detail string, args ...any) error {
		err := sqlerr.New(sqlerr.InvalidParameterValue, "string is not a valid identifier: \"%s\"", name)
		if detail != "" {
			err = err.WithDetail(detail, args...)
		}
		return err
	}
	rest := strings.TrimLeft(name, " \t\n\r\f")
	for after := false; ; after = true {
		var part string
		switch {
		case strings.HasPrefix(rest, `"`):
			end := closingQuote(rest)
			if end < 0 {
				return bad("String has unclosed double quotes.")
			}
			if part = strings.ReplaceAll(rest[1:end], `""`, `"`); part == "" {
				return bad("Quoted identifier must not be empty.")
			}
			rest = rest[end+1:]
		default:
			size := identifierSize(rest)
			switch {
			case size > 0:
				part, rest = foldASCII(rest[:size]), rest[size:]
			case strings.HasPrefix(rest, "."):
				return bad("No valid identifier before \".\".")
			case after:
				return bad("No valid identifier after \".\".")
			default:
				return bad("")
			}
		}
		f(part)
		rest = strings.TrimLeft(rest, " \t\n\r\f")
		if !strings.HasPrefix(rest, ".") {
			if rest != "" && strict {
				return bad("")
			}
			return nil
		}
		rest = strings.TrimLeft(rest[1:], " \t\n\r\f")
	}
}

// foldASCII makes the letters A to Z small, as SQL does of names: others are as they are.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			i++
			continue
		}
		return i
	}
	return -1
}

func identifierSize(s string) int {
	for i := range len(s) {
		c := s[i]
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80; !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '$')) {
			return i
		}
	}
	return len(s)
}
