package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"volley/sqlerr"
)

// fileSuite is every CSV and Parquet file below some folders, read whole over
// the wire and compared with what DuckDB reads from it. Its reading is in the
// folder of verdicts, from a run of -record.
type fileSuite struct {
	name    string
	folders []string
}

// fileCounts are what a suite of files counts.
type fileCounts struct {
	files     int
	equal     int // read as DuckDB does
	alone     int // read, and DuckDB does not
	different int // read otherwise, for the reason that the known differences give
	refused   int // with an error about the content, the format or the name
}

func files(name, corpus string, folders ...string) suite {
	x := fileSuite{name: name, folders: folders}
	return suite{name: name, folder: corpus, run: x.run, record: x.record, ofFiles: true}
}

// run reads the files. What is refused with an error about its content is a
// known difference; an internal error, a lost connection, a time-out and values
// that differ without a reason are failures.
func (x fileSuite) run(o options) (*result, error) {
	duckdb, err := readReadings(verdictFile(o, x.name))
	if err != nil {
		return nil, err
	}
	r := &result{files: &fileCounts{}}
	return r, serving(o, 0, func(s *session) error {
		return x.walk(o, func(name, path string, source source) error {
			r.files.files++
			got, err := s.reading("SELECT row_to_json(_row_) FROM " + source.sql(path) + " _row_")
			var pe *pgconn.PgError
			if errors.As(err, &pe) && pe.Code != sqlerr.InternalError && pe.Code != sqlerr.QueryCanceled {
				r.files.refused++
				r.known++
				r.notes = append(r.notes, fmt.Sprintf("%s: refused: %s", name, pe.Message))
				return nil //nolint:nilerr // a refusal is an answer
			}
			want, ok := duckdb[name]
			switch {
			case err != nil:
			case !ok:
				r.files.alone++
			default:
				diff := got.differs(want)
				if diff != "" && o.known.has(x.name, name) {
					r.files.different++
					r.known++
					return nil
				}
				if diff == "" {
					r.files.equal++
				} else {
					err = fmt.Errorf("%s, as DuckDB reads it", diff)
				}
			}
			r.count(name, err)
			return nil //nolint:nilerr // it is counted
		})
	})
}

// record writes what DuckDB reads from the files.
func (x fileSuite) record(o options) error {
	out := readings{}
	err := x.walk(o, func(name, path string, source source) error {
		r, err := duckdbReading(o.python, source.function, path)
		if errors.Is(err, errDuckDBRefuses) {
			return nil
		}
		out[name] = r
		return err
	})
	if err != nil {
		return err
	}
	return out.write(verdictFile(o, x.name))
}

// walk calls f for each file of the suite; its name is the path below the
// corpora.
func (x fileSuite) walk(o options, f func(name, path string, source source) error) error {
	for _, folder := range x.folders {
		err := filepath.WalkDir(filepath.Join(o.corpora, folder), func(path string, d fs.DirEntry, err error) error {
			source, ok := sourceOf(path)
			if err != nil || d.IsDir() || !ok {
				return err
			}
			return f(strings.TrimPrefix(path, o.corpora+"/"), path, source)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// source is the function that reads a file.
type source struct{ function string }

// sql is what stands after FROM to read a file.
func (s source) sql(path string) string {
	// The file's own columns, without those that its path may name.
	return s.function + "('" + strings.ReplaceAll(path, "'", "''") + "', hive_partitioning = false)"
}

// sourceOf tells by its name how a file is read, if it is.
func sourceOf(path string) (source, bool) {
	folder, name := filepath.Base(filepath.Dir(path)), filepath.Base(path)
	plain := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	switch filepath.Ext(plain) {
	case ".md", ".json", ".txt", ".py", ".sql", ".yaml", ".c", ".sh", ".crc", ".slt", ".avro":
		return source{}, false
	}
	switch {
	case strings.Contains(name, ".parquet") || strings.Contains(path, "/parquet/"):
		return source{"read_parquet"}, true
	case strings.Contains(path, "/csv/") || folder == "csv" || filepath.Ext(plain) == ".csv":
		return source{"read_csv"}, true
	}
	return source{}, false
}

// readingTimeout ends the reading of a file that hangs; some are long.
const readingTimeout = 2 * time.Minute

// reading is what a query gives whose rows are JSON.
func (s *session) reading(sql string) (reading, error) {
	if err := s.reconnect(); err != nil {
		return reading{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), readingTimeout)
	defer cancel()
	all := s.s.Conn.PgConn().Exec(ctx, sql)
	if !all.NextResult() {
		return reading{}, all.Close()
	}
	rows := all.ResultReader()
	out, err := readingOf(func() ([]byte, error) {
		if rows.NextRow() {
			return rows.Values()[0], nil
		}
		if _, err := rows.Close(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	})
	return out, errors.Join(err, all.Close())
}

// writeCounts prints the table of the suites of files.
func writeCounts(w io.Writer, names []string, counts map[string]*fileCounts, failed map[string]int) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-28s %8s %8s %8s %9s %8s %8s\n", "files, beside DuckDB", "files", "equal", "alone", "different", "refused", "failed")
	for _, n := range names {
		c := counts[n]
		fmt.Fprintf(w, "%-28s %8d %8d %8d %9d %8d %8d\n", n, c.files, c.equal, c.alone, c.different, c.refused, failed[n])
	}
	fmt.Fprintln(w)
}
