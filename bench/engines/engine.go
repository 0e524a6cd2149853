package main

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"volley/bench/python"
	"volley/bench/server"
)

// volley is a server reached by the simple protocol.
type volley struct{ s *server.Server }

func (v *volley) name() string { return "volley" }
func (v *volley) close()       { v.s.Stop() }

func (v *volley) run(sql string) (time.Duration, [][]string, error) {
	began := time.Now()
	results, err := v.s.Conn.PgConn().Exec(context.Background(), sql).ReadAll()
	took := time.Since(began)
	if err != nil {
		return 0, nil, err
	}
	var rows [][]string
	for _, r := range results[0].Rows {
		row := make([]string, len(r))
		for i, value := range r {
			row[i] = string(value)
		}
		rows = append(rows, row)
	}
	return took, rows, nil
}

// peer is a Python process with an engine in it: it reads a query a line and
// answers with a line of JSON.
type peer struct {
	*python.Process
	engine string
}

const threads = "POLARS_MAX_THREADS=2"

//go:embed peer.py
var peerScript string

func startPeer(interpreter, engine string) (*peer, error) {
	process, err := python.Start(interpreter, engine, peerScript, []string{threads}, engine)
	if err != nil {
		return nil, err
	}
	return &peer{process, engine}, nil
}

func (p *peer) name() string { return p.engine }
func (p *peer) close()       { p.Close() }

func (p *peer) run(sql string) (time.Duration, [][]string, error) {
	var answer struct {
		Seconds float64
		Rows    [][]string
		Error   string
	}
	if err := p.Ask(sql, &answer); err != nil {
		return 0, nil, err
	}
	if answer.Error != "" {
		return 0, nil, fmt.Errorf("%s: %s", p.engine, answer.Error)
	}
	return time.Duration(answer.Seconds * float64(time.Second)), answer.Rows, nil
}

// equal compares answers; numbers may differ in their last digits, for engines
// add floating point numbers in different orders.
func equal(a, b [][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
		for k := range a[i] {
			if a[i][k] == b[i][k] || wholeSeconds(a[i][k]) == wholeSeconds(b[i][k]) {
				continue
			}
			x, errX := strconv.ParseFloat(a[i][k], 64)
			y, errY := strconv.ParseFloat(b[i][k], 64)
			if errX != nil || errY != nil || math.Abs(x-y) > 1e-9*math.Max(math.Abs(x), math.Abs(y)) {
				return false
			}
		}
	}
	return true
}

// wholeSeconds is a time without a fraction of zeros.
func wholeSeconds(s string) string {
	if !strings.Contains(s, ":") || !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
