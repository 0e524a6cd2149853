package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"volley/udf"
)

// asProgram makes the test binary behave as a user's program: Volley with the
// functions below. Worker processes that it starts inherit it.
const asProgram = "VOLLEY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	registerFunctions()
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	os.Exit(runUntilSignal(os.Args[1:]))
}

// registerFunctions registers slow(x), which sleeps a millisecond a row,
// cheap(x), which only says that it is slow, and broken(x), which panics at 7.
func registerFunctions() {
	udf.Scalar1("slow", func(x int64) int64 {
		time.Sleep(time.Millisecond)
		return x
	}, udf.WithCost(1e6))
	udf.Scalar1("cheap", func(x int32) int32 { return x }, udf.WithCost(5000))
	registerChaos()
	udf.Scalar1("broken", func(x int64) int64 {
		if x == 7 {
			panic("seven is not handled")
		}
		return x
	})
}

// program prepares a run of the test binary as Volley.
func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// volley runs a command to its end.
func volley(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := program(args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// process is a running server or worker.
type process struct {
	cmd  *exec.Cmd
	log  *bytes.Buffer
	done chan struct{}
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := newProcess(args...)
	p.run(t)
	return p
}

// newProcess prepares a process for run.
func newProcess(args ...string) *process {
	p := &process{cmd: program(args...), log: &bytes.Buffer{}, done: make(chan struct{})}
	p.cmd.Stderr = p.log
	return p
}

func (p *process) run(t *testing.T) {
	t.Helper()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if t.Failed() {
			t.Logf("log of %s:\n%s", strings.Join(p.cmd.Args[1:], " "), p.log)
		}
	})
}

// signal sends a signal and waits for the end of the process.
func (p *process) signal(t *testing.T, s os.Signal, within time.Duration) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(within):
		t.Fatalf("still running %v after %v", within, s)
	}
}

// cluster is a coordinator and the addresses it listens on.
type cluster struct {
	*process
	listen, flight, http string
}

// startServer starts serve or coordinator on free ports.
func startServer(t *testing.T, command string, args ...string) *cluster {
	t.Helper()
	c := &cluster{listen: freeAddress(t), flight: freeAddress(t), http: freeAddress(t)}
	c.process = start(t, append([]string{command, "--listen", c.listen, "--flight", c.flight, "--http", c.http}, args...)...)
	return c
}

func (c *cluster) worker(t *testing.T, args ...string) *process {
	t.Helper()
	return start(t, append([]string{"worker", "--coordinator", c.flight, "--threads", "1"}, args...)...)
}

// connect waits until the server answers and, if workers > 0, until so many
// workers have registered; with a negative number it asks nothing.
func (c *cluster) connect(t *testing.T, workers int) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var conn *pgx.Conn
	for {
		var err error
		if conn, err = pgx.Connect(ctx, "postgres://ann@"+c.listen+"/db?sslmode=disable"); err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	for have := -1; have < workers; time.Sleep(10 * time.Millisecond) {
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM volley.workers WHERE state = 'active'").Scan(&have); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// givenAddresses are those that freeAddress has given: nobody listens there yet, perhaps.
var givenAddresses sync.Map

// freeAddress is one at which nobody listens, below the ports that the system
// gives to those who ask for any: these may be taken before it is used.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprint("127.0.0.1:", 10_000+rand.IntN(22_000))
		if _, given := givenAddresses.LoadOrStore(address, true); given {
			continue
		}
		if l, err := net.Listen("tcp", address); err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}

// numbers writes a CSV of the numbers 1 to n with a text beside each.
func numbers(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("n,Text\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "%d,\"row %d,\nof %d\"\n", i, i, n)
	}
	path := filepath.Join(t.TempDir(), "numbers.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
