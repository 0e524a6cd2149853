package sched

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"time"

	"github.com/zeebo/xxh3"

	"volley/exec"
	"volley/flight"
	"volley/planner/physical"
	"volley/sqlerr"
)

// helloTimeout is how long a new connection may take to introduce itself.
const helloTimeout = 10 * time.Second

// Control takes the control stream of a worker in another process until it
// ends. It is flight.ServerConfig's Control.
func (s *Scheduler) Control(link *flight.Link) error {
	timer := time.AfterFunc(helloTimeout, func() {
		link.Close(sqlerr.New(sqlerr.ProtocolViolation, "the worker has not introduced itself in %s", helloTimeout))
	})
	messages := make(chan *flight.Message)
	go receive(link, messages)
	var hello *flight.Hello
	select {
	case m := <-messages:
		timer.Stop()
		hello = m.Hello
	case <-link.Done():
		timer.Stop()
		return link.Err()
	}
	if hello == nil {
		return sqlerr.New(sqlerr.ProtocolViolation, "the first control message is no hello")
	}
	if err := hello.Check(s.cfg.Version, s.cfg.Functions); err != nil {
		s.log.Warn("worker refused", "worker", hello.Worker, "address", hello.Address, "error", err)
		return err
	}
	w := &workerState{id: hello.Worker, address: reachable(hello.Address, link.Peer()), hash: xxh3.HashString(hello.Worker), slots: hello.Slots, memory: hello.Memory, version: hello.Version}
	if err := link.CheckAddress(w.address); err != nil {
		s.log.Warn("worker refused", "worker", w.id, "address", w.address, "error", err)
		return err
	}
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		e := sqlerr.New(sqlerr.AdminShutdown, "the coordinator is shutting down")
		e.Retryable = true
		return e
	}
	s.log.Info("worker joined", "worker", w.id, "address", w.address, "slots", w.slots)
	link.Send(&flight.Message{Kind: flight.KindWelcome})
	s.join(w, &remoteEndpoint{link: link, authenticated: s.cfg.Authenticated, refused: func(id physical.TaskID, err error) {
		s.group.Go(func() { s.result(w, id, exec.Report{}, err) })
	}})
	return s.attend(w, link, messages)
}

// receive reads a link until it ends.
func receive(link *flight.Link, messages chan *flight.Message) {
	for {
		m, err := link.Recv()
		if err != nil {
			return
		}
		select {
		case messages <- m:
		case <-link.Done():
			return
		}
	}
}

// attend handles a registered worker's messages until its link ends.
func (s *Scheduler) attend(w *workerState, link *flight.Link, messages chan *flight.Message) error {
	for {
		select {
		case m := <-messages:
			s.handle(w, link, m)
		case <-link.Done():
			err := link.Err()
			reason := "its connection is broken"
			if !errors.Is(err, context.Canceled) {
				reason = err.Error()
			}
			s.event(func(m *machine, now time.Time) { m.lose(w, reason, now) })
			return err
		}
	}
}

func (s *Scheduler) handle(w *workerState, link *flight.Link, m *flight.Message) {
	s.event(func(machine *machine, now time.Time) { machine.heard(w, now) })
	switch m.Kind {
	case flight.KindBeat:
		s.event(func(*machine, time.Time) { w.rtt = m.RTT })
		link.Send(&flight.Message{Kind: flight.KindBeat})
	case flight.KindDrain:
		s.log.Info("worker drains", "worker", w.id)
		s.event(func(machine *machine, now time.Time) { machine.drain(w, now) })
		link.Send(&flight.Message{Kind: flight.KindDrain}) // behind the last start
	case flight.KindDone:
		if m.Task == nil {
			link.Close(sqlerr.New(sqlerr.ProtocolViolation, "a done message without a task"))
			return
		}
		report, err := outcomeOf(m)
		s.result(w, *m.Task, report, err)
	}
}

// outcomeOf is what a done message says.
func outcomeOf(m *flight.Message) (exec.Report, error) {
	var report exec.Report
	err := json.Unmarshal(m.Report, &report)
	switch {
	case m.Lost != nil:
		return report, &exec.LostSource{Source: *m.Lost, Err: sqlerr.Unmarshal(m.Error)}
	case m.Error != nil:
		return report, sqlerr.Unmarshal(m.Error)
	case err != nil:
		return report, sqlerr.Wrap(err, sqlerr.ProtocolViolation, "invalid report of task %s", m.Task)
	}
	return report, nil
}

// reachable is a worker's address as others reach it: one that listens on all
// addresses is at the one it called from.
func reachable(address, peer string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		return address
	}
	if host, _, err = net.SplitHostPort(peer); err != nil {
		return address
	}
	return net.JoinHostPort(host, port)
}

// remoteEndpoint sends actions to a worker in another process.
type remoteEndpoint struct {
	link *flight.Link
	// authenticated: the worker has shown the cluster's secret.
	authenticated bool
	// refused takes, without blocking, the failure of a task that was not sent.
	refused func(id physical.TaskID, err error)
}

func (e *remoteEndpoint) start(frag *physical.Fragment) {
	if list := frag.Secrets.List(); len(list) > 0 && !e.authenticated {
		e.refused(frag.Task, sqlerr.New(sqlerr.InsufficientPrivilege, "secret \"%s\" is not sent to workers that need not show the cluster's secret", list[0].Name).
			WithHint("Start the coordinator and its workers with --cluster-secret."))
		return
	}
	body, err := physical.Encode(frag)
	if err != nil {
		e.refused(frag.Task, sqlerr.Wrap(err, sqlerr.InternalError, "could not encode task %s", frag.Task))
		return
	}
	e.link.Send(&flight.Message{Kind: flight.KindStart, Task: &frag.Task, Body: body})
}

func (e *remoteEndpoint) cancel(task physical.TaskID) {
	e.link.Send(&flight.Message{Kind: flight.KindCancel, Task: &task})
}

func (e *remoteEndpoint) free(task physical.TaskID) {
	e.link.Send(&flight.Message{Kind: flight.KindFree, Task: &task})
}

func (e *remoteEndpoint) drop(query string) {
	e.link.Send(&flight.Message{Kind: flight.KindDrop, Query: query})
}

func (e *remoteEndpoint) gone(address string) {
	e.link.Send(&flight.Message{Kind: flight.KindGone, Address: address})
}

func (e *remoteEndpoint) close() { e.link.Close(nil) }
