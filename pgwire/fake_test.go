package pgwire

import (
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
)

// fakeBackend answers a few fixed statements:
//
//	rows N       N rows of one bigint, in batches of 7
//	types        the record given
//	echo $1 …    the parameters
//	fail … x     an error at x
//	block        waits until it is cancelled
//	endless      rows without end
//	copyout      three chunks
//	copyin       takes data; its tag counts the bytes
//	begin, commit
//	panic        panics
type fakeBackend struct {
	params []arrow.DataType // of echo
	types  arrow.Record
	began  chan struct{} // gets a value when block runs; nil: nobody asks
	ended  chan struct{} // gets a value when block has been cancelled, or endless closed
}

func (b *fakeBackend) Open(_ context.Context, start Startup) (Session, error) {
	if start.Database == "missing" {
		return nil, sqlerr.New(sqlerr.InvalidCatalogName, "database \"missing\" does not exist")
	}
	return &fakeSession{b: b, tx: 'I'}, nil
}

type fakeSession struct {
	kept map[string]Prepared
	b    *fakeBackend
	tx   byte
}

func (s *fakeSession) Split(_ context.Context, sql string) (texts []string, at []int, err error) {
	offset := 0
	for _, part := range strings.SplitAfter(sql, ";") {
		text := strings.TrimSuffix(part, ";")
		if strings.TrimSpace(text) != "" {
			lead := len(text) - len(strings.TrimLeft(text, " \n"))
			texts, at = append(texts, strings.TrimSpace(text)), append(at, offset+lead)
		}
		offset += len(part)
	}
	return texts, at, nil
}

func (s *fakeSession) Keep(name string, p Prepared) error {
	if s.kept == nil {
		s.kept = map[string]Prepared{}
	}
	s.kept[name] = p
	return nil
}

func (s *fakeSession) Named(name string) (Prepared, string) { return s.kept[name], "" }

func (s *fakeSession) Forget(name string) bool {
	defer delete(s.kept, name)
	return s.kept[name] != nil
}

func (s *fakeSession) TxStatus() byte { return s.tx }
func (s *fakeSession) Fail() {
	if s.tx == 'T' {
		s.tx = 'E'
	}
}

func (s *fakeSession) Settings() map[string]string {
	return map[string]string{
		"TimeZone": "UTC", "server_version": "15.0", "client_encoding": "UTF8",
		"standard_conforming_strings": "on", "DateStyle": "ISO, MDY",
	}
}
func (s *fakeSession) Changed() map[string]string { return nil }
func (s *fakeSession) Text() sqltype.TextOptions  { return sqltype.TextOptions{} }
func (s *fakeSession) Close() error               { return nil }

func (s *fakeSession) Prepare(_ context.Context, sql string, params []arrow.DataType) (Prepared, error) {
	p := &fakePrepared{s: s, words: strings.Fields(sql)}
	switch p.words[0] {
	case "fail":
		return nil, sqlerr.At(strings.Index(sql, "x"), sqlerr.UndefinedColumn, "column \"x\" does not exist")
	case "rows", "endless":
		p.schema = arrow.NewSchema([]arrow.Field{{Name: "n", Type: sqltype.Int64}}, nil)
	case "types":
		p.schema = s.b.types.Schema()
	case "echo":
		var fields []arrow.Field
		for i, t := range s.b.params {
			if i < len(params) && params[i] != nil {
				t = params[i]
			}
			p.params = append(p.params, t)
			fields = append(fields, arrow.Field{Name: "p", Type: t, Nullable: true})
		}
		p.schema = arrow.NewSchema(fields, nil)
	case "panic":
		panic("the backend is broken")
	}
	return p, nil
}

