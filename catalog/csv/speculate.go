package csv

import (
	"bytes"
	"context"
)

const (
	// speculationBytes are looked at to tell the hypotheses apart.
	speculationBytes = 64 << 10
	// speculationRecords are enough to believe one.
	speculationRecords = 64
	// speculationLimit bounds a record read after an unconfirmed start, which
	// may be a quote that was taken for an opening one.
	speculationLimit = 16 << 20
)

// speculate finds the first record that starts at or after Split.Start, not
// knowing whether that byte is inside a quoted field. The window begins one
// byte before it. Each hypothesis about the state there gives a candidate; the
// one whose following records look most like the table's wins.
func (r *reader) speculate(ctx context.Context) error {
	r.guessed = true
	r.limit = speculationLimit
	if err := r.fill(ctx, r.fillBytes()); err != nil {
		return err
	}
	for {
		best, whole := r.bestStart()
		if whole || r.eof {
			r.pos = best
			r.first = r.offset()
			return nil
		}
		// No record ends in the window: look further.
		if err := r.refill(ctx); err != nil {
			return err
		}
	}
}

// bestStart gives the start of a record in the window; whole is false when the
// window is too short to find one.
func (r *rowFinder) bestStart() (best int, whole bool) {
	buf := r.buf[:r.lim]
	outside, whole := r.afterOutside(buf)
	if r.quote == 0 || bytes.IndexByte(buf, r.quote) < 0 {
		return outside, whole
	}
	best, score := outside, -1
	if whole {
		score = r.plausibility(buf, outside)
	}
	for _, from := range r.insideStarts(buf) {
		start, ok := r.afterInside(buf, from)
		if !ok {
			continue
		}
		whole = true
		if s := r.plausibility(buf, start); s > score {
			best, score = start, s
		}
	}
	return best, whole
}

// afterOutside is the first record start if the window begins outside quotes.
func (r *rowFinder) afterOutside(buf []byte) (start int, whole bool) {
	p := 0
	switch buf[0] {
	case r.newline:
		return 1, true
	default: // the rest of a field that is not quoted, or a closing quote
		for p < len(buf) && !r.ends(buf, p) {
			p++
		}
		if p == len(buf) {
			return p, r.eof
		}
		if r.splitReturn(buf, p, r.eof) {
			return len(buf), false
		}
		if n := r.newlineAt(buf, p); n > 0 {
			return p + n, true
		}
		p += 1 + len(r.more)
	}
	_, next, status := r.record(buf, p, r.eof, r.fields[:0])
	if status == recordWhole {
		return next, true
	}
	// Quotes make no sense this way; a newline is a better guess than none.
	if next, status := r.lineEnd(buf, 0, r.eof); status == recordWhole {
		return next, true
	}
	return len(buf), r.eof
}

// insideStarts are the positions from which quoted text may go on.
func (r *rowFinder) insideStarts(buf []byte) []int {
	if buf[0] == r.quote || buf[0] == r.escape {
		return []int{1, 2} // an opening quote, or the first half of an escape
	}
	return []int{0}
}

// afterInside is the first record start if buf[p] is inside quotes.
func (r *rowFinder) afterInside(buf []byte, p int) (start int, ok bool) {
	if p > len(buf) {
		return 0, false
	}
	_, after, status := r.quotedField(buf, p, r.eof)
	if status != recordWhole {
		return 0, false
	}
	if after == len(buf) {
		return after, true
	}
	if n := r.newlineAt(buf, after); n > 0 {
		return after + n, true
	}
	_, next, status := r.record(buf, after+1+len(r.more), r.eof, r.fields[:0])
	return next, status == recordWhole
}

// plausibility is higher the more of the records from buf[p] on look like the
// table's: one point for each with the right number of fields, and a loss that
// outweighs several for each that is not.
func (r *rowFinder) plausibility(buf []byte, p int) int {
	score := 0
	for n := 0; n < speculationRecords && p < len(buf) && p < speculationBytes; n++ {
		fields, next, status := r.record(buf, p, r.eof, r.fields[:0])
		r.fields = fields[:0]
		switch {
		case status == recordIncomplete:
			return score
		case status == recordComment || status == recordWhole && emptyLine(fields):
		case status != recordWhole:
			return score - 8
		case len(fields) == r.columns:
			score++
		default:
			score -= 4
		}
		p = next
	}
	return score
}
