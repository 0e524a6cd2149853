package coordinator

import (
	"fmt"
	"strings"
)

// summary writes what the whole statement took.
func (p *explainedPlan) summary(b *strings.Builder, o explainOptions) {
	t := p.explainedTotals
	if p.Plan != nil && t.Time != nil {
		p.estimates(b, o)
	}
	if t.Planning != nil {
		fmt.Fprintf(b, "Planning Time: %.3f ms\n", *t.Planning)
	}
	if t.Lookups != nil && o.buffers {
		fmt.Fprintf(b, "Planning Requests: %s\n", t.Lookups.trafficLine())
	}
	if t.Time == nil || !o.timing {
		return
	}
	fmt.Fprintf(b, "Execution Time: %.3f ms\n", *t.Time)
	if *t.CPU > 0 {
		fmt.Fprintf(b, "CPU Time: %.3f ms", *t.CPU)
		if cores := ratio(*t.CPU, *t.Time); cores >= 0.05 {
			fmt.Fprintf(b, " (%.1f cores)", cores)
		}
		b.WriteByte('\n')
	}
	if o.buffers && *t.Memory > 0 {
		fmt.Fprintf(b, "Peak Memory: %s\n", bytesText(*t.Memory))
	}
}

// estimates tells how many estimates are far off, so that nobody has to look
// for the marks.
func (p *explainedPlan) estimates(b *strings.Builder, o explainOptions) {
	far, all := 0, 0
	p.Plan.each(func(n *explainedNode) {
		if n.Estimated == nil || n.explainedWork == nil {
			return
		}
		all++
		if offBy(*n.Estimated, n.Rows) != "" {
			far++
		}
	})
	if far > 0 && o.costs {
		fmt.Fprintf(b, "Estimates: %d of %d are off by %d times or more (▲ too many rows expected, ▼ too few)\n", far, all, farOff)
	}
}
