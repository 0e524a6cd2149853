package sched

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/zeebo/xxh3"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/secret"
	"volley/exec"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/udf"
)

// Config is what a Scheduler needs. Zero limits mean the defaults given.
type Config struct {
	Store    objstore.Store
	Formats  map[string]catalog.Format
	Registry *udf.Registry
	Memory   *exec.Memory // the process's; nil: unlimited
	SpillDir string

	// Build makes the root stage's operators; nil: exec.Build.
	Build func(env *exec.Env, frag *physical.Fragment) (exec.Operator, error)
	// Exchange opens outputs on workers in other processes. What it opens must
	// be whole: when Open has returned, the worker may die. It closes it then.
	Exchange exec.ExchangeReader

	// Version and Functions (udf.Registry.Fingerprint) are what a worker must
	// have in common with the coordinator.
	Version, Functions string

	// Secrets are sent with the fragments whose files need them, but only if
	// Authenticated: every worker has shown the cluster's secret.
	Secrets       *secret.Keeper
	Authenticated bool

	MaxRunning    int           // queries at once; 64
	MaxWaiting    int           // queries in line; 256
	MaxAttempts   int           // of one task; 4
	HeartbeatLoss time.Duration // 4 s
	NoWorkerGrace time.Duration // 8 s
	SpeculateMin  time.Duration // 1 s
	BufferBytes   int64         // 256 MiB of finished, unread output of one stage
	History       int           // ended queries kept for the system tables; 100

	Logger *slog.Logger     // nil: none
	Now    func() time.Time // nil: time.Now
}

// Scheduler runs plans on workers. It is safe for concurrent use.
type Scheduler struct {
	cfg       Config
	admission *admission
	log       *slog.Logger

	mu        sync.Mutex
	machine   machine
	endpoints map[*workerState]endpoint
	queries   map[string]*Query
	history   []*record
	timer     *time.Timer
	joined    chan struct{} // closed and made anew when a worker joins
	closed    bool
	group     sync.WaitGroup // probes and fetches
}

