package jsonpath

import (
	"strconv"
	"strings"

	"volley/sqltype/jsontext"
)

// String is the path as jsonpath's output has it.
func (p *Path) String() string {
	var b strings.Builder
	if p.Strict {
		b.WriteString("strict ")
	}
	p.Root.print(&b, false, true)
	return b.String()
}

func quoted(s string) string { return string(jsontext.AppendString(nil, s)) }

// priority is how tight an operator binds.
func (k Kind) priority() int {
	switch k {
	case Or:
		return 0
	case And:
		return 1
	case Equal, NotEqual, Less, Greater, LessEqual, GreaterEqual, StartsWith:
		return 2
	case Add, Sub:
		return 3
	case Mul, Div, Mod:
		return 4
	case Plus, Minus:
		return 5
	}
	return 6
}

// print writes an item and what follows it. inKey: it follows another one.
func (i *Item) print(b *strings.Builder, inKey, brackets bool) {
	operand := func(o *Item) { o.print(b, false, o.Kind.priority() <= i.Kind.priority()) }
	open := func() {
		if brackets {
			b.WriteByte('(')
		}
	}
	shut := func() {
		if brackets {
			b.WriteByte(')')
		}
	}
	switch i.Kind {
	case And, Or, Equal, NotEqual, Less, Greater, LessEqual, GreaterEqual, StartsWith, Add, Sub, Mul, Div, Mod:
		open()
		operand(i.Left)
		b.WriteString(" " + names[i.Kind] + " ")
		operand(i.Right)
		shut()
	case LikeRegex:
		open()
		operand(i.Left)
		b.WriteString(" like_regex " + quoted(i.Text))
		if i.Flags != "" {
			b.WriteString(` flag "` + i.Flags + `"`)
		}
		shut()
	case Plus, Minus:
		open()
		b.WriteString(names[i.Kind])
		operand(i.Left)
		shut()
	case Filter:
		i.printCall(b, "?(", ")")
	case Not:
		i.printCall(b, "!(", ")")
	case IsUnknown:
		i.printCall(b, "(", ") is unknown")
	case Exists:
		i.printCall(b, "exists (", ")")
	default:
		i.printStep(b, inKey)
	}
	if i.Next != nil {
		i.Next.print(b, true, true)
	}
}

func (i *Item) printCall(b *strings.Builder, before, after string) {
	b.WriteString(before)
	i.Left.print(b, false, false)
	b.WriteString(after)
}

// printStep writes an item that is no operator.
func (i *Item) printStep(b *strings.Builder, inKey bool) {
	dot := ""
	if inKey {
		dot = "."
	}
	switch i.Kind {
	case Null:
		b.WriteString("null")
	case String:
		b.WriteString(quoted(i.Text))
	case Number:
		if i.Next != nil {
			b.WriteString("(" + i.Text + ")")
			break
		}
		b.WriteString(i.Text)
	case Bool:
		b.WriteString(strconv.FormatBool(i.Bool))
	case Variable:
		b.WriteString("$" + quoted(i.Text))
	case Root:
		b.WriteByte('$')
	case Current:
		b.WriteByte('@')
	case Last:
		b.WriteString("last")
	case AnyArray:
		b.WriteString("[*]")
	case AnyKey:
		b.WriteString(dot + "*")
	case Key:
		b.WriteString(dot + quoted(i.Text))
	case Any:
		b.WriteString(dot + "**" + levels(i.First, i.Last))
	case IndexArray:
		for n, s := range i.Subscripts {
			b.WriteByte("[,"[min(n, 1)])
			s.From.print(b, false, false)
			if s.To != nil {
				b.WriteString(" to ")
				s.To.print(b, false, false)
			}
		}
		b.WriteByte(']')
	default:
		b.WriteString("." + names[i.Kind] + "(")
		if i.Left != nil {
			i.Left.print(b, false, false)
		}
		b.WriteByte(')')
	}
}

func levels(first, last uint32) string {
	level := func(n uint32) string {
		if n == LastLevel {
			return "last"
		}
		return strconv.FormatUint(uint64(n), 10)
	}
	switch {
	case first == 0 && last == LastLevel:
		return ""
	case first == last:
		return "{" + level(first) + "}"
	}
	return "{" + level(first) + " to " + level(last) + "}"
}
