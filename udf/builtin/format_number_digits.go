package builtin

import (
	"bytes"
	"strings"
)

// numberWriter fills a numeric template with the digits of one number. It is
// PostgreSQL's NUM_processor: digits, point and sign go where the template has
// 9 and 0, blanks stand for digits the number does not have.
type numberWriter struct {
	t         *numberTemplate
	sign      byte
	number    []byte // digits without the sign, rounded to the template's scale
	at        int    // next of number
	spaces    int    // digits of the template before the number's first
	current   int    // digits and points of the template written
	last      int    // index of the last relevant decimal, −1 when all are
	signed    bool   // the sign is written
	inNumber  bool
	bracket   bool
	ended     bool // the number, such as NaN, has fewer characters than the template: PostgreSQL's text ends there
	place     signPlace
	count     int
	zeroStart int
}

// appendNumber appends a number, given as its sign and digits, by a template.
func appendNumber(dst []byte, t *numberTemplate, negative bool, digits []byte) []byte {
	w := numberWriter{t: t, sign: '+', number: digits, last: -1, bracket: t.bracket, place: t.sign, zeroStart: t.zeroStart - 1}
	if negative {
		w.sign = '-'
	}
	pre := bytes.IndexByte(digits, '.')
	if pre < 0 {
		pre = len(digits)
	}
	total := t.pre + t.shift
	if pre < total {
		w.spaces = total - pre
	} else if pre > total && !t.roman { // the number does not fit
		w.number = append(bytes.Repeat([]byte{'#'}, total), '.')
		w.number = append(w.number, bytes.Repeat([]byte{'#'}, t.post)...)
	}
	w.prepare(total)
	for i := range t.tokens {
		if dst = w.token(dst, &t.tokens[i]); w.ended {
			break
		}
	}
	return dst
}

func (w *numberWriter) prepare(total int) {
	t := w.t
	switch {
	case t.plus || t.minus:
		w.signed = !t.plus || t.minus
	default:
		if w.sign != '-' && t.fill {
			w.bracket = false
		}
		w.signed = w.sign == '+' && t.fill && t.sign == signDefault
		if t.sign == signFirst && total == t.signAt {
			w.place = signLast
		}
	}
	w.count = t.post + total - 1
	if t.fill && t.decimal {
		if point := bytes.IndexByte(w.number, '.'); point >= 0 {
			w.last = point
			for i := point + 1; i < len(w.number); i++ {
				if w.number[i] != '0' {
					w.last = i
				}
			}
			if t.zeroEnd > w.spaces {
				w.last = max(w.last, min(len(w.number)-1, t.zeroEnd-w.spaces))
			}
		}
	}
	if !w.signed && w.spaces == 0 {
		w.count++
	}
}

func (w *numberWriter) token(dst []byte, k *numberToken) []byte {
	blank := func(dst []byte) []byte {
		if w.t.fill {
			return dst
		}
		return append(dst, ' ')
	}
	switch k.kind {
	case '9', '0', '.':
		return w.digit(dst, k.kind)
	case ',':
		if !w.inNumber {
			return blank(dst)
		}
		return append(dst, ',')
	case 'L':
		return append(dst, ' ') // locale C has no currency symbol
	case 'M':
		if w.sign == '-' {
			return append(dst, '-')
		}
		return blank(dst)
	case 'P':
		if w.sign == '+' {
			return append(dst, '+')
		}
		return blank(dst)
	case 'G':
		return append(dst, w.sign)
	case 't':
		if w.number[0] == '#' || w.sign == '-' || w.t.decimal {
			return dst
		}
		return append(dst, ordinalEnding(w.number, k.text == "TH")...)
	case 'x':
		return append(dst, k.text...)
	}
	return dst
}

// blankZero: the 0 before the point is not shown.
func (w *numberWriter) blankZero() bool {
	return !w.t.zero && w.at == 0 && w.number[0] == '0' && w.t.post != 0
}

func (w *numberWriter) lastIsPoint() bool { return w.last >= 0 && w.number[w.last] == '.' }

// digit writes what stands at a 9, 0 or point of the template.
func (w *numberWriter) digit(dst []byte, kind byte) []byte {
	t := w.t
	w.inNumber = false
	if !w.signed && (w.current >= w.spaces || t.zero && w.zeroStart == w.current) && (!w.blankZero() || w.lastIsPoint()) {
		dst = w.writeSign(dst)
	}
	switch {
	case w.current < w.spaces && (w.zeroStart > w.current || !t.zero):
		if !t.fill {
			dst = append(dst, ' ')
		}
	case t.zero && w.current < w.spaces:
		dst = append(dst, '0')
		w.inNumber = true
	case w.at < len(w.number):
		dst = w.writeNext(dst, kind)
		w.at++
	default:
		w.ended = true
		return dst
	}
	end := w.count
	if w.spaces > 0 {
		end++
	}
	if t.decimal {
		end++
	}
	if w.last >= 0 && w.last == w.at {
		end = w.current
	}
	if w.current+1 == end {
		switch {
		case w.signed && w.bracket && w.sign == '+':
			dst = append(dst, ' ')
		case w.signed && w.bracket:
			dst = append(dst, '>')
		case w.place == signLast:
			dst = append(dst, w.sign)
		}
	}
	w.current++
	return dst
}

func (w *numberWriter) writeSign(dst []byte) []byte {
	switch {
	case w.place == signLast:
		return dst
	case w.place == signFirst:
		dst = append(dst, w.sign)
	case w.bracket && w.sign == '+':
		dst = append(dst, ' ')
	case w.bracket:
		dst = append(dst, '<')
	case w.sign == '-':
		dst = append(dst, '-')
	case !w.t.fill:
		dst = append(dst, ' ')
	}
	w.signed = true
	return dst
}

func (w *numberWriter) writeNext(dst []byte, kind byte) []byte {
	switch c := w.number[w.at]; {
	case c == '.':
		if !w.lastIsPoint() || w.t.fill {
			dst = append(dst, '.')
		}
	case w.last >= 0 && w.at > w.last && kind != '0':
	case w.blankZero():
		if !w.t.fill {
			return append(dst, ' ')
		}
		if w.lastIsPoint() {
			return append(dst, '0')
		}
	default:
		w.inNumber = true
		return append(dst, c)
	}
	return dst
}

// appendRoman is RN: 15 characters wide, or # where there is no numeral.
func appendRoman(dst []byte, n int64, fill, lower bool) []byte {
	if n < 1 || n > 3999 {
		return append(dst, "###############"...)
	}
	var b strings.Builder
	for i, v := range []int64{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1} {
		for ; n >= v; n -= v {
			b.WriteString([]string{"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}[i])
		}
	}
	s := b.String()
	if lower {
		s = strings.ToLower(s)
	}
	for k := len(s); k < 15 && !fill; k++ {
		dst = append(dst, ' ')
	}
	return append(dst, s...)
}
