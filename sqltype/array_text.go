package sqltype

import (
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// ArrayTypeOfText is the array type t with as many dimensions as an array's
// text has: the number is the value's in PostgreSQL, and the type's here.
func ArrayTypeOfText(t arrow.DataType, text string) arrow.DataType {
	rest, _, err := boundsPrefix([]byte(text))
	if err != nil {
		return t
	}
	dims := 0
	for _, c := range rest {
		if c == '{' {
			dims++
		} else if !isSpace(c) {
			break
		}
	}
	return ArrayOf(ElementType(t), max(dims, 1))
}

// checkShape takes the bounds off an array's text, and refuses arrays of more
// than one dimension that are no rectangles, or have no elements.
func checkShape(text []byte, dims int) ([]byte, error) {
	rest, bounds, err := boundsPrefix(text)
	if err != nil {
		return nil, err
	}
	if dims == 1 && len(bounds) == 0 {
		return rest, nil
	}
	shape, err := textShape(rest, dims)
	if err != nil {
		return nil, err
	}
	if len(bounds) > 0 && !slices.Equal(bounds, shape) {
		return nil, malformedArray(text, "Specified array dimensions do not match array contents.")
	}
	if len(shape) > 1 && shape[0] > 0 && slices.Contains(shape, 0) {
		return nil, malformedArray(text, "Unexpected \"}\" character.")
	}
	return rest, nil
}

// textShape is the extent of each dimension.
func textShape(text []byte, dims int) ([]int, error) {
	items, err := splitArray(text, dims > 1)
	if err != nil || dims == 1 {
		return []int{len(items)}, err
	}
	var first []int
	for i, it := range items {
		inner, err := textShape(it.text, dims-1)
		if err != nil {
			return nil, err
		}
		if i > 0 && !slices.Equal(first, inner) {
			return nil, malformedArray(text, "Multidimensional arrays must have sub-arrays with matching dimensions.")
		}
		first = inner
	}
	return append([]int{len(items)}, first...), nil
}

// boundsPrefix reads "[1:2][1:3]=" before an array and gives the extents.
func boundsPrefix(text []byte) (rest []byte, bounds []int, err error) {
	rest = trimSpace(text)
	if len(rest) == 0 || rest[0] != '[' {
		return text, nil, nil
	}
	for len(rest) > 0 && rest[0] == '[' {
		lo, hi, n, ok := bound(rest[1:])
		switch {
		case !ok:
			return nil, nil, malformedArray(text, "Missing array dimension value.")
		case hi < lo:
			return nil, nil, sqlerr.New(sqlerr.ArraySubscript, "upper bound cannot be less than lower bound")
		case lo != 1:
			return nil, nil, LowerBoundError()
		}
		bounds = append(bounds, hi-lo+1)
		rest = trimSpace(rest[n+1:])
	}
	if len(rest) == 0 || rest[0] != '=' {
		return nil, nil, malformedArray(text, "Missing \"=\" after array dimensions.")
	}
	return trimSpace(rest[1:]), bounds, nil
}

// bound reads "lo:hi]" or "hi]" and gives its length.
func bound(t []byte) (lo, hi, n int, ok bool) {
	end := slices.Index(t, ']')
	if end < 0 {
		return 0, 0, 0, false
	}
	first, second := t[:end], []byte(nil)
	lo = 1
	if colon := slices.Index(first, ':'); colon >= 0 {
		first, second = first[:colon], first[colon+1:]
		var err error
		if lo, err = strconv.Atoi(string(first)); err != nil {
			return 0, 0, 0, false
		}
		first = second
	}
	hi, err := strconv.Atoi(string(first))
	return lo, hi, end + 1, err == nil && hi < 1<<31 && lo > -1<<31
}

// LowerBoundError is the error of an array that would begin elsewhere than at 1.
func LowerBoundError() error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "arrays whose lower bound is not 1 are not supported")
}
