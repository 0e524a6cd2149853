// Package worker runs fragments and keeps their outputs until nobody needs
// them any more.
//
//	scheduler ── Run(fragment) ──► exec ── batches by partition ──► output
//	consumers ── Open(task, partition) ◄─────── once it is finished ──┘
//
// The same Worker serves the scheduler of its own process by method calls, and
// one in another process by an Agent, which speaks package flight's control
// stream, and a flight.Server, which calls Open.
//
// An output is atomic: it can be opened once its attempt has finished, and not
// before. It lives in memory, and what the memory account refuses lives in an
// unlinked file of the spill directory (output.go).
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/secret"
	"volley/exec"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/udf"
)

// Config is what a Worker needs.
type Config struct {
	ID       string // unique among the workers of a cluster
	Slots    int    // fragments that run at once
	Store    objstore.Store
	Formats  map[string]catalog.Format
	Registry *udf.Registry
	Memory   *exec.Memory // the process's; nil: unlimited
	SpillDir string       // "": the system's directory for temporary files
	// Remote opens outputs that are not this worker's own; nil: there are none.
	Remote exec.ExchangeReader
	// Coordinator: the root stages run in this process.
	Coordinator bool
	// Alone: no other process reads outputs.
	Alone bool
	// Run runs a fragment; nil: exec.Run.
	Run    func(ctx context.Context, env *exec.Env, frag *physical.Fragment, sink exec.Sink) (exec.Report, error)
	Logger *slog.Logger // nil: none
}

// OutputShare is the part of a process's memory, of 1, that outputs may hold.
// What is beyond it goes to disk; the rest is for operators.
const OutputShare = 0.3

// Worker runs fragments. It is safe for concurrent use.
type Worker struct {
	cfg   Config
	slots chan struct{} // one entry for each fragment that runs
	// outputs is the part of the memory that outputs may take.
	outputs *exec.Memory

	mu      sync.Mutex
	queries map[string]*query
}

// query is what the tasks of one query share on this worker.
type query struct {
	id      string
	memory  *exec.Memory
	shared  *exec.Shared
	outputs map[physical.TaskID]*output
	running int // fragments that run or wait for a slot
	dropped bool
}

// New makes a worker with nothing to do.
func New(cfg Config) *Worker {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Run == nil {
		cfg.Run = exec.Run
	}
	return &Worker{cfg: cfg, queries: map[string]*query{}, slots: make(chan struct{}, max(cfg.Slots, 1)), outputs: cfg.Memory.Part(OutputShare)}
}

// ID is the worker's name in the cluster.
func (w *Worker) ID() string { return w.cfg.ID }

// Slots is how many fragments run at once.
func (w *Worker) Slots() int { return w.cfg.Slots }

// Run runs a fragment to its end. Its output can be opened when Run has
// returned nil, until Free or Drop; after an error the report says only where
// splits began. When ctx ends, so does the fragment. It waits for a free slot first: a
// scheduler may give tasks ahead, whose remote files are fetched meanwhile.
func (w *Worker) Run(ctx context.Context, frag *physical.Fragment) (exec.Report, error) {
	q, err := w.enter(ctx, frag)
	if err != nil {
		return exec.Report{}, err
	}
	out := newOutput(frag.Root.Schema(), frag.Output.Count, w.outputs, w.cfg.SpillDir)
	report, err := w.execute(ctx, q, frag, out)
	if err == nil {
		err = out.seal()
	}
	report.Rows, report.Bytes, report.Partitions = out.rows, out.bytes, out.sizes()
	if err := w.leave(ctx, q, frag.Task, out, err); err != nil {
		return exec.Report{Bounds: report.Bounds}, w.sign(err)
	}
	return report, nil
}

// enter finds or makes the query's state. A task whose context has ended never
// makes one, so that Drop is final.
func (w *Worker) enter(ctx context.Context, frag *physical.Fragment) (*query, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q := w.queries[frag.Task.Query]
	if q == nil {
		q = &query{
			id: frag.Task.Query, memory: exec.NewMemory(w.cfg.Memory, frag.Session.MemoryLimit),
			shared: exec.NewShared(), outputs: map[physical.TaskID]*output{},
		}
		w.queries[q.id] = q
	}
	q.running++
	return q, nil
}

// leave makes the output readable if the attempt succeeded and is still wanted.
func (w *Worker) leave(ctx context.Context, q *query, task physical.TaskID, out *output, err error) error {
	w.mu.Lock()
	q.running--
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && q.dropped {
		err = context.Canceled
	}
	if err == nil {
		q.outputs[task] = out
	}
	last := q.dropped && q.running == 0
	w.mu.Unlock()
	if last {
		q.memory.Close()
	}
	if err != nil {
		out.free()
	}
	return err
}

