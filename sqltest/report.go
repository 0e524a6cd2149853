package sqltest

import (
	"fmt"
	"io"
	"strings"
)

// Summary counts outcomes.
type Summary struct{ Passed, Failed, Skipped int }

// Add counts one outcome.
func (s *Summary) Add(o Outcome) {
	switch o.Status {
	case Passed:
		s.Passed++
	case Failed:
		s.Failed++
	case Skipped:
		s.Skipped++
	}
}

// String is "N passed, N failed, N skipped".
func (s Summary) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", s.Passed, s.Failed, s.Skipped)
}

// WriteFailure describes a failed outcome: place, SQL, reason and diff.
func WriteFailure(w io.Writer, o Outcome) {
	fmt.Fprintf(w, "FAIL %s:%d: %s\n", o.Place.File, o.Place.Line, o.Reason)
	for _, line := range strings.Split(o.SQL, "\n") {
		fmt.Fprintf(w, "    %s\n", cut(line, 2000))
	}
	if o.Diff != "" {
		fmt.Fprint(w, o.Diff)
	}
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

// maxDiffLines bounds how much of two long results a diff compares and shows.
const maxDiffLines = 400

// diff shows the lines expected (-) and got (+), common ones with a space, by
// their longest common subsequence.
func diff(expected, actual []string) string {
	var out strings.Builder
	if len(expected) > maxDiffLines || len(actual) > maxDiffLines {
		fmt.Fprintf(&out, "  expected %d lines, got %d; the first ones:\n", len(expected), len(actual))
		expected, actual = expected[:min(len(expected), maxDiffLines)], actual[:min(len(actual), maxDiffLines)]
	}
	n, m := len(expected), len(actual)
	common := make([][]int, n+1) // common[i][j]: of expected[i:] and actual[j:]
	for i := range common {
		common[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if expected[i] == actual[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < n || j < m; {
		switch {
		case i < n && j < m && expected[i] == actual[j]:
			fmt.Fprintf(&out, "      %s\n", cut(expected[i], 500))
			i, j = i+1, j+1
		case j == m || i < n && common[i+1][j] >= common[i][j+1]:
			fmt.Fprintf(&out, "    - %s\n", cut(expected[i], 500))
			i++
		default:
			fmt.Fprintf(&out, "    + %s\n", cut(actual[j], 500))
			j++
		}
	}
	return out.String()
}
