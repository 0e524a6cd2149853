package builtin

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// format is PostgreSQL's format(): %s, %I, %L with positions, widths and -.
func format(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	t := outputTexts(ctx, args)
	f := vector.NewColumn(vector.Strings(args[0].Array), args[0].Const)
	var scratch []byte
	return writeText(ctx, tText, validityOf(args[0], n), n, func(dst []byte, i int) ([]byte, error) {
		p := formatState{t: t, row: i, next: 1, begin: len(dst), scratch: scratch}
		dst, err := p.appendAll(dst, f.At(i))
		scratch = p.scratch
		return dst, err
	})
}

type formatState struct {
	t       texts
	row     int
	next    int // argument of the next specifier without a position
	begin   int // of the row in dst
	scratch []byte
}

func (p *formatState) appendAll(dst []byte, f string) ([]byte, error) {
	for len(f) > 0 {
		if f[0] != '%' {
			dst, f = append(dst, f[0]), f[1:]
			continue
		}
		var err error
		if dst, f, err = p.specifier(dst, f[1:]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func errFormat(format string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.InvalidParameterValue, format, args...)
}

// specifier handles [position$][-][width]type.
func (p *formatState) specifier(dst []byte, f string) ([]byte, string, error) {
	arg, left, width := 0, false, 0
	if n, rest, ok := leadingInt(f); ok && len(rest) > 0 && rest[0] == '$' {
		if n == 0 {
			return dst, f, errFormat("format specifies argument 0, but arguments are numbered from 1")
		}
		arg, f = n, rest[1:]
	}
	for len(f) > 0 && f[0] == '-' {
		left, f = true, f[1:]
	}
	if n, rest, ok := leadingInt(f); ok {
		width, f = n, rest
	} else if len(f) > 0 && f[0] == '*' {
		var err error
		if width, f, err = p.indirectWidth(f[1:]); err != nil {
			return dst, f, err
		}
	}
	if width < 0 {
		left, width = true, -width
	}
	if f == "" {
		return dst, f, errFormat("unterminated format() type specifier").
			WithHint("For a single \"%%\" use \"%%%%\".")
	}
	verb := f[0]
	if verb == '%' {
		return append(dst, '%'), f[1:], nil
	}
	if arg == 0 {
		arg = p.next
	}
	p.next = arg + 1
	if verb != 's' && verb != 'I' && verb != 'L' {
		return dst, f, errFormat("unrecognized format() type specifier \"%c\"", verb).
			WithHint("For a single \"%%\" use \"%%%%\".")
	}
	if arg >= len(p.t.args) {
		return dst, f, errFormat("too few arguments for format()")
	}
	value, err := p.value(arg, verb)
	if err != nil {
		return dst, f, err
	}
	if width > maxTextSize || len(dst)-p.begin > maxTextSize {
		return dst, f, errTextTooLong()
	}
	dst, err = appendPaddedMin(dst, string(value), int32(width), !left)
	return dst, f[1:], err
}

func (p *formatState) value(arg int, verb byte) ([]byte, error) {
	p.scratch = p.scratch[:0]
	if p.t.null(arg, p.row) {
		switch verb {
		case 'I':
			return nil, sqlerr.New(sqlerr.NullNotAllowed, "null values cannot be formatted as an SQL identifier")
		case 'L':
			return []byte("NULL"), nil
		}
		return nil, nil
	}
	p.scratch = p.t.append(p.scratch, arg, p.row)
	switch verb {
	case 'I':
		return appendIdent(nil, string(p.scratch))
	case 'L':
		return appendLiteral(nil, string(p.scratch))
	}
	return p.scratch, nil
}

// indirectWidth reads the rest of * or *position$, whose argument is the width.
func (p *formatState) indirectWidth(f string) (int, string, error) {
	arg := p.next
	if n, rest, ok := leadingInt(f); ok {
		if n == 0 {
			return 0, f, errFormat("format specifies argument 0, but arguments are numbered from 1")
		}
		if !strings.HasPrefix(rest, "$") {
			return 0, f, errFormat("width argument position must be ended by \"$\"")
		}
		arg, f = n, rest[1:]
	}
	p.next = arg + 1
	width, err := p.widthArg(arg)
	return width, f, err
}

func (p *formatState) widthArg(arg int) (int, error) {
	if arg >= len(p.t.args) {
		return 0, errFormat("too few arguments for format()")
	}
	if p.t.null(arg, p.row) {
		return 0, nil
	}
	w, err := sqltype.ParseInt(p.t.append(nil, arg, p.row), 32)
	return int(w), err
}

func leadingInt(s string) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' && n < maxTextSize {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, s[i:], i > 0
}

// appendPaddedMin pads to at least width, and never cuts.
func appendPaddedMin(dst []byte, s string, width int32, left bool) ([]byte, error) {
	if width <= int32(min(len(s), maxTextSize)) && offset(s, int64(width)) < len(s) || width == 0 {
		return append(dst, s...), nil
	}
	return appendPadded(dst, s, width, " ", left)
}
