package app

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"volley/catalog/objstore/cache"
	"volley/coordinator/sched"
	"volley/pgwire"
	"volley/worker"
)

// metrics are what /metrics shows of a process.
type metrics struct{ *prometheus.Registry }

// processMetrics are the Go runtime's and the process's own.
func processMetrics(p *parts) metrics {
	m := metrics{prometheus.NewRegistry()}
	m.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.counter("exchange_socket_bytes_total", "Bytes read from other processes of this machine by Unix sockets.", func() float64 { return float64(p.pool.SocketBytes()) })
	m.gauge("memory_used_bytes", "Memory reserved by operators and outputs.", func() float64 {
		rows := p.rows.Used()
		return float64(max(p.memory.Used()-rows, 0))
	})
	m.gauge("tables_memory_bytes", "Memory that rows of managed tables take.", func() float64 { return float64(p.rows.Used()) })
	m.gauge("tables_disk_bytes", "Size of the file of rows of managed tables for which there is no memory.", func() float64 { return float64(p.tables.Size()) })
	if p.certificates != nil {
		m.gauge("cluster_certificate_expiry_timestamp_seconds", "When the certificate of --cluster-tls-cert ends, as Unix time.", func() float64 { return float64(p.certificates.Expires().Unix()) })
	}
	if p.cache != nil {
		m.ofCache(p.cache)
	}
	return m
}

// ofCache adds what the cache of remote objects does.
func (m metrics) ofCache(c *cache.Cache) {
	m.gauge("cache_bytes", "Bytes that the cache's files take.", func() float64 { bytes, _ := c.Used(); return float64(bytes) })
	for _, x := range []struct {
		name, help string
		counter    *atomic.Int64
	}{
		{"cache_hits_total", "Reads, or parts of them, that the cache served.", &c.Hits},
		{"cache_hit_bytes_total", "Bytes that the cache served.", &c.HitBytes},
		{"cache_misses_total", "Reads, or parts of them, that the cache had fetched.", &c.Misses},
		{"cache_miss_bytes_total", "Bytes that the cache had fetched.", &c.MissBytes},
		{"cache_evictions_total", "Entries that made room for others.", &c.Evictions},
		{"cache_dropped_total", "Damaged entries.", &c.Dropped},
		{"cache_skipped_total", "Ranges that were not kept since too much waited to be written.", &c.Skipped},
		{"cache_write_errors_total", "Entries that could not be written.", &c.WriteErrors},
	} {
		m.counter(x.name, x.help, func() float64 { return float64(x.counter.Load()) })
	}
}

func (m metrics) gauge(name, help string, f func() float64) {
	m.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "volley", Name: name, Help: help}, f))
}

func (m metrics) counter(name, help string, f func() float64) {
	m.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "volley", Name: name, Help: help}, f))
}

// metricsOf are a coordinator's metrics.
func metricsOf(n *node, server *pgwire.Server) metrics {
	m := processMetrics(n.parts)
	m.gauge("connections", "PostgreSQL sessions open.", func() float64 { return float64(server.Connections()) })
	m.gauge("workers", "Workers registered.", func() float64 { return float64(len(n.scheduler.Workers())) })
	m.gauge("slots", "Tasks that can run at once on all workers.", func() float64 { return float64(n.scheduler.Slots()) })
	m.gauge("queries_running", "Queries that have a place among those that run at once.", func() float64 { running, _ := n.scheduler.Admitted(); return float64(running) })
	m.gauge("queries_waiting", "Queries that wait for such a place.", func() float64 { _, waiting := n.scheduler.Admitted(); return float64(waiting) })
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
func metricsOfWorker(w *worker.Worker, p *parts) metrics {
	m := processMetrics(p)
	m.gauge("tasks_running", "Fragments that run.", func() float64 { return float64(w.Running()) })
	m.gauge("outputs", "Finished outputs that are kept for their readers.", func() float64 { return float64(w.Outputs()) })
	return m
}
