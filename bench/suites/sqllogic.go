package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"volley/sqltest"
)

// sqlite runs a part of SQLite's suite with volley sqltest. A record that fails
// and that PostgreSQL fails too is a known difference.
func sqlite(parts ...string) func(options) (*result, error) {
	return func(o options) (*result, error) {
		root := filepath.Join(o.corpora, "sqllogictest-sqlite")
		differs, err := postgresDifferences(filepath.Join(root, "PG15_DIFFERENCES.tsv"))
		if err != nil {
			return nil, err
		}
		args := append([]string{"sqltest", "--max-failures", "0", "--ignore-skip", "requires AS"}, onVolley(o, 0)...)
		for _, p := range parts {
			args = append(args, filepath.Join(root, "test", p))
		}
		out, err := exec.Command(o.volley, args...).Output()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return nil, err
		}
		if err := o.lost.read(out); err != nil {
			return nil, err
		}
		return sortFailures(out, root, differs)
	}
}

var (
	failureLine = regexp.MustCompile(`^FAIL (.*):(\d+): (.*)$`)
	summaryLine = regexp.MustCompile(`^(\d+) passed, (\d+) failed, (\d+) skipped$`)
)

// sortFailures reads the output of volley sqltest.
func sortFailures(out []byte, root string, differs map[string]bool) (*result, error) {
	r := &result{}
	ended, failed := false, 0
	sqls := map[string]map[int]string{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, len(out)+1)
	for lines.Scan() {
		if m := summaryLine.FindStringSubmatch(lines.Text()); m != nil {
			ended = true
			r.passed, _ = strconv.Atoi(m[1])
			failed, _ = strconv.Atoi(m[2])
		}
		m := failureLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		file, reason := m[1], m[3]
		line, _ := strconv.Atoi(m[2])
		if sqls[file] == nil {
			var err error
			if sqls[file], err = sqlByLine(file); err != nil {
				return nil, err
			}
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		sql := sqls[file][line]
		if differs[name+"\t"+sql] || strings.HasPrefix(sql, "CREATE TRIGGER ") { // SQLite's syntax
			r.known++
			continue
		}
		r.fail("%s:%d: %s: %.200s", name, line, reason, sql)
	}
	if !ended {
		return nil, errors.New("volley sqltest has not come to its end")
	}
	for r.known+r.failed < failed {
		r.fail("a failure without a place")
	}
	return r, nil
}

// sqlByLine gives the SQL of each record of a file, by the record's line.
func sqlByLine(file string) (map[int]string, error) {
	records, err := sqltest.ParseFile(file)
	if err != nil {
		return nil, err
	}
	out := map[int]string{}
	for _, r := range records {
		switch r := r.(type) {
		case *sqltest.Statement:
			out[r.Line] = oneLine(r.SQL)
		case *sqltest.Query:
			out[r.Line] = oneLine(r.SQL)
		}
	}
	return out, nil
}

func oneLine(sql string) string { return strings.Join(strings.Fields(sql), " ") }

// postgresDifferences reads the records that PostgreSQL 15 does not pass, as
// file, tab, SQL.
func postgresDifferences(path string) (map[string]bool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Split(line, "\t"); len(f) >= 3 {
			out[f[0]+"\t"+oneLine(f[2])] = true
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	return out, nil
}
