package builtin

import (
	"strings"
	"unicode/utf8"
)

// field is a template pattern of to_char, to_date and to_timestamp.
type field uint8

const (
	fieldLiteral   field = iota // one character
	fieldSeparator              // one character of punctuation
	fieldSpace
	fieldFX
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
	{"FX", fieldFX},
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

// templateItem is one pattern with its modifiers, or one character.
type templateItem struct {
	field   field
	text    string // as written
	fill    bool   // FM: no padding
	names   bool   // TM: names without padding
	quoted  bool   // text in quotes
	ordinal string // th or TH: an ordinal's ending
}

// template is a parsed format.
type template struct{ items []templateItem }

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
		var prefix templateItem
		if len(s) >= 2 {
			switch s[:2] {
			case "FM", "fm":
				prefix.fill, s = true, s[2:]
			case "TM", "tm":
				prefix.names, s = true, s[2:]
			}
		}
		if item, rest, ok := matchPattern(s); ok {
			item.fill, item.names = prefix.fill, prefix.names
			s = rest
			for _, suffix := range [...]string{"TH", "th", "SP"} {
				if strings.HasPrefix(s, suffix) {
					s = s[2:]
					if suffix != "SP" { // numbers in words, which PostgreSQL does not write either
						item.ordinal = suffix
					}
					break
				}
			}
			t.items = append(t.items, item)
			continue
		}
		if s != "" {
			s = t.addText(s)
		}
	}
	return t
}

// addText adds a "quoted text", in which \ escapes, or one character, and gives
// what follows it.
func (t *template) addText(s string) string {
	if s[0] != '"' {
		if strings.HasPrefix(s, `\"`) {
			s = s[1:]
		}
		_, n := utf8.DecodeRuneInString(s)
		f := fieldLiteral
		switch c := s[0]; {
		case isSeparator(c):
			f = fieldSeparator
		case isSpace(c):
			f = fieldSpace
		}
		t.items = append(t.items, templateItem{field: f, text: s[:n]})
		return s[n:]
	}
	for s = s[1:]; s != ""; {
		if s[0] == '"' {
			return s[1:]
		}
		if s[0] == '\\' && len(s) > 1 {
			s = s[1:]
		}
		_, n := utf8.DecodeRuneInString(s)
		t.items = append(t.items, templateItem{field: fieldLiteral, text: s[:n], quoted: true})
		s = s[n:]
	}
	return ""
}

// isSeparator tells whether c is printable and no space, letter or digit.
func isSeparator(c byte) bool { return c > ' ' && c < 0x7f && !isLetter(c) && !isDigit(c) }

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

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

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
