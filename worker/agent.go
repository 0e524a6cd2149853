package worker

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"volley/exec"
	"volley/flight"
	"volley/planner/physical"
	"volley/sqlerr"
)

// AgentConfig connects a Worker to a coordinator in another process.
type AgentConfig struct {
	Coordinator string // host:port of its Flight server
	Address     string // host:port of this process's Flight server
	Version     string // of Volley
	Functions   string // udf.Registry.Fingerprint
	Pool        *flight.Pool
	Logger      *slog.Logger // nil: none

	Beat    time.Duration // between signs of life; 500 ms
	Silence time.Duration // of the coordinator, after which it is gone; 5 s
	Orphan  time.Duration // without a coordinator, after which outputs are dropped; 20 s
	Retry   time.Duration // longest pause between attempts to connect; 1 s
}

// Agent takes a worker's tasks from a coordinator.
type Agent struct {
	cfg    AgentConfig
	worker *Worker

	mu       sync.Mutex
	session  *session // nil while there is no coordinator
	draining bool
	changed  chan struct{} // capacity 1: a task or an output has gone

	tasks sync.WaitGroup // of all sessions
}

// NewAgent makes an agent for a worker.
func NewAgent(w *Worker, cfg AgentConfig) *Agent {
	for _, d := range []struct {
		v *time.Duration
		d time.Duration
	}{{&cfg.Beat, 500 * time.Millisecond}, {&cfg.Silence, 5 * time.Second}, {&cfg.Orphan, 20 * time.Second}, {&cfg.Retry, time.Second}} {
		if *d.v == 0 {
			*d.v = d.d
		}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Agent{cfg: cfg, worker: w, changed: make(chan struct{}, 1)}
}

// Run serves the coordinator until ctx ends, which stops all tasks, or until
// it refuses this worker for good. A coordinator that goes away is looked for
// again; once it is back, nothing of before counts.
func (a *Agent) Run(ctx context.Context) error {
	orphan := time.AfterFunc(a.cfg.Orphan, a.worker.DropAll)
	defer orphan.Stop()
	defer a.worker.DropAll()
	defer a.tasks.Wait()
	complaint := ""
	for pause := 100 * time.Millisecond; ; {
		registered, err := a.serve(ctx, orphan)
		if ctx.Err() != nil {
			return nil
		}
		if registered {
			pause, complaint = 100*time.Millisecond, ""
		}
		if e := sqlerr.Find(err); !registered && (e.Code == sqlerr.ProtocolViolation || e.Code == sqlerr.InvalidAuthorization) {
			return err
		}
		// a connection that a cut network has broken must not be tried again
		a.cfg.Pool.Forget(a.cfg.Coordinator)
		level := slog.LevelDebug // said once for each reason: it is tried every second
		if err.Error() != complaint {
			level, complaint = slog.LevelWarn, err.Error()
		}
		a.cfg.Logger.Log(ctx, level, "no coordinator", append([]any{"coordinator", a.cfg.Coordinator, "error", err, "retry", pause}, flight.LogHint(err)...)...)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		pause = min(2*pause, a.cfg.Retry)
	}
}

// serve is one session: register, then do what the coordinator says until the
// link ends.
func (a *Agent) serve(ctx context.Context, orphan *time.Timer) (registered bool, err error) {
	link, err := a.cfg.Pool.Control(ctx, a.cfg.Coordinator)
	if err != nil {
		return false, err
	}
	defer link.Close(nil)
	link.Send(&flight.Message{Kind: flight.KindHello, Hello: &flight.Hello{
		Protocol: flight.Protocol, Version: a.cfg.Version, Functions: a.cfg.Functions,
		Worker: a.worker.ID(), Address: a.cfg.Address, Slots: a.worker.Slots(), Memory: a.worker.cfg.Memory.Limit(),
	}})
	silence := time.AfterFunc(a.cfg.Silence, func() {
		link.Close(sqlerr.New(sqlerr.ConnectionFailure, "the coordinator has been silent for %s", a.cfg.Silence))
	})
	defer silence.Stop()
	m, err := link.Recv()
	if err != nil {
		return false, err
	}
	if m.Kind != flight.KindWelcome {
		return false, sqlerr.New(sqlerr.ProtocolViolation, "the coordinator answered %q to hello", m.Kind)
	}
	// whatever was kept belongs to a registration that is lost
	a.worker.DropAll()
	orphan.Stop()
	defer orphan.Reset(a.cfg.Orphan)
	s := newSession(a, link)
	defer s.end()
	a.cfg.Logger.Info("registered", "coordinator", a.cfg.Coordinator, "worker", a.worker.ID())
	for {
		m, err := link.Recv()
		if err != nil {
			if cause := link.Err(); cause != nil {
				err = cause
			}
			return true, err
		}
		silence.Reset(a.cfg.Silence)
		s.handle(m)
	}
}

// Drain asks the coordinator for no more tasks and waits until it has agreed, the
// running ones have finished and nobody needs their outputs any more, or until ctx
// ends. Then it is time to end Run. Without the coordinator's word, tasks that are on
// their way would be lost, and the worker's end would look like its death.
func (a *Agent) Drain(ctx context.Context) error {
	a.mu.Lock()
	a.draining = true
	if a.session != nil {
		a.session.link.Send(&flight.Message{Kind: flight.KindDrain})
	}
	a.mu.Unlock()
	for {
		a.mu.Lock()
		s := a.session
		a.mu.Unlock()
		if s == nil || s.isRelieved() && s.running() == 0 && a.worker.Outputs() == 0 {
			return nil
		}
		select {
		case <-a.changed:
		case <-s.link.Done():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Registered tells whether there is a coordinator that knows this worker.
func (a *Agent) Registered() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.session != nil
}

func (a *Agent) poke() {
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// session is the time between registering and losing the coordinator.
type session struct {
	agent *Agent
	link  *flight.Link
	group sync.WaitGroup

	mu       sync.Mutex
	tasks    map[physical.TaskID]context.CancelFunc
	relieved bool // the coordinator sends no more tasks
	beats    beats
}

func newSession(a *Agent, link *flight.Link) *session {
	s := &session{agent: a, link: link, tasks: map[physical.TaskID]context.CancelFunc{}}
	a.mu.Lock()
	a.session = s
	if a.draining {
		link.Send(&flight.Message{Kind: flight.KindDrain})
	}
	a.mu.Unlock()
	s.group.Go(s.beat)
	return s
}

func (s *session) beat() {
	t := time.NewTicker(s.agent.cfg.Beat)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			s.link.Send(&flight.Message{Kind: flight.KindBeat, RTT: s.sent(time.Now())})
		case <-s.link.Done():
			return
		}
	}
}

// end stops all tasks: without this session nobody wants them. It does not wait
// for them, since a function may take its time to notice: until then they keep
// their slots.
func (s *session) end() {
	s.link.Close(nil)
	s.mu.Lock()
	for _, cancel := range s.tasks {
		cancel()
	}
	s.mu.Unlock()
	s.agent.mu.Lock()
	s.agent.session = nil
	s.agent.mu.Unlock()
	s.group.Wait()
}

func (s *session) running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tasks)
}

