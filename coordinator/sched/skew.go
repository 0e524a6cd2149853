package sched

import (
	"slices"

	"volley/planner/physical"
)

// A partition that is far larger than the others, since one key has most of the
// rows, is read by several tasks where a stage only looks its probe side's rows up:
// each takes the outputs of some of the probe side's tasks, one after the other, and
// all of the build side's partition. It is the mirror image of coalesce. Where all
// rows of a key must meet (aggregations that are not partial, windows, joins that
// give unmatched rows of the build side), a partition stays whole.

const (
	// skewFactor is how much larger than the median a partition is that is split.
	skewFactor = 2
	// minSplitBytes is what a task of a partition that is split should have at least.
	minSplitBytes = minPartitionBytes
)

// sourceRange is which producer tasks of the probe side a task reads, counted
// through all stages of it, in the order in which they are read; end 0: all.
type sourceRange struct{ first, end int }

// probeSources finds the outputs, cut by hash, whose rows pass through a stage row
// by row, and tells whether they are looked up in a join: then any part of them is
// as good as another. nil where all rows of a key must be in one task.
func probeSources(n physical.Node) (found []*physical.ExchangeSource, joined bool) {
	for {
		below, ok := rowByRow(n)
		if ok {
			n = below
			continue
		}
		switch x := n.(type) {
		case *physical.Join:
			if keepsBuild(x.Kind) {
				return nil, false
			}
			n, joined = x.Left, true
		case *physical.Union:
			for _, part := range x.Parts {
				some, in := probeSources(part)
				if len(some) == 0 {
					return nil, false
				}
				found, joined = append(found, some...), joined || in
			}
			return found, joined
		default:
			if src := hashSource(n); src != nil {
				return []*physical.ExchangeSource{src}, joined
			}
			return nil, false
		}
	}
}

// rowByRow is the input of an operator that works alike on any part of its rows,
// if n is one.
func rowByRow(n physical.Node) (input physical.Node, ok bool) {
	switch x := n.(type) {
	case *physical.Filter:
		return x.Input, true
	case *physical.Project:
		return x.Input, true
	case *physical.Expand:
		return x.Input, true
	case *physical.EncodeText:
		return x.Input, true
	case *physical.Sort:
		return x.Input, true
	case *physical.Limit:
		return x.Input, x.Offset == 0 && len(x.Ties) == 0
	case *physical.Aggregate:
		return x.Input, x.Mode == physical.Partial
	}
	return nil, false
}

// splitSkew gives partitions that are far above the median to several tasks each.
func (s *stageState) splitSkew() {
	probe, joined := probeSources(s.spec.Root)
	if s.split || !joined || s.spec.VolatileBuild || !distinctStages(s.spec.Root, probe) || len(s.tasks) < 2 {
		return
	}
	by := s.probeSizes(probe)
	if by == nil {
		return
	}
	sizes := make([]int64, len(by))
	for p, outputs := range by {
		sizes[p] = sum64(outputs)
	}
	middle := median(sizes)
	aim := max(middle, sum64(sizes)/int64(len(sizes)), minSplitBytes)
	var tasks []*taskState
	for _, t := range s.tasks {
		first, end := t.partitions()
		t.firstPartition, t.endPartition = first, end // its number may become another
		if end-first > 1 || sizes[first] <= skewFactor*max(middle, minSplitBytes) {
			tasks = append(tasks, t)
			continue
		}
		ranges := cutOutputs(by[first], aim)
		for _, r := range ranges {
			tasks = append(tasks, &taskState{stage: s, end: -1, firstPartition: first, endPartition: end, probe: r})
		}
		if len(ranges) > 1 {
			s.query.changes = append(s.query.changes, PlanChange{
				Kind: ChangeSkew, Stage: s.id, Probe: probe[0].Stage, Partition: first, ProbeBytes: sizes[first], Bytes: middle, Before: 1, After: len(ranges),
			})
		}
	}
	for i, t := range tasks {
		t.number = i
	}
	s.tasks, s.probes = tasks, probe
}