func (s *fakeSession) Query(ctx context.Context, sql string) (Result, error) {
	p, err := s.Prepare(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	if n := len(p.Params()); n > 0 {
		return nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", n)
	}
	return p.Run(ctx, nil)
}

type fakePrepared struct {
	s      *fakeSession
	words  []string
	params []arrow.DataType
	schema *arrow.Schema
}

func (p *fakePrepared) Params() []arrow.DataType { return p.params }
func (p *fakePrepared) Columns() *arrow.Schema   { return p.schema }

func (p *fakePrepared) Run(ctx context.Context, params []arrow.Array) (Result, error) {
	r := &fakeResult{p: p, ctx: ctx, tag: strings.ToUpper(p.words[0])}
	switch p.words[0] {
	case "rows":
		n, err := strconv.Atoi(p.words[1])
		if err != nil {
			return nil, err
		}
		for lo := 0; lo < n; lo += 7 {
			b := array.NewInt64Builder(memory.DefaultAllocator)
			for i := lo; i < min(lo+7, n); i++ {
				b.Append(int64(i))
			}
			r.recs = append(r.recs, array.NewRecord(p.schema, []arrow.Array{b.NewArray()}, -1))
		}
	case "types":
		r.recs = []arrow.Record{p.s.b.types}
	case "echo":
		r.recs = []arrow.Record{array.NewRecord(p.schema, params, 1)}
	case "copyout":
		b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
		for _, s := range []string{"a,1\n", "b,2\n", "c,3\n"} {
			b.AppendString(s)
		}
		schema := arrow.NewSchema([]arrow.Field{{Name: "chunk", Type: sqltype.Bytea}}, nil)
		r.recs, r.out = []arrow.Record{array.NewRecord(schema, []arrow.Array{b.NewArray()}, -1)}, 2
	case "copyin":
		r.in = &fakeCopyIn{r: r}
	case "begin":
		p.s.tx = 'T'
	case "commit":
		p.s.tx = 'I'
	}
	return r, nil
}

type fakeResult struct {
	p    *fakePrepared
	ctx  context.Context
	recs []arrow.Record
	tag  string
	out  int
	in   *fakeCopyIn
}

func (r *fakeResult) Context() context.Context { return r.ctx }
func (r *fakeResult) Schema() *arrow.Schema    { return r.p.schema }
func (r *fakeResult) Tag() string              { return r.tag }
func (r *fakeResult) CopyOut() int             { return r.out }
func (r *fakeResult) Notices() []Notice        { return nil }
func (r *fakeResult) Pause()                   {}

func (r *fakeResult) Close() error {
	if r.p.words[0] == "endless" {
		r.p.s.b.ended <- struct{}{}
	}
	return nil
}

func (r *fakeResult) CopyIn() CopyIn {
	if r.in == nil {
		return nil
	}
	return r.in
}

func (r *fakeResult) Next(ctx context.Context) (arrow.Record, error) {
	if r.p.words[0] == "block" {
		if r.p.s.b.began != nil {
			r.p.s.b.began <- struct{}{}
		}
		<-ctx.Done()
		r.p.s.b.ended <- struct{}{}
		return nil, ctx.Err()
	}
	if r.p.words[0] == "endless" {
		b := array.NewInt64Builder(memory.DefaultAllocator)
		b.AppendValues(make([]int64, 1000), nil)
		return array.NewRecord(r.p.schema, []arrow.Array{b.NewArray()}, -1), nil
	}
	if len(r.recs) == 0 {
		return nil, io.EOF
	}
	rec := r.recs[0]
	r.recs = r.recs[1:]
	return rec, nil
}

type fakeCopyIn struct {
	r    *fakeResult
	size int
}

func (c *fakeCopyIn) Columns() int { return 2 }

func (c *fakeCopyIn) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "bad") {
		return 0, sqlerr.New(sqlerr.BadCopyFileFormat, "bad data")
	}
	c.size += len(p)
	return len(p), nil
}

func (c *fakeCopyIn) Done() error {
	c.r.tag = "COPY " + strconv.Itoa(c.size)
	return nil
}
func (c *fakeCopyIn) Abort(error) {}

// serve starts a server for the test and gives its address.
func serve(t testing.TB, cfg Config) (*Server, string) {
	t.Helper()
	s := NewServer(cfg)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		s.Shutdown(ctx)
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s, l.Addr().String()
}
