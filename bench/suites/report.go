package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"volley/sqltest"
)

// statementTimeoutFlag ends a statement of a suite that hangs.
var statementTimeoutFlag = []string{"--timeout", statementTimeout.String()}

// report runs volley sqltest over files and gives the entries of its report, by
// the file that was run.
func report(o options, env []string, files []string, flags ...string) (map[string][]sqltest.Entry, error) {
	dir, err := os.MkdirTemp("", "volley-report-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "report.jsonl")
	args := append([]string{"sqltest", "--quiet", "--max-failures", "1", "--shell", "false", "--report", path}, statementTimeoutFlag...)
	cmd := exec.Command(o.volley, append(append(args, flags...), files...)...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	if err := o.lost.read(out); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("volley sqltest has written no report: %.500s%.500s", out, exit.Stderr)
	}
	defer func() { _ = f.Close() }()
	entries := map[string][]sqltest.Entry{}
	err = sqltest.ReadReport(f, func(e sqltest.Entry) { entries[e.Run] = append(entries[e.Run], e) })
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// onPostgres are the flags that run files on the PostgreSQL of -url, each in a
// database of its own.
func onPostgres(o options) []string {
	return []string{"--url", o.url, "--fresh", "--jobs", "4", "--label", "postgresql,postgres"}
}

// onVolley are the flags that run files in the program's own process, or on
// worker processes.
func onVolley(o options, workers int) []string {
	var config []string
	if o.workers > 0 { // where managed tables are in tasks too
		workers, config = o.workers, []string{"--config", "shipped"}
	}
	flags := []string{"--jobs", "2", "--memory", memory, "--workers", fmt.Sprint(workers), "--allow-path", o.corpora, "--allow-path", os.TempDir()}
	if o.kill > 0 {
		flags = append(flags, "--kill-every", o.kill.String())
	}
	return append(flags, config...)
}
