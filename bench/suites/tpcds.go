package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"volley/bench/server"
	"volley/bench/tpcds"
	"volley/sqlerr"
)

// tpcdsRun runs the queries of TPC-DS over small data of its schema and compares
// the answers with those of a real PostgreSQL over the same data, which are in
// the verdicts. In one process the tables are managed ones with primary keys, on
// workers they are CSV files.
type tpcdsRun struct{ workers int }

const tpcdsVerdicts = "tpcds"

// tpcdsQuery is a query and its form without the limit at its end.
type tpcdsQuery struct{ name, sql, unlimited string }

var (
	blanks    = regexp.MustCompile(`\s+`)
	lastLimit = regexp.MustCompile(`(?i)\s+limit\s+\d+$`)
)

func tpcdsQueries(o options) (out []tpcdsQuery, err error) {
	files, err := filepath.Glob(filepath.Join(o.corpora, "tpcds", "queries", "*.sql"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		sql := strings.TrimRight(strings.TrimSpace(string(text)), "; \n")
		out = append(out, tpcdsQuery{filepath.Base(f), sql, lastLimit.ReplaceAllString(sql, "")})
	}
	return out, nil
}

// shape is a hash of the query's words.
func (q tpcdsQuery) shape() string {
	h := sha256.Sum256([]byte(blanks.ReplaceAllString(q.sql, " ")))
	return hex.EncodeToString(h[:4])
}

// answers are hashes of the rows in their order, of the rows in any order, and
// of those of the query without its limit.
func (q tpcdsQuery) answers(ask func(sql string) ([][]string, error)) ([]string, error) {
	rows, err := ask(q.sql)
	if err != nil {
		return nil, err
	}
	all, err := ask(q.unlimited)
	if err != nil {
		return nil, err
	}
	return []string{hashRows(rows, false), hashRows(rows, true), hashRows(all, true)}, nil
}

func hashRows(rows [][]string, sorted bool) string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = strings.Join(r, "\x1f")
	}
	if sorted {
		slices.Sort(lines)
	}
	h := sha256.Sum256([]byte(strings.Join(lines, "\x1e")))
	return fmt.Sprintf("r%d:%s", len(rows), hex.EncodeToString(h[:8]))
}

// tpcdsSettings make PostgreSQL find the same answers in other ways: over the
// same rows in another order, and with other operators.
var tpcdsSettings = []string{
	"RESET enable_sort; RESET enable_hashagg; RESET statement_timeout; SET search_path = public",
	"SET enable_sort = off; SET statement_timeout = '500ms'; SET search_path = shuffled",
	"RESET enable_sort; SET enable_hashagg = off; SET statement_timeout = '5s'",
}

// record asks the PostgreSQL of -url with each of the settings: what differs
// then, such as the order of rows that tie, the query does not say.
func (t tpcdsRun) record(o options) error {
	queries, err := tpcdsQueries(o)
	if err != nil {
		return err
	}
	vs := verdicts{}
	err = tpcdsPostgres(o.url, func(ask func(sql string) ([][]string, error)) error {
		for _, q := range queries {
			v := &verdict{shape: q.shape()}
			for i, settings := range tpcdsSettings {
				if _, err := ask(settings); err != nil {
					return err
				}
				got, err := q.answers(ask)
				var refused *pgconn.PgError
				if i > 0 && errors.As(err, &refused) && refused.Code == sqlerr.QueryCanceled {
					continue // too slow that way
				}
				if err != nil {
					return fmt.Errorf("%s: %w", q.name, err)
				}
				if i == 0 {
					v.answers = got
				}
				for k, a := range got {
					if a != v.answers[k] {
						v.answers[k] = "-"
					}
				}
			}
			vs[q.name] = v
		}
		return nil
	})
	if err != nil {
		return err
	}
	return vs.write(verdictFile(o, tpcdsVerdicts))
}

