package app

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/pflag"

	"volley/catalog"
	"volley/catalog/csv"
	"volley/catalog/memtable"
	"volley/catalog/memtable/block"
	"volley/catalog/objstore"
	"volley/catalog/objstore/cache"
	"volley/catalog/objstore/secret"
	"volley/catalog/parquet"
	"volley/catalog/pgcatalog"
	"volley/certfile"
	"volley/coordinator"
	"volley/coordinator/sched"
	volleyexec "volley/exec"
	"volley/exec/spill"
	"volley/flight"
	"volley/sqlerr"
	"volley/udf"
	"volley/worker"
)

// nodeOptions are the flags that every process has that executes SQL.
type nodeOptions struct {
	threads    int
	memory     byteSize
	spillDir   string
	cacheDir   string
	cacheSize  byteSize
	s3Timeout  time.Duration
	listingAge time.Duration
	allow      []string
	secret     string
	clusterTLS certfile.Files
	dataDir    string
	// secretsFile has settings of object stores, by name.
	secretsFile string
	unlimited   bool // paths are not limited: the shell of the user who typed it
	// tablesMemory is what rows and keys of managed tables may hold; 0: their share.
	tablesMemory int64
}

func (o *nodeOptions) add(f *pflag.FlagSet) {
	o.memory = byteSize(machineMemory() / 4 * 3)
	f.IntVar(&o.threads, "threads", defaultThreads(), "tasks that run at once in a process")
	f.Var(&o.memory, "memory", "of one process, 128MB or more: bytes, 512MB, 2GiB or 50% (default 75% of what the machine or the control group has)")
	f.StringVar(&o.spillDir, "spill-dir", os.TempDir(), "where operators put what does not fit into memory")
	f.StringVar(&o.cacheDir, "cache-dir", "", "where what was read of S3 is kept on disk; empty: nowhere")
	o.cacheSize = 10 << 30
	f.Var(&o.cacheSize, "cache-size", "bytes that --cache-dir may take: 500MB, 2TiB")
	f.DurationVar(&o.s3Timeout, "s3-timeout", objstore.DefaultRetry.Silence, "for how long S3 may be silent until a query fails")
	f.StringSliceVar(&o.allow, "allow-path", nil, "directory or s3://bucket/prefix that SQL may read and write (repeatable)")
	f.StringVar(&o.dataDir, "data-dir", "", "where the catalog and managed tables are kept; empty: they end with the process")
	f.StringVar(&o.secretsFile, "secrets-file", "", "settings of object stores, in YAML; for its owner alone (0600)")
	f.StringVar(&o.secret, "cluster-secret", "", "shared by coordinator and workers, which then refuse all others")
	f.StringVar(&o.clusterTLS.Certificate, "cluster-tls-cert", "", "certificate (PEM) of this process for the others of its cluster, all of which then use TLS")
	f.StringVar(&o.clusterTLS.Key, "cluster-tls-key", "", "its key (PEM)")
	f.StringVar(&o.clusterTLS.Authorities, "cluster-tls-ca", "", "authorities (PEM) whose certificates the others must have")
}

// addListings adds the flag of processes that list files.
func (o *nodeOptions) addListings(f *pflag.FlagSet) {
	f.DurationVar(&o.listingAge, "listing-max-age", 0, "how old a listing of S3 may be that queries take for what is there now; 0: each lists anew")
}

// parts are what a worker and a coordinator both need to run fragments.
type parts struct {
	store   objstore.Store
	cache   *cache.Cache // nil: none
	secrets *secret.Keeper
	formats map[string]catalog.Format
	tables  *block.Pool
	rows    *volleyexec.Memory // of tables
	memory  *volleyexec.Memory
	spill   *spill.Claim
	pool    *flight.Pool
	// certificates are for the others of the cluster; nil: without TLS.
	certificates *certfile.Source
	log          *slog.Logger
}

func (o *nodeOptions) parts() (*parts, error) {
	if o.threads < 1 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "--threads must be at least 1")
	}
	if err := checkMemory(int64(o.memory)); err != nil {
		return nil, err
	}
	if o.s3Timeout < 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "--s3-timeout must not be negative")
	}
	heap, accounts := divideMemory(int64(o.memory))
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heap)
	}
	certificates, err := openClusterTLS(o.clusterTLS, slog.Default())
	if err != nil {
		return nil, err
	}
	secrets, err := o.openSecrets()
	if err != nil {
		return nil, err
	}
	memory := volleyexec.NewMemory(nil, accounts)
	store, kept, err := o.openStore(secrets, memory)
	if err != nil {
		return nil, err
	}
	claim, err := spill.NewClaim(o.spillDir)
	if err != nil {
		return nil, err
	}
	rows := memory.Part(tablesShare)
	if o.tablesMemory > 0 {
		rows = volleyexec.NewMemory(memory, o.tablesMemory)
	}
	tables := block.NewPool(rows, claim.Path())
	formats := map[string]catalog.Format{}
	for _, f := range []catalog.Format{csv.New(), parquet.New(), memtable.NewIn(tables), pgcatalog.Format{}} {
		formats[f.Name()] = f
	}
	return &parts{
		store: store, cache: kept, secrets: secrets, formats: formats, tables: tables, rows: rows, memory: memory,
		spill: claim, pool: flight.NewPool(o.secret, certificates), certificates: certificates, log: slog.Default(),
	}, nil
}

