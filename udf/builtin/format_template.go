package builtin

import (
	"strings"
	"unicode/utf8"
)

// field is a template pattern of to_char, to_date and to_timestamp.
type field uint8

const (
	fieldLiteral   field = iota
	fieldSeparator       // one character that is no letter or digit
	fieldAM
	fieldAD
	fieldCC
	fieldDay
	fieldDy
	fieldDDD
	fieldDD
	fieldD
	fieldFF
	fieldHH24
	fieldHH12
	fieldIDDD
	fieldID
	fieldIW
	fieldIYYY
	fieldIYY
	fieldIY
	fieldI
	fieldJ
	fieldMI
	fieldMM
	fieldMonth
	fieldMon
	fieldMS
	fieldOF
	fieldQ
	fieldRM
	fieldSSSS
	fieldSS
	fieldTZH
	fieldTZM
	fieldTZ
	fieldUS
	fieldWW
	fieldW
	fieldYcommaYYY
	fieldYYYY
	fieldYYY
	fieldYY
	fieldY
)

// patterns in the order they are tried: longer ones before their prefixes. Each
// is also known in lower case, and names of days and months capitalised.
var patterns = []struct {
	text  string
	field field
}{
	{"A.D.", fieldAD},
	{"A.M.", fieldAM},
	{"AD", fieldAD},
	{"AM", fieldAM},
	{"B.C.", fieldAD},
	{"BC", fieldAD},
	{"CC", fieldCC},
	{"DAY", fieldDay},
	{"Day", fieldDay},
	{"DDD", fieldDDD},
	{"DD", fieldDD},
	{"DY", fieldDy},
	{"Dy", fieldDy},
	{"D", fieldD},
	{"FF1", fieldFF},
	{"FF2", fieldFF},
	{"FF3", fieldFF},
	{"FF4", fieldFF},
	{"FF5", fieldFF},
	{"FF6", fieldFF},
	{"HH24", fieldHH24},
	{"HH12", fieldHH12},
	{"HH", fieldHH12},
	{"IDDD", fieldIDDD},
	{"ID", fieldID},
	{"IW", fieldIW},
	{"IYYY", fieldIYYY},
	{"IYY", fieldIYY},
	{"IY", fieldIY},
	{"I", fieldI},
	{"J", fieldJ},
	{"MI", fieldMI},
	{"MM", fieldMM},
	{"MONTH", fieldMonth},
	{"Month", fieldMonth},
	{"MON", fieldMon},
	{"Mon", fieldMon},
	{"MS", fieldMS},
	{"OF", fieldOF},
	{"P.M.", fieldAM},
	{"PM", fieldAM},
	{"Q", fieldQ},
	{"RM", fieldRM},
	{"SSSSS", fieldSSSS},
	{"SSSS", fieldSSSS},
	{"SS", fieldSS},
	{"TZH", fieldTZH},
	{"TZM", fieldTZM},
	{"TZ", fieldTZ},
	{"US", fieldUS},
	{"WW", fieldWW},
	{"W", fieldW},
	{"Y,YYY", fieldYcommaYYY},
	{"YYYY", fieldYYYY},
	{"YYY", fieldYYY},
	{"YY", fieldYY},
	{"Y", fieldY},
}

// templateItem is one pattern with its modifiers, or text.
type templateItem struct {
	field field
	text  string // as written
	fill  bool   // FM: no padding
	th    string // th or TH: an ordinal's ending
}

// template is a parsed format; exact is FX.
type template struct {
	items []templateItem
	exact bool
}

// templates parses formats; parsing the last one again is free.
type templates struct {
	text   string
	parsed *template
}

func (t *templates) parse(text string) (*template, error) {
	if len(text) > maxTemplate {
		return nil, errTextTooLong()
	}
	if t.parsed == nil || t.text != text {
		t.text, t.parsed = text, parseTemplate(text)
	}
	return t.parsed, nil
}

func parseTemplate(s string) *template {
	t := &template{}
	for s != "" {
		fill := false
		for prefix := true; prefix && len(s) >= 2; {
			switch s[:2] {
			case "FM", "fm":
				fill, s = true, s[2:]
			case "FX", "fx":
				t.exact, s = true, s[2:]
			case "TM", "tm": // names in the session's language, without padding
				fill, s = true, s[2:]
			default:
				prefix = false
			}
		}
		if item, rest, ok := matchPattern(s); ok {
			item.fill = fill
			s = rest
			for _, suffix := range []string{"TH", "th"} {
				if strings.HasPrefix(s, suffix) {
					item.th, s = suffix, s[2:]
					break
				}
			}
			t.items = append(t.items, item)
			continue
		}
		var item templateItem
		if item, s = literalItem(s); item.text != "" {
			t.items = append(t.items, item)
		}
	}
	return t
}

func matchPattern(s string) (item templateItem, rest string, ok bool) {
	for _, p := range patterns {
		if len(s) < len(p.text) {
			continue
		}
		if w := s[:len(p.text)]; w == p.text || w == strings.ToLower(p.text) {
			return templateItem{field: p.field, text: w}, s[len(w):], true
		}
	}
	return item, s, false
}

// literalItem is a "quoted text", in which \ escapes, or one character.
func literalItem(s string) (templateItem, string) {
	switch {
	case s == "":
		return templateItem{}, ""
	case s[0] == '"':
		var b strings.Builder
		i := 1
		for ; i < len(s) && s[i] != '"'; i++ {
			if s[i] == '\\' && i+1 < len(s) {
				i++
			}
			b.WriteByte(s[i])
		}
		return templateItem{field: fieldLiteral, text: b.String()}, s[min(i+1, len(s)):]
	case s[0] == '\\' && len(s) > 1 && s[1] == '"':
		return templateItem{field: fieldLiteral, text: `"`}, s[2:]
	}
	_, n := utf8.DecodeRuneInString(s)
	f := fieldLiteral
	if c := s[0]; n == 1 && !isLetter(c) && !isDigit(c) {
		f = fieldSeparator
	}
	return templateItem{field: f, text: s[:n]}, s[n:]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