// execute runs the operators. A panic of theirs is the query's error, not the
// process's end.
func (w *Worker) execute(ctx context.Context, q *query, frag *physical.Fragment, out *output) (report exec.Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.cfg.Logger.Error("panic in a task", "query", frag.Task.Query, "task", frag.Task.String(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = sqlerr.Panic(p)
		}
	}()
	env := &exec.Env{
		Store: w.cfg.Store, Formats: w.cfg.Formats, Registry: w.cfg.Registry, Memory: q.memory,
		SpillDir: w.cfg.SpillDir, Exchange: exchange{w}, Shared: q.shared, Log: w.cfg.Logger,
		Text: w.encoding(frag),
	}
	ctx = secret.With(ctx, frag.Secrets)
	if err := w.awaitSlot(ctx, env, frag); err != nil {
		return report, err
	}
	defer func() { <-w.slots }()
	defer env.Opened.Close()
	return w.cfg.Run(ctx, env, frag, out)
}

// encoding is how outputs of a fragment have text. Only what goes over a wire, or
// stays as it is, is worth it.
func (w *Worker) encoding(frag *physical.Fragment) exec.TextEncoding {
	switch {
	case w.cfg.Coordinator && frag.Output.Kind == physical.Gather: // a root stage reads it
		return exec.NothingKept
	case w.cfg.Alone:
		return exec.KeepEncoded
	}
	return exec.EncodeText
}

// awaitSlot takes a slot. Meanwhile what the fragment will read is opened.
func (w *Worker) awaitSlot(ctx context.Context, env *exec.Env, frag *physical.Fragment) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.slots <- struct{}{}:
		return nil
	default:
	}
	opened := exec.OpenAhead(ctx, env, frag)
	select {
	case w.slots <- struct{}{}:
		env.Opened = opened
		return nil
	case <-ctx.Done():
		opened.Close()
		return ctx.Err()
	}
}

// sign notes in an error where it happened. A lost input is not this worker's
// fault.
func (w *Worker) sign(err error) error {
	var lost *exec.LostSource
	if errors.As(err, &lost) || errors.Is(err, context.Canceled) {
		return err
	}
	e := *sqlerr.Find(err)
	e.Cause = err
	if e.Worker == "" {
		e.Worker = w.cfg.ID
	}
	return &e
}

// Open reads one partition of an output. A missing one is a LostSource.
func (w *Worker) Open(task physical.TaskID, partition int) (exec.Operator, error) {
	w.mu.Lock()
	var out *output
	if q := w.queries[task.Query]; q != nil {
		out = q.outputs[task]
	}
	w.mu.Unlock()
	if out == nil {
		return nil, &exec.LostSource{
			Source: physical.Source{Task: task, Worker: w.cfg.ID},
			Err:    sqlerr.New(sqlerr.ConnectionFailure, "worker %s does not have it", w.cfg.ID),
		}
	}
	r, err := out.open(partition)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Free drops one output.
func (w *Worker) Free(task physical.TaskID) {
	w.mu.Lock()
	var out *output
	if q := w.queries[task.Query]; q != nil {
		out = q.outputs[task]
		delete(q.outputs, task)
	}
	w.mu.Unlock()
	if out != nil {
		out.free()
	}
}

// Drop drops all that there is of a query. Its running tasks keep nothing; to
// stop them is for who started them.
func (w *Worker) Drop(id string) {
	w.mu.Lock()
	q := w.queries[id]
	delete(w.queries, id)
	idle := false
	if q != nil {
		q.dropped, idle = true, q.running == 0
	}
	w.mu.Unlock()
	if idle {
		q.memory.Close()
	}
	if q != nil {
		for _, out := range q.outputs {
			out.free()
		}
	}
}

// DropAll drops all that there is of all queries.
func (w *Worker) DropAll() {
	w.mu.Lock()
	ids := make([]string, 0, len(w.queries))
	for id := range w.queries {
		ids = append(ids, id)
	}
	w.mu.Unlock()
	for _, id := range ids {
		w.Drop(id)
	}
}

// Outputs is how many outputs are kept.
func (w *Worker) Outputs() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, q := range w.queries {
		n += len(q.outputs)
	}
	return n
}

// Running is how many fragments run.
func (w *Worker) Running() int { return len(w.slots) }

// Busy tells whether anything of any query runs or is kept.
func (w *Worker) Busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, q := range w.queries {
		if q.running > 0 || len(q.outputs) > 0 {
			return true
		}
	}
	return false
}
