package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"

	"volley/bench/server"
	"volley/bench/taxi"
)

// files are the tables' files; a glob, or empty where they could not be made.
type files map[source]string

// makeTaxi makes the trips, as CSV and, by Volley, as Parquet.
func makeTaxi(dir string, rows int, s *server.Server) (files, error) {
	if _, err := taxi.Generate(dir, taxi.Options{Rows: rows, Files: 4, Seed: 20150101}); err != nil {
		return nil, err
	}
	f := files{taxiCSV: filepath.Join(dir, "*.csv"), taxiParquet: filepath.Join(dir, "trips.parquet")}
	_, err := s.Ask(fmt.Sprintf("COPY (SELECT * FROM '%s') TO '%s' (COMPRESSION zstd, ROW_GROUP_SIZE 1000000)", f[taxiCSV], f[taxiParquet]))
	return f, err
}

// makeLineitem makes TPC-H's largest table with tpchgen-cli, which is beside
// the Python.
func (f files) makeLineitem(dir, python, scale string) error {
	program := filepath.Join(filepath.Dir(python), "tpchgen-cli")
	for format, at := range map[string]source{"parquet": lineitemParquet, "csv": lineitemCSV} {
		to := filepath.Join(dir, "tpch-"+format)
		out, err := exec.Command(program, format, "-s", scale, "--tables=lineitem", "--output-dir="+to).CombinedOutput()
		if err != nil {
			return errors.Join(err, errors.New(string(out)))
		}
		f[at] = filepath.Join(to, "lineitem."+format)
	}
	return nil
}
