package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// expectation is what a suite is known to do.
type expectation struct {
	passed, known, failed int
}

type expectations map[string]expectation

const expectationHeader = "suite\tpassed at least\tknown\tfailed at most\n"

// readExpectations reads lines of tab-separated suite, passed, known and
// failed; a file that is not there expects nothing.
func readExpectations(path string) (expectations, error) {
	out := expectations{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(string(text), "\n") {
		name, rest, ok := strings.Cut(line, "\t")
		if i == 0 || !ok {
			continue
		}
		var e expectation
		if _, err := fmt.Sscan(rest, &e.passed, &e.known, &e.failed); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		out[name] = e
	}
	return out, nil
}

// judge says how a suite differs from what is expected, "" if it does not, and
// whether it is worse.
func (e expectations) judge(name string, r *result) (verdict string, worse bool) {
	want, ok := e[name]
	switch {
	case !ok:
		return "", false
	case r.passed < want.passed && r.failed > want.failed:
		return fmt.Sprintf("WORSE: %d passed and %d failed before", want.passed, want.failed), true
	case r.passed < want.passed:
		return fmt.Sprintf("WORSE: %d passed before", want.passed), true
	case r.failed > want.failed:
		return fmt.Sprintf("WORSE: %d failed before", want.failed), true
	case r.passed > want.passed:
		return fmt.Sprintf("better: %d passed before (-update)", want.passed), false
	}
	return "", false
}

// write writes the file in the order of suites; those that could not be run
// keep their lines.
func (e expectations) write(path string) error {
	var b strings.Builder
	b.WriteString(expectationHeader)
	for _, s := range suites {
		if x, ok := e[s.name]; ok {
			fmt.Fprintf(&b, "%s\t%d\t%d\t%d\n", s.name, x.passed, x.known, x.failed)
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
