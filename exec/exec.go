// Package exec runs physical plans: one switch (build.go) turns nodes into
// operators, which pull Arrow record batches from one another.
//
// Ownership: a record is immutable once Next has given it, and stays valid for
// as long as somebody holds it; nobody releases it. An operator and its inputs
// are used by one goroutine at a time; parallelism is between tasks.
package exec

import (
	"context"
	"log/slog"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/exec/eval"
	"volley/planner/physical"
	"volley/udf"
)

// Operator is a running physical node.
//
// Next gives the next batch, never an empty one, and io.EOF after the last one,
// again and again; after another error the operator is dead and gives that
// error again. Close is idempotent, legal at any time and frees everything
// below it; after Close, Next gives an error.
type Operator interface {
	Schema() *arrow.Schema
	Next(ctx context.Context) (arrow.Record, error)
	Close() error
}

// Env is what the operators of one task may use. All of it is safe for
// concurrent use and outlives the task.
type Env struct {
	Store    objstore.Store
	Formats  map[string]catalog.Format
	Registry *udf.Registry
	Memory   *Memory // the query's account on this process; nil: unlimited
	SpillDir string
	// Exchange opens one producer task's output for this task's partition.
	Exchange ExchangeReader
	// Log is told of panics, with their stacks; nil: slog.Default().
	Log *slog.Logger
	// Shared holds what the tasks of one query on this process build once,
	// such as the hash table of a broadcast build side; nil: nothing is shared.
	Shared *Shared
	// Session is the session that functions may reach; nil on workers.
	Session udf.Session
	// Text is what the task's output has encoded.
	Text TextEncoding
	// Opened is what was opened ahead for the fragment.
	Opened *Opened
}

// ExchangeReader opens the finished output of a producer task, in this process
// or over the network. A failure to reach it is a retryable error that says
// which source was lost (LostSource).
type ExchangeReader interface {
	Open(ctx context.Context, src physical.Source, partition int) (Operator, error)
}

// SourceLister is an ExchangeReader of a task that was built before it was known
// how many tasks its producers have. Sources waits until it is.
type SourceLister interface {
	Sources(ctx context.Context, stage int) ([]physical.Source, error)
}

// LostSource is the error of a producer output that cannot be read any more;
// the scheduler makes that output again.
type LostSource struct {
	Source physical.Source
	Err    error
}

// Error says which output is lost.
func (e *LostSource) Error() string {
	return "output of task " + e.Source.Task.String() + " on worker " + e.Source.Worker + " is lost: " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *LostSource) Unwrap() error { return e.Err }

// Report is what a finished task tells the scheduler besides its output.
type Report struct {
	Rows  int64
	Bytes int64
	// Bounds of the splits read, by Split.Index, by which the scheduler checks
	// that speculative CSV splits meet exactly.
	Bounds map[int]catalog.Bounds
	// Rejects are what readers of files made NULL or left out, by scan and split.
	Rejects []SplitRejects `json:",omitempty"`
	// Operators are the counters of each operator, in pre-order.
	Operators []OperatorStats
	// CPU is the task's share of the process's CPU time (see cpuMeter), in ns.
	CPU int64 `json:",omitempty"`
	// Memory is the most that the query's account on the process has held so far.
	Memory int64 `json:",omitempty"`
	// Partitions are the bytes of each partition of the output, when it has several.
	Partitions []int64 `json:",omitempty"`
}

// OperatorStats are one operator's counters.
type OperatorStats struct {
	Name      string
	Rows      int64
	Batches   int64
	Nanos     int64 // wall time in Next, inputs included
	WaitNanos int64 `json:",omitempty"` // of it: waiting for the outputs of other stages
	PeakBytes int64
	Spilled   int64
	Scan      catalog.ScanCounts
	// RowsRead and BytesRead are what a scan took from its files, before filters.
	RowsRead, BytesRead int64            `json:",omitempty"`
	Traffic             objstore.Traffic // of a scan with remote stores
	// TrafficBy is the part of each worker; nil where there is no traffic. Whoever
	// sums up tasks knows it.
	TrafficBy map[string]objstore.Traffic `json:"-"`
	Functions []FunctionStats             `json:",omitempty"`
}

// AddTraffic notes what a task on a worker had of the operator's traffic.
func (s *OperatorStats) AddTraffic(worker string, had objstore.Traffic) {
	if had == (objstore.Traffic{}) {
		return
	}
	if s.TrafficBy == nil {
		s.TrafficBy = map[string]objstore.Traffic{}
	}
	t := s.TrafficBy[worker]
	t.Add(had)
	s.TrafficBy[worker] = t
}

// Add adds the counters of the same operator of another task.
func (s *OperatorStats) Add(o OperatorStats) {
	s.Rows += o.Rows
	s.Batches += o.Batches
	s.Nanos += o.Nanos
	s.WaitNanos += o.WaitNanos
	s.PeakBytes = max(s.PeakBytes, o.PeakBytes)
	s.Spilled += o.Spilled
	s.Scan.Add(o.Scan)
	s.RowsRead += o.RowsRead
	s.BytesRead += o.BytesRead
	s.Traffic.Add(o.Traffic)
	for i := range min(len(s.Functions), len(o.Functions)) {
		s.Functions[i].Rows += o.Functions[i].Rows
		s.Functions[i].Nanos += o.Functions[i].Nanos
	}
}

// FunctionStats are the counters of one call of a user's function.
type FunctionStats = eval.CallStats
