package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"volley/parser"
	"volley/sqlerr"
)

// constructs parses an example of every construct of PostgreSQL's dialect; one
// that is refused as not supported is a known difference, and so is one that
// PostgreSQL refuses.
func constructs(o options) (*result, error) {
	r := &result{}
	return r, eachLine(filepath.Join(o.corpora, "dialect", "constructs.tsv"), func(name, sql string) {
		_, err := parser.Parse(sql)
		if err != nil && (sqlerr.Code(err) == sqlerr.FeatureNotSupported || o.known.has("dialect", name)) {
			r.known++
			return
		}
		r.count(name, err)
	})
}

// precedence evaluates random expressions and compares value or SQLSTATE with
// PostgreSQL's.
func precedence(o options) (*result, error) {
	r := &result{}
	return r, serving(o, 0, func(s *session) error {
		header := true
		return eachLine(filepath.Join(o.corpora, "dialect", "precedence.tsv"), func(expr, want string) {
			if header {
				header = false
				return
			}
			got := ""
			rows, err := s.query("SELECT "+expr, "NULL")
			var pe *pgconn.PgError
			switch {
			case errors.As(err, &pe):
				got = "ERROR " + pe.Code
			case err != nil:
				got = err.Error()
			case len(rows) == 1:
				got = strings.Join(rows[0], "\t")
			}
			if err = nil; got != want {
				err = fmt.Errorf("%s, PostgreSQL says %s", got, want)
			}
			r.count(expr, err)
		})
	})
}

func metaQueries(o options) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(o.corpora, "dialect", "psql_meta_queries.sql"))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, q := range strings.Split(string(text), "-- END\n") {
		if strings.TrimSpace(q) != "" {
			out = append(out, q)
		}
	}
	return out, nil
}

// metaQueriesParsed parses what psql's backslash commands ask.
func metaQueriesParsed(o options) (*result, error) {
	queries, err := metaQueries(o)
	r := &result{}
	for _, q := range queries {
		_, err := parser.ParseOne(q)
		r.count(fmt.Sprintf("%.100q", oneLine(q)), err)
	}
	return r, err
}

// metaQueriesRun runs them in a database that has only the function and the view
// they name: all must have an answer.
func metaQueriesRun(o options) (*result, error) {
	queries, err := metaQueries(o)
	if err != nil {
		return nil, err
	}
	r := &result{}
	return r, serving(o, 0, func(s *session) error {
		for _, define := range []string{"CREATE FUNCTION f1() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE VIEW v1 AS SELECT 1 AS a"} {
			if _, err := s.query(define, ""); err != nil {
				return err
			}
		}
		for _, q := range queries {
			_, err := s.query(q, "")
			r.count(fmt.Sprintf("%.100q", oneLine(q)), err)
		}
		return nil
	})
}

// eachLine calls f with the two columns of each line.
func eachLine(path string, f func(a, b string)) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if a, b, ok := strings.Cut(line, "\t"); ok {
			f(a, b)
		}
	}
	return nil
}
