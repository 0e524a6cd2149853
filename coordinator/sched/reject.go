package sched

import (
	"volley/exec"
)

// Rejects are what the query's scans of files made NULL or left out, in the
// order of stages and tasks, each split of a scan once. It is complete when
// Next has given io.EOF, but for tasks whose output nobody needed.
func (q *Query) Rejects() []exec.SplitRejects {
	type key struct{ scan, split int }
	seen := map[key]bool{}
	var out []exec.SplitRejects
	add := func(list []exec.SplitRejects) {
		for _, r := range list {
			if k := (key{r.Scan, r.Split}); !seen[k] {
				seen[k] = true
				out = append(out, r)
			}
		}
	}
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	if q.state != nil {
		for _, s := range q.state.stages {
			if s == nil {
				continue
			}
			for _, t := range s.tasks {
				add(t.rejects)
			}
		}
	}
	add(exec.Rejects(q.root))
	return out
}
