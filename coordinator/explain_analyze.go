package coordinator

import (
	"fmt"
	"sort"
	"strings"

	"volley/planner"
	"volley/planner/physical"
)

// explainAnalyze describes a plan with what happened when it ran: below the
// plan, one block a stage with its tasks, attempts, output and operators, and
// the total.
func explainAnalyze(plan *physical.Plan, m *measured) string {
	var b strings.Builder
	b.WriteString(strings.TrimRight(planner.Explain(plan), "\n"))
	b.WriteString("\n\n")
	for _, st := range m.stages {
		fmt.Fprintf(&b, "Stage %d: %d tasks, %d attempts, %d rows, %d bytes; median %.1f ms, slowest %.1f ms\n",
			st.Stage, st.Tasks, st.Attempts, st.Rows, st.Bytes, millis(st.Median), millis(st.Slowest))
		names := make([]string, 0, len(st.Workers))
		for w := range st.Workers {
			names = append(names, w)
		}
		sort.Strings(names)
		for _, w := range names {
			fmt.Fprintf(&b, "  worker %s: %d tasks\n", w, st.Workers[w])
		}
		for _, op := range st.Operators {
			fmt.Fprintf(&b, "  %s: %d rows in %d batches, %.1f ms", op.Name, op.Rows, op.Batches, float64(op.Nanos)/1e6)
			if op.PeakBytes > 0 {
				fmt.Fprintf(&b, ", peak %d bytes", op.PeakBytes)
			}
			if op.Spilled > 0 {
				fmt.Fprintf(&b, ", spilled %d bytes", op.Spilled)
			}
			if c := op.Scan; c.RowGroups > 0 {
				fmt.Fprintf(&b, ", %d of %d row groups, %d of %d pages", min(c.RowGroupsRead, c.RowGroups), c.RowGroups, c.PagesRead, c.Pages)
			}
			b.WriteByte('\n')
		}
	}
	fmt.Fprintf(&b, "Total: %d rows in %.1f ms\n", m.rows, millis(m.took))
	return b.String()
}
