package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqltype/jsontext"
	"volley/udf"
	"volley/udf/vector"
)

// tTexts is text[].
var tTexts arrow.DataType = arrow.ListOf(tText)

// textLists reads an argument of type text[].
type textLists struct {
	list  *array.List
	items []string
	nulls vector.Validity
	mask  int
	row   []string // the one that was read last
	path  []jsontext.Step
}

func loadTexts(a udf.Arg) *textLists {
	l := &textLists{list: a.Array.(*array.List), mask: -1}
	if a.Const {
		l.mask = 0
	}
	l.items, l.nulls = vector.Strings(l.list.ListValues()), vector.ValidityOf(l.list.ListValues())
	return l
}

// at is the items of row i that are not NULL; complete tells whether there was
// no NULL. The slice is valid until the next call.
func (l *textLists) at(i int) (items []string, complete bool) {
	lo, hi := l.list.ValueOffsets(i & l.mask)
	l.row, complete = l.row[:0], true
	for j := lo; j < hi; j++ {
		if !l.nulls.Valid(int(j)) {
			complete = false
			continue
		}
		l.row = append(l.row, l.items[j])
	}
	return l.row, complete
}
