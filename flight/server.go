package flight

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	arrowflight "github.com/apache/arrow/go/v15/arrow/flight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"

	"volley/certfile"
	"volley/planner/physical"
	"volley/sqlerr"
)

// Records is a stream of batches: io.EOF ends it, Close is idempotent.
type Records interface {
	Schema() *arrow.Schema
	Next(ctx context.Context) (arrow.Record, error)
	Close() error
}

// ServerConfig says what a server serves.
type ServerConfig struct {
	Secret string // shared by the cluster; "" for none
	// TLS has the server's certificate and the authorities of the others'; nil: no TLS.
	TLS *certfile.Source
	// Open opens a finished output; nil: there are none here.
	Open func(ctx context.Context, task physical.TaskID, partition int) (Records, error)
	// Control takes a worker's control stream until it ends, which it does at
	// the latest when Control returns. nil: this is no coordinator.
	Control func(link *Link) error
	Logger  *slog.Logger // nil: none
}

// Server is a Flight server.
type Server struct {
	arrowflight.BaseFlightServer
	cfg      ServerConfig
	grpc     *grpc.Server
	listener net.Listener
	done     sync.WaitGroup
}

// Serve starts a server on a listener, which it owns from then on, and on a socket for
// processes of the same machine.
func Serve(listener net.Listener, cfg ServerConfig) *Server {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, listener: listener}
	s.grpc = grpc.NewServer(
		grpc.Creds(&transport{own: cfg.TLS, refused: (&complaints{log: cfg.Logger}).refused}),
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage),
		grpc.ChainStreamInterceptor(guard(cfg.Secret, cfg.Logger)), grpc.UnaryInterceptor(refuseUnary),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
	)
	arrowflight.RegisterFlightServiceServer(s.grpc, s)
	s.serve(listener)
	if name, ok := socketNameOf(listener); ok {
		if local, err := listenSocket(name); err == nil { // else everybody comes by TCP
			s.serve(local)
		}
	}
	return s
}

func (s *Server) serve(l net.Listener) {
	s.done.Go(func() {
		if err := s.grpc.Serve(l); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			s.cfg.Logger.Error("the flight server has ended", "error", err, "address", l.Addr())
		}
	})
}

// Listen starts a server on a TCP address.
func Listen(address string, cfg ServerConfig) (*Server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.ConnectionFailure, "could not listen on %s", address)
	}
	return Serve(l, cfg), nil
}

// Addr is the address it listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends all streams and waits for their handlers.
func (s *Server) Close() error {
	s.grpc.Stop()
	s.done.Wait()
	return nil
}

// DoExchange is a worker's control stream.
func (s *Server) DoExchange(stream arrowflight.FlightService_DoExchangeServer) error {
	if s.cfg.Control == nil {
		return sqlerr.New(sqlerr.ProtocolViolation, "what listens on %s is no coordinator", s.Addr())
	}
	ctx, cancel := context.WithCancelCause(stream.Context())
	address := ""
	var certificate *x509.Certificate
	if p, ok := peer.FromContext(ctx); ok {
		address = p.Addr.String()
		if t, ok := p.AuthInfo.(credentials.TLSInfo); ok && len(t.State.PeerCertificates) > 0 {
			certificate = t.State.PeerCertificates[0]
		}
	}
	link := newLink(ctx, cancel, address, stream.Send, stream.Recv)
	link.certificate = certificate
	err := s.cfg.Control(link)
	link.Close(err)
	link.idle.Wait()
	return err
}

// DoGet streams one partition of one task's output.
func (s *Server) DoGet(t *arrowflight.Ticket, stream arrowflight.FlightService_DoGetServer) error {
	var tk ticket
	if err := json.Unmarshal(t.Ticket, &tk); err != nil {
		return sqlerr.Wrap(err, sqlerr.ProtocolViolation, "invalid ticket")
	}
	if s.cfg.Open == nil {
		return sqlerr.New(sqlerr.ConnectionFailure, "no outputs are kept here")
	}
	records, err := s.cfg.Open(stream.Context(), tk.Task, tk.Partition)
	if err != nil {
		return err
	}
	defer records.Close()
	return send(stream, records, tk.Skip)
}

// send writes the schema and all batches but the first few.
func send(stream arrowflight.FlightService_DoGetServer, records Records, skip int) error {
	w := newWriter(stream, records.Schema())
	w.skip = skip
	for {
		rec, err := records.Next(stream.Context())
		if errors.Is(err, io.EOF) {
			return w.close()
		}
		if err == nil {
			err = w.write(rec)
		}
		if err != nil {
			return err
		}
	}
}

// DoAction answers ping.
func (s *Server) DoAction(a *arrowflight.Action, stream arrowflight.FlightService_DoActionServer) error {
	if a.Type != "ping" {
		return sqlerr.New(sqlerr.ProtocolViolation, "unknown action %q", a.Type)
	}
	return stream.Send(&arrowflight.Result{})
}
