package sched

import (
	"slices"
	"time"

	"volley/exec"
	"volley/planner/physical"
)

// running are the queries that have not ended, oldest first.
func (s *Scheduler) running() []*Query {
	var out []*Query
	for _, q := range s.queries {
		if !q.record.ended {
			out = append(out, q)
		}
	}
	slices.SortFunc(out, func(a, b *Query) int { return a.record.started.Compare(b.record.started) })
	return out
}

// infos lists all attempts of a query in the order in which they started.
func (q *queryState) infos(now time.Time) []TaskInfo {
	out := make([]TaskInfo, 0, len(q.log))
	for _, a := range q.log {
		i := TaskInfo{
			Query: a.id.Query, Stage: a.id.Stage, Task: a.id.Task, Attempt: a.id.Attempt, Worker: a.worker.id,
			State: a.outcome.String(), Rows: a.report.Rows, Bytes: a.report.Bytes, Elapsed: a.ended.Sub(a.started),
		}
		if a.outcome == inProgress {
			i.Elapsed = now.Sub(a.started)
		}
		out = append(out, i)
	}
	return out
}

// stats sums up the winning attempts of each stage.
func (q *queryState) stats() []StageStats {
	var out []StageStats
	for _, s := range q.stages {
		if s.gone {
			continue
		}
		st := StageStats{Stage: s.id, Tasks: len(s.tasks), Attempts: s.attempts, Workers: map[string]int{}, Memory: map[string]int64{}}
		var partitions, rows []int64
		for _, t := range s.tasks {
			if t.winner == nil {
				continue
			}
			st.Rows += t.winner.report.Rows
			rows = append(rows, t.winner.report.Rows)
			st.Bytes += t.winner.report.Bytes
			st.Workers[t.winner.worker.id]++
			st.Memory[t.winner.worker.id] = max(st.Memory[t.winner.worker.id], t.winner.report.Memory)
			st.CPU += time.Duration(t.winner.report.CPU)
			partitions = addSizes(partitions, t.winner.report.Partitions)
			st.Operators = addOperators(st.Operators, t.winner.report.Operators, t.winner.worker.id)
		}
		if d := slices.Sorted(slices.Values(s.durations)); len(d) > 0 {
			st.Median, st.Slowest = d[len(d)/2], d[len(d)-1]
		}
		if slices.Sort(rows); len(rows) > 0 {
			st.MostRows, st.MiddleRows = rows[len(rows)-1], rows[len(rows)/2]
		}
		if slices.Sort(partitions); len(partitions) > 0 {
			st.Largest, st.Middle = partitions[len(partitions)-1], partitions[len(partitions)/2]
		}
		out = append(out, st)
	}
	return out
}

// addSizes adds the sizes of the partitions of one task's output.
func addSizes(total, one []int64) []int64 {
	if total == nil {
		return slices.Clone(one)
	}
	for i := range min(len(total), len(one)) {
		total[i] += one[i]
	}
	return total
}

// scanned tells of each scan how many files it reads.
func (q *Query) scanned() map[int]ScanFiles {
	out := map[int]ScanFiles{}
	for i, st := range q.plan.Stages {
		q.inputs[i].scanned(q.plan, st, out)
	}
	return out
}

func (in *stageInput) scanned(plan *physical.Plan, st *physical.Stage, out map[int]ScanFiles) {
	for _, scan := range scans(st.Root) {
		def := plan.Defs[scan.ID]
		if def == nil || len(def.Files) == 0 {
			continue
		}
		seen := map[string]bool{}
		for _, s := range in.whole[scan.ID] {
			seen[s.File.Path] = true
		}
		if scan.ID == st.Scan {
			for _, task := range in.tasks {
				for _, s := range task {
					seen[s.File.Path] = true
				}
			}
		}
		out[scan.ID] = ScanFiles{Files: len(def.Files), Read: len(seen)}
	}
}

// addOperators adds the counters of one task, which ran on a worker: the operators of
// all tasks of a stage are the same.
func addOperators(total, one []exec.OperatorStats, worker string) []exec.OperatorStats {
	if total == nil {
		total = slices.Clone(one)
	} else {
		for i := range min(len(total), len(one)) {
			total[i].Add(one[i])
		}
	}
	for i := range min(len(total), len(one)) {
		total[i].AddTraffic(worker, one[i].Traffic)
	}
	return total
}

// outcome is how an attempt ended.
type outcome uint8

const (
	inProgress outcome = iota
	outFinished
	outFailed
	outLost
	outCanceled
	outDiscarded
)

func (o outcome) String() string {
	return [...]string{"running", "finished", "failed", "lost", "canceled", "discarded"}[o]
}