// New makes a scheduler without workers.
func New(cfg Config) *Scheduler {
	def(&cfg.MaxRunning, 64)
	def(&cfg.MaxWaiting, 256)
	def(&cfg.MaxAttempts, 4)
	def(&cfg.HeartbeatLoss, 4*time.Second)
	def(&cfg.NoWorkerGrace, 8*time.Second)
	def(&cfg.SpeculateMin, time.Second)
	def(&cfg.BufferBytes, 256<<20)
	def(&cfg.History, 100)
	if cfg.Secrets == nil {
		cfg.Secrets = &secret.Keeper{}
	}
	if cfg.Build == nil {
		cfg.Build = exec.Build
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Scheduler{
		cfg: cfg, admission: newAdmission(cfg.MaxRunning, cfg.MaxWaiting), log: cfg.Logger,
		endpoints: map[*workerState]endpoint{}, queries: map[string]*Query{}, joined: make(chan struct{}),
	}
	s.machine.limits = limits{
		MaxAttempts: cfg.MaxAttempts, MaxLost: 4 * cfg.MaxAttempts, HeartbeatLoss: cfg.HeartbeatLoss,
		NoWorkerGrace: cfg.NoWorkerGrace, SpeculateMin: cfg.SpeculateMin, BufferBytes: cfg.BufferBytes,
	}
	return s
}

func def[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// AddLocal lets a worker of this process take tasks. address is where workers of
// other processes read its outputs, "" when there can be none.
func (s *Scheduler) AddLocal(w LocalWorker, address string) {
	state := &workerState{id: w.ID(), address: address, hash: xxh3.HashString(w.ID()), slots: w.Slots(), memory: s.cfg.Memory.Limit(), local: true, version: s.cfg.Version}
	e := &localEndpoint{worker: w, tasks: map[physical.TaskID]context.CancelFunc{}}
	e.done = func(id physical.TaskID, report exec.Report, err error) { s.result(state, id, report, err) }
	s.join(state, e)
}

func (s *Scheduler) join(w *workerState, e endpoint) {
	s.event(func(m *machine, now time.Time) {
		s.endpoints[w] = e
		m.join(w, now)
		close(s.joined)
		s.joined = make(chan struct{})
	})
}

// result brings the end of an attempt on a worker.
func (s *Scheduler) result(w *workerState, id physical.TaskID, report exec.Report, err error) {
	s.event(func(m *machine, now time.Time) {
		if err != nil {
			m.began(w, id, report)
			m.failed(w, id, err, now)
		} else {
			m.finished(w, id, report, now)
		}
	})
}

// event gives the machine something to decide on and carries out what it
// decided.
func (s *Scheduler) event(f func(m *machine, now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	now := s.cfg.Now()
	f(&s.machine, now)
	for _, a := range s.machine.take() {
		s.perform(a)
	}
	s.arm(now)
}

// arm sets the timer to the machine's next date.
func (s *Scheduler) arm(now time.Time) {
	due := s.machine.due()
	switch {
	case due.IsZero():
		if s.timer != nil {
			s.timer.Stop()
		}
	case s.timer == nil:
		s.timer = time.AfterFunc(due.Sub(now), func() { s.event((*machine).tick) })
	default:
		s.timer.Reset(due.Sub(now))
	}
}

// perform carries out one action, under the lock and without blocking.
func (s *Scheduler) perform(a action) {
	q := s.queries[a.query]
	switch a.kind {
	case actStart:
		if q != nil {
			s.endpoints[a.worker].start(q.fragment(a.attempt))
		}
	case actCancel:
		s.endpoints[a.worker].cancel(a.task)
	case actFree:
		if e := s.endpoints[a.worker]; e != nil {
			e.free(a.task)
		}
	case actDrop:
		s.endpoints[a.worker].drop(a.query)
	case actPublish:
		if q != nil {
			q.news()
		}
	case actProbe:
		if q != nil {
			s.group.Go(func() { s.probe(q, a.task, a.split) })
		}
	case actLeave:
		if a.worker.draining {
			s.log.Info("worker left", "worker", a.worker.id)
		} else {
			s.log.Warn("worker lost", "worker", a.worker.id, "reason", a.err)
		}
		if e := s.endpoints[a.worker]; e != nil {
			delete(s.endpoints, a.worker)
			s.group.Go(e.close) // a local one waits for its tasks
			s.forget(a.worker.address)
		}
	case actFail:
		if q != nil {
			q.record.snapshot(q, s.cfg.Now())
			q.fail(a.err)
		}
	}
}

// forget tells everybody who may read from a lost worker, so that nobody waits
// for what will not come.
func (s *Scheduler) forget(address string) {
	if address == "" {
		return
	}
	if f, ok := s.cfg.Exchange.(interface{ Forget(address string) }); ok {
		s.group.Go(func() { f.Forget(address) })
	}
	for _, e := range s.endpoints {
		e.gone(address)
	}
}

// Slots is the number of tasks all workers can run at once.
func (s *Scheduler) Slots() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.slots()
}

func (s *Scheduler) slots() int {
	n := 0
	for _, w := range s.machine.workers {
		if w.usable() {
			n += w.slots
		}
	}
	return n
}

// Memory is the account of this process; nil: it is not limited.
func (s *Scheduler) Memory() *exec.Memory { return s.cfg.Memory }

// TaskMemory is how many bytes a task may hold when all slots of its worker are
// taken, on the worker with the least; 0: no worker says.
func (s *Scheduler) TaskMemory() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	least := int64(0)
	for _, w := range s.machine.workers {
		if each := w.memory / int64(max(w.slots, 1)); each > 0 && (least == 0 || each < least) {
			least = each
		}
	}
	return least
}

// WaitWorkers waits until at least n workers are registered.
func (s *Scheduler) WaitWorkers(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		have, joined := len(s.machine.workers), s.joined
		s.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-joined:
		case <-ctx.Done():
			return sqlerr.Wrap(ctx.Err(), sqlerr.CannotConnectNow, "%d of %d workers have registered", have, n)
		}
	}
}

// awaitSlots is Slots once there are any, or an error after the grace time.
func (s *Scheduler) awaitSlots(ctx context.Context) (int, error) {
	if n := s.Slots(); n > 0 {
		return n, nil
	}
	ctx, stop := context.WithTimeoutCause(ctx, s.cfg.NoWorkerGrace, errNoWorkers(s.cfg.NoWorkerGrace))
	defer stop()
	for {
		s.mu.Lock()
		n, joined := s.slots(), s.joined
		s.mu.Unlock()
		if n > 0 {
			return n, nil
		}
		select {
		case <-joined:
		case <-ctx.Done():
			return 0, canceled(ctx)
		}
	}
}

// Admitted is how many queries have a place among those that run at once, and how many
// wait for one.
func (s *Scheduler) Admitted() (running, waiting int) { return s.admission.count() }

// Close ends all queries with 57P01, stops what runs and waits for it. Local
// workers are not closed.
func (s *Scheduler) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	for _, q := range s.queries {
		q.fail(sqlerr.New(sqlerr.AdminShutdown, "terminating query due to administrator command"))
		if q.state != nil {
			s.machine.end(q.state)
		}
	}
	for _, a := range s.machine.take() {
		s.perform(a)
	}
	s.closed = true
	endpoints := s.endpoints
	s.endpoints = map[*workerState]endpoint{}
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	for _, e := range endpoints {
		e.close()
	}
	s.group.Wait()
	return nil
}

// canceled is the error of a context that ended: its cause if that says more.
func canceled(ctx context.Context) error {
	cause := context.Cause(ctx)
	if e := sqlerr.Find(cause); e.Code != sqlerr.InternalError {
		return e
	}
	err := sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
	err.Cause = cause
	return err
}
