package sched

import (
	"context"

	"volley/catalog"
	"volley/planner/physical"
	"volley/sqlerr"
)

const (
	tasksPerSlot       = 4 // so that a slow task leaves work for others
	costlyTasksPerSlot = 8 // and more so when a row is expensive
	minTaskBytes       = 1 << 20
	maxTaskBytes       = 64 << 20 // of input; bounds what one task's output can hold
	minLastBytes       = 1 << 18  // minTaskBytes of the last tasks
	lastTasks          = 16       // for a slot, if all were as small as the last ones
)

// target says how finely a table of this size is cut for a stage. forced > 0 is
// the session's own size of splits.
func target(stage *physical.Stage, slots int, size, forced int64) catalog.SplitTarget {
	if forced > 0 {
		return catalog.SplitTarget{Slots: slots, Bytes: forced, Forced: true}
	}
	t := catalog.SplitTarget{Slots: slots, Costly: stage.Costly}
	if stage.Costly {
		t.Bytes = min(max(size/int64(costlyTasksPerSlot*slots), 1), maxTaskBytes)
	} else {
		t.Bytes = min(max(size/int64(tasksPerSlot*slots), minTaskBytes), maxTaskBytes)
	}
	return t
}

// readBytes is what the splits read: of a file by columns less than its size.
func readBytes(splits []catalog.Split) (size int64) {
	for _, s := range splits {
		size += max(s.Bytes, 0)
	}
	return size
}

// group puts consecutive splits together so that a task has about t.Bytes of
// input; splits that continue one another within a task become one. The last tasks
// are smaller where there are many, so that all slots end at about the same time:
// none is more than what a slot will still have to do when it begins.
func group(splits []catalog.Split, t catalog.SplitTarget) [][]catalog.Split {
	var groups [][]catalog.Split
	var size int64
	left := readBytes(splits)
	least := max(left/int64(max(t.Slots, 1)*lastTasks), minLastBytes)
	many := !t.Forced && !t.Costly && t.Slots > 0 && left >= int64(tasksPerSlot*t.Slots)*minTaskBytes/2
	aim := t.Bytes
	for _, s := range splits {
		n := max(s.Bytes, 1)
		// a group may pass the aim by half of what it takes in
		if last := len(groups) - 1; last >= 0 && size+n/2 <= aim {
			groups[last] = join(groups[last], s)
			size += n
		} else {
			if many {
				aim = min(t.Bytes, max(left/int64(t.Slots), least))
			}
			groups = append(groups, []catalog.Split{s})
			size = n
		}
		left -= n
	}
	return groups
}

// join appends s to splits, or makes the last of them longer by it.
func join(splits []catalog.Split, s catalog.Split) []catalog.Split {
	last := &splits[len(splits)-1]
	if last.File.Path != s.File.Path || last.End != s.Start || last.Inline != nil || s.Inline != nil {
		return append(splits, s)
	}
	last.End = s.End
	last.Rows = sum(last.Rows, s.Rows)
	last.Bytes = sum(last.Bytes, s.Bytes)
	return splits
}

// sum adds two estimates; −1 is unknown.
func sum(a, b int64) int64 {
	if a < 0 || b < 0 {
		return -1
	}
	return a + b
}

// scans are the scans below n, in pre-order.
func scans(n physical.Node) []*physical.Scan {
	var out []*physical.Scan
	walk(n, func(n physical.Node) {
		if s, ok := n.(*physical.Scan); ok {
			out = append(out, s)
		}
	})
	return out
}

// sources are the exchange sources below n, in pre-order.
func sources(n physical.Node) []*physical.ExchangeSource {
	var out []*physical.ExchangeSource
	walk(n, func(n physical.Node) {
		if s, ok := n.(*physical.ExchangeSource); ok {
			out = append(out, s)
		}
	})
	return out
}

func walk(n physical.Node, visit func(physical.Node)) {
	visit(n)
	for _, in := range n.Inputs() {
		walk(in, visit)
	}
}

// cut asks the format of a scan for its splits.
func (s *Scheduler) cut(ctx context.Context, plan *physical.Plan, stage *physical.Stage, scan *physical.Scan, slots int, forced int64) ([]catalog.Split, catalog.SplitTarget, error) {
	def := plan.Defs[scan.ID]
	format := s.cfg.Formats[scan.Spec.Format]
	if def == nil || format == nil {
		return nil, catalog.SplitTarget{}, sqlerr.New(sqlerr.InternalError, "scan %d of table %q has no definition, or its format %q is not known", scan.ID, scan.Spec.Table, scan.Spec.Format)
	}
	var size int64
	for _, f := range def.Files {
		size += f.Size
	}
	t := target(stage, slots, size, forced)
	t.Inline = def.Local && stage != plan.Root()
	splits, err := format.Splits(ctx, s.cfg.Store, def, &scan.Spec, t)
	return splits, t, err
}

// stageInput is what a stage's tasks read of tables.
type stageInput struct {
	tasks [][]catalog.Split       // of the distributed scan, by task
	whole map[int][]catalog.Split // of the other scans, by Scan.ID: read by each task
}

// inputs cuts the tables of a stage. The root stage reads all of its own.
func (s *Scheduler) inputs(ctx context.Context, plan *physical.Plan, stage *physical.Stage, slots int, forced int64) (stageInput, error) {
	in := stageInput{whole: map[int][]catalog.Split{}}
	for _, scan := range scans(stage.Root) {
		splits, t, err := s.cut(ctx, plan, stage, scan, slots, forced)
		if err != nil {
			return in, err
		}
		if scan.ID == stage.Scan && stage != plan.Root() {
			if !t.Forced {
				t = target(stage, slots, readBytes(splits), 0)
			}
			in.tasks = group(splits, t)
			continue
		}
		var one []catalog.Split
		for _, sp := range splits {
			if len(one) == 0 {
				one = append(one, sp)
			} else {
				one = join(one, sp)
			}
		}
		in.whole[scan.ID] = one
	}
	return in, nil
}

// stages builds the machine's view of a plan without its root.
func stages(id string, plan *physical.Plan, inputs []stageInput) *queryState {
	q := &queryState{id: id, stages: make([]*stageState, len(plan.Stages)-1)}
	for i, st := range plan.Stages[:len(plan.Stages)-1] {
		s := &stageState{query: q, id: i, split: st.Scan >= 0, spec: st, whole: inputs[i].whole}
		q.stages[i] = s
		n := st.Tasks
		if s.split {
			n, s.remote = len(inputs[i].tasks), remote(inputs[i].tasks)
		}
		for t := range n {
			task := &taskState{stage: s, number: t, end: -1}
			if s.split {
				task.splits = inputs[i].tasks[t]
			}
			s.tasks = append(s.tasks, task)
		}
		s.link()
		seen := map[int]bool{}
		for _, src := range sources(st.Root) {
			if !seen[src.Stage] {
				seen[src.Stage] = true
				p := q.stages[src.Stage]
				s.producers = append(s.producers, p)
				p.consumers = append(p.consumers, s)
			}
		}
	}
	for _, src := range sources(plan.Root().Root) {
		p := q.stages[src.Stage]
		p.root++
		p.merged = p.merged || len(src.Merge) > 0
	}
	q.findChoices(plan.BroadcastBytes)
	q.findPlaces(plan.Root().Root)
	return q
}
