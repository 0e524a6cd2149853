package coordinator

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// explainWidth is how wide EXPLAIN's text is at most: clients that draw a box
// around it stay within 120 columns.
const explainWidth = 118

// planText draws a plan as one tree, root first: a line an operator with its
// numbers in columns, and below it what else there is to say of it.
type planText struct {
	o     explainOptions
	total float64 // self time of all operators
	lines []planLine
}

// planLine is a line of the tree: an operator's with cells, or a detail.
type planLine struct {
	guides string // of the tree, before text
	text   string
	cells  []string // by column; nil for a detail
	rest   string   // of a detail: what stands before its continuation
}

// headWidth is up to where an operator's first detail stands in its own line.
const headWidth = 50

// columnTitles are those of the cells. Columns without any text are left out.
var columnTitles = []string{"rows", "estimated", "", "batches", "self", "", "", "total", "memory"}

// leftCells are the columns whose text begins at the left.
var leftCells = map[int]bool{2: true, 6: true}

// text draws the plan.
func (p *explainedPlan) text(o explainOptions) string {
	t := &planText{o: o}
	if p.Plan != nil {
		p.Plan.each(func(n *explainedNode) {
			if n.explainedWork != nil {
				t.total += n.Self
			}
		})
		t.node(p.Plan, "", "")
	}
	var b strings.Builder
	t.write(&b)
	for _, c := range p.Changes {
		writeWrapped(&b, "Changed at run time: ", "  ", c)
	}
	if p.explainedTotals != nil && o.summary {
		p.summary(&b, o)
	}
	return b.String()
}

// node adds the lines of n; first stands before its own line, then before the
// others.
func (t *planText) node(n *explainedNode, first, then string) {
	name, details := n.name, n.lines(t.o)
	if len(n.details) > 0 && n.reads == nil && utf8.RuneCountInString(first+name+" "+details[0]) <= headWidth {
		name, details = name+" "+details[0], details[1:]
	}
	t.lines = append(t.lines, planLine{guides: first, text: name, cells: t.cells(n)})
	bar := "    "
	if len(n.Plans) > 0 {
		bar = "│   "
	}
	for _, d := range details {
		t.lines = append(t.lines, planLine{guides: then + bar, text: d, rest: then + bar + "  "})
	}
	for i, in := range n.Plans {
		if i == len(n.Plans)-1 {
			t.node(in, then+"└ ", then+"  ")
		} else {
			t.node(in, then+"├ ", then+"│ ")
		}
	}
}

// lines are an operator's details.
func (n *explainedNode) lines(o explainOptions) []string {
	out := n.details
	if n.reads != nil {
		out = append(n.reads.lines(o), out...)
		if n.repeated {
			out = append(out, "shown above")
		}
	}
	if n.Scan != nil {
		out = append(out, n.Scan.lines(o)...)
	}
	w := n.explainedWork
	if w == nil {
		return out
	}
	if w.Spilled > 0 {
		out = append(out, "spilled "+bytesText(w.Spilled))
	}
	if o.timing && w.Wait >= 1 && n.Stage >= 0 && n.reads != nil && o.verbose {
		out = append(out, "waited "+timeText(w.Wait))
	}
	for _, f := range w.Functions {
		line := fmt.Sprintf("%s() called for %s row%s", f.Name, count(f.Rows), plural(f.Rows))
		if o.timing {
			line += fmt.Sprintf(", %s, %.0f ns a row", timeText(f.Time), ratio(f.Time*1e6, float64(f.Rows)))
		}
		out = append(out, line)
	}
	return out
}

// lines say which stage an exchange reads, and how its tasks went.
func (s *explainedStage) lines(o explainOptions) []string {
	t := s.explainedTasks
	if t == nil {
		return []string{fmt.Sprintf("stage %d: %s", s.Stage, s.cut)}
	}
	line := fmt.Sprintf("stage %d: %s task%s", s.Stage, count(int64(t.Tasks)), plural(int64(t.Tasks)))
	if workers := t.workers(); len(workers) > 1 || o.verbose {
		parts := make([]string, len(workers))
		for i, w := range workers {
			parts[i] = fmt.Sprintf("%d on %s", t.Workers[w], w)
		}
		line += " (" + strings.Join(parts, ", ") + ")"
	}
	if t.Attempts > t.Tasks {
		line += fmt.Sprintf(", %s attempts", count(int64(t.Attempts)))
	}
	line += fmt.Sprintf(", %s row%s", count(t.Rows), plural(t.Rows))
	if o.timing && t.Tasks > 1 {
		line += fmt.Sprintf(" (a task at most %s, median %s)", count(t.MostRows), count(t.MedianRows))
	}
	line += ", sent " + bytesText(t.Bytes)
	if o.timing && t.Tasks > 1 {
		line += fmt.Sprintf(", slowest %s = %.1f× median", timeText(t.Slowest), t.Skew)
	} else if o.timing {
		line += ", took " + timeText(t.Slowest)
	}
	if t.Partition >= 1.5 {
		line += fmt.Sprintf(", largest partition = %.1f× median", t.Partition)
	}
	if t.Spilled > 0 {
		line += ", spilled " + bytesText(t.Spilled)
	}
	return []string{line}
}

