package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/coordinator"
	"volley/sqlerr"
	"volley/sqltest"
	"volley/sqltype"
	"volley/udf"
)

// testEngine runs test files on a node: each file has a coordinator with an
// empty catalog, and all share the node's scheduler and workers.
type testEngine struct {
	n      *node
	config configuration
	labels []string
	opened atomic.Int64
}

func newTestEngine(n *node, c configuration, labels []string) *testEngine {
	if len(labels) == 0 {
		labels = []string{"volley", "postgresql", "postgres"}
	}
	return &testEngine{n: n, config: c, labels: labels}
}

// Labels are what skipif and onlyif know the engine by.
func (e *testEngine) Labels() []string { return e.labels }

// Close ends the node.
func (e *testEngine) Close() error {
	e.n.close()
	return nil
}

// Open makes an empty database.
func (e *testEngine) Open(context.Context) (sqltest.Database, error) {
	c := coordinator.New(coordinator.Config{
		Catalog: catalog.New(), Store: e.n.store, Formats: e.n.formats, Registry: udf.Default, Scheduler: e.n.scheduler, Log: e.n.log,
	})
	return &testDatabase{c, e.config, fmt.Sprintf("test%d", e.opened.Add(1))}, nil
}

type testDatabase struct {
	c      *coordinator.Coordinator
	config configuration
	name   string
}

func (d *testDatabase) Name() string { return d.name }
func (d *testDatabase) Close() error { return d.c.Close() }

func (d *testDatabase) Connect(context.Context) (sqltest.Session, error) {
	s, err := d.c.NewSession(coordinator.SessionOptions{User: "postgres", Database: d.name, Settings: d.config.settings})
	if err != nil {
		return nil, err
	}
	return &testSession{s}, nil
}

type testSession struct{ s *coordinator.Session }

func (t *testSession) Close() error { return t.s.Close() }

// Run executes the statements of a text; the last one's result counts.
func (t *testSession) Run(ctx context.Context, sql string) (*sqltest.Result, error) {
	pieces, err := t.s.Split(ctx, sql)
	if err != nil {
		return nil, err
	}
	out := &sqltest.Result{}
	for _, p := range pieces {
		if out, err = t.one(ctx, p.Text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// CopyFrom executes COPY … FROM STDIN.
func (t *testSession) CopyFrom(ctx context.Context, sql string, data io.Reader) (*sqltest.Result, error) {
	res, err := t.s.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	if in := res.CopyIn(); in != nil {
		if _, err := io.Copy(in, data); err != nil {
			return nil, errors.Join(err, res.Close())
		}
		if err := in.Done(); err != nil {
			return nil, errors.Join(err, res.Close())
		}
	}
	return t.read(ctx, res)
}

// one executes a statement, of which a panic is an error, as it is on the wire.
func (t *testSession) one(ctx context.Context, sql string) (out *sqltest.Result, err error) {
	err = sqlerr.Guarded(func() error {
		res, err := t.s.Query(ctx, sql)
		if err == nil {
			out, err = t.read(ctx, res)
		}
		return err
	})()
	return out, err
}

// read reads a result to its end.
func (t *testSession) read(ctx context.Context, res *coordinator.Result) (*sqltest.Result, error) {
	defer func() { _ = res.Close() }()
	out := &sqltest.Result{}
	c := cells{options: t.s.Text()}
	if schema := res.Schema(); schema != nil && (res.CopyOut() == 0 || res.CopyBinary()) {
		c.resolve(schema)
		for _, f := range schema.Fields() {
			out.Columns = append(out.Columns, f.Name)
			out.Booleans = append(out.Booleans, sqltype.Equal(f.Type, sqltype.Bool))
		}
	}
	for {
		rec, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if res.CopyOut() > 0 && !res.CopyBinary() {
			out.Rows = append(out.Rows, copyRows(rec)...)
			continue
		}
		for row := range int(rec.NumRows()) {
			out.Rows = append(out.Rows, c.row(rec, row))
		}
	}
	words := strings.Fields(res.Tag())
	if len(words) > 0 {
		out.Affected, _ = strconv.ParseInt(words[len(words)-1], 10, 64) // a tag without a number affects nothing
	}
	return out, nil
}

func (c *cells) row(rec arrow.Record, row int) []sqltest.Value {
	out := make([]sqltest.Value, rec.NumCols())
	for col := range out {
		if rec.Column(col).IsNull(row) {
			out[col].Null = true
			continue
		}
		out[col].Text = c.text(rec, col, row)
	}
	return out
}

// copyRows makes a row of each line of COPY … TO STDOUT.
func copyRows(rec arrow.Record) (rows [][]sqltest.Value) {
	chunks := rec.Column(0).(*array.Binary)
	for i := range chunks.Len() {
		for line := range strings.Lines(string(chunks.Value(i))) {
			rows = append(rows, []sqltest.Value{{Text: strings.TrimSuffix(line, "\n")}})
		}
	}
	return rows
}
