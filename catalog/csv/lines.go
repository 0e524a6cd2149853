package csv

// findLines finds rows in a window, from row index rows on, and gives the index
// after the last; some field is needed. It is nil where there are no vector
// instructions for it. It stops before a line that is not whole, and before one for
// other ways, then other is true: its quotes stand elsewhere than around fields, it
// has escapes in needed ones, or too few fields, or is empty. There must be no
// comments.
var findLines func(r *rowFinder, rows, room, stop int) (_ int, other bool)

// A line of fewer bytes than minLine shares its blocks with others: a structure
// is cheaper.
const minLine = 40

// lines says when rows are found by findLines.
type lines struct {
	off   bool  // lines are short
	until int64 // offset up to which rows are found in other ways
}

// lineRows is findLines where that is worth it. It leaves the next region to
// other ways after it had to stop for one.
func (r *rowFinder) lineRows(rows, room, stop int) int {
	if findLines == nil || r.lines.off || len(r.need) == 0 || r.offset() < r.lines.until {
		return rows
	}
	before := r.pos
	n, other := findLines(r, rows, room, stop)
	if n > rows && (r.pos-before)/(n-rows) < minLine {
		r.lines.off = true
	}
	if other {
		r.lines.until = r.offset() + regionBytes
	}
	return n
}
