package csv

import (
	"bytes"
	"slices"
)

// dialectBytes of a file are looked at to find its dialect.
const dialectBytes = 32 << 10

// At least dialectLines lines are, as far as they are in maxDialect bytes.
const (
	dialectLines = 5
	maxDialect   = 16 << 20
)

// maxTitles is how many records before the table can be titles and notes.
const maxTitles = 1000

// sniffed is a dialect as it fits a sample.
type sniffed struct {
	dialect
	columns int     // fields in most records
	skip    int     // lines before the first of those: titles, notes, comments among them
	ratio   float64 // share of the records after them that have so many
	quoted  int     // quoted fields
	unsound bool    // quotes that are not closed, or are closed within a field
}

// sniffDialect finds the dialect of a sample, which begins at the first line to
// read. What given says is fixed; columns is how many there must be, or 0.
func sniffDialect(sample []byte, eof bool, o *options, given map[string]string, columns int) sniffed {
	base := o.dialect
	var best sniffed
	for _, style := range commentStyles(sample, base, given) {
		base.comment, base.inline = style.comment, style.inline
		for _, delim := range delimCandidates(sample, base, given) {
			for _, q := range quoteCandidates(sample, base, given) {
				d := base
				d.delim, d.quote, d.escape = delim, q[0], q[1]
				if delim != base.delim {
					d.more = ""
				}
				if d.check() != nil {
					continue
				}
				s := d.fit(sample, eof, columns, given)
				if s.inline && !best.inline && s.ratio < 1 && given[optComment] == "" {
					continue // what would be lost must be a comment for sure
				}
				if best.columns == 0 || s.better(best) {
					best = s
				}
			}
		}
	}
	if best.columns == 1 && bytes.IndexByte(sample, best.delim) >= 0 && given[optDelim] == "" {
		best.delim = '\x01' // one column of text; its commas are no delimiters
	}
	return best
}

func sniffNewline(sample []byte) byte {
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		return '\r'
	}
	return '\n'
}

// hasLoneReturn tells whether b has lines that end with \n and ones that end
// with \r alone.
func hasLoneReturn(b []byte) bool {
	returns := bytes.Count(b, []byte{'\r'})
	return returns > 0 && returns > bytes.Count(b, []byte("\r\n")) && bytes.IndexByte(b, '\n') >= 0
}

func (d *dialect) newlineName() string {
	switch {
	case d.mixed:
		return "mixed"
	case d.newline == '\r':
		return `\r`
	}
	return `\n`
}

// delimCandidates are those that the sample has, most usual first.
func delimCandidates(sample []byte, d dialect, given map[string]string) []byte {
	if _, ok := given[optDelim]; ok {
		return []byte{d.delim}
	}
	candidates := []byte{','}
	for _, c := range []byte("|;\t\x01~^") {
		if bytes.IndexByte(sample, c) >= 0 && c != d.comment {
			candidates = append(candidates, c)
		}
	}
	return candidates
}

// quoteCandidates are pairs of quote and escape.
func quoteCandidates(sample []byte, d dialect, given map[string]string) [][2]byte {
	quotes := []byte{'"'}
	if _, ok := given[optQuote]; ok {
		quotes = []byte{d.quote}
	} else {
		for _, c := range []byte{'\'', 0} {
			if c == 0 || bytes.IndexByte(sample, c) >= 0 {
				quotes = append(quotes, c)
			}
		}
	}
	var out [][2]byte
	for _, q := range quotes {
		if _, ok := given[optEscape]; ok {
			out = append(out, [2]byte{q, d.escape})
			continue
		}
		out = append(out, [2]byte{q, q})
		if q != 0 && bytes.Contains(sample, []byte{'\\', q}) {
			out = append(out, [2]byte{q, '\\'})
		}
	}
	return out
}

// better orders fits; of equal ones the earlier candidate stays.
func (s sniffed) better(t sniffed) bool {
	switch {
	case s.unsound != t.unsound:
		return t.unsound
	case s.quotes() != t.quotes(): // what stands between quotes is one value
		return s.quotes()
	case s.table() != t.table():
		return s.table()
	case s.ratio != t.ratio && s.columns > 1:
		return s.ratio > t.ratio
	case (s.quoted > 0) != (t.quoted > 0):
		return s.quoted > 0
	}
	return s.columns > t.columns && s.comment == t.comment
}

