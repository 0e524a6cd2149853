// Package link is a slow network in one process: a TCP proxy of which each
// connection delays what comes back and limits its rate, as an object store far
// away does. It counts what passes.
package link

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Link is a running proxy.
type Link struct {
	delay    time.Duration
	rate     float64 // bytes a second of a connection
	to       string
	listener net.Listener
	wg       sync.WaitGroup

	// Bytes are those that came back; Connections all there ever were.
	Bytes, Connections atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// Start starts a proxy on 127.0.0.1 to the address to.
func Start(to string, delay time.Duration, rate float64) (*Link, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Link{delay: delay, rate: rate, to: to, listener: l, conns: map[net.Conn]bool{}}
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is where the proxy listens.
func (p *Link) Addr() string { return p.listener.Addr().String() }

// Close ends the proxy and its connections.
func (p *Link) Close() {
	_ = p.listener.Close()
	p.mu.Lock()
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

func (p *Link) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		p.Connections.Add(1)
		p.wg.Go(func() { p.serve(c) })
	}
}

func (p *Link) keep(c net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open {
		p.conns[c] = true
	} else {
		delete(p.conns, c)
		_ = c.Close()
	}
}

func (p *Link) serve(client net.Conn) {
	p.keep(client, true)
	defer p.keep(client, false)
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	p.keep(server, true)
	defer p.keep(server, false)
	var wg sync.WaitGroup
	wg.Go(func() {
		forward(server, client)
		_ = server.(*net.TCPConn).CloseWrite()
	})
	p.back(client, server)
	_ = client.Close()
	wg.Wait()
}

// forward passes requests on as they come.
func forward(to, from net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// chunk is what came back at once, and when it may go on.
type chunk struct {
	data []byte
	due  time.Time
}

// back passes answers on: each byte so much later, and no more of them a second.
func (p *Link) back(to, from net.Conn) {
	const held = 64 // chunks on their way
	chunks, free := make(chan chunk, held), make(chan []byte, held)
	go func() {
		defer close(chunks)
		for {
			var buf []byte
			select {
			case buf = <-free:
			default:
				buf = make([]byte, 64<<10)
			}
			n, err := from.Read(buf[:cap(buf)])
			if n > 0 {
				chunks <- chunk{buf[:n], time.Now().Add(p.delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	var ready time.Time // when the connection may send again
	failed := false
	for c := range chunks {
		if !failed {
			if ready.Before(c.due) {
				ready = c.due
			}
			time.Sleep(time.Until(ready))
			ready = ready.Add(time.Duration(float64(len(c.data)) / p.rate * 1e9))
			p.Bytes.Add(int64(len(c.data)))
			_, err := to.Write(c.data)
			failed = err != nil
		}
		select {
		case free <- c.data:
		default:
		}
	}
}
