package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/physical"
)

// Sink takes a task's output. Write is called by one goroutine; the record is
// never empty and stays valid. Columns of text may be dictionary arrays in it: each
// dictionary of a column begins with the values of those in records before. Partitions
// count from 0; there is one for Gather and Broadcast, Output.Count otherwise.
type Sink interface {
	Write(partition int, rec arrow.Record) error
}

// Run runs a task to its end and hands its output to sink. A panic below it is
// an error XX000, whose stack the log gets. The report is valid also after
// an error, as far as the task got.
func Run(ctx context.Context, env *Env, frag *physical.Fragment, sink Sink) (report Report, err error) {
	var t *task
	meter := StartCPU()
	defer func() {
		if p := recover(); p != nil {
			err = panicError(env, frag.Task, p)
		}
		if t != nil {
			if closing := t.Close(); err == nil {
				err = closing
			}
			report.Bounds = t.bounds
			report.Rejects = Rejects(t)
			report.Operators = Stats(t)
		}
		report.CPU = meter.Stop()
		report.Memory = env.Memory.Peak()
	}()
	if t, err = newTask(env, frag); err != nil {
		return report, err
	}
	t.root.encoded = true
	parts, err := newPartitioner(t)
	if err != nil {
		return report, err
	}
	for {
		rec, err := t.Next(ctx)
		if err == io.EOF {
			return report, parts.end(sink)
		}
		if err != nil {
			return report, err
		}
		report.Rows += rec.NumRows()
		report.Bytes += kernel.RecordBytes(rec)
		if err := parts.write(rec, sink); err != nil {
			return report, err
		}
	}
}
