package sched

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/zeebo/xxh3"

	"volley/catalog"
	"volley/exec"
)

func workerHashes(n int) (out []uint64) {
	for i := range n {
		out = append(out, xxh3.HashString(fmt.Sprint("worker-", i)))
	}
	return out
}

// TestRendezvousMovesFew: a worker that joins takes its share and nothing else
// moves; of one that leaves only its own splits go elsewhere.
func TestRendezvousMovesFew(t *testing.T) {
	const keys, slack = 20_000, 0.01
	split := func(k int) catalog.Split {
		return catalog.Split{File: catalog.FileInfo{Path: fmt.Sprint("s3://b/", k/50), Version: "v"}, Start: int64(k%50) * placementBlock}
	}
	for _, n := range []int{1, 2, 3, 10, 64} {
		many := workerHashes(n + 1)
		moved := 0
		for k := range keys {
			key := placement(split(k))
			before, after := rendezvous(key, many[:n]), rendezvous(key, many)
			if before != after {
				moved++
				if after != n {
					t.Fatalf("%d workers: a split moves from %d to %d, not to the new one", n, before, after)
				}
			}
		}
		if share := float64(moved) / keys; moved == 0 || share > 1/float64(n+1)+slack {
			t.Errorf("%d workers and one more: %.3f of the splits move", n, share)
		}
	}
	if rendezvous(1, nil) != -1 {
		t.Error("a worker of none")
	}
}

// TestPlacementOfRows: splits by rows are placed by where their bytes lie.
func TestPlacementOfRows(t *testing.T) {
	places := map[uint64]bool{}
	for i := range int64(8) {
		places[placement(catalog.Split{Start: i * 1000, End: i*1000 + 1000, Bytes: 2 * placementBlock})] = true
	}
	if len(places) != 8 {
		t.Errorf("%d places of 8 row groups", len(places))
	}
}

// runPlaced runs one scan of so many splits and tells who read each. What runs at
// once ends at once.
func runPlaced(t *testing.T, m *machine, id string, splits int, now time.Time) map[int]string {
	t.Helper()
	q := &queryState{id: id}
	s := &stageState{query: q, split: true}
	for i := range splits {
		s.tasks = append(s.tasks, &taskState{stage: s, number: i, end: -1, splits: []catalog.Split{{
			File: catalog.FileInfo{Path: fmt.Sprint("s3://b/", i), Version: "v"}, End: 1, Exact: true,
		}}})
	}
	q.stages = []*stageState{s}
	m.begin(q, now)
	read := map[int]string{}
	for s.done < splits {
		var began []action
		for _, a := range m.take() {
			if a.kind == actStart {
				began = append(began, a)
			}
		}
		free := 0
		for _, w := range m.workers {
			free += w.slots - len(w.attempts)
		}
		if len(began) == 0 || free > 0 && len(s.pending) > 0 {
			t.Fatalf("%d slots are idle while %d tasks wait", free, len(s.pending))
		}
		for _, a := range began {
			read[a.task.Task] = a.worker.id
			m.finished(a.worker, a.task, exec.Report{}, now)
		}
	}
	m.take()
	return read
}

func placedMachine(workers, slots int, now time.Time) *machine {
	m := &machine{limits: limits{MaxAttempts: 4, MaxLost: 16, HeartbeatLoss: time.Hour, NoWorkerGrace: time.Hour, SpeculateMin: time.Hour, BufferBytes: 1 << 30}}
	for i, hash := range workerHashes(workers) {
		m.join(&workerState{id: fmt.Sprint("worker-", i), slots: slots, hash: hash}, now)
	}
	return m
}

// TestSplitsFindTheirBytes: where each split finds a free slot, it is read again by
// the worker that has read it, whoever that was.
func TestSplitsFindTheirBytes(t *testing.T) {
	now := time.Unix(0, 0)
	for _, c := range []struct{ workers, slots, splits int }{{3, 1, 3}, {3, 2, 6}, {12, 16, 192}, {5, 4, 7}} {
		m := placedMachine(c.workers, c.slots, now)
		first := runPlaced(t, m, "a", c.splits, now)
		for round := range 3 {
			if again := runPlaced(t, m, fmt.Sprint("b", round), c.splits, now); fmt.Sprint(again) != fmt.Sprint(first) {
				t.Errorf("%+v: first %v, then %v", c, first, again)
			}
		}
		used := map[string]int{}
		for _, w := range first {
			used[w]++
		}
		if c.splits == c.workers*c.slots && len(used) != c.workers {
			t.Errorf("%+v: only %v had tasks", c, used)
		}
	}
}

// TestPlacementIsForgotten: what is remembered is bounded.
func TestPlacementIsForgotten(t *testing.T) {
	var p placed
	for i := range 2 * maxPlaced {
		p.note([]catalog.Split{{File: catalog.FileInfo{Path: "s3://b/o"}, Start: int64(i)}}, 7)
	}
	if n := len(p.recent) + len(p.older); n > maxPlaced || n < maxPlaced/2 {
		t.Errorf("%d splits are remembered", n)
	}
	if _, known := p.of(catalog.Split{File: catalog.FileInfo{Path: "s3://b/o"}, Start: 2*maxPlaced - 1}); !known {
		t.Error("the last one is not")
	}
	if _, known := p.of(catalog.Split{File: catalog.FileInfo{Path: "s3://b/o"}}); known {
		t.Error("the first one is")
	}
}

// TestPreferredIsUsable: what a task prefers is found out again when the workers that
// may be given tasks are others, however many they are.
func TestPreferredIsUsable(t *testing.T) {
	now := time.Unix(0, 0)
	m := placedMachine(4, 1, now)
	task := &taskState{splits: []catalog.Split{{File: catalog.FileInfo{Path: "s3://b/o"}, End: 1}}}
	for _, away := range [][]int{{1, 2}, {0, 3}} {
		for i, w := range m.workers {
			if w.quarantined = (time.Time{}); slices.Contains(away, i) {
				w.quarantined = now.Add(time.Hour)
			}
		}
		m.changed()
		if w := m.preferred(task); !w.usable() {
			t.Errorf("without %v, %s is preferred", away, w.id)
		}
	}
}
