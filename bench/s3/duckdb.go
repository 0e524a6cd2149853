package main

import (
	_ "embed"
	"errors"
	"time"

	"volley/bench/python"
)

//go:embed duckdb.py
var duckdbScript string

// duckdb is DuckDB with its httpfs extension, in a process of its own.
type duckdb struct{ *python.Process }

// peerRun is how long a query took: without DuckDB's cache, with an empty one, with a
// full one.
type peerRun struct{ off, first, second time.Duration }

// startDuckDB starts it by a python that has the packages duckdb and
// duckdb-extension-httpfs. It asks the server that the environment says.
func startDuckDB(interpreter string) (*duckdb, error) {
	process, err := python.Start(interpreter, "duckdb, duckdb_extension_httpfs", duckdbScript, nil)
	if err != nil {
		return nil, err
	}
	return &duckdb{process}, nil
}

// ask runs a query three times.
func (d *duckdb) ask(sql string) (peerRun, error) {
	var answer struct {
		Seconds []float64
		Error   string
	}
	if err := d.Ask(sql, &answer); err != nil {
		return peerRun{}, err
	}
	if answer.Error != "" || len(answer.Seconds) != 3 {
		return peerRun{}, errors.New("duckdb: " + answer.Error)
	}
	at := func(i int) time.Duration { return time.Duration(answer.Seconds[i] * float64(time.Second)) }
	return peerRun{at(0), at(1), at(2)}, nil
}
