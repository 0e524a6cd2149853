package flight

import (
	"context"
	"encoding/json"
	"net"
	"sync"
	"sync/atomic"
	"time"

	arrowflight "github.com/apache/arrow/go/v15/arrow/flight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"

	"volley/certfile"
	"volley/planner/physical"
	"volley/sqlerr"
)

// Pool holds one connection for each address, and one more where a worker has its
// control stream. It is safe for concurrent use.
type Pool struct {
	secret   string
	own      *certfile.Source // nil: without TLS
	bySocket atomic.Int64     // bytes, see socket.go
	mu       sync.Mutex
	conns    map[target]*connection
	closed   bool
}

// connection is one of gRPC, and why it cannot be used.
type connection struct {
	*grpc.ClientConn
	*transport
}

// target is what a connection is for. A coordinator sees from the control stream's
// connection where a worker is, so that it is always by TCP.
type target struct {
	address string
	control bool
}

// NewPool makes an empty pool; secret is the cluster's, "" for none, and own this
// process's certificates, nil for connections without TLS.
func NewPool(secret string, own *certfile.Source) *Pool {
	return &Pool{secret: secret, own: own, conns: map[target]*connection{}}
}

func (p *Pool) conn(to target) (*connection, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.conns[to]; c != nil {
		return c, nil
	}
	if p.closed {
		return nil, sqlerr.New(sqlerr.ConnectionFailure, "the connection pool is closed")
	}
	t := &transport{own: p.own, address: to.address}
	dial := func(ctx context.Context, address string) (net.Conn, error) {
		t.reason.Store(nil) // that of the connection before
		if to.control {
			return dialTCP(ctx, address)
		}
		return p.dial(ctx, address)
	}
	options := []grpc.DialOption{
		grpc.WithContextDialer(dial),
		grpc.WithTransportCredentials(t),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 3 * time.Second}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: 2 * time.Second,
		}),
	}
	if p.secret != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer(p.secret)))
	}
	client, err := grpc.NewClient("passthrough:///"+to.address, options...)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.ConnectionFailure, "invalid address %q", to.address)
	}
	c := &connection{client, t}
	p.conns[to] = c
	return c, nil
}

// Forget closes the connections to an address that is not coming back.
func (p *Pool) Forget(address string) {
	for _, to := range []target{{address: address}, {address: address, control: true}} {
		p.mu.Lock()
		c := p.conns[to]
		delete(p.conns, to)
		p.mu.Unlock()
		if c != nil {
			c.Close()
		}
	}
}

// Close closes all connections; streams on them fail.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
	return nil
}

// Fetch opens one partition of one task's output, without its first skip
// batches. ctx is the stream's life. A server that goes silent in the middle
// ends the stream, see watch.
func (p *Pool) Fetch(ctx context.Context, address string, task physical.TaskID, partition, skip int) (*Stream, error) {
	c, err := p.conn(target{address: address})
	if err != nil {
		return nil, err
	}
	t, err := json.Marshal(ticket{Task: task, Partition: partition, Skip: skip})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	get, err := arrowflight.NewClientFromConn(c, nil).DoGet(ctx, &arrowflight.Ticket{Ticket: t})
	if err != nil {
		cancel(nil)
		return nil, c.explain(fromStatus(err))
	}
	return newStream(get, p.watch(ctx, cancel, address))
}

// Control opens a worker's control stream to a coordinator. The link ends when
// ctx does, or by Close.
func (p *Pool) Control(ctx context.Context, address string) (*Link, error) {
	c, err := p.conn(target{address: address, control: true})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stream, err := arrowflight.NewClientFromConn(c, nil).DoExchange(ctx)
	if err != nil {
		err = c.explain(fromStatus(err))
		cancel(err)
		return nil, err
	}
	return newLink(ctx, cancel, "", stream.Send, stream.Recv), nil
}

// Ping asks whether a Flight server of the same cluster is at an address.
func (p *Pool) Ping(ctx context.Context, address string) error {
	c, err := p.conn(target{address: address})
	if err != nil {
		return err
	}
	stream, err := arrowflight.NewClientFromConn(c, nil).DoAction(ctx, &arrowflight.Action{Type: "ping"})
	if err == nil {
		_, err = stream.Recv()
	}
	return c.explain(fromStatus(err))
}
