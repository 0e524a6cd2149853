package parser

import "slices"

// Identifiers are the words of sql that may be names, keywords among them, each
// once and sorted.
func Identifiers(sql string) ([]string, error) {
	toks, err := lex(sql, Dialect{})
	if err != nil {
		return nil, err
	}
	var out []string
	for i := range toks {
		if k := toks[i].kind; k == tokIdent || k == tokQuoted {
			out = append(out, toks[i].text)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
