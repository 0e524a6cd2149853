package sqltest

import (
	"os"
	"sort"
	"strings"
)

// Update writes the actual results of failed query records, and the messages of
// failed records that expect an exact error, into the files they stand in. It
// gives how many records it changed.
func Update(outcomes []Outcome) (int, error) {
	type edit struct {
		span      span
		lines     []string
		separator bool // there was no "----" yet
	}
	edits := map[string][]edit{}
	for _, o := range outcomes {
		if o.Status != Failed || o.actual == nil {
			continue
		}
		switch rec := o.record.(type) {
		case *Query:
			if rec.Error == nil || rec.Error.Exact != "" {
				missing := rec.results.first == rec.results.last && len(rec.Expected) == 0
				edits[rec.File] = append(edits[rec.File], edit{rec.results, o.actual, missing})
			}
		case *Statement:
			if rec.Error != nil && rec.Error.Exact != "" {
				edits[rec.File] = append(edits[rec.File], edit{rec.errorText, o.actual, false})
			}
		}
	}
	changed := 0
	for file, list := range edits {
		text, err := os.ReadFile(file)
		if err != nil {
			return changed, err
		}
		lines := strings.Split(string(text), "\n")
		sort.Slice(list, func(i, j int) bool { return list[i].span.first > list[j].span.first })
		last := len(lines) + 1
		for _, e := range list { // from the end, so that spans stay right
			if e.span.first >= last {
				continue // the same record again, from a loop
			}
			last = e.span.first
			insert := e.lines
			if e.separator && (e.span.first == 0 || lines[e.span.first-1] != "----") {
				insert = append([]string{"----"}, insert...)
			}
			lines = append(lines[:e.span.first:e.span.first], append(insert, lines[min(e.span.last, len(lines)):]...)...)
			changed++
		}
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			return changed, err
		}
	}
	return changed, nil
}
