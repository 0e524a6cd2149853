package builtin

import (
	"io"
	"time"
	"unicode/utf8"

	"volley/sqlerr"
	"volley/udf"
)

// A search of a long text, or one that backtracks, takes longer than a statement that
// was cancelled may. Neither engine can be stopped, so each is used in pieces.

// longSearch is how many bytes of text are searched in some ten milliseconds.
const longSearch = 1 << 18

// matchesAtOnce is how many matches are looked for between two looks at whether the
// statement was cancelled.
const matchesAtOnce = 4096

// matchLinear tells whether s has a match. A long text is read by runes that end with
// the statement, unless the engine can look for the match's beginning as a text, which
// is much faster.
func (p *pattern) matchLinear(s string) (bool, error) {
	if len(s) < longSearch || p.prefix != "" || p.ctx == nil {
		return p.linear.MatchString(s), nil
	}
	r := &runeReader{text: s, ctx: p.ctx}
	ok := p.linear.MatchReader(r)
	return ok, r.err
}

// runeReader reads a text until the statement is cancelled.
type runeReader struct {
	text string
	at   int
	next int // where it is asked whether the statement was cancelled
	ctx  *udf.Context
	err  error
}

// ReadRune gives the next character.
func (r *runeReader) ReadRune() (rune, int, error) {
	if r.at >= r.next {
		if r.err = r.ctx.Canceled(); r.err != nil {
			return 0, 0, r.err
		}
		r.next = r.at + charactersPerLook
	}
	if r.at == len(r.text) {
		return 0, 0, io.EOF
	}
	c, n := rune(r.text[r.at]), 1
	if c >= utf8.RuneSelf {
		c, n = utf8.DecodeRuneInString(r.text[r.at:])
	}
	r.at += n
	return c, n, nil
}

// findLinear gives up to limit matches at or after byte from. Several at once are
// looked for only where the engine, which knows nothing of what is before a place,
// would find the same.
func (p *pattern) findLinear(s string, from, limit int) (all [][]int, err error) {
	some := limit
	if !p.empty && !p.anchored {
		some = matchesAtOnce
	}
	for at := from; len(all) < limit; {
		if err := p.ctx.Canceled(); err != nil {
			return nil, err
		}
		wanted := min(some, limit-len(all))
		found := p.findFrom(s, at, wanted)
		if all = append(all, found...); len(found) < wanted {
			break
		}
		last := found[len(found)-1]
		if at = last[1]; last[0] == last[1] && len(all) < limit { // where to go on is the engine's matter
			return p.findFrom(s, from, limit), nil
		}
	}
	return all, nil
}

// findFrom gives up to limit matches in s[from:], by their places in s.
func (p *pattern) findFrom(s string, from, limit int) [][]int {
	all := p.linear.FindAllStringSubmatchIndex(s[from:], limit)
	if from == 0 {
		return all
	}
	for _, at := range all {
		for i := range at {
			if at[i] >= 0 {
				at[i] += from
			}
		}
	}
	return all
}

// Bounds of one search of the engine that backtracks. Most end in the first; others
// begin again in a goroutine, which a statement that is cancelled leaves behind.
const (
	backtrackFirst = 50 * time.Millisecond
	backtrackLimit = 2 * time.Second
)

// backtrack runs a search of p.back: 2201B when it takes too long.
func backtrack[T any](p *pattern, search func() (T, error)) (T, error) {
	p.back.MatchTimeout = backtrackFirst
	found, err := search()
	if err == nil {
		return found, nil
	}
	var none T
	if err := p.ctx.Canceled(); err != nil {
		return none, err
	}
	type outcome struct {
		found    T
		err      error
		panicked error
	}
	p.back.MatchTimeout = backtrackLimit
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o.panicked = sqlerr.Panic(p)
			}
			done <- o
		}()
		o.found, o.err = search()
	}()
	var canceled <-chan struct{}
	if p.ctx != nil {
		canceled = p.ctx.Done
	}
	select {
	case o := <-done:
		switch {
		case o.panicked != nil:
			return none, o.panicked
		case o.err != nil:
			return none, sqlerr.New(sqlerr.InvalidRegexp, "regular expression failed: regular expression is too complex")
		}
		return o.found, nil
	case <-canceled:
		return none, p.ctx.Canceled()
	}
}
