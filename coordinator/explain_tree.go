package coordinator

import (
	"slices"
	"strings"
	"time"

	"volley/coordinator/sched"
	"volley/exec"
	"volley/planner/physical"
)

// explainedPlan is a plan as EXPLAIN (FORMAT JSON) describes it, and as the other
// formats draw it. Times are in milliseconds, sizes in bytes.
type explainedPlan struct {
	Plan    *explainedNode   `json:"Plan,omitempty"`
	Stages  []explainedStage `json:"Stages,omitempty"`
	Changes []string         `json:"Plan Changes,omitempty"` // made while it ran
	Rows    *int64           `json:"Actual Rows,omitempty"`
	*explainedTotals
}

// explainedTotals are what the whole statement took.
type explainedTotals struct {
	Planning *float64 `json:"Planning Time,omitempty"`
	// Lookups are what was asked of remote stores before the statement ran.
	Lookups *explainedTraffic `json:"Planning Requests,omitempty"`
	Time    *float64          `json:"Execution Time,omitempty"`
	CPU     *float64          `json:"CPU Time,omitempty"`    // of all processes
	Memory  *int64            `json:"Peak Memory,omitempty"` // of the process with most
}

// explainedNode is an operator with its inputs; an exchange has the operators
// of the stage it reads below it, where nothing before it in the tree has them.
type explainedNode struct {
	Type      string         `json:"Node Type"`
	Node      string         `json:"Node"`
	Relation  string         `json:"Relation Name,omitempty"`
	Stage     int            `json:"Stage"`
	Estimated *int64         `json:"Estimated Rows,omitempty"`
	Scan      *explainedScan `json:"Scan,omitempty"`
	*explainedWork
	Plans []*explainedNode `json:"Plans,omitempty"`

	name     string
	details  []string
	reads    *explainedStage // of an exchange: the stage
	repeated bool            // whose operators are elsewhere in the tree
}

// explainedWork is what all tasks of an operator did together.
type explainedWork struct {
	Rows      int64               `json:"Actual Rows"`
	Input     int64               `json:"Input Rows"`
	Batches   int64               `json:"Actual Batches"`
	Time      float64             `json:"Actual Time"` // its inputs' included, other stages' too
	Self      float64             `json:"Self Time"`   // without its inputs and without waiting
	Wait      float64             `json:"Wait Time,omitempty"`
	Peak      int64               `json:"Peak Memory"` // of the task with most
	Spilled   int64               `json:"Spilled"`
	Functions []explainedFunction `json:"Functions,omitempty"`
}

// explainedFunction is a call of a user's function.
type explainedFunction struct {
	Name string  `json:"Function"`
	Rows int64   `json:"Rows"`
	Time float64 `json:"Time"`
}

// explainedStage is a stage and, after it ran, what it took.
type explainedStage struct {
	Stage  int    `json:"Stage"`
	Root   bool   `json:"Root,omitempty"`
	Output string `json:"Output,omitempty"`
	*explainedTasks

	cut string // what makes its tasks
}

type explainedTasks struct {
	Tasks      int            `json:"Tasks"`
	Attempts   int            `json:"Attempts"`
	Rows       int64          `json:"Rows"`
	MostRows   int64          `json:"Most Task Rows"` // of the task that gave most
	MedianRows int64          `json:"Median Task Rows"`
	Bytes      int64          `json:"Bytes"`
	Spilled    int64          `json:"Spilled"` // by all operators
	Median     float64        `json:"Median Task Time"`
	Slowest    float64        `json:"Slowest Task Time"`
	Skew       float64        `json:"Skew"` // slowest / median
	Partition  float64        `json:"Partition Skew,omitempty"`
	CPU        float64        `json:"CPU Time"`
	Workers    map[string]int `json:"Workers,omitempty"` // tasks by worker
}

