package jsontext

import (
	"cmp"
	"strings"
)

// Compare orders values as jsonb's operators do: Object > Array > Boolean >
// Number > String > Null; containers by their number of items first. (An empty
// top-level array is less than everything: PostgreSQL's own exception.) Numbers
// must be normalised.
func Compare(a, b *Value) int {
	if a.Kind != b.Kind {
		switch {
		case a.Kind == Array && len(a.Items) == 0:
			return -1
		case b.Kind == Array && len(b.Items) == 0:
			return 1
		}
	}
	return compare(a, b)
}

func compare(a, b *Value) int {
	if a.Kind != b.Kind {
		return cmp.Compare(a.Kind, b.Kind)
	}
	switch a.Kind {
	case String:
		return strings.Compare(a.Text, b.Text)
	case Number:
		return CompareNumbers(a.Text, b.Text)
	case Bool:
		switch {
		case a.Bool == b.Bool:
			return 0
		case a.Bool:
			return 1
		}
		return -1
	case Array:
		if c := cmp.Compare(len(a.Items), len(b.Items)); c != 0 {
			return c
		}
		for i := range a.Items {
			if c := compare(&a.Items[i], &b.Items[i]); c != 0 {
				return c
			}
		}
	case Object:
		if c := cmp.Compare(len(a.Members), len(b.Members)); c != 0 {
			return c
		}
		for i := range a.Members {
			x, y := &a.Members[i], &b.Members[i]
			if c := strings.Compare(x.Key, y.Key); c != 0 {
				return c
			}
			if c := compare(&x.Value, &y.Value); c != 0 {
				return c
			}
		}
	}
	return 0
}

// CompareNumbers orders two numbers without exponents.
func CompareNumbers(a, b string) int {
	negA, negB := strings.HasPrefix(a, "-"), strings.HasPrefix(b, "-")
	switch {
	case negA && !negB:
		return -1
	case negB && !negA:
		return 1
	case negA:
		return compareMagnitudes(b[1:], a[1:])
	}
	return compareMagnitudes(a, b)
}

func compareMagnitudes(a, b string) int {
	wholeA, fracA, _ := strings.Cut(a, ".")
	wholeB, fracB, _ := strings.Cut(b, ".")
	if c := cmp.Or(cmp.Compare(len(wholeA), len(wholeB)), strings.Compare(wholeA, wholeB)); c != 0 {
		return c
	}
	return strings.Compare(strings.TrimRight(fracA, "0"), strings.TrimRight(fracB, "0"))
}

// Contains is a @> b.
func Contains(a, b *Value) bool {
	if a.Kind == Array && b.Kind != Array && b.Kind != Object {
		return hasItem(a, b) // an array contains a scalar of its elements, at the top only
	}
	return contains(a, b)
}

func contains(a, b *Value) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case Object:
		if len(a.Members) < len(b.Members) {
			return false
		}
		for i := range b.Members {
			v, ok := a.Get(b.Members[i].Key)
			if !ok || !contains(v, &b.Members[i].Value) {
				return false
			}
		}
		return true
	case Array:
		for i := range b.Items {
			if !hasItem(a, &b.Items[i]) {
				return false
			}
		}
		return true
	}
	return compare(a, b) == 0
}

func hasItem(a, want *Value) bool {
	for i := range a.Items {
		if contains(&a.Items[i], want) {
			return true
		}
	}
	return false
}
