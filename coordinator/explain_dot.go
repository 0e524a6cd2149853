package coordinator

import (
	"fmt"
	"slices"
	"strings"
)

// maxLabel is how much of one detail of an operator a node of a graph shows, in
// bytes.
const maxLabel = 160

// dot writes a plan as a graph for graphviz: an operator is a box, the redder the
// more of the time it took; an edge goes from an operator to the one that reads
// it, and a stage is a cluster.
func (p *explainedPlan) dot() string {
	total := 0.0
	p.Plan.each(func(n *explainedNode) {
		if n.explainedWork != nil {
			total += n.Self
		}
	})
	var edges strings.Builder
	boxes := map[int][]string{} // by stage
	next := 0
	var add func(n *explainedNode) int
	add = func(n *explainedNode) int {
		id := next
		next++
		color := ""
		if w := n.explainedWork; w != nil && ratio(w.Self, total) >= 0.05 {
			color = fmt.Sprintf(", style=filled, fillcolor=\"0 %.2f 1\"", ratio(w.Self, total))
		}
		boxes[n.Stage] = append(boxes[n.Stage], fmt.Sprintf("n%d [label=%s%s];", id, dotQuote(n.label()), color))
		for _, in := range n.Plans {
			from := add(in)
			label := ""
			if in.explainedWork != nil {
				label = fmt.Sprintf(" [label=\"%s\"]", count(in.Rows)+n.sent())
			}
			fmt.Fprintf(&edges, "  n%d -> n%d%s;\n", from, id, label)
		}
		return id
	}
	add(p.Plan)
	var b strings.Builder
	b.WriteString("digraph plan {\n  rankdir=BT;\n  node [shape=box, fontname=\"monospace\"];\n")
	for _, box := range boxes[-1] {
		b.WriteString("  " + box + "\n")
	}
	for _, s := range slices.Backward(p.Stages) {
		fmt.Fprintf(&b, "  subgraph cluster_%d {\n    label=%s;\n", s.Stage, dotQuote(s.label()))
		for _, box := range boxes[s.Stage] {
			b.WriteString("    " + box + "\n")
		}
		b.WriteString("  }\n")
	}
	b.WriteString(edges.String() + "}\n")
	return b.String()
}

// sent is what the tasks of the stage that an exchange reads have sent.
func (n *explainedNode) sent() string {
	if n.reads == nil || n.reads.explainedTasks == nil {
		return ""
	}
	return ", " + bytesText(n.reads.Bytes)
}

// label is the operator with its details and, below them, its numbers.
func (n *explainedNode) label() string {
	out := n.name
	for _, d := range n.details {
		if len(d) > maxLabel {
			d = strings.ToValidUTF8(d[:maxLabel], "") + "…"
		}
		out += "\n" + d
	}
	if n.Estimated != nil {
		out += fmt.Sprintf("\nestimated %s rows", count(*n.Estimated))
	}
	if w := n.explainedWork; w != nil {
		out += fmt.Sprintf("\n%s rows in %s batches, %s", count(w.Rows), count(w.Batches), timeText(w.Self))
		if n.Estimated != nil {
			if off := offBy(*n.Estimated, w.Rows); off != "" {
				out += ", " + off
			}
		}
		if w.Peak > 0 {
			out += "\npeak " + bytesText(w.Peak)
		}
		if w.Spilled > 0 {
			out += ", spilled " + bytesText(w.Spilled)
		}
	}
	return out
}

func (s *explainedStage) label() string {
	out := fmt.Sprintf("Stage %d", s.Stage)
	if s.Root {
		out += " (root)"
	} else {
		out += " → " + s.Output
	}
	t := s.explainedTasks
	if t == nil {
		return out
	}
	out += fmt.Sprintf("\n%d task%s, %d attempt%s, %s row%s, sent %s", t.Tasks, plural(int64(t.Tasks)),
		t.Attempts, plural(int64(t.Attempts)), count(t.Rows), plural(t.Rows), bytesText(t.Bytes))
	if t.Tasks > 1 {
		out += fmt.Sprintf("\na task at most %s rows, median %s; slowest %s = %.1f× median",
			count(t.MostRows), count(t.MedianRows), timeText(t.Slowest), t.Skew)
	}
	if t.Partition >= 1.5 {
		out += fmt.Sprintf("\nlargest partition = %.1f× median", t.Partition)
	}
	if t.Spilled > 0 {
		out += "\nspilled " + bytesText(t.Spilled)
	}
	return out
}

// dotQuote is a quoted string of the DOT language, in which only quotes,
// backslashes and the ends of lines need an escape.
func dotQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", " ", "\n", `\n`).Replace(s) + `"`
}
