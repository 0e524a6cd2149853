package flight

import (
	"context"
	"crypto/x509"
	"net"
	"sync"

	arrowflight "github.com/apache/arrow/go/v15/arrow/flight"

	"volley/sqlerr"
)

// Link is one side of a control stream. Send may be called by anyone at any
// time and never blocks; Recv by one goroutine. Done is closed when the link
// has ended, for whatever reason.
type Link struct {
	recv  func() (*arrowflight.FlightData, error)
	close context.CancelCauseFunc
	ctx   context.Context
	peer  string
	// certificate is the other side's; nil without TLS, and on the side that connected.
	certificate *x509.Certificate

	mu    sync.Mutex
	queue []*Message
	wake  chan struct{} // capacity 1
	idle  sync.WaitGroup
}

// newLink starts the writer. When ctx ends, the stream must end too.
func newLink(ctx context.Context, cancel context.CancelCauseFunc, peer string, send func(*arrowflight.FlightData) error, recv func() (*arrowflight.FlightData, error)) *Link {
	l := &Link{recv: recv, peer: peer, close: cancel, ctx: ctx, wake: make(chan struct{}, 1)}
	l.idle.Go(func() { l.write(send) })
	return l
}

// Send queues a message. After the link's end it does nothing.
func (l *Link) Send(m *Message) {
	l.mu.Lock()
	l.queue = append(l.queue, m)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *Link) write(send func(*arrowflight.FlightData) error) {
	for {
		select {
		case <-l.wake:
		case <-l.ctx.Done():
			return
		}
		l.mu.Lock()
		queue := l.queue
		l.queue = nil
		l.mu.Unlock()
		for _, m := range queue {
			d, err := m.encode()
			if err == nil {
				err = send(d)
			}
			if err != nil {
				l.Close(fromStatus(err))
				return
			}
		}
	}
}

// Recv gives the next message. Its error ends the link.
func (l *Link) Recv() (*Message, error) {
	d, err := l.recv()
	if err != nil {
		err = fromStatus(err)
		l.Close(err)
		return nil, err
	}
	m, err := decodeMessage(d)
	if err != nil {
		l.Close(err)
	}
	return m, err
}

// Close ends the link; err is why, for Err. The first reason is kept.
func (l *Link) Close(err error) {
	if err == nil {
		err = sqlerr.New(sqlerr.ConnectionFailure, "the control stream was closed")
	}
	l.close(err)
}

// Peer is the other side's network address; "" on the side that connected.
func (l *Link) Peer() string { return l.peer }

// CheckAddress is an error where the other side has a certificate that is not for the
// address at which it says others can reach it: they would refuse it.
func (l *Link) CheckAddress(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil || l.certificate == nil || l.certificate.VerifyHostname(host) == nil {
		return nil //nolint:nilerr // who dials the address says what is wrong with it
	}
	e := errName(address, host, l.certificate)
	e.Code, e.Retryable = sqlerr.InvalidAuthorization, false
	return e
}

// Done is closed when the link has ended.
func (l *Link) Done() <-chan struct{} { return l.ctx.Done() }

// Err is why the link has ended; nil while it lives.
func (l *Link) Err() error { return context.Cause(l.ctx) }
