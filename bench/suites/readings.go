package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// readings are DuckDB's, by file; files that it refuses are left out.
type readings map[string]reading

// readReadings reads lines of tab-separated file, rows and digests.
func readReadings(path string) (readings, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; make readings writes it where DuckDB is installed", err)
	}
	if err != nil {
		return nil, err
	}
	out := readings{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var r reading
		var digests string
		name, rest, _ := strings.Cut(line, "\t")
		if n, err := fmt.Sscan(rest, &r.rows, &digests); n < 1 {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		if digests != "" {
			r.columns = strings.Split(digests, ",")
		}
		out[name] = r
	}
	return out, nil
}

func (rs readings) write(path string) error {
	var names []string
	for n := range rs {
		names = append(names, n)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "%s\t%s\n", n, rs[n])
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

//go:embed rows_of_duckdb.py
var duckdbProgram string

// errDuckDBRefuses is the error for a file that DuckDB does not read.
var errDuckDBRefuses = errors.New("DuckDB refuses the file")

// duckdbTimeout ends a reading that hangs.
const duckdbTimeout = time.Minute

// duckdbReading runs DuckDB, in a process of its own, over one file.
func duckdbReading(python, function, path string) (reading, error) {
	ctx, cancel := context.WithTimeout(context.Background(), duckdbTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-c", duckdbProgram, function, path)
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.StdoutPipe()
	if err != nil {
		return reading{}, err
	}
	if err := cmd.Start(); err != nil {
		return reading{}, err
	}
	lines := bufio.NewReaderSize(out, 1<<20)
	r, err := readingOf(func() ([]byte, error) {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) > 0 {
			err = nil
		}
		return line, err
	})
	if err != nil { // the rest of its output would make it wait
		cancel()
	}
	if wait := cmd.Wait(); wait != nil && err == nil {
		if text := messages.String(); strings.Contains(text, "No module named") {
			return r, errors.New(strings.TrimSpace(text))
		}
		return r, errDuckDBRefuses
	}
	return r, err
}
