package ast

import (
	"fmt"
	"reflect"
	"strings"
)

// Format prints a tree deterministically, for tests and debugging: each node as
// (Type field=value …) without empty fields, and without positions unless
// positions is set, when a node is printed as Type@offset.
func Format(node any, positions bool) string {
	p := printer{positions: positions}
	p.value(reflect.ValueOf(node))
	return p.b.String()
}

type printer struct {
	b         strings.Builder
	positions bool
}

func (p *printer) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		p.value(v.Elem())
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Struct {
			p.node(v.Elem())
			return
		}
		p.value(v.Elem())
	case reflect.Struct:
		p.node(v)
	case reflect.Slice:
		p.b.WriteByte('[')
		for i := 0; i < v.Len(); i++ {
			if i > 0 {
				p.b.WriteByte(' ')
			}
			p.value(v.Index(i))
		}
		p.b.WriteByte(']')
	case reflect.String:
		fmt.Fprintf(&p.b, "%q", v.String())
	case reflect.Invalid:
		p.b.WriteString("nil")
	default:
		fmt.Fprint(&p.b, v.Interface())
	}
}

func (p *printer) node(v reflect.Value) {
	t := v.Type()
	p.b.WriteByte('(')
	p.b.WriteString(t.Name())
	for i := 0; i < t.NumField(); i++ {
		f := v.Field(i)
		if f.Kind() == reflect.Uint8 { // a kind: its zero value says something too
			fmt.Fprintf(&p.b, " %v", f.Interface())
			continue
		}
		if pos, ok := f.Interface().(Pos); ok {
			if p.positions {
				fmt.Fprintf(&p.b, "@%d", int(pos))
			}
			continue
		}
		if empty(f) {
			continue
		}
		if f.Kind() == reflect.Bool {
			p.b.WriteString(" " + t.Field(i).Name)
			continue
		}
		p.b.WriteString(" " + t.Field(i).Name + "=")
		p.value(f)
	}
	p.b.WriteByte(')')
}

func empty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	if v.Kind() == reflect.Struct {
		for i := 0; i < v.NumField(); i++ {
			if _, ok := v.Field(i).Interface().(Pos); !ok && !empty(v.Field(i)) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}
