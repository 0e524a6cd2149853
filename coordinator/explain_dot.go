package coordinator

import (
	"fmt"
	"slices"
	"strings"
)

// maxLabel is how much of an operator's text a node of a graph shows, in bytes.
const maxLabel = 160

// dot writes a plan as a graph for graphviz: an operator is a box, an edge goes
// from an operator to the one that reads it, and a stage is a cluster.
func (p *explainedPlan) dot() string {
	var edges strings.Builder
	boxes := map[int][]string{} // by stage
	next := 0
	var add func(n *explainedNode) int
	add = func(n *explainedNode) int {
		id := next
		next++
		boxes[n.Stage] = append(boxes[n.Stage], fmt.Sprintf("n%d [label=%s];", id, dotQuote(n.label())))
		for _, in := range n.Plans {
			from := add(in)
			label := ""
			if in.explainedWork != nil {
				label = fmt.Sprintf(" [label=\"%d\"]", in.Rows)
			}
			fmt.Fprintf(&edges, "  n%d -> n%d%s;\n", from, id, label)
		}
		return id
	}
	add(p.Plan)
	var b strings.Builder
	b.WriteString("digraph plan {\n  rankdir=BT;\n  node [shape=box, fontname=\"monospace\"];\n")
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

// label is the operator's text and, below it, its numbers.
func (n *explainedNode) label() string {
	out := n.Node
	if len(out) > maxLabel {
		out = strings.ToValidUTF8(out[:maxLabel], "") + "…"
	}
	if n.Estimated != nil {
		out += fmt.Sprintf("\nestimated %d rows", *n.Estimated)
	}
	if w := n.explainedWork; w != nil {
		out += fmt.Sprintf("\n%d rows in %d batches, %.1f ms", w.Rows, w.Batches, w.Time)
		if w.Peak > 0 {
			out += fmt.Sprintf("\npeak %d bytes", w.Peak)
		}
		if w.Spilled > 0 {
			out += fmt.Sprintf(", spilled %d bytes", w.Spilled)
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
	if s.explainedTasks != nil {
		out += fmt.Sprintf("\n%d tasks, %d attempts, %d rows", s.Tasks, s.Attempts, s.explainedTasks.Rows)
	}
	return out
}

// dotQuote is a quoted string of the DOT language, in which only quotes,
// backslashes and the ends of lines need an escape.
func dotQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", " ", "\n", `\n`).Replace(s) + `"`
}
