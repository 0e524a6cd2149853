package csv

import (
	"bytes"
	"strings"
)

// Delimiters of several bytes and files whose lines end in several ways are read
// by the exact way only; plain tells that a dialect has neither.
func (d *dialect) plain() bool { return d.more == "" && !d.mixed }

// ends tells whether a delimiter or a newline begins at buf[e].
func (d *dialect) ends(buf []byte, e int) bool {
	c := buf[e]
	return c == d.delim && (d.more == "" || hasPrefix(buf[e+1:], d.more)) || c == d.newline || d.mixed && c == '\r'
}

// cutOff tells whether buf ends within what may be a delimiter or a \r\n that
// begins at buf[e], or shortly after it.
func (d *dialect) cutOff(buf []byte, e int, eof bool) bool {
	if eof || d.plain() || e >= len(buf) {
		return false
	}
	if d.splitReturn(buf, e, eof) {
		return true
	}
	return d.more != "" && buf[e] == d.delim && len(buf)-e <= len(d.more) && strings.HasPrefix(d.more, string(buf[e+1:]))
}

// splitReturn tells whether buf[e] is a \r at the end of buf: what follows
// decides whether it is a newline of one byte or of two.
func (d *dialect) splitReturn(buf []byte, e int, eof bool) bool {
	return d.mixed && !eof && buf[e] == '\r' && e+1 == len(buf)
}

// newlineAt is how many bytes the newline at buf[p] has, 0 for none.
func (d *dialect) newlineAt(buf []byte, p int) int {
	switch {
	case d.mixed && buf[p] == '\r':
		if p+1 < len(buf) && buf[p+1] == '\n' {
			return 2
		}
		return 1
	case buf[p] == d.newline:
		return 1
	}
	return 0
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

// countNewlines counts those that end in buf; after tells that a \r was before
// it, and gives whether one is last in it.
func (d *dialect) countNewlines(buf []byte, after bool) (n int64, last bool) {
	n = int64(bytes.Count(buf, []byte{d.newline}))
	if !d.mixed || len(buf) == 0 {
		return n, false
	}
	n += int64(bytes.Count(buf, []byte{'\r'})) - int64(bytes.Count(buf, []byte("\r\n")))
	if after && buf[0] == '\n' {
		n-- // of a \r\n, counted with its \r
	}
	return n, buf[len(buf)-1] == '\r'
}
