package sqltest

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rendering turns a value into the text that test files have for it. kind is
// the letter of the type string, 0 when there is none.
type rendering func(v Value, kind byte, boolean bool) string

// plain is the text that the engine gave; NULL and the empty string have names.
func plain(v Value, _ byte, _ bool) string {
	switch {
	case v.Null:
		return "NULL"
	case v.Text == "":
		return "(empty)"
	}
	return v.Text
}

// words is plain with true and false for booleans.
func words(v Value, kind byte, boolean bool) string {
	if boolean && !v.Null {
		return map[string]string{"t": "true", "f": "false"}[v.Text]
	}
	return plain(v, kind, boolean)
}

// numbers are booleans as 1 and 0 and the original format's rules: integers by
// %d, reals by %.3f, and unprintable characters as @.
func numbers(v Value, kind byte, boolean bool) string {
	if v.Null || v.Text == "" {
		return plain(v, kind, boolean)
	}
	text := v.Text
	if boolean {
		text = map[string]string{"t": "1", "f": "0"}[text]
	}
	switch kind {
	case 'I':
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			return text
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.Abs(f) >= 1<<63 {
			return "0"
		}
		return strconv.FormatInt(int64(f), 10)
	case 'R':
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			f = 0
		}
		return strconv.FormatFloat(f, 'f', 3, 64)
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '@'
		}
		return r
	}, text)
}

// render applies a rendering to all values.
func render(res *Result, types string, r rendering) [][]string {
	out := make([][]string, len(res.Rows))
	for i, row := range res.Rows {
		out[i] = make([]string, len(row))
		for j, v := range row {
			kind := byte(0)
			if j < len(types) {
				kind = types[j]
			}
			out[i][j] = r(v, kind, j < len(res.Booleans) && res.Booleans[j])
		}
	}
	return out
}

// flatten gives the values in row order, sorted by the mode.
func flatten(rows [][]string, mode SortMode) []string {
	if mode == RowSort {
		rows = slices.Clone(rows)
		slices.SortStableFunc(rows, slices.Compare)
	}
	var out []string
	for _, r := range rows {
		out = append(out, r...)
	}
	if mode == ValueSort {
		slices.Sort(out)
	}
	return out
}

// hashLine is "N values hashing to …": MD5 over the values, a newline after each.
func hashLine(values []string) string {
	h := md5.New()
	for _, v := range values {
		h.Write([]byte(v))
		h.Write([]byte{'\n'})
	}
	return fmt.Sprintf("%d values hashing to %s", len(values), hex.EncodeToString(h.Sum(nil)))
}

var hashed = regexp.MustCompile(`^(\d+) values hashing to ([0-9a-f]{32})$`)

// comparison is how a query's results are to be compared.
type comparison struct {
	types string
	sort  SortMode
	// valuewise: the expected lines are one value each, also with many columns.
	valuewise bool
}

// matches reports whether the lines of the file fit the result. A file may have
// been written for an engine of SQLite's family (reals with three decimals, one
// value a line), for PostgreSQL (rows, t and f) or for others (true and false);
// the renderings are tried in this order.
func (c comparison) matches(res *Result, expected []string) bool {
	for _, r := range []rendering{plain, words, numbers} {
		if c.fits(render(res, c.types, r), expected) {
			return true
		}
	}
	return false
}

func (c comparison) fits(rows [][]string, expected []string) bool {
	if len(expected) == 1 && hashed.MatchString(expected[0]) {
		return hashLine(flatten(rows, c.sort)) == expected[0]
	}
	if !c.valuewise && c.sort != ValueSort && c.fitsLines(lines(rows, c.sort), expected) {
		return true
	}
	values := flatten(rows, c.sort)
	columns := len(c.types)
	if c.sort != ValueSort && len(expected) != len(values) || columns == 0 && c.sort != ValueSort {
		return false
	}
	return c.fitsLines(values, expected)
}

// lines gives one line a row, values separated by one space.
func lines(rows [][]string, mode SortMode) []string {
	out := make([]string, len(rows))
	if mode == RowSort {
		rows = slices.Clone(rows)
		slices.SortStableFunc(rows, slices.Compare)
	}
	for i, r := range rows {
		out[i] = strings.Join(r, " ")
	}
	if !slices.ContainsFunc(out, func(s string) bool { return strings.Contains(s, "\n") }) {
		return out
	}
	return strings.Split(strings.Join(out, "\n"), "\n") // values of several lines
}

func (c comparison) fitsLines(actual, expected []string) bool {
	if len(actual) != len(expected) {
		return false
	}
	for i := range actual {
		if !fitsLine(actual[i], expected[i]) {
			break
		}
		if i == len(actual)-1 {
			return true
		}
	}
	if len(actual) == 0 {
		return true
	}
	if c.sort != RowSort && c.sort != ValueSort {
		return false
	}
	// the file may have been sorted by whole lines or by another collation
	a, e := squeezeAll(actual), squeezeAll(expected)
	slices.Sort(a)
	slices.Sort(e)
	return slices.Equal(a, e)
}

const ignoreMark = "<slt:ignore>"

// fitsLine compares but for the amount of white space; parts of the expected
// line that are <slt:ignore> fit anything.
func fitsLine(actual, expected string) bool {
	if actual == expected {
		return true
	}
	actual, expected = squeeze(actual), squeeze(expected)
	if !strings.Contains(expected, ignoreMark) {
		return actual == expected
	}
	parts := strings.Split(expected, ignoreMark)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	re, err := regexp.Compile("^" + strings.Join(parts, ".*") + "$")
	return err == nil && re.MatchString(actual)
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func squeezeAll(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = squeeze(s)
	}
	return out
}

// fits reports whether an error is the expected one, and if not, why.
func (e *ExpectedError) fits(err error) error {
	message, state := describe(err)
	switch {
	case e.SQLState != "":
		if state != e.SQLState {
			return fmt.Errorf("expected SQLSTATE %s, got %s: %s", e.SQLState, state, message)
		}
	case e.Exact != "":
		if strings.TrimSpace(message) != e.Exact {
			return fmt.Errorf("expected the error\n%s\ngot\n%s", e.Exact, message)
		}
	case e.Pattern != "":
		if ok, _ := regexp.MatchString(e.Pattern, message); !ok {
			return fmt.Errorf("expected an error like %q, got %s: %s", e.Pattern, state, message)
		}
	}
	return nil
}
