package builtin

import (
	"strings"

	"volley/sqlerr"
)

// numberToken is one element of a numeric template.
type numberToken struct {
	kind byte // '9' '0' '.' ',' 'L' 'M' (MI) 'P' (PL) 'G' (SG) 'R' (RN) 't' (TH) 'x' (text)
	text string
}

// numberTemplate is a parsed format of to_char and to_number for numbers, with
// the counts and marks PostgreSQL's NUMDesc has.
type numberTemplate struct {
	tokens             []numberToken
	pre, post, shift   int // digits before and after the point; V's power of ten
	zeroStart, zeroEnd int // first and last digit that is 0, counted from 1
	sign               signPlace
	signAt             int // digits before S
	fill               bool
	decimal, zero      bool
	minus, plus        bool
	bracket            bool
	roman, lowerRoman  bool
	scientific         bool
}

type signPlace uint8

const (
	signDefault signPlace = iota
	signFirst             // S before the digits
	signLast              // S after them
)

// maxTemplate bounds the formats of to_char and its kin, whose parsed form takes
// much more memory than their text.
const maxTemplate = 1 << 16

var numberPatterns = []string{"EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "TH", "SP", "C", "D", "G", "L", "S", "V", "B", "9", "0", ".", ","}

func errNumberTemplate(text string) error {
	return sqlerr.New(sqlerr.SyntaxError, "%s", text)
}

// numberTemplates parses formats; parsing the last one again is free.
type numberTemplates struct {
	text   string
	parsed *numberTemplate
}

func (t *numberTemplates) parse(text string) (*numberTemplate, error) {
	if t.parsed != nil && t.text == text {
		return t.parsed, nil
	}
	if len(text) > maxTemplate {
		return nil, errTextTooLong()
	}
	p, err := parseNumberTemplate(text)
	if err != nil {
		return nil, err
	}
	t.text, t.parsed = text, p
	return p, nil
}

func parseNumberTemplate(s string) (*numberTemplate, error) {
	t := &numberTemplate{}
	for s != "" {
		word := ""
		for _, p := range numberPatterns {
			if len(s) >= len(p) && (s[:len(p)] == p || s[:len(p)] == strings.ToLower(p)) {
				word = s[:len(p)]
				break
			}
		}
		if word == "" {
			var text template
			s = text.addText(s)
			for _, item := range text.items {
				t.tokens = append(t.tokens, numberToken{'x', item.text})
			}
			continue
		}
		s = s[len(word):]
		if err := t.add(strings.ToUpper(word), word); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *numberTemplate) add(word, written string) error {
	token := func(kind byte) { t.tokens = append(t.tokens, numberToken{kind, written}) }
	if t.scientific && word != "FM" {
		return errNumberTemplate("\"EEEE\" must be the last pattern used")
	}
	switch word {
	case "9", "0":
		return t.addDigit(word[0])
	case "D", ".":
		if t.decimal {
			return errNumberTemplate("multiple decimal points")
		}
		if t.shift > 0 {
			return errNumberTemplate("cannot use \"V\" and decimal point together")
		}
		t.decimal = true
		token('.')
	case "G", ",":
		token(',')
	case "L":
		token('L')
	case "FM":
		t.fill = true
	case "B", "C", "SP": // accepted, without a meaning
	case "V":
		if t.decimal {
			return errNumberTemplate("cannot use \"V\" and decimal point together")
		}
		token('V')
	case "S":
		return t.addSign()
	case "MI":
		t.minus = true
		token('M')
	case "PL":
		t.plus = true
		token('P')
	case "SG":
		t.minus, t.plus = true, true
		token('G')
	case "PR":
		if t.sign != signDefault || t.plus || t.minus {
			return errNumberTemplate("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together")
		}
		t.bracket = true
	case "RN":
		t.roman, t.lowerRoman = true, written == "rn"
		token('R')
	case "TH":
		token('t')
	case "EEEE":
		t.scientific = true
	}
	return nil
}

func (t *numberTemplate) addDigit(digit byte) error {
	if t.bracket {
		return errNumberTemplate("\"" + string(digit) + "\" must be ahead of \"PR\"")
	}
	afterV := false
	for _, k := range t.tokens {
		afterV = afterV || k.kind == 'V'
	}
	switch {
	case afterV:
		t.shift++
	case t.decimal:
		t.post++
	default:
		if digit == '0' && !t.zero {
			t.zero, t.zeroStart = true, t.pre+1
		}
		t.pre++
	}
	if digit == '0' {
		t.zeroEnd = t.pre + t.post
	}
	t.tokens = append(t.tokens, numberToken{kind: digit})
	return nil
}

func (t *numberTemplate) addSign() error {
	switch {
	case t.sign != signDefault:
		return errNumberTemplate("cannot use \"S\" twice")
	case t.plus || t.minus || t.bracket:
		return errNumberTemplate("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together")
	case t.decimal:
		t.sign = signLast
	default:
		t.sign, t.signAt = signFirst, t.pre
	}
	return nil
}
