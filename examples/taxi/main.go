// Command taxi shows Volley's main job from end to end: it makes a sample of
// taxi trips, starts a coordinator and two workers as processes of their own,
// asks how many trips had how many passengers over the PostgreSQL wire, prints
// the answer and where each part of it was computed, and stops everything.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"volley/bench/taxi"
)

func main() {
	volley := flag.String("volley", "bin/volley", "the volley program")
	rows := flag.Int("rows", 500_000, "trips in the sample")
	flag.Parse()
	if err := demo(*volley, *rows); err != nil {
		fmt.Fprintln(os.Stderr, "taxi:", err)
		os.Exit(1)
	}
}

func demo(volley string, rows int) error {
	dir, err := os.MkdirTemp("", "volley-taxi-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Printf("Making %d trips in 4 CSV files …\n", rows)
	files, err := taxi.Generate(dir, taxi.Options{Rows: rows, Files: 4, Seed: 20150101})
	if err != nil {
		return err
	}
	addr, flight, http, err := freeAddresses()
	if err != nil {
		return err
	}
	coordinator, err := start(volley, "coordinator", "--listen", addr, "--flight", flight, "--http", http,
		"--data-dir", filepath.Join(dir, "data"), "--allow-path", dir)
	if err != nil {
		return err
	}
	defer coordinator.stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := connect(ctx, addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	for range 2 {
		w, err := start(volley, "worker", "--coordinator", flight, "--flight", "127.0.0.1:0", "--http", "", "--threads", "1", "--allow-path", dir)
		if err != nil {
			return err
		}
		defer w.stop()
	}
	if err := awaitWorkers(ctx, conn, 2); err != nil {
		return err
	}
	return ask(ctx, conn, files)
}

// ask puts the question and prints the answer, the time and the tasks.
func ask(ctx context.Context, conn *pgx.Conn, files []string) error {
	size := int64(0)
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			return err
		}
		size += info.Size()
	}
	sql := fmt.Sprintf("SELECT passenger_count, count(*) AS trips FROM '%s' GROUP BY 1 ORDER BY 2 DESC", filepath.Join(filepath.Dir(files[0]), "*.csv"))
	fmt.Printf("\nvolley=> %s;\n\n", sql)
	began := time.Now()
	if err := printTable(ctx, conn, sql); err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Printf("\n%.0f MB in %d ms: %.0f MB/s\n\nWhere each part ran:\n\n", float64(size)/1e6, took.Milliseconds(), float64(size)/1e6/took.Seconds())
	return printTable(ctx, conn, `SELECT stage, worker, count(*) AS tasks, sum(rows) AS rows_out
		FROM volley.tasks WHERE query = (SELECT max(query) FROM volley.tasks) AND state = 'finished' GROUP BY 1, 2 ORDER BY 1, 2`)
}

func printTable(ctx context.Context, conn *pgx.Conn, sql string) error {
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return err
	}
	for _, res := range results {
		var head []string
		for _, f := range res.FieldDescriptions {
			head = append(head, fmt.Sprintf("%16s", f.Name))
		}
		fmt.Println(strings.Join(head, " |"))
		fmt.Println(strings.Repeat("-", 18*len(head)-1))
		for _, row := range res.Rows {
			var cells []string
			for _, v := range row {
				cells = append(cells, fmt.Sprintf("%16s", v))
			}
			fmt.Println(strings.Join(cells, " |"))
		}
	}
	return nil
}

// connect tries until the coordinator answers.
func connect(ctx context.Context, addr string) (*pgx.Conn, error) {
	for {
		conn, err := pgx.Connect(ctx, "postgres://demo@"+addr+"/demo?sslmode=disable")
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func awaitWorkers(ctx context.Context, conn *pgx.Conn, n int) error {
	for {
		have := 0
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM volley.workers").Scan(&have); err != nil {
			return err
		}
		if have >= n {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// freeAddresses finds three free ports of the loopback interface.
func freeAddresses() (a, b, c string, err error) {
	var addrs [3]string
	for i := range addrs {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", "", "", err
		}
		defer func() { _ = l.Close() }()
		addrs[i] = l.Addr().String()
	}
	return addrs[0], addrs[1], addrs[2], nil
}

// process is a running volley; its log is shown with its name in front.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

func start(volley string, args ...string) (*process, error) {
	cmd := exec.Command(volley, append(args, "--log-level", "error")...)
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	fmt.Printf("Started %s, process %d\n", args[0], cmd.Process.Pid)
	p := &process{cmd, make(chan struct{})}
	go func() {
		defer close(p.done)
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			fmt.Fprintf(os.Stderr, "%s %d: %s\n", args[0], cmd.Process.Pid, lines.Text())
		}
	}()
	return p, nil
}

// stop asks the process to end, and insists after five seconds.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	<-p.done
	err := p.cmd.Wait()
	timer.Stop()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "taxi:", err)
	}
}
