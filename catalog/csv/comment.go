package csv

import "bytes"

// commentLine tells whether the line at buf[p] has nothing but a comment.
func (d *dialect) commentLine(buf []byte, p int) bool {
	for d.inline && d.delim != ' ' && p < len(buf) && buf[p] == ' ' {
		p++
	}
	return p < len(buf) && buf[p] == d.comment
}

// commentEnd gives the position of the newline that ends the comment at buf[p].
func (d *dialect) commentEnd(buf []byte, p int, eof bool) (after int, _ recordStatus) {
	for ; p < len(buf); p++ {
		if d.splitReturn(buf, p, eof) {
			break
		}
		if d.newlineAt(buf, p) > 0 {
			return p, recordWhole
		}
	}
	if eof {
		return len(buf), recordWhole
	}
	return p, recordIncomplete
}

// buildStructure makes the structure of what follows in the window, up to the
// next comment that may end a line.
func (r *rowFinder) buildStructure() bool {
	if !r.inline {
		return r.structure.build(&r.window, r.symbols())
	}
	free := &r.commentFree
	if free.base != r.base || free.pos > r.pos || free.lim <= r.pos {
		*free = r.window
		if at := bytes.IndexByte(r.buf[r.pos:r.lim], r.comment); at >= 0 {
			free.lim = r.pos + at
		}
	}
	free.pos, free.buf = r.pos, r.buf
	return free.lim > free.pos && r.structure.build(free, r.symbols())
}

// commentStyle is a way to read comments.
type commentStyle struct {
	comment byte
	inline  bool
}

// commentStyles are none, and # if lines begin with it. Where they do, comments
// may end other lines.
func commentStyles(sample []byte, d dialect, given map[string]string) []commentStyle {
	if _, ok := given[optComment]; ok {
		return []commentStyle{{d.comment, d.inline}}
	}
	lines := bytes.Count(sample, []byte{d.newline, '#'})
	if bytes.HasPrefix(sample, []byte{'#'}) {
		lines++
	}
	styles := []commentStyle{{}}
	if lines > 0 {
		styles = append(styles, commentStyle{comment: '#'})
		if bytes.Count(sample, []byte{'#'}) > lines {
			styles = append(styles, commentStyle{comment: '#', inline: true})
		}
	}
	return styles
}
