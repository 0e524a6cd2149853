package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"volley/sqltest"
)

// verdict is what a real PostgreSQL did with the records of one file.
type verdict struct {
	// shape is a hash of the records' places and SQL: the file must be the same.
	shape string
	// passed are the ordinals of the records that it answered as written.
	passed map[int]bool
	// answers are the hashes of its answers to the statements of a script, ""
	// for one whose answer is not the same each time.
	answers []string
}

// verdicts are those of a suite, by file.
type verdicts map[string]*verdict

// shapeOf hashes the entries of a file's run, in their order.
func shapeOf(entries []sqltest.Entry) string {
	h := sha256.New()
	for _, e := range entries {
		fmt.Fprintf(h, "%d %s\n", e.Line, e.SQL)
	}
	return hex.EncodeToString(h.Sum(nil)[:4])
}

func verdictFile(o options, suite string) string {
	return filepath.Join(o.verdicts, strings.ReplaceAll(suite, " ", "-")+".tsv")
}

// readVerdicts reads lines of tab-separated file, shape and either ranges of
// passed ordinals (1-3,7) or answers (a word each, - for none).
func readVerdicts(path string) (verdicts, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; make verdicts writes it where a PostgreSQL runs", err)
	}
	if err != nil {
		return nil, err
	}
	out := verdicts{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			return nil, fmt.Errorf("%s:%d: %d fields", path, i+1, len(f))
		}
		v := &verdict{shape: f[1]}
		if strings.HasPrefix(f[2], "[") {
			v.answers = strings.Fields(strings.Trim(f[2], "[]"))
		} else if v.passed, err = parseRanges(f[2]); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		out[f[0]] = v
	}
	return out, nil
}

func (vs verdicts) write(path string) error {
	var files []string
	for f := range vs {
		files = append(files, f)
	}
	sort.Strings(files)
	var b strings.Builder
	for _, f := range files {
		v := vs[f]
		what := formatRanges(v.passed)
		if v.answers != nil {
			what = "[" + strings.Join(v.answers, " ") + "]"
		}
		if what != "" {
			fmt.Fprintf(&b, "%s\t%s\t%s\n", f, v.shape, what)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

func parseRanges(s string) (map[int]bool, error) {
	out := map[int]bool{}
	for _, part := range strings.Split(s, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		a, err1 := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		for i := a; i <= b; i++ {
			out[i] = true
		}
	}
	return out, nil
}

func formatRanges(set map[int]bool) string {
	var all []int
	for i := range set {
		all = append(all, i)
	}
	sort.Ints(all)
	var parts []string
	for i := 0; i < len(all); {
		j := i
		for j+1 < len(all) && all[j+1] == all[j]+1 {
			j++
		}
		part := strconv.Itoa(all[i])
		if j > i {
			part += "-" + strconv.Itoa(all[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ",")
}