// tpcdsPostgres runs f with a database of its own that has the tables, analyzed
// and with indexes, and once more with their rows in another order.
func tpcdsPostgres(url string, f func(ask func(sql string) ([][]string, error)) error) error {
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = admin.Close(ctx) }()
	database := fmt.Sprintf("volley_tpcds_%d", os.Getpid())
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+database+" TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"); err != nil {
		return err
	}
	defer func() { _, _ = admin.Exec(ctx, "DROP DATABASE "+database) }()
	config := admin.Config().Copy()
	config.Database = database
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := loadPostgres(ctx, conn); err != nil {
		return err
	}
	s := &session{&server.Server{Conn: conn}}
	return f(func(sql string) ([][]string, error) { return s.queryWithin(2*time.Minute, sql, "null") })
}

func loadPostgres(ctx context.Context, conn *pgx.Conn) error {
	tables, err := tpcds.Schema()
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE SCHEMA shuffled"); err != nil {
		return err
	}
	for _, table := range tables {
		if _, err := conn.Exec(ctx, "CREATE TABLE "+table.Name+" "+table.DDL()); err != nil {
			return err
		}
		var rows strings.Builder
		if err := table.Write(&rows, tables); err != nil {
			return err
		}
		if _, err := conn.PgConn().CopyFrom(ctx, strings.NewReader(rows.String()), "COPY "+table.Name+" FROM STDIN (FORMAT csv, DELIMITER '|')"); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, fmt.Sprintf("CREATE TABLE shuffled.%s AS SELECT * FROM public.%[1]s ORDER BY md5(ctid::text)", table.Name)); err != nil {
			return err
		}
		for _, schema := range []string{"public.", "shuffled."} {
			for _, key := range table.Keys() {
				if _, err := conn.Exec(ctx, fmt.Sprintf("CREATE INDEX ON %s%s (%s)", schema, table.Name, key)); err != nil {
					return err
				}
			}
			if _, err := conn.Exec(ctx, "ANALYZE "+schema+table.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t tpcdsRun) run(o options) (*result, error) {
	queries, err := tpcdsQueries(o)
	if err != nil {
		return nil, err
	}
	vs, err := readVerdicts(verdictFile(o, tpcdsVerdicts))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "volley-tpcds-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r := &result{}
	return r, servingIn(o, dir, t.workers, func(s *session) error {
		if err := t.load(s, dir); err != nil {
			return err
		}
		for _, q := range queries {
			r.count(q.name, t.compare(s, q, vs[q.name]))
		}
		return nil
	})
}

func (t tpcdsRun) compare(s *session, q tpcdsQuery, v *verdict) error {
	if v == nil || v.shape != q.shape() {
		return fmt.Errorf("another query than the one PostgreSQL ran")
	}
	got, err := q.answers(func(sql string) ([][]string, error) { return s.query(sql, "null") })
	if err != nil {
		return err
	}
	for i, what := range []string{"the rows in order", "the rows", "the rows without the limit"} {
		if v.answers[i] != "-" && v.answers[i] != got[i] {
			return fmt.Errorf("%s are %s, PostgreSQL's %s", what, got[i], v.answers[i])
		}
	}
	return nil
}

// load makes the tables, whose data it writes to dir.
func (t tpcdsRun) load(s *session, dir string) error {
	tables, err := tpcds.Schema()
	if err != nil {
		return err
	}
	for _, table := range tables {
		path := filepath.Join(dir, table.Name+".csv")
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := table.Write(f, tables); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		sql := fmt.Sprintf("CREATE EXTERNAL TABLE %s %s STORED AS CSV LOCATION '%s' OPTIONS (delim '|', header 'false')", table.Name, table.DDL(), path)
		if t.workers == 0 {
			sql = fmt.Sprintf("CREATE TABLE %s %s; COPY %[1]s FROM '%[3]s' (FORMAT csv, DELIMITER '|')", table.Name, table.KeyedDDL(), path)
		}
		if _, err := s.query(sql, ""); err != nil {
			return fmt.Errorf("%s: %w", table.Name, err)
		}
	}
	return nil
}
