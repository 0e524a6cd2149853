package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"volley/sqlerr"
)

// files reads every CSV and Parquet file below the folders, whole, over the
// wire. A file that is refused with an error about its content, its format or
// the way it must be named is a known difference; an internal error, a lost
// connection and a time-out are failures.
func files(folders ...string) func(options) (*result, error) {
	return func(o options) (*result, error) {
		r := &result{}
		return r, serving(o, 0, func(s *session) error {
			for _, folder := range folders {
				root := filepath.Join(o.corpora, folder)
				err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
					source := sourceOf(path)
					if err != nil || d.IsDir() || source == "" {
						return err
					}
					_, err = s.discard("COPY (SELECT * FROM " + source + ") TO STDOUT")
					readOrRefused(r, strings.TrimPrefix(path, root+"/"), err)
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// sourceOf is what stands after FROM to read a file; "" for other files.
func sourceOf(path string) string {
	literal := "('" + strings.ReplaceAll(path, "'", "''") + "')"
	folder, name := filepath.Base(filepath.Dir(path)), filepath.Base(path)
	plain := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	switch filepath.Ext(plain) {
	case ".md", ".json", ".txt", ".py", ".sql", ".yaml", ".c", ".sh":
		return ""
	}
	switch {
	case strings.Contains(name, ".parquet") || strings.Contains(path, "/parquet/"):
		return "read_parquet" + literal
	case strings.Contains(path, "/csv/") || folder == "csv" || filepath.Ext(plain) == ".csv":
		return "read_csv" + literal
	}
	return ""
}

func readOrRefused(r *result, name string, err error) {
	var pe *pgconn.PgError
	if errors.As(err, &pe) && pe.Code != sqlerr.InternalError && pe.Code != sqlerr.QueryCanceled {
		r.known++
		return
	}
	r.count(name, err)
}