// close gives connections and the spill directory back.
func (p *parts) close() {
	_ = p.pool.Close()
	_ = p.tables.Close() // its file has no name
	if err := p.spill.Close(); err != nil {
		p.log.Warn("could not remove the spill directory", "error", err)
	}
	if p.cache != nil {
		_ = p.cache.Close()
	}
}

// workerPlace is where a worker is.
type workerPlace struct {
	coordinator bool // it is in the coordinator's process
	alone       bool // and there are no others
}

// newWorker makes a worker of this process.
func (p *parts) newWorker(id string, slots int, at workerPlace) *worker.Worker {
	return worker.New(worker.Config{
		ID: id, Slots: slots, Coordinator: at.coordinator, Alone: at.alone, Store: p.store, Formats: p.formats, Registry: udf.Default,
		Memory: p.memory, SpillDir: p.spill.Path(), Logger: p.log, Run: volleyexec.Run,
		Remote: &worker.Remote{Pool: p.pool},
	})
}

// node is a coordinator and what belongs to it in this process.
type node struct {
	*parts
	coordinator *coordinator.Coordinator
	scheduler   *sched.Scheduler
	flight      *flight.Server
	children    *children // nil: there are none
}

// newNode makes a coordinator with a worker of so many slots in this process,
// or none; flightAddress is where other workers join, "" for nowhere.
func (o *nodeOptions) newNode(flightAddress string, slots int) (*node, error) {
	if o.listingAge < 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "--listing-max-age must not be negative")
	}
	p, err := o.parts()
	if err != nil {
		return nil, err
	}
	names, tables, err := p.openCatalog(o.dataDir)
	if err != nil {
		p.close()
		return nil, err
	}
	n := &node{parts: p}
	n.scheduler = sched.New(sched.Config{
		Store: p.store, Formats: p.formats, Registry: udf.Default, Memory: p.memory, SpillDir: p.spill.Path(),
		Exchange:   &worker.Remote{Pool: p.pool, Whole: true, Memory: p.memory.Part(worker.OutputShare), SpillDir: p.spill.Path()},
		Version:    Version(),
		MaxRunning: runningQueries(p.memory.Limit()),
		Functions:  udf.Default.Fingerprint(),
		Logger:     p.log,
		Secrets:    p.secrets, Authenticated: o.secret != "" || p.certificates != nil,
	})
	system := coordinator.SystemFormat(n.scheduler)
	p.formats[system.Name()] = system
	n.coordinator = coordinator.New(coordinator.Config{
		Catalog: names, Tables: tables, Store: p.store, Formats: p.formats, Registry: udf.Default, Scheduler: n.scheduler, Log: p.log,
		ListingMaxAge: o.listingAge,
	})
	serve := flight.ServerConfig{Secret: o.secret, TLS: p.certificates, Control: n.scheduler.Control, Logger: p.log}
	var own *worker.Worker
	if slots > 0 {
		own = n.newWorker("local", slots, workerPlace{coordinator: true, alone: flightAddress == ""})
		serve.Open = own.Records
	}
	address := ""
	if flightAddress != "" {
		if n.flight, err = flight.Listen(flightAddress, serve); err != nil {
			_ = n.scheduler.Close()
			_ = n.coordinator.Close()
			p.close()
			return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not listen for workers on %s", flightAddress)
		}
		address = n.flight.Addr()
	}
	if own != nil {
		n.scheduler.AddLocal(own, address)
	}
	return n, nil
}

// open makes the node of a single command: a worker in this process, or so many
// worker processes, which have registered when it returns.
func (o *nodeOptions) open(ctx context.Context, workers int) (*node, error) {
	o.unlimited = o.unlimited || len(o.allow) == 0
	o.clusterTLS = certfile.Files{} // nobody beyond this machine takes part
	if workers == 0 {
		return o.newNode("", o.threads)
	}
	if o.secret == "" {
		o.secret = randomSecret()
	}
	n, err := o.newNode("127.0.0.1:0", 0)
	if err != nil {
		return nil, err
	}
	if n.children, err = o.spawn(ctx, n, workers); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

// await makes the node of a single command whose workers are started by somebody
// else; so many of them have joined at the address when it returns, or at least one
// when its patience, if not 0, has ended.
func (o *nodeOptions) await(ctx context.Context, address string, workers int, patience time.Duration) (*node, error) {
	o.unlimited = o.unlimited || len(o.allow) == 0
	if workers < 1 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "--flight needs --workers, the number of workers to wait for")
	}
	if err := o.checkFlight(address, false); err != nil {
		return nil, err
	}
	n, err := o.newNode(address, 0)
	if err != nil {
		return nil, err
	}
	if err := n.gather(ctx, workers, patience); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

// gather waits for so many workers, or after a while for any.
func (n *node) gather(ctx context.Context, workers int, patience time.Duration) error {
	if patience == 0 {
		return n.scheduler.WaitWorkers(ctx, workers)
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := n.scheduler.WaitWorkers(limited, workers)
	if err == nil || ctx.Err() != nil || n.scheduler.Slots() == 0 {
		return err
	}
	n.log.Error("fewer workers than asked for do", "error", err)
	return nil
}

// taskCounts is how many tasks of the running queries are done, of how many.
func (n *node) taskCounts() (done, all int) { return n.scheduler.Progress() }

// close ends queries, workers and servers of this process.
func (n *node) close() {
	_ = n.scheduler.Close()
	if n.children != nil {
		n.children.close()
	}
	if n.flight != nil {
		_ = n.flight.Close()
	}
	if err := n.coordinator.Close(); err != nil {
		n.log.Warn("could not close the managed tables", "error", err)
	}
	n.parts.close()
}