func (s *session) isRelieved() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.relieved
}

func (s *session) handle(m *flight.Message) {
	switch {
	case m.Kind == flight.KindBeat:
		s.answered(time.Now())
	case m.Kind == flight.KindStart && m.Task != nil:
		s.start(*m.Task, m.Body)
	case m.Kind == flight.KindCancel && m.Task != nil:
		s.cancel(func(id physical.TaskID) bool { return id == *m.Task })
		s.agent.worker.Free(*m.Task)
	case m.Kind == flight.KindFree && m.Task != nil:
		s.agent.worker.Free(*m.Task)
	case m.Kind == flight.KindDrop:
		s.cancel(func(id physical.TaskID) bool { return id.Query == m.Query })
		s.agent.worker.Drop(m.Query)
	case m.Kind == flight.KindDrain:
		s.mu.Lock()
		s.relieved = true
		s.mu.Unlock()
	case m.Kind == flight.KindGone:
		s.agent.cfg.Pool.Forget(m.Address)
	}
	s.agent.poke()
}

func (s *session) cancel(which func(physical.TaskID) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, cancel := range s.tasks {
		if which(id) {
			cancel()
		}
	}
}

// start runs a task; its context is known before the next message is read.
func (s *session) start(id physical.TaskID, body []byte) {
	ctx, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	s.tasks[id] = cancel
	s.mu.Unlock()
	s.agent.tasks.Go(func() {
		defer cancel()
		report, err := s.run(ctx, id, body)
		s.mu.Lock()
		delete(s.tasks, id)
		s.mu.Unlock()
		s.link.Send(done(id, report, err))
		s.agent.poke()
	})
}

func (s *session) run(ctx context.Context, id physical.TaskID, body []byte) (exec.Report, error) {
	frag, err := physical.Decode(body)
	if err != nil {
		return exec.Report{}, sqlerr.Wrap(err, sqlerr.ProtocolViolation, "invalid fragment of task %s", id)
	}
	for _, list := range frag.Sources {
		for i := range list {
			if list[i].Address == "" { // the coordinator's own process
				list[i].Address = s.agent.cfg.Coordinator
			}
		}
	}
	return s.agent.worker.Run(ctx, frag)
}

// done is the message that tells a task's end.
func done(id physical.TaskID, report exec.Report, err error) *flight.Message {
	m := &flight.Message{Kind: flight.KindDone, Task: &id}
	encoded, failed := json.Marshal(report)
	if m.Report = encoded; err == nil {
		err = failed
	}
	if err != nil {
		m.Error = sqlerr.Marshal(err)
		var lost *exec.LostSource
		if errors.As(err, &lost) {
			m.Lost = &lost.Source
		}
	}
	return m
}