// cells are the numbers of an operator.
func (t *planText) cells(n *explainedNode) []string {
	c := make([]string, len(columnTitles))
	if n.Estimated != nil && t.o.costs {
		c[1] = count(*n.Estimated)
	}
	w := n.explainedWork
	if w == nil {
		return c
	}
	c[0] = count(w.Rows)
	if n.Estimated != nil && t.o.costs {
		c[2] = offBy(*n.Estimated, w.Rows)
	}
	if t.o.verbose {
		c[3] = count(w.Batches)
	}
	if w.Peak > 0 && t.o.buffers {
		c[8] = bytesText(w.Peak)
	}
	if !t.o.timing {
		return c
	}
	if n.reads == nil || w.Self > 0 {
		share := ratio(w.Self, t.total)
		c[4], c[5], c[6] = timeText(w.Self), fmt.Sprintf("%.0f%%", 100*share), shareBar(share)
	}
	c[7] = timeText(w.Time)
	return c
}

// shareBar is a bar of up to eight blocks.
func shareBar(share float64) string {
	const blocks = " ▏▎▍▌▋▊▉"
	eighths := int(share*64 + 0.5)
	if eighths < 1 {
		return ""
	}
	bar := strings.Repeat("█", min(eighths/8, 8))
	if rest := eighths % 8; rest > 0 && eighths < 64 {
		bar += string([]rune(blocks)[rest])
	}
	return bar
}

// write lays the lines out.
func (t *planText) write(b *strings.Builder) {
	widths := make([]int, len(columnTitles))
	tree := 0
	for _, l := range t.lines {
		if l.cells == nil {
			continue
		}
		tree = max(tree, utf8.RuneCountInString(l.guides+l.text))
		for i, c := range l.cells {
			if n := utf8.RuneCountInString(c); n > 0 {
				widths[i] = max(widths[i], n, len(columnTitles[i]))
			}
		}
	}
	numbers := 0
	for _, w := range widths {
		if w > 0 {
			numbers += w + gap
		}
	}
	tree = max(min(tree, explainWidth-numbers), len("operator"))
	if numbers > 0 {
		writeRow(b, "operator", tree, columnTitles, widths)
	}
	for _, l := range t.lines {
		if l.cells == nil {
			writeWrapped(b, l.guides, l.rest, l.text)
			continue
		}
		writeRow(b, l.guides+l.text, tree, l.cells, widths)
	}
}

// gap is the blanks between two columns.
const gap = 2

func writeRow(b *strings.Builder, head string, tree int, cells []string, widths []int) {
	if over := utf8.RuneCountInString(head) - tree; over > 0 {
		head = string([]rune(head)[:tree-1]) + "…"
	}
	row := pad(head, tree, true)
	for i, c := range cells {
		switch {
		case widths[i] == 0:
		case i > 0 && leftCells[i]: // a mark or bar belongs to the number before it
			row += " " + pad(c, widths[i]+gap-1, true)
		default:
			row += strings.Repeat(" ", gap) + pad(c, widths[i], false)
		}
	}
	b.WriteString(strings.TrimRight(row, " ") + "\n")
}

func pad(s string, width int, left bool) string {
	blanks := strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
	if left {
		return s + blanks
	}
	return blanks + s
}

// writeWrapped writes a text in lines of explainWidth, cut at blanks.
func writeWrapped(b *strings.Builder, first, then, text string) {
	words := strings.Split(strings.NewReplacer("\r", " ", "\n", " ").Replace(text), " ")
	line, empty := first, true
	for _, w := range words {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) > explainWidth {
			b.WriteString(line + "\n")
			line, empty = then, true
		}
		if !empty {
			line += " "
		}
		line += w
		empty = false
	}
	b.WriteString(line + "\n")
}
