package builtin

import (
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// toNumber is NULL for an empty template.
func toNumber(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var cache numberTemplates
	texts, formats := load[string](args[0]), load[string](args[1])
	v, out := valid(args, n).Clone(), make([]num, n)
	for i := range out {
		if !v.Valid(i) {
			continue
		}
		if formats.At(i) == "" {
			v.SetNull(i, n)
			continue
		}
		t, err := cache.parse(formats.At(i))
		if err == nil {
			out[i], err = readNumber(texts.At(i), t)
		}
		if err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
	}
	return store(tNumeric, out, v)
}

// numberReader takes a number out of a text by a template, as PostgreSQL's
// NUM_processor does: each token of the template looks at the next byte of the
// text, and passes it whether it took it or not.
type numberReader struct {
	t         *numberTemplate
	in        string
	at        int
	sign      byte // ' ' until one is read
	digits    []byte
	pre, post int // digits read
	point     bool
}

func readNumber(s string, t *numberTemplate) (num, error) {
	switch {
	case t.roman:
		return num{}, sqlerr.New(sqlerr.FeatureNotSupported, "\"RN\" not supported for input")
	case t.scientific:
		return num{}, sqlerr.New(sqlerr.FeatureNotSupported, "\"EEEE\" not supported for input")
	}
	r := numberReader{t: t, in: s, sign: ' '}
	for i := range t.tokens {
		if r.left() == 0 {
			break
		}
		r.token(&t.tokens[i])
	}
	if n := len(r.digits); n > 0 && r.digits[n-1] == '.' {
		r.digits = r.digits[:n-1]
	}
	n, err := sqltype.ParseNum(append([]byte{r.sign}, r.digits...))
	if err != nil {
		return n, err
	}
	if n, err = n.Fit(int32(t.pre+t.shift+r.post), int32(r.post)); err != nil || t.shift == 0 {
		return n, err
	}
	scale, err := sqltype.NumFromInt64(10).Pow(sqltype.NumFromInt64(int64(-t.shift)))
	if err != nil {
		return n, err
	}
	return n.Mul(scale)
}

// left is how many bytes of the text are left. A token may pass its end.
func (r *numberReader) left() int { return max(len(r.in)-r.at, 0) }

func (r *numberReader) token(k *numberToken) {
	switch k.kind {
	case '9', '0', '.':
		r.digit(k.kind)
	case ',':
		if r.t.fill || r.in[r.at] != ',' {
			return
		}
	case 'L':
		r.skip(1)
		return
	case 't':
		r.skip(2)
		return
	case 'M':
		if !r.takeSign("-") {
			return
		}
	case 'P':
		if !r.takeSign("+") {
			return
		}
	case 'G':
		if !r.takeSign("+-") {
			return
		}
	case 'x':
		for range k.text {
			if r.left() == 0 {
				return
			}
			_, n := utf8.DecodeRuneInString(r.in[r.at:])
			r.at += n
		}
		return
	default:
		return
	}
	r.at++
}

// takeSign reads one of the signs, or passes a character that is no part of a
// number.
func (r *numberReader) takeSign(signs string) bool {
	if c := r.in[r.at]; strings.IndexByte(signs, c) >= 0 {
		r.sign = c
		return true
	}
	r.skip(1)
	return false
}

// skip passes up to n characters that are no part of a number.
func (r *numberReader) skip(n int) {
	for ; n > 0 && r.left() > 0 && strings.IndexByte("0123456789.,+-", r.in[r.at]) < 0; n-- {
		_, size := utf8.DecodeRuneInString(r.in[r.at:])
		r.at += size
	}
}

// digit reads what may stand at a 9, 0 or point: a blank, the sign before the
// number, a digit or the point, and the sign behind it.
func (r *numberReader) digit(kind byte) {
	if r.in[r.at] == ' ' {
		r.at++
	}
	if r.left() > 0 && r.sign == ' ' && kind != '.' && r.pre+r.post == 0 {
		r.leadingSign()
	}
	if r.left() == 0 {
		return
	}
	read := false
	switch c := r.in[r.at]; {
	case isDigit(c):
		if r.point && r.post == r.t.post {
			return
		}
		r.digits = append(r.digits, c)
		if r.point {
			r.post++
		} else {
			r.pre++
		}
		read = true
	case c == '.' && r.t.decimal && !r.point:
		r.digits = append(r.digits, '.')
		r.point, read = true, true
	}
	if r.sign == ' ' && r.pre+r.post > 0 {
		r.trailingSign(read)
	}
}

func (r *numberReader) leadingSign() {
	switch c := r.in[r.at]; {
	case c == '-', c == '+':
		r.sign = c
		r.at++
	case r.t.bracket && c == '<':
		r.sign = '-'
		r.at++
	}
}

// trailingSign reads the sign behind the last digit: S is anchored to it, the
// others may stand where the template has a digit more than the text.
func (r *numberReader) trailingSign(read bool) {
	switch {
	case r.t.sign != signDefault && read && r.left() > 1 && !isDigit(r.in[r.at+1]):
		if c := r.in[r.at+1]; c == '-' || c == '+' {
			r.sign = c
			r.at++
		}
	case r.t.sign == signDefault && !read && (r.t.plus || r.t.minus):
		if c := r.in[r.at]; c == '-' || c == '+' {
			r.sign = c
		}
	}
}
