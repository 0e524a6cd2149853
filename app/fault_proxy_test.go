package app

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// proxy passes TCP connections on to one address and can spoil them. It knows
// which process has connected, so that it can cut single pairs of them.
type proxy struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	cuts    []cut
	healed  chan struct{} // closed and made anew when cuts change
	delay   time.Duration // of every byte, each way
	breaks  int           // connections still to be broken off
	after   int           // bytes that such a one brings
	abort   bool          // by a reset, else by its end
	passed  *bytes.Buffer // what has gone through, both ways; nil: nobody asks
	conns   map[net.Conn]bool
	held    atomic.Int64 // times that bytes were held back
	broken  atomic.Int64 // connections broken off
	delayed atomic.Int64 // bytes
}

// cut is a direction in which nothing passes.
type cut struct {
	pid int  // of the client; 0: any
	up  bool // from the client
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target, healed: make(chan struct{}), conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
		p.mu.Lock()
		defer p.mu.Unlock()
		for c := range p.conns {
			_ = c.Close()
		}
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// cut replaces the cuts; without any, the proxy is healed.
func (p *proxy) cut(cuts ...cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cuts = cuts
	close(p.healed)
	p.healed = make(chan struct{})
}

// set changes the delay of connections, and breaks off the next few after so
// many bytes.
func (p *proxy) set(delay time.Duration, breaks, after int, abort bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay, p.breaks, p.after, p.abort = delay, breaks, after, abort
}

func (p *proxy) track(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
}

func (p *proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	p.track(client)
	pid := clientOf(client)
	p.pass(pid, true)
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	p.track(server)
	ended := make(chan struct{}, 2)
	go func() { p.pump(server, client, pid, true); ended <- struct{}{} }()
	go func() { p.pump(client, server, pid, false); ended <- struct{}{} }()
	<-ended
}

// pass waits while a direction is cut.
func (p *proxy) pass(pid int, up bool) {
	for {
		p.mu.Lock()
		blocked := false
		for _, c := range p.cuts {
			blocked = blocked || (c.pid == 0 || c.pid == pid) && c.up == up
		}
		healed := p.healed
		p.mu.Unlock()
		if !blocked {
			return
		}
		p.held.Add(1)
		<-healed
	}
}

type parcel struct {
	bytes []byte
	due   time.Time
}

// pump passes one direction on.
func (p *proxy) pump(to, from net.Conn, pid int, up bool) {
	queue := make(chan parcel, 1024)
	go func() {
		defer close(queue)
		for {
			b := make([]byte, 32<<10)
			n, err := from.Read(b)
			if err != nil {
				return
			}
			p.mu.Lock()
			delay := p.delay
			p.mu.Unlock()
			queue <- parcel{b[:n], time.Now().Add(delay)}
		}
	}()
	passed := 0
	defer func() {
		for range queue { // until the reader, whose connection is closed, ends
		}
	}()
	defer func() { _ = from.Close() }()
	for b := range queue {
		if wait := time.Until(b.due); wait > 0 {
			p.delayed.Add(int64(len(b.bytes)))
			time.Sleep(wait)
		}
		p.pass(pid, up)
		p.keep(b.bytes)
		if passed += len(b.bytes); !up && p.breakOff(passed, to) {
			return
		}
		if _, err := to.Write(b.bytes); err != nil {
			return
		}
	}
}

func (p *proxy) keep(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.passed != nil {
		p.passed.Write(b)
	}
}

// record keeps from now on what goes through, for carried.
func (p *proxy) record() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed = &bytes.Buffer{}
}

// carried tells whether a text has gone through.
func (p *proxy) carried(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Contains(p.passed.Bytes(), []byte(text))
}

// breakOff ends a connection if it is its turn.
func (p *proxy) breakOff(passed int, client net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.breaks == 0 || passed < p.after {
		return false
	}
	p.breaks--
	p.broken.Add(1)
	if tcp, ok := client.(*net.TCPConn); ok && p.abort {
		_ = tcp.SetLinger(0)
	}
	_ = client.Close()
	return true
}

// clientOf is the process at the other end of a local connection, found by the
// inode of its socket.
func clientOf(c net.Conn) int {
	local, remote := c.LocalAddr().(*net.TCPAddr).Port, c.RemoteAddr().(*net.TCPAddr).Port
	text, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return -1
	}
	inode := ""
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) > 9 && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", remote)) && strings.HasSuffix(f[2], fmt.Sprintf(":%04X", local)) {
			inode = "socket:[" + f[9] + "]"
		}
	}
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return -1
	}
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == inode {
			pid := 0
			if _, err := fmt.Sscanf(link, "/proc/%d/", &pid); err == nil {
				return pid
			}
		}
	}
	return -1
}
