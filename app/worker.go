package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"volley/flight"
	"volley/sqlerr"
	"volley/udf"
	"volley/worker"
)

// workerOptions are the flags of `volley worker`.
type workerOptions struct {
	node        nodeOptions
	coordinator string
	flight      string
	advertise   string
	http        string
	id          string
	insecure    bool
	drain       time.Duration
}

func newWorker() *cobra.Command {
	var o workerOptions
	cmd := &cobra.Command{
		Use:   "worker --coordinator HOST:PORT",
		Short: "Run fragments of queries for a coordinator",
		Long: "Run fragments of queries for a coordinator.\n\n" +
			"A worker may join and leave at any time. SIGTERM drains it: it takes no more\n" +
			"tasks, finishes its own, and ends when nobody needs their outputs any more.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.StringVar(&o.coordinator, "coordinator", "127.0.0.1:7433", "the coordinator's Flight address")
	f.StringVar(&o.flight, "flight", "127.0.0.1:0", "address for other workers and the coordinator to read outputs from")
	f.StringVar(&o.advertise, "advertise", "", "that address as others reach it, where it differs")
	f.StringVar(&o.http, "http", "", "address for /healthz, /readyz and /metrics; empty: none")
	f.StringVar(&o.id, "id", "", "name of this worker, unique in the cluster (default host:pid)")
	f.BoolVar(&o.insecure, "insecure", false, "allow listening beyond this machine without a secret")
	f.DurationVar(&o.drain, "drain", 25*time.Second, "how long its tasks and outputs may take at the end")
	o.node.add(f)
	return cmd
}

func (o *workerOptions) run(ctx context.Context) error {
	if err := o.node.checkFlight(o.flight, o.insecure); err != nil {
		return err
	}
	if o.id == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "worker"
		}
		o.id = fmt.Sprintf("%s:%d", host, os.Getpid())
	}
	p, err := o.node.parts()
	if err != nil {
		return err
	}
	defer p.close()
	w := p.newWorker(o.id, o.node.threads, workerPlace{})
	server, err := flight.Listen(o.flight, flight.ServerConfig{Secret: o.node.secret, TLS: p.certificates, Open: w.Records, Logger: p.log})
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not listen on %s", o.flight)
	}
	defer func() { _ = server.Close() }()
	address := server.Addr()
	if o.advertise != "" {
		address = withPort(o.advertise, address)
	}
	agent := worker.NewAgent(w, worker.AgentConfig{
		Coordinator: o.coordinator, Address: address, Version: Version(), Functions: udf.Default.Fingerprint(), Pool: p.pool, Logger: p.log,
	})
	web, err := startHTTP(o.http, func() string {
		switch {
		case ctx.Err() != nil:
			return "draining"
		case !agent.Registered():
			return "no coordinator"
		}
		return ""
	}, metricsOfWorker(w, p))
	if err != nil {
		return err
	}
	defer web.close()
	slog.Info("worker", "id", o.id, "flight", address, "coordinator", o.coordinator, "threads", o.node.threads)
	return o.serve(ctx, agent)
}

// serve runs the agent; the end of ctx drains it first.
func (o *workerOptions) serve(ctx context.Context, agent *worker.Agent) error {
	life, end := context.WithCancel(context.Background())
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- agent.Run(life) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	slog.Info("draining")
	drain, cancel := context.WithTimeout(context.Background(), o.drain)
	defer cancel()
	if err := agent.Drain(drain); err != nil {
		slog.Warn("drained in part", "error", err)
	}
	end()
	return <-ended
}

// withPort adds the port of address to a host without one.
func withPort(host, address string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return host
	}
	return net.JoinHostPort(host, port)
}