// measured is what happened when a plan ran.
type measured struct {
	plan    *physical.Plan
	stages  []sched.StageStats
	changes []string
	rows    int64
	took    time.Duration
	cpu     time.Duration // beside that of the stages
}

// explainPlan describes a plan with what happened when it ran; m is nil when it
// did not.
func explainPlan(plan *physical.Plan, m *measured) *explainedPlan {
	d := planDescriber{plan: plan, stats: map[int]sched.StageStats{}, described: map[int]bool{}}
	if m != nil {
		for _, s := range m.stages {
			d.stats[s.Stage] = s
		}
	}
	out := &explainedPlan{}
	for _, s := range plan.Stages {
		if s != nil {
			d.stages = append(d.stages, d.tasks(s))
		} else {
			d.stages = append(d.stages, explainedStage{Stage: -1})
		}
	}
	out.Plan = d.stage(plan.Root())
	for _, s := range d.stages {
		if s.Stage >= 0 {
			out.Stages = append(out.Stages, s)
		}
	}
	out.Plan.total()
	if m != nil {
		out.Rows, out.Changes = &m.rows, m.changes
		out.explainedTotals = m.totals()
	}
	return out
}

// totals sums up the stages.
func (m *measured) totals() *explainedTotals {
	took := millis(m.took)
	cpu := m.cpu
	memory := map[string]int64{}
	for _, s := range m.stages {
		cpu += s.CPU
		for w, n := range s.Memory {
			memory[w] = max(memory[w], n)
		}
	}
	spent, most := millis(cpu), int64(0)
	for _, n := range memory {
		most = max(most, n)
	}
	return &explainedTotals{Time: &took, CPU: &spent, Memory: &most}
}

type planDescriber struct {
	plan      *physical.Plan
	stages    []explainedStage // by number
	stats     map[int]sched.StageStats
	described map[int]bool // stages
}

// tasks describes a stage without its operators.
func (d *planDescriber) tasks(s *physical.Stage) explainedStage {
	e := explainedStage{Stage: s.ID, Root: s == d.plan.Root()}
	if !e.Root {
		e.Output = s.Output.String()
		e.cut = "task" + plural(int64(s.Tasks))
		if e.cut = count(int64(s.Tasks)) + " " + e.cut; s.Scan >= 0 {
			e.cut = "tasks by splits"
		}
	}
	if st, ok := d.stats[s.ID]; ok {
		e.explainedTasks = &explainedTasks{
			Tasks: st.Tasks, Attempts: st.Attempts, Rows: st.Rows, Bytes: st.Bytes,
			Median: millis(st.Median), Slowest: millis(st.Slowest), CPU: millis(st.CPU), Workers: st.Workers,
			MostRows: st.MostRows, MedianRows: st.MiddleRows, Spilled: spilled(st.Operators),
			Skew: ratio(float64(st.Slowest), float64(st.Median)), Partition: ratio(float64(st.Largest), float64(st.Middle)),
		}
	}
	return e
}

func spilled(operators []exec.OperatorStats) (bytes int64) {
	for i := range operators {
		bytes += operators[i].Spilled
	}
	return bytes
}

// ratio is a/b, or 0 where that says nothing.
func ratio(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}

func (d *planDescriber) stage(s *physical.Stage) *explainedNode {
	d.described[s.ID] = true
	operators := d.stats[s.ID].Operators
	return d.node(s, s.Root, &operators)
}

