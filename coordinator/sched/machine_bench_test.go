package sched

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"volley/catalog"
	"volley/exec"
)

// BenchmarkMachine is how many tasks a second the scheduler can decide on: it
// starts and ends each of 100,000 tasks of one stage on 1,000 workers, whose
// heartbeats come in between and whose tasks end in random order.
func BenchmarkMachine(b *testing.B) {
	for _, c := range []struct{ workers, tasks int }{{10, 10_000}, {100, 100_000}, {1_000, 100_000}} {
		b.Run(fmt.Sprintf("workers=%d/tasks=%d", c.workers, c.tasks), func(b *testing.B) {
			share := exec.StartCPU()
			for b.Loop() {
				runTasks(b, c.workers, c.tasks)
			}
			b.ReportMetric(float64(c.tasks*b.N)/time.Duration(share.Stop()).Seconds(), "tasks/cpu-s")
			b.ReportMetric(float64(c.tasks*b.N)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}

func runTasks(b *testing.B, workers, tasks int) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := machine{limits: limits{
		MaxAttempts: 4, MaxLost: 16, HeartbeatLoss: 3 * time.Second, NoWorkerGrace: 10 * time.Second, SpeculateMin: time.Second, BufferBytes: 256 << 20,
	}}
	now := time.Unix(0, 0)
	var events eventQueue
	serial := 0
	at := func(d time.Duration, do func()) {
		serial++
		heap.Push(&events, simEvent{now.Add(d), serial, do})
	}
	finished := 0
	perform := func() {
		for _, a := range m.take() {
			if a.kind != actStart {
				continue
			}
			// 1 in 1,000 takes much longer than the others
			d := 100*time.Millisecond + time.Duration(rng.Int64N(int64(100*time.Millisecond)))
			if rng.IntN(1000) == 0 {
				d *= 20
			}
			at(d, func() {
				finished++
				m.finished(a.worker, a.task, exec.Report{Rows: 1}, now)
			})
		}
	}
	q := &queryState{id: "q"}
	s := &stageState{query: q, split: true}
	for i := range tasks {
		s.tasks = append(s.tasks, &taskState{stage: s, number: i, end: -1, splits: []catalog.Split{{
			Index: i, File: catalog.FileInfo{Path: fmt.Sprint("f", i/100)}, Start: int64(i % 100), End: int64(i%100 + 1), Exact: true,
		}}})
	}
	q.stages = []*stageState{s}
	for i := range workers {
		w := &workerState{id: fmt.Sprint("w", i), slots: 2, hash: mix(uint64(i))}
		m.join(w, now)
		var beat func()
		beat = func() {
			m.heard(w, now)
			at(500*time.Millisecond, beat)
		}
		at(time.Duration(rng.Int64N(int64(500*time.Millisecond))), beat)
	}
	m.begin(q, now)
	perform()
	for s.done < tasks {
		e := heap.Pop(&events).(simEvent)
		now = e.at
		if due := m.due(); !due.IsZero() && !now.Before(due) {
			m.tick(now)
		}
		e.do()
		perform()
	}
	if q.ended || finished < tasks {
		b.Fatalf("%d tasks finished, ended %v", finished, q.ended)
	}
}
