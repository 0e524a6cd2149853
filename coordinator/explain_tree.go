package coordinator

import (
	"strings"
	"time"

	"volley/coordinator/sched"
	"volley/exec"
	"volley/planner/physical"
)

// explainedPlan is a plan as EXPLAIN (FORMAT JSON) describes it. Times are in
// milliseconds, sizes in bytes.
type explainedPlan struct {
	Plan   *explainedNode   `json:"Plan"`
	Stages []explainedStage `json:"Stages"`
	Rows   *int64           `json:"Actual Rows,omitempty"`
	Time   *float64         `json:"Execution Time,omitempty"`
}

// explainedNode is an operator with its inputs; an exchange has the operators
// of the stage it reads below it, where nothing before it in the tree has them.
type explainedNode struct {
	Type      string `json:"Node Type"`
	Node      string `json:"Node"`
	Relation  string `json:"Relation Name,omitempty"`
	Stage     int    `json:"Stage"`
	Estimated *int64 `json:"Estimated Rows,omitempty"`
	*explainedWork
	Plans []*explainedNode `json:"Plans,omitempty"`
}

// explainedWork is what all tasks of an operator did together.
type explainedWork struct {
	Rows    int64   `json:"Actual Rows"`
	Batches int64   `json:"Actual Batches"`
	Time    float64 `json:"Actual Time"` // its inputs' included
	Peak    int64   `json:"Peak Memory"` // of the task with most
	Spilled int64   `json:"Spilled"`
}

// explainedStage is a stage and, after it ran, what it took.
type explainedStage struct {
	Stage  int    `json:"Stage"`
	Root   bool   `json:"Root,omitempty"`
	Output string `json:"Output,omitempty"`
	*explainedTasks
}

type explainedTasks struct {
	Tasks    int            `json:"Tasks"`
	Attempts int            `json:"Attempts"`
	Rows     int64          `json:"Rows"`
	Bytes    int64          `json:"Bytes"`
	Median   float64        `json:"Median Task Time"`
	Slowest  float64        `json:"Slowest Task Time"`
	Workers  map[string]int `json:"Workers,omitempty"` // tasks by worker
}

// measured is what happened when a plan ran.
type measured struct {
	stages []sched.StageStats
	rows   int64
	took   time.Duration
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
	out := &explainedPlan{Plan: d.stage(plan.Root())}
	for _, s := range plan.Stages {
		e := explainedStage{Stage: s.ID, Root: s == plan.Root()}
		if !e.Root {
			e.Output = s.Output.String()
		}
		if st, ok := d.stats[s.ID]; ok {
			e.explainedTasks = &explainedTasks{
				Tasks: st.Tasks, Attempts: st.Attempts, Rows: st.Rows, Bytes: st.Bytes,
				Median: millis(st.Median), Slowest: millis(st.Slowest), Workers: st.Workers,
			}
		}
		out.Stages = append(out.Stages, e)
	}
	if m != nil {
		took := millis(m.took)
		out.Rows, out.Time = &m.rows, &took
	}
	return out
}

type planDescriber struct {
	plan      *physical.Plan
	stats     map[int]sched.StageStats
	described map[int]bool // stages
}

func (d *planDescriber) stage(s *physical.Stage) *explainedNode {
	d.described[s.ID] = true
	operators := d.stats[s.ID].Operators
	return d.node(s, s.Root, &operators)
}

// node describes n; operators are the counters of it and what follows it in the
// pre-order of its stage.
func (d *planDescriber) node(s *physical.Stage, n physical.Node, operators *[]exec.OperatorStats) *explainedNode {
	out := &explainedNode{Node: n.String(), Stage: s.ID}
	out.Type, _, _ = strings.Cut(out.Node, " ")
	if scan, ok := n.(*physical.Scan); ok {
		out.Relation = scan.Spec.Table
	}
	if rows, ok := d.plan.Estimates[n]; ok {
		estimate := int64(min(rows+0.5, 1<<53))
		out.Estimated = &estimate
	}
	if len(*operators) > 0 {
		o := (*operators)[0]
		*operators = (*operators)[1:]
		out.explainedWork = &explainedWork{
			Rows: o.Rows, Batches: o.Batches, Time: millis(time.Duration(o.Nanos)), Peak: o.PeakBytes, Spilled: o.Spilled,
		}
	}
	for _, in := range n.Inputs() {
		out.Plans = append(out.Plans, d.node(s, in, operators))
	}
	if x, ok := n.(*physical.ExchangeSource); ok && !d.described[x.Stage] {
		out.Plans = append(out.Plans, d.stage(d.plan.Stages[x.Stage]))
	}
	return out
}