// node describes n; operators are the counters of it and what follows it in the
// pre-order of its stage.
func (d *planDescriber) node(s *physical.Stage, n physical.Node, operators *[]exec.OperatorStats) *explainedNode {
	shown := n
	if g, ok := d.plan.Generic[n]; ok { // with parameters, as it was planned
		shown = g
	}
	about := physical.Describe(shown)
	out := &explainedNode{Node: shown.String(), Stage: s.ID, name: about.Name, details: about.Details}
	out.Type, _, _ = strings.Cut(out.Node, " ")
	if rows, ok := d.plan.Estimates[n]; ok {
		estimate := int64(min(rows+0.5, 1<<53))
		out.Estimated = &estimate
	}
	var o *exec.OperatorStats
	if len(*operators) > 0 {
		o = &(*operators)[0]
		*operators = (*operators)[1:]
		out.explainedWork = newWork(o)
	}
	if scan, ok := n.(*physical.Scan); ok {
		out.Relation = scan.Spec.Table
		out.Scan = explainScan(scan, d.plan.Defs[scan.ID], o, d.stats[s.ID].Scans[scan.ID])
	}
	for _, in := range n.Inputs() {
		input := d.node(s, in, operators)
		out.Plans = append(out.Plans, input)
		out.follows(input)
	}
	if x, ok := n.(*physical.ExchangeSource); ok {
		d.exchange(out, x)
	}
	return out
}

// newWork is what counters say of an operator, before its inputs are known.
func newWork(o *exec.OperatorStats) *explainedWork {
	w := &explainedWork{
		Rows: o.Rows, Batches: o.Batches, Peak: o.PeakBytes, Spilled: o.Spilled, Input: o.RowsRead,
		Self: nanos(o.Nanos - o.WaitNanos), Wait: nanos(o.WaitNanos),
	}
	for _, f := range o.Functions {
		w.Functions = append(w.Functions, explainedFunction{Name: f.Name, Rows: f.Rows, Time: nanos(f.Nanos)})
	}
	w.Time = nanos(o.Nanos)
	return w
}

// follows takes the work of an input of the same stage from the operator's own.
func (n *explainedNode) follows(input *explainedNode) {
	if n.explainedWork == nil || input.explainedWork == nil {
		return
	}
	n.Input += input.Rows
	n.Self = max(n.Self-input.Time, 0)
}

// exchange adds the stage that an exchange reads.
func (d *planDescriber) exchange(out *explainedNode, x *physical.ExchangeSource) {
	out.reads = &d.stages[x.Stage]
	out.name = "Exchange " + d.plan.Stages[x.Stage].Output.Kind.String()
	out.details = nil
	if k := d.plan.Stages[x.Stage].Output; k.Kind == physical.Hash && !x.Broadcast {
		out.details = append(out.details, "by "+k.String())
	}
	if x.Broadcast {
		out.name = "Exchange broadcast"
	}
	if len(x.Merge) > 0 {
		_, merge, _ := strings.Cut(out.Node, " merged ")
		out.name = "Exchange merge"
		out.details = append(out.details, "merged "+merge)
	}
	if w := out.explainedWork; w != nil {
		// Reading from elsewhere is waiting: nothing here can make it faster.
		w.Wait, w.Self = w.Wait+w.Self, 0
		if len(x.Merge) > 0 {
			w.Self = max(w.Time-w.Wait, 0)
		}
		if t := out.reads.explainedTasks; t != nil {
			w.Input = t.Rows
			if x.Broadcast { // every task or process has read them all
				w.Rows = t.Rows
			}
		}
	}
	if d.described[x.Stage] {
		out.repeated = true
		return
	}
	out.Plans = append(out.Plans, d.stage(d.plan.Stages[x.Stage]))
}

// total makes Time the sum of the operator's own work and that of everything
// below it, other stages included.
func (n *explainedNode) total() float64 {
	sum := 0.0
	for _, in := range n.Plans {
		sum += in.total()
	}
	if n.explainedWork == nil {
		return sum
	}
	n.Time = n.Self + sum
	return n.Time
}

// each calls f for n and everything below it.
func (n *explainedNode) each(f func(*explainedNode)) {
	f(n)
	for _, in := range n.Plans {
		in.each(f)
	}
}

func nanos(n int64) float64 { return float64(n) / 1e6 }

// workers are those of a stage, in order.
func (t *explainedTasks) workers() []string {
	var out []string
	for w := range t.Workers {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}
