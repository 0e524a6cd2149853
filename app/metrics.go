package app

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"volley/coordinator/sched"
	"volley/exec"
	"volley/pgwire"
	"volley/worker"
)

// metrics are what /metrics shows of a process.
type metrics struct{ *prometheus.Registry }

// processMetrics are the Go runtime's and the process's own.
func processMetrics(memory *exec.Memory) metrics {
	m := metrics{prometheus.NewRegistry()}
	m.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.gauge("memory_used_bytes", "Memory reserved by operators and outputs.", func() float64 { return float64(memory.Used()) })
	return m
}

func (m metrics) gauge(name, help string, f func() float64) {
	m.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "volley", Name: name, Help: help}, f))
}

func (m metrics) counter(name, help string, f func() float64) {
	m.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "volley", Name: name, Help: help}, f))
}

// metricsOf are a coordinator's metrics.
func metricsOf(n *node, server *pgwire.Server) metrics {
	m := processMetrics(n.memory)
	m.gauge("connections", "PostgreSQL sessions open.", func() float64 { return float64(server.Connections()) })
	m.gauge("workers", "Workers registered.", func() float64 { return float64(len(n.scheduler.Workers())) })
	m.gauge("slots", "Tasks that can run at once on all workers.", func() float64 { return float64(n.scheduler.Slots()) })
	lost := func(name, help string, f func(sched.Losses) int64) {
		m.counter(name, help, func() float64 { return float64(f(n.scheduler.Losses())) })
	}
	lost("workers_lost_total", "Workers lost, for whatever reason.", func(l sched.Losses) int64 { return l.Workers })
	lost("workers_left_total", "Workers that left after draining.", func(l sched.Losses) int64 { return l.Left })
	lost("attempts_lost_total", "Task attempts that ran on a worker when it was lost.", func(l sched.Losses) int64 { return l.Attempts })
	lost("outputs_lost_total", "Finished outputs that had to be made again.", func(l sched.Losses) int64 { return l.Outputs })
	lost("late_results_total", "Results of attempts that were no longer wanted.", func(l sched.Losses) int64 { return l.LateResults })
	return m
}

// metricsOfWorker are a worker's metrics.
func metricsOfWorker(w *worker.Worker, memory *exec.Memory) metrics {
	m := processMetrics(memory)
	m.gauge("tasks_running", "Fragments that run.", func() float64 { return float64(w.Running()) })
	m.gauge("outputs", "Finished outputs that are kept for their readers.", func() float64 { return float64(w.Outputs()) })
	return m
}
