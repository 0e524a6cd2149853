package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"volley/bench/server"
)

// leastEfficiency is what scans and classify must reach with most workers.
const leastEfficiency = 0.95

// Each worker has so many tasks, a file each, of so many rows. A row sleeps long, so
// that it does not count how late a busy machine wakes who sleeps.
const (
	tasksPerWorker = 8
	rowsPerTask    = 4
)

// sleepingWorkers prints the efficiency of workers that sleep: the time that their
// rows sleep, divided among them, by the time that the query took.
func sleepingWorkers(o *options) error {
	fmt.Printf("workers whose %d tasks sleep %d × %v each; efficiency at least %.0f %%\n", tasksPerWorker, rowsPerTask, o.sleep, 100*leastEfficiency)
	fmt.Printf("%-10s %8s %8s %10s %10s %11s %26s\n", "query", "workers", "tasks", "ideal s", "took s", "efficiency", "cpu per task: coordinator")
	for _, n := range []int{8, 32, 64} {
		if err := o.sleeping(n); err != nil {
			return err
		}
	}
	return nil
}

func (o *options) sleeping(workers int) error {
	dir := filepath.Join(o.dir, fmt.Sprint("sleep", workers))
	files := filepath.Join(o.dir, fmt.Sprint("rows", workers))
	if err := os.MkdirAll(files, 0o755); err != nil {
		return err
	}
	for i := range tasksPerWorker * workers {
		if err := numbers(filepath.Join(files, fmt.Sprintf("%04d.csv", i)), rowsPerTask); err != nil {
			return err
		}
	}
	rows := filepath.Join(files, "*.csv")
	s, err := server.Start(server.Options{Volley: o.volley, Data: dir, Workers: workers, Memory: "256MB"})
	if err != nil {
		return err
	}
	defer s.Stop()
	coordinator := s.Processes()[0]
	const quiet = 5 * time.Second
	before := server.CPU(coordinator)
	time.Sleep(quiet)
	idle := (server.CPU(coordinator) - before).Seconds() / quiet.Seconds() // heartbeats
	fmt.Printf("%-10s %8d %79.1f %% of a processor\n", "no query", workers, 100*idle)
	seconds, ideal := o.sleep.Seconds(), (tasksPerWorker * rowsPerTask * o.sleep).Seconds()
	for _, q := range []struct{ name, sql string }{
		{"scan", fmt.Sprintf("SELECT count(*) FROM '%s' WHERE pg_sleep(%g) IS NOT NULL", rows, seconds)},
		{"classify", fmt.Sprintf("COPY (SELECT *, pg_sleep(%g)::text FROM '%s') TO '%s' (FORMAT csv)", seconds, rows, filepath.Join(o.dir, "slept.csv"))},
	} {
		var walls, cpus []time.Duration
		tasks := 0
		for range o.rounds {
			before := server.CPU(coordinator)
			wall, err := s.Ask(q.sql)
			if err != nil {
				return err
			}
			beats := time.Duration(idle * float64(wall))
			cpus, walls = append(cpus, max(server.CPU(coordinator)-before-beats, 0)), append(walls, wall)
			const last = "SELECT count(*) FROM volley.tasks WHERE query = (SELECT query FROM volley.tasks ORDER BY length(query) DESC, query DESC LIMIT 1)"
			if err := s.Conn.QueryRow(context.Background(), last).Scan(&tasks); err != nil {
				return err
			}
		}
		efficiency := ideal / median(walls).Seconds()
		fmt.Printf("%-10s %8d %8d %10.2f %10.2f %10.1f%% %23.0f µs", q.name, workers, tasks, ideal, median(walls).Seconds(),
			100*efficiency, float64(median(cpus).Microseconds())/float64(max(tasks, 1)))
		if efficiency < leastEfficiency {
			fmt.Print("  TOO LOW")
		}
		fmt.Println()
	}
	return nil
}

// numbers writes a file of n lines of one length.
func numbers(name string, n int) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "n,text")
	for i := range n {
		fmt.Fprintf(w, "%09d,%040d\n", 100_000_000+i, i)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

func median(all []time.Duration) time.Duration {
	all = slices.Clone(all)
	slices.Sort(all)
	return all[len(all)/2]
}
