package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"volley/sqltest"
)

// regress runs the scripts of PostgreSQL's own regression suite, each after the
// suite's set-up and in a database of its own, and compares each statement's
// answer, names of columns, rows, SQLSTATE and message, with what a real
// PostgreSQL gave. What is outside a query engine's scope is not run.
type regress struct {
	name    string // of the verdicts
	workers int
	only    []string // names of scripts; empty: all
}

const (
	regressScripts = "pg-regress/postgres-copy-in-risingwave/sql"
	regressData    = "pg-regress/postgres-copy-in-risingwave"
	regressSetup   = "pg-regress/sql-pg16-libpg_query/test_setup.sql"
)

// script is a script without the statements that are outside.
type script struct {
	path   string
	places []string // of each statement; "" for those of the set-up
}

// scripts writes the scripts to dir.
func (g regress) scripts(o options, dir string) (out []script, err error) {
	found, err := filepath.Glob(filepath.Join(o.corpora, regressScripts, "*.sql"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("no scripts in %s: %w", regressScripts, err)
	}
	for _, path := range found {
		name := filepath.Base(path)
		wanted := len(g.only) == 0
		for _, w := range g.only {
			wanted = wanted || w == strings.TrimSuffix(name, ".sql")
		}
		if !wanted {
			continue
		}
		s, err := writeScript(o, path, filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// writeScript writes the set-up and a script, less what is outside.
func writeScript(o options, from, to string) (script, error) {
	text, err := os.ReadFile(from)
	if err != nil {
		return script{}, err
	}
	// lines that a later user of the suite has switched off
	original := strings.ReplaceAll("\n"+string(text), "\n--@ ", "\n")[1:]
	if err := os.WriteFile(to, []byte(original), 0o600); err != nil {
		return script{}, err
	}
	setup, err := sqltest.ParseFile(filepath.Join(o.corpora, regressSetup))
	if err != nil {
		return script{}, err
	}
	body, err := sqltest.ParseFile(to)
	if err != nil {
		return script{}, err
	}
	out := script{path: to}
	var b strings.Builder
	names := newScope()
	for i, r := range append(setup, body...) {
		switch r := r.(type) {
		case *sqltest.Assign:
			writeAssign(&b, r)
		case *sqltest.Ask:
			if !names.inside(r.SQL) {
				continue
			}
			writeAsk(&b, r)
			where := ""
			if i >= len(setup) {
				where = fmt.Sprintf("%s:%d", filepath.Base(from), r.Line)
			}
			out.places = append(out.places, where)
		}
	}
	return out, os.WriteFile(to, []byte(b.String()), 0o600)
}

func writeAssign(b *strings.Builder, a *sqltest.Assign) {
	if len(a.Values) == 1 && strings.HasPrefix(a.Values[0], "$") {
		fmt.Fprintf(b, "\\getenv %s %s\n", a.Name, a.Values[0][1:])
		return
	}
	fmt.Fprintf(b, "\\set %s %s\n", a.Name, strings.Join(a.Values, " "))
}

func writeAsk(b *strings.Builder, a *sqltest.Ask) {
	b.WriteString(a.SQL)
	if a.Bind {
		fmt.Fprintf(b, "\n\\gset %s\n", a.Prefix)
	} else {
		b.WriteString("\n;\n")
	}
	if a.Data != nil {
		b.WriteString(*a.Data)
		b.WriteString("\\.\n")
	}
}

// ask runs the scripts and gives the answers by script.
func (g regress) ask(o options, list []script, flags ...string) (map[string][]sqltest.Entry, error) {
	var paths []string
	for _, s := range list {
		paths = append(paths, s.path)
	}
	env := []string{"PG_ABS_SRCDIR=" + filepath.Join(o.corpora, regressData)}
	ran, err := report(o, env, paths, flags...)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if got := len(ran[s.path]); got != len(s.places) {
			return nil, fmt.Errorf("%s: %d answers to %d statements", filepath.Base(s.path), got, len(s.places))
		}
	}
	return ran, nil
}

// record asks the PostgreSQL of -url, twice, to see what stays the same.
func (g regress) record(o options) error {
	dir, err := os.MkdirTemp("", "volley-regress-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	list, err := g.scripts(o, dir)
	if err != nil {
		return err
	}
	var runs [2]map[string][]sqltest.Entry
	for i := range runs {
		if runs[i], err = g.ask(o, list, onPostgres(o)...); err != nil {
			return err
		}
	}
	vs := verdicts{}
	for _, s := range list {
		v := &verdict{answers: []string{}}
		for i, e := range runs[0][s.path] {
			answer := e.Hash
			if answer != runs[1][s.path][i].Hash || s.places[i] == "" {
				answer = "-"
			}
			v.answers = append(v.answers, answer)
		}
		v.shape = shapeOf(placed(s, runs[0][s.path]))
		vs[filepath.Base(s.path)] = v
	}
	return vs.write(verdictFile(o, g.name))
}

// placed gives the entries without what depends on a run.
func placed(s script, entries []sqltest.Entry) []sqltest.Entry {
	out := make([]sqltest.Entry, len(s.places))
	for i := range out {
		out[i] = sqltest.Entry{SQL: s.places[i]}
	}
	return out
}

func (g regress) run(o options) (*result, error) {
	dir, err := os.MkdirTemp("", "volley-regress-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	list, err := g.scripts(o, dir)
	if err != nil {
		return nil, err
	}
	vs, err := readVerdicts(verdictFile(o, g.name))
	if err != nil {
		return nil, err
	}
	flags := onVolley(o, g.workers)
	ran, err := g.ask(o, list, flags...)
	if err != nil {
		return nil, err
	}
	var postgres map[string][]sqltest.Entry
	if o.url != "" { // only to show what it says
		if postgres, err = g.ask(o, list, onPostgres(o)...); err != nil {
			return nil, err
		}
	}
	r := &result{}
	for _, s := range list {
		g.judge(r, o.known, s, vs[filepath.Base(s.path)], ran[s.path], postgres[s.path])
	}
	return r, nil
}

func (g regress) judge(r *result, known knownDifferences, s script, v *verdict, got, postgres []sqltest.Entry) {
	if v == nil || v.shape != shapeOf(placed(s, got)) {
		r.fail("%s: other statements than those PostgreSQL ran", filepath.Base(s.path))
		return
	}
	for i, e := range got {
		switch {
		case v.answers[i] == "-":
		case v.answers[i] == e.Hash:
			r.passed++
		case known.has(g.name, s.places[i]):
			r.known++
		default:
			said := ""
			if postgres != nil {
				said = fmt.Sprintf("\n        PostgreSQL: %.300q", postgres[i].Lines)
			}
			r.fail("%s: %.300q to %.300s%s", s.places[i], e.Lines, oneLine(e.SQL), said)
		}
	}
}
