// Package link is a slow network in one process: a TCP proxy of which each
// connection delays what is asked and limits the rate of what comes back, as the way to
// an object store far away does. It counts what passes.
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
	rate     atomic.Int64 // bytes a second of a connection
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
	p := &Link{delay: delay, to: to, listener: l, conns: map[net.Conn]bool{}}
	p.SetRate(rate)
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is where the proxy listens.
func (p *Link) Addr() string { return p.listener.Addr().String() }

// SetRate gives each connection so many bytes a second from now on.
func (p *Link) SetRate(rate float64) { p.rate.Store(int64(rate)) }

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
		p.forward(server, client)
		_ = server.(*net.TCPConn).CloseWrite()
	})
	p.back(client.(*net.TCPConn), server.(*net.TCPConn))
	_ = client.Close()
	wg.Wait()
}

// chunk is what was asked at once, and when it may go on.
type chunk struct {
	data []byte
	due  time.Time
}

// forward passes requests on, each so much later as an answer over the link would begin.
func (p *Link) forward(to, from net.Conn) {
	const held = 64 // chunks on their way
	chunks := make(chan chunk, held)
	go func() {
		defer close(chunks)
		for {
			buf := make([]byte, 16<<10)
			n, err := from.Read(buf)
			if n > 0 {
				chunks <- chunk{buf[:n], time.Now().Add(p.delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	failed := false
	for c := range chunks {
		if !failed {
			time.Sleep(time.Until(c.due))
			_, err := to.Write(c.data)
			failed = err != nil
		}
	}
}

const (
	// burst is how many bytes pass at once before the rate counts.
	burst = 128 << 10
	// slack is how late a burst may come and still be one of the same answer, which
	// catches up: sleeps end late, and if that counted, the link would be slower than its
	// rate. Between two answers there is the delay, and nothing is saved up.
	slack = 8 * time.Millisecond
)

// back passes answers on, so many bytes of them a second. They do not go through this
// program's memory: with the server and who asks on the same machine the link would
// otherwise take a good part of what it is to measure.
func (p *Link) back(to, from *net.TCPConn) {
	m, err := newMover(to, from)
	if err != nil {
		return
	}
	defer m.close()
	var ready time.Time // when the connection may send again
	for {
		n, err := m.move(burst)
		if n > 0 {
			p.Bytes.Add(int64(n))
			if now := time.Now(); now.Sub(ready) > slack {
				ready = now
			}
			ready = ready.Add(time.Duration(n) * time.Second / time.Duration(p.rate.Load()))
			time.Sleep(time.Until(ready))
		}
		if err != nil || n == 0 {
			return
		}
	}
}
