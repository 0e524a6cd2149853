package app

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"volley/certfile"
	"volley/parser"
	"volley/pgwire"
	"volley/sqlerr"
)

// serveOptions are the flags of serve and coordinator.
type serveOptions struct {
	node                      nodeOptions
	listen, flight, http      string
	userFile, tlsCert, tlsKey string
	insecure                  bool
	maxConnections            int
	drain                     time.Duration
}

func newServe() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve PostgreSQL clients, with workers in this process",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), true) },
	}
	o.add(cmd)
	return cmd
}

func newCoordinator() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "coordinator",
		Short: "Serve PostgreSQL clients; workers are processes of their own",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), false) },
	}
	o.add(cmd)
	return cmd
}

func (o *serveOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:5433", "address for PostgreSQL clients")
	f.StringVar(&o.flight, "flight", "127.0.0.1:7433", "address for workers")
	f.StringVar(&o.http, "http", "127.0.0.1:8433", "address for /healthz, /readyz and /metrics; empty: none")
	f.StringVar(&o.userFile, "user-file", "", "users and passwords, name:password or name:SCRAM-SHA-256$… a line")
	f.StringVar(&o.tlsCert, "tls-cert", "", "certificate (PEM) for PostgreSQL clients")
	f.StringVar(&o.tlsKey, "tls-key", "", "its key (PEM)")
	f.BoolVar(&o.insecure, "insecure", false, "allow listening beyond this machine without passwords and TLS")
	f.IntVar(&o.maxConnections, "max-connections", 1000, "PostgreSQL clients at once")
	f.DurationVar(&o.drain, "drain", 30*time.Second, "how long running statements may take at the end")
	o.node.add(f)
	o.node.addListings(f)
}

func (o *serveOptions) run(ctx context.Context, withWorker bool) error {
	cfg, err := o.pgwireConfig()
	if err != nil {
		return err
	}
	if err := cfg.CheckAddress(o.listen, o.insecure); err != nil {
		return err
	}
	if err := o.node.checkFlight(o.flight, o.insecure); err != nil {
		return err
	}
	slots := 0
	if withWorker {
		slots = o.node.threads
	}
	n, err := o.node.newNode(o.flight, slots)
	if err != nil {
		return err
	}
	defer n.close()
	cfg.Backend = &backend{n.coordinator}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not listen on %s", o.listen)
	}
	server := pgwire.NewServer(cfg)
	web, err := startHTTP(o.http, func() string {
		switch {
		case ctx.Err() != nil:
			return "shutting down"
		case n.scheduler.Slots() == 0:
			return "no workers"
		}
		return ""
	}, metricsOf(n, server))
	if err != nil {
		_ = l.Close()
		return err
	}
	slog.Info("ready", "listen", l.Addr().String(), "flight", n.flight.Addr(), "http", web.address())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		slog.Info("shutting down")
	}
	drain, cancel := context.WithTimeout(context.Background(), o.drain)
	defer cancel()
	server.Shutdown(drain)
	web.close()
	return err
}

func (o *serveOptions) pgwireConfig() (pgwire.Config, error) {
	cfg := pgwire.Config{MaxConnections: o.maxConnections, Log: slog.Default(), Secret: parser.HoldsSecrets}
	if o.userFile != "" {
		f, err := os.Open(o.userFile)
		if err != nil {
			return cfg, sqlerr.Wrap(err, sqlerr.UndefinedFile, "user file")
		}
		defer func() { _ = f.Close() }()
		if cfg.Users, err = pgwire.ReadUsers(f); err != nil {
			return cfg, err
		}
	}
	if (o.tlsCert == "") != (o.tlsKey == "") {
		return cfg, sqlerr.New(sqlerr.InvalidParameterValue, "--tls-cert and --tls-key go together")
	}
	if o.tlsCert != "" {
		own, err := certfile.Open(certfile.Files{Certificate: o.tlsCert, Key: o.tlsKey}, slog.Default())
		if err != nil {
			return cfg, err
		}
		cfg.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			current := own.Current().Certificate
			return &current, nil
		}}
	}
	return cfg, nil
}

func randomSecret() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// webServer serves health and metrics; a nil one does nothing.
type webServer struct {
	server *http.Server
	l      net.Listener
}

// startHTTP serves /healthz (the process lives), /readyz (it may be given work)
// and /metrics. hindrance is why it may not be given work, empty if it may.
func startHTTP(addr string, hindrance func() string, metrics metrics) (*webServer, error) {
	if addr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not listen on %s", addr)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if why := hindrance(); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	s := &webServer{&http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}, l}
	go func() {
		if err := s.server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			slog.Error("the HTTP server has ended", "error", err)
		}
	}()
	return s, nil
}

func (s *webServer) address() string {
	if s == nil {
		return ""
	}
	return s.l.Addr().String()
}

func (s *webServer) close() {
	if s != nil {
		_ = s.server.Close()
	}
}