// skewedBuild tells whether a partition of the build side of a join is far above the
// median, and those of the probe side are not and can be held in memory instead.
func (s *stageState) skewedBuild(probe, build *physical.ExchangeSource) bool {
	largest := func(src *physical.ExchangeSource) (most, middle, total int64) {
		by := s.probeSizes([]*physical.ExchangeSource{src})
		if by == nil {
			return 0, 0, 0
		}
		sizes := make([]int64, len(by))
		for p, outputs := range by {
			sizes[p] = sum64(outputs)
			most = max(most, sizes[p])
		}
		return most, median(sizes), sum64(sizes)
	}
	held, _, all := largest(probe)
	most, middle, total := largest(build)
	return most > 2*skewFactor*max(middle, minSplitBytes) && held <= most/2 && all <= 2*skewFactor*total
}

// partitions are those of its inputs that a task reads, up to but without end.
func (t *taskState) partitions() (first, end int) {
	if t.endPartition > 0 {
		return t.firstPartition, t.endPartition
	}
	return t.number, t.number + 1
}

// distinctStages tells whether the stages of the probe side are read nowhere else
// in a tree, and each once: a task that leaves out some of their outputs must not
// miss them elsewhere.
func distinctStages(n physical.Node, probe []*physical.ExchangeSource) bool {
	all := sources(n)
	for _, p := range probe {
		if slices.ContainsFunc(all, func(o *physical.ExchangeSource) bool { return o != p && o.Stage == p.Stage }) {
			return false
		}
	}
	return true
}

// probeSizes are the bytes of each output of the probe side, by partition; nil
// where they are not known.
func (s *stageState) probeSizes(probe []*physical.ExchangeSource) [][]int64 {
	var by [][]int64
	for _, src := range probe {
		p := s.query.stages[src.Stage]
		if p.spec.Output.Kind != physical.Hash || by != nil && len(by) != p.spec.Output.Count {
			return nil
		}
		if by == nil {
			by = make([][]int64, p.spec.Output.Count)
		}
		for _, t := range p.tasks {
			if t.winner == nil || len(t.winner.report.Partitions) != len(by) {
				return nil
			}
			for i, n := range t.winner.report.Partitions {
				by[i] = append(by[i], n)
			}
		}
	}
	return by
}

// cutOutputs cuts consecutive outputs of one partition into ranges of about aim
// bytes. A range ends where it is nearest to its aim.
func cutOutputs(sizes []int64, aim int64) []sourceRange {
	total := sum64(sizes)
	aim = total / max((total+aim-1)/aim, 1) // so that the last one is no remainder
	var out []sourceRange
	var held int64
	first := 0
	for i, n := range sizes {
		if held > 0 && 2*held+n > 2*aim {
			out = append(out, sourceRange{first, i})
			first, held = i, 0
		}
		held += n
	}
	return append(out, sourceRange{first, len(sizes)})
}

// of are the task's share of the outputs of one stage of the probe side; without a
// range, all of them.
func (t *taskState) of(stage *stageState, list []physical.Source) []physical.Source {
	if t.probe.end == 0 {
		return list
	}
	before := 0
	for _, src := range t.stage.probes {
		if src.Stage == stage.id {
			lo, hi := max(t.probe.first-before, 0), min(t.probe.end-before, len(list))
			return list[min(lo, len(list)):max(hi, min(lo, len(list)))]
		}
		before += len(t.stage.query.stages[src.Stage].tasks)
	}
	return list
}

func sum64(list []int64) (total int64) {
	for _, n := range list {
		total += n
	}
	return total
}

// median of some sizes; of an even number the lower one, so that one large of two
// stands out.
func median(sizes []int64) int64 {
	sorted := slices.Sorted(slices.Values(sizes))
	return sorted[(len(sorted)-1)/2]
}
