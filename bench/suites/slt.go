package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"volley/sqltest"
)

// slt runs the sqllogictest files below a folder of the corpora. Records that a
// real PostgreSQL answers as written count, and no others; which ones those are
// is in the suite's file of verdicts.
type slt struct {
	name    string // of the verdicts
	folder  string
	workers int
	only    []string // parts of paths; empty: all files
}

// files are all test files, those included by others too: most stand alone.
func (s slt) files(o options) (root string, out []string, err error) {
	root = filepath.Join(o.corpora, s.folder)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := filepath.Ext(path); ext == ".slt" || ext == ".part" {
			for _, part := range s.only {
				if !strings.Contains(path, part) {
					return nil
				}
			}
			out = append(out, path)
		}
		return nil
	})
	return root, out, err
}

// record asks the PostgreSQL of -url.
func (s slt) record(o options) error {
	root, files, err := s.files(o)
	if err != nil {
		return err
	}
	ran, err := report(o, nil, files, onPostgres(o)...)
	if err != nil {
		return err
	}
	vs := verdicts{}
	for file, entries := range ran {
		v := &verdict{shape: shapeOf(entries), passed: map[int]bool{}}
		for _, e := range entries {
			if e.Status == "passed" {
				v.passed[e.Ordinal] = true
			}
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		vs[rel] = v
	}
	return vs.write(verdictFile(o, s.name))
}

func (s slt) run(o options) (*result, error) {
	root, files, err := s.files(o)
	if err != nil {
		return nil, err
	}
	vs, err := readVerdicts(verdictFile(o, s.name))
	if err != nil {
		return nil, err
	}
	ran, err := report(o, nil, files, onVolley(o, s.workers)...)
	if err != nil {
		return nil, err
	}
	r := &result{}
	for _, file := range files {
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		if v := vs[rel]; v != nil {
			s.judge(r, o.known, root, rel, v, ran[file])
		}
	}
	return r, nil
}

// judge compares a file's run with PostgreSQL's.
func (s slt) judge(r *result, known knownDifferences, root, rel string, v *verdict, entries []sqltest.Entry) {
	if got := shapeOf(entries); got != v.shape {
		r.failed += len(v.passed)
		r.failures = append(r.failures, fmt.Sprintf("%s: other records than those PostgreSQL ran (%d entries)", rel, len(entries)))
		return
	}
	for _, e := range entries {
		if !v.passed[e.Ordinal] {
			continue
		}
		place := place(root, e)
		switch {
		case e.Status == "passed":
			r.passed++
		case known.has(s.name, place):
			r.known++
		default:
			r.fail("%s: %s: %.200s", place, oneLine(e.Reason), oneLine(e.SQL))
		}
	}
}

// place is file:line of a record, the file as seen from the suite's folder.
func place(root string, e sqltest.Entry) string {
	file := e.File
	if rel, err := filepath.Rel(root, file); err == nil {
		file = rel
	}
	return fmt.Sprintf("%s:%d", file, e.Line)
}