// splits tells whether s cuts the records of t into several that are as regular.
func (s sniffed) splits(t sniffed) bool {
	return s.unsound == t.unsound && s.quotes() == t.quotes() && s.table() && s.ratio >= t.ratio && s.columns < t.columns
}

// quotes tells whether double quotes enclose values.
func (s sniffed) quotes() bool { return !s.unsound && s.quote == '"' && s.quoted > 0 }

// table tells whether the sample has columns this way: more than one, in most
// records. Ragged rows are for the reader to complain about.
func (s sniffed) table() bool { return s.columns > 1 && s.ratio >= 0.6 }

// fit reads the sample in dialect d.
func (d dialect) fit(sample []byte, eof bool, columns int, given map[string]string) sniffed {
	s := sniffed{dialect: d}
	var counts []int
	headBlank := false            // the first record ends with an empty field
	var surplus, blankSurplus int // records one longer than the first; … by an empty field
	var fields []field
	widest := 0
	var starts []int // of the first records, as far as titles can reach
	for p := 0; p < len(sample); {
		var next int
		var status recordStatus
		fields, next, status = d.record(sample, p, eof, fields[:0])
		if status == recordIncomplete {
			s.unsound = len(counts) == 0 || len(sample)-p > len(sample)/2
			break
		}
		if status == recordUnclosed || status == recordBadQuote {
			s.unsound = true
			break
		}
		start := p
		p = next
		if status == recordComment {
			continue
		}
		if len(starts) <= maxTitles {
			starts = append(starts, start)
		}
		n := len(fields)
		if emptyLine(fields) {
			n = 0
		}
		for _, f := range fields {
			if f.quoted {
				s.quoted++
			}
		}
		if len(counts) == 0 && n > 1 {
			headBlank = fields[n-1].beg == fields[n-1].end
		}
		if len(counts) > 0 && n == counts[0]+1 {
			surplus++
			if last := fields[n-1]; last.beg == last.end {
				blankSurplus++
			}
		}
		if widest > firstCount(counts) && n == widest+1 && fields[n-1].beg == fields[n-1].end {
			n-- // a delimiter ends the line, below titles and a header without it
		}
		widest = max(widest, n)
		counts = append(counts, n)
	}
	if headBlank && slices.Contains(counts, counts[0]-1) && !slices.Contains(counts[1:], counts[0]) {
		counts[0]-- // a delimiter ends the header only
	}
	s.judge(counts, columns, surplus > 0 && surplus == blankSurplus, given)
	if s.skip > 0 { // lines, not records
		n, _ := d.countNewlines(sample[:starts[s.skip]], false)
		s.skip = int(n)
	}
	return s
}

// firstCount is the number of fields of the first record.
func firstCount(counts []int) int {
	if len(counts) == 0 {
		return 0
	}
	return counts[0]
}

// judge finds the number of columns and how well the records keep to it.
// trailing tells that records longer than the first end with a delimiter.
func (s *sniffed) judge(counts []int, columns int, trailing bool, given map[string]string) {
	if len(counts) == 0 {
		s.columns = max(columns, 1)
		return
	}
	usual := mode(counts)
	if trailing && usual == counts[0]+1 {
		usual = counts[0]
	}
	if columns > 0 {
		usual = columns
	}
	start := 0
	if _, ok := given[optSkip]; !ok && usual > 1 {
		// Lines of few fields before the table are titles and notes.
		for start < len(counts) && start < maxTitles && counts[start] <= usual/2 {
			start++
		}
		if start == len(counts) || counts[start] != usual {
			start = 0
		}
	}
	good, all := 0, 0
	for _, n := range counts[start:] {
		if n == 0 && usual > 1 {
			continue // an empty line
		}
		all++
		if n == usual || n == usual+1 && trailing || n == 0 && usual == 1 {
			good++
		}
	}
	s.columns, s.skip = max(usual, 1), start
	if all > 0 && !s.unsound {
		s.ratio = float64(good) / float64(all)
	}
}

// mode is the number that occurs most often, the larger one of equals; zeros,
// which are empty lines, count only when there is nothing else.
func mode(counts []int) int {
	sorted := slices.Sorted(slices.Values(counts))
	best, length := 0, 0
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		if sorted[i] > 0 && j-i >= length {
			best, length = sorted[i], j-i
		}
		i = j
	}
	return best
}
