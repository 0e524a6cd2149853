package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"regexp"
	"strings"
)

// reading is what a program reads from a file: how many rows, and a digest of
// each column's values in their order. Digests are of values in a form that is
// the same whatever type and notation a program has them in: 1.50 and 1.5e0 are
// one value, and so are the text 1 and the number.
type reading struct {
	rows    int
	columns []string // of 8 hexadecimal digits; a single one for very many columns
}

// maxDigests is how many columns have digests of their own.
const maxDigests = 64

// String is the number of rows and the digests, as a file of verdicts has them.
func (r reading) String() string { return fmt.Sprintf("%d %s", r.rows, strings.Join(r.columns, ",")) }

// differs says where two readings differ, "" if they do not.
func (r reading) differs(other reading) string {
	switch {
	case r.rows != other.rows:
		return fmt.Sprintf("%d rows, not %d", r.rows, other.rows)
	case len(r.columns) != len(other.columns):
		return fmt.Sprintf("%d columns, not %d", len(r.columns), len(other.columns))
	}
	for i, c := range r.columns {
		if c != other.columns[i] {
			return fmt.Sprintf("column %d differs", i+1)
		}
	}
	return ""
}

// readingOf digests rows as JSON: arrays or objects of the columns' values.
func readingOf(rows func() ([]byte, error)) (reading, error) {
	var out reading
	var sums []hash.Hash
	for {
		text, err := rows()
		if err == io.EOF {
			break
		}
		if err != nil {
			return out, err
		}
		values, err := rowValues(text)
		if err != nil {
			return out, err
		}
		for len(sums) < len(values) {
			sums = append(sums, sha256.New())
		}
		for i, v := range values {
			fmt.Fprintf(sums[i], "%d:%s", len(v), v)
		}
		out.rows++
	}
	if len(sums) > maxDigests {
		all := sha256.New()
		for _, s := range sums {
			all.Write(s.Sum(nil))
		}
		sums = []hash.Hash{all}
	}
	for _, s := range sums {
		out.columns = append(out.columns, hex.EncodeToString(s.Sum(nil)[:4]))
	}
	return out, nil
}

// rowValues are the canonical values of a row.
func rowValues(text []byte) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("row %.80q: %w", text, err)
	}
	return elements(d, text[0] == '{')
}

// elements are the values of an array or object whose opening has been read.
func elements(d *json.Decoder, named bool) ([]string, error) {
	var out []string
	for d.More() {
		if named {
			if _, err := d.Token(); err != nil {
				return nil, err
			}
		}
		v, err := element(d)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := d.Token()
	return out, err
}

func element(d *json.Decoder) (string, error) {
	t, err := d.Token()
	if err != nil {
		return "", err
	}
	switch t := t.(type) {
	case nil:
		return "~", nil
	case bool:
		return scalar(fmt.Sprint(t)), nil
	case json.Number:
		return scalar(t.String()), nil
	case string:
		return scalar(t), nil
	case json.Delim:
		parts, err := elements(d, t == '{')
		if err != nil {
			return "", err
		}
		var b strings.Builder
		b.WriteByte('[')
		for _, p := range parts {
			fmt.Fprintf(&b, "%d:%s", len(p), p)
		}
		b.WriteByte(']')
		return b.String(), nil
	}
	return "", fmt.Errorf("JSON token %v", t)
}

var (
	number = regexp.MustCompile(`^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,6}))?$`)
	moment = regexp.MustCompile(`^(\d+-\d\d-\d\d)( \(BC\))?(?:[T ](\d\d:\d\d:\d\d)(\.\d+)?)?([+-]\d\d(?::\d\d)*)?( BC| \(BC\))?$`)
	zeros  = regexp.MustCompile(`(:00)+$`)
)

// scalar is the canonical form of a value that is neither list nor row.
func scalar(s string) string {
	switch strings.ToLower(s) {
	case "true", "t":
		return "true"
	case "false", "f":
		return "false"
	case "nan", "-nan":
		return "nan"
	case "inf", "infinity":
		return "inf"
	case "-inf", "-infinity":
		return "-inf"
	}
	if m := number.FindStringSubmatch(s); m != nil && m[2]+m[3] != "" {
		return canonicalNumber(m[1], m[2], m[3], m[4])
	}
	if m := moment.FindStringSubmatch(s); m != nil {
		clock, fraction := m[3], strings.TrimRight(m[4], ".0")
		if clock == "" {
			clock = "00:00:00" // a date is the timestamp of its midnight
		}
		era := strings.Trim(m[2]+m[6], " ()")
		return m[1] + " " + clock + fraction + zeros.ReplaceAllString(m[5], "") + era
	}
	return s
}

// canonicalNumber gives digits without leading and trailing zeros, and the
// power of ten of the last one.
func canonicalNumber(sign, whole, fraction, exponent string) string {
	power := 0
	if exponent != "" {
		fmt.Sscan(exponent, &power) //nolint:errcheck // the pattern allows nothing else
	}
	power -= len(fraction)
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "#0"
	}
	short := strings.TrimRight(digits, "0")
	power += len(digits) - len(short)
	return fmt.Sprintf("#%s%se%d", strings.Trim(sign, "+"), short, power)
}
