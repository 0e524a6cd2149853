package server

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// tpchTables are TPC-H's tables.
var tpchTables = []string{"lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region"}

// StartTPCH makes TPC-H's tables of a scale factor as Parquet files by tpchgen-cli,
// and starts a server that has them. Calling end stops it and removes the files.
func StartTPCH(volley, generator, scale string) (s *Server, end func(), err error) {
	dir, err := os.MkdirTemp("", "volley-tpch-")
	if err != nil {
		return nil, nil, err
	}
	end = func() { _ = os.RemoveAll(dir) }
	defer func() {
		if err != nil {
			end()
		}
	}()
	data := filepath.Join(dir, "tpch")
	if out, err := exec.Command(generator, "parquet", "-s", scale, "--output-dir="+data).CombinedOutput(); err != nil {
		return nil, nil, errors.Join(errors.New("TPC-H's tables could not be made (pip install tpchgen-cli)"), err, errors.New(string(out)))
	}
	if s, err = Start(Options{Volley: volley, Data: filepath.Join(dir, "data"), Allowed: []string{dir}}); err != nil {
		return nil, nil, err
	}
	end = func() { s.Stop(); _ = os.RemoveAll(dir) }
	for _, t := range tpchTables {
		if _, err = s.Ask(fmt.Sprintf("CREATE EXTERNAL TABLE %s STORED AS PARQUET LOCATION '%s'", t, filepath.Join(data, t+".parquet"))); err != nil {
			return nil, nil, err
		}
	}
	return s, end, nil
}
