package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tpch runs the 22 queries over the .tbl.gz files and compares the answers,
// as text, with PostgreSQL's.
func tpch(workers int) func(options) (*result, error) {
	return func(o options) (*result, error) {
		r := &result{}
		return r, serving(o, workers, func(s *session) error {
			root := filepath.Join(o.corpora, "tpch")
			if err := externalTables(s, root); err != nil {
				return err
			}
			for q := 1; q <= 22; q++ {
				name := fmt.Sprintf("q%02d", q)
				r.count(name, tpchQuery(s, root, name))
			}
			return nil
		})
	}
}

// externalTables makes the tables of schema.sql, over the data.
func externalTables(s *session, root string) error {
	schema, err := os.ReadFile(filepath.Join(root, "schema.sql"))
	if err != nil {
		return err
	}
	for _, statement := range strings.Split(string(schema), ";") {
		statement = strings.TrimSpace(statement)
		rest, ok := strings.CutPrefix(statement, "CREATE TABLE ")
		if !ok {
			continue
		}
		table, _, _ := strings.Cut(rest, "(")
		file := filepath.Join(root, "data-tbl", "sf-0.01", table+".tbl.gz")
		sql := fmt.Sprintf("CREATE EXTERNAL TABLE %s STORED AS CSV LOCATION '%s' OPTIONS (delim '|', header 'false')", rest, file)
		if _, err := s.query(sql, ""); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

func tpchQuery(s *session, root, name string) error {
	sql, err := os.ReadFile(filepath.Join(root, "queries", name+".sql"))
	if err != nil {
		return err
	}
	want, err := readAnswers(filepath.Join(root, "answers-pg15-sf0.01", name+".csv"))
	if err != nil {
		return err
	}
	got, err := s.query(string(sql), "")
	if err != nil {
		return err
	}
	return sameRows(got, want)
}

// readAnswers reads a file of |-separated values below a header. A row is a
// line, for an empty one is a row too: a single NULL.
func readAnswers(path string) (rows [][]string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if i == 0 {
			continue
		}
		row := []string{""}
		if line != "" {
			in := csv.NewReader(strings.NewReader(line))
			in.Comma = '|'
			if row, err = in.Read(); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// sameRows compares rows in order.
func sameRows(got, want [][]string) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			return fmt.Errorf("row %d is %q, want %q", i+1, got[i], want[i])
		}
	}
	return nil
}
