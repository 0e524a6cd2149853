package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

//go:embed duckdb.py
var duckdbScript string

// duckdb is DuckDB with its httpfs extension, in a process of its own.
type duckdb struct {
	cmd *exec.Cmd
	in  *json.Encoder
	out *bufio.Reader
	end io.Closer
}

// peerRun is how long a query took: without DuckDB's cache, with an empty one, with a
// full one.
type peerRun struct{ off, first, second time.Duration }

// startDuckDB starts it by a python that has the packages duckdb and
// duckdb-extension-httpfs. It asks the server that the environment says.
func startDuckDB(python string) (*duckdb, error) {
	if err := exec.Command(python, "-c", "import duckdb, duckdb_extension_httpfs").Run(); err != nil {
		return nil, fmt.Errorf("%s has no packages duckdb and duckdb-extension-httpfs: %w", python, err)
	}
	cmd := exec.Command(python, "-c", duckdbScript)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &duckdb{cmd, json.NewEncoder(in), bufio.NewReader(out), in}, cmd.Start()
}

// ask runs a query three times.
func (d *duckdb) ask(sql string) (peerRun, error) {
	if err := d.in.Encode(sql); err != nil {
		return peerRun{}, err
	}
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		return peerRun{}, err
	}
	var answer struct {
		Seconds []float64
		Error   string
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return peerRun{}, err
	}
	if answer.Error != "" || len(answer.Seconds) != 3 {
		return peerRun{}, errors.New("duckdb: " + answer.Error)
	}
	at := func(i int) time.Duration { return time.Duration(answer.Seconds[i] * float64(time.Second)) }
	return peerRun{at(0), at(1), at(2)}, nil
}

func (d *duckdb) close() {
	_ = d.end.Close()
	_ = d.cmd.Wait()
}
