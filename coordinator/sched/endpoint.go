package sched

import (
	"context"
	"sync"

	"volley/exec"
	"volley/planner/physical"
)

// LocalWorker runs fragments in this process; package worker has it.
type LocalWorker interface {
	ID() string
	// Slots is how many fragments run at once.
	Slots() int
	// Run runs a fragment to its end and keeps its output.
	Run(ctx context.Context, frag *physical.Fragment) (exec.Report, error)
	// Open reads an output that Run has kept.
	Open(task physical.TaskID, partition int) (exec.Operator, error)
	// Free drops one output, Drop all that there is of a query.
	Free(task physical.TaskID)
	Drop(query string)
}

// endpoint carries out the actions that concern one worker. None of its
// methods blocks, since they are called under the scheduler's lock.
type endpoint interface {
	start(frag *physical.Fragment)
	cancel(task physical.TaskID)
	free(task physical.TaskID)
	drop(query string)
	// gone says that the worker of this address is lost.
	gone(address string)
	close()
}

// localEndpoint runs tasks of a LocalWorker as goroutines.
type localEndpoint struct {
	worker LocalWorker
	done   func(physical.TaskID, exec.Report, error)
	group  sync.WaitGroup

	mu    sync.Mutex
	tasks map[physical.TaskID]context.CancelFunc
}

func (e *localEndpoint) start(frag *physical.Fragment) {
	ctx, cancel := context.WithCancel(context.Background())
	e.mu.Lock()
	e.tasks[frag.Task] = cancel
	e.mu.Unlock()
	e.group.Go(func() {
		report, err := e.worker.Run(ctx, frag)
		e.mu.Lock()
		delete(e.tasks, frag.Task)
		e.mu.Unlock()
		cancel()
		e.done(frag.Task, report, err)
	})
}

func (e *localEndpoint) cancel(task physical.TaskID) {
	e.mu.Lock()
	if cancel := e.tasks[task]; cancel != nil {
		cancel()
	}
	e.mu.Unlock()
	e.worker.Free(task)
}

func (e *localEndpoint) free(task physical.TaskID) { e.worker.Free(task) }

func (e *localEndpoint) drop(query string) {
	e.mu.Lock()
	for id, cancel := range e.tasks {
		if id.Query == query {
			cancel()
		}
	}
	e.mu.Unlock()
	e.worker.Drop(query)
}

// gone does nothing: the process's connections are the Scheduler's to forget.
func (e *localEndpoint) gone(string) {}

// close stops all tasks and waits for them, outside the scheduler's lock.
func (e *localEndpoint) close() {
	e.mu.Lock()
	for _, cancel := range e.tasks {
		cancel()
	}
	e.mu.Unlock()
	e.group.Wait()
}
