package flight

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	arrowflight "github.com/apache/arrow/go/v15/arrow/flight"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// batches is an output of given records.
type batches struct {
	schema  *arrow.Schema
	records []arrow.Record
	err     error // after them; nil: io.EOF
	endless bool
	closed  chan struct{}
}

func (b *batches) Schema() *arrow.Schema { return b.schema }

func (b *batches) Next(ctx context.Context) (arrow.Record, error) {
	if len(b.records) == 0 {
		if b.err != nil {
			return nil, b.err
		}
		return nil, io.EOF
	}
	r := b.records[0]
	if !b.endless {
		b.records = b.records[1:]
	}
	return r, ctx.Err()
}

func (b *batches) Close() error {
	if b.closed != nil {
		close(b.closed)
	}
	return nil
}

func serve(t *testing.T, cfg ServerConfig) (*Server, *Pool) {
	t.Helper()
	s, err := Listen("127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	p := NewPool(cfg.Secret, nil)
	t.Cleanup(func() { p.Close(); s.Close() })
	return s, p
}

// fetch serves an output and reads it over a connection.
func fetch(t *testing.T, out *batches) ([]arrow.Record, error) {
	t.Helper()
	s, p := serve(t, ServerConfig{Open: func(_ context.Context, task physical.TaskID, partition int) (Records, error) {
		if task.String() != "q/1.2#3" || partition != 4 {
			t.Errorf("asked for %v, partition %d", task, partition)
		}
		return out, nil
	}})
	st, err := p.Fetch(t.Context(), s.Addr(), physical.TaskID{Query: "q", Stage: 1, Task: 2, Attempt: 3}, 4, 0)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	if !st.Schema().Equal(out.schema) {
		t.Errorf("schema is %v", st.Schema())
	}
	var got []arrow.Record
	for {
		r, err := st.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		got = append(got, r)
	}
}

func strings1(n int, value string) arrow.Record {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for range n {
		b.Append(value)
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "s", Type: sqltype.Text, Nullable: true}}, nil)
	return array.NewRecord(schema, []arrow.Array{b.NewArray()}, int64(n))
}

func TestFetchKeepsRecords(t *testing.T) {
	values := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	values.AppendValues([][]byte{{1, 2}, {}, {3}}, []bool{true, false, true})
	numeric := array.NewExtensionArrayWithStorage(sqltype.Numeric.(arrow.ExtensionType), values.NewArray())
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: sqltype.Numeric, Nullable: true}}, nil)
	rec := array.NewRecord(schema, []arrow.Array{numeric}, 3)
	got, err := fetch(t, &batches{schema: schema, records: []arrow.Record{rec, rec.NewSlice(1, 3)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !array.RecordEqual(got[0], rec) || !array.RecordEqual(got[1], rec.NewSlice(1, 3)) {
		t.Errorf("records are %v", got)
	}
	if _, ok := got[0].Column(0).(*sqltype.NumericArray); !ok {
		t.Errorf("the column is a %T", got[0].Column(0))
	}
}

func TestFetchWithoutColumnsOrRows(t *testing.T) {
	schema := arrow.NewSchema(nil, nil)
	got, err := fetch(t, &batches{schema: schema, records: []arrow.Record{array.NewRecord(schema, nil, 42)}})
	if err != nil || len(got) != 1 || got[0].NumRows() != 42 {
		t.Errorf("got %v, %v", got, err)
	}
	got, err = fetch(t, &batches{schema: strings1(1, "").Schema()})
	if err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

// A batch larger than a message arrives in parts, and in order.
func TestLargeBatchesAreSliced(t *testing.T) {
	rec := strings1(100, strings.Repeat("x", 1<<20))
	got, err := fetch(t, &batches{schema: rec.Schema(), records: []arrow.Record{rec}})
	if err != nil {
		t.Fatal(err)
	}
	var rows int64
	for _, r := range got {
		rows += r.NumRows()
		if n := RecordBytes(r); n > maxBatch+(1<<20) {
			t.Errorf("a batch has %d bytes", n)
		}
	}
	if rows != 100 || len(got) < 12 {
		t.Errorf("%d rows in %d batches", rows, len(got))
	}
}

func TestErrorsKeepTheirKind(t *testing.T) {
	want := sqlerr.At(6, sqlerr.DivisionByZero, "division by zero").WithFile("a.csv", 7, "x")
	rec := strings1(3, "x")
	got, err := fetch(t, &batches{schema: rec.Schema(), records: []arrow.Record{rec}, err: want})
	e := sqlerr.Find(err)
	if len(got) != 1 || e.Code != want.Code || e.Message != want.Message || e.Position != 7 || e.Place() != want.Place() {
		t.Errorf("got %d records and %#v", len(got), err)
	}
	// a panic in a handler is an error of the call, and the server lives on
	s, p := serve(t, ServerConfig{Open: func(context.Context, physical.TaskID, int) (Records, error) { panic("oh") }})
	if _, err := p.Fetch(t.Context(), s.Addr(), physical.TaskID{}, 0, 0); sqlerr.Code(err) != sqlerr.InternalError {
		t.Errorf("error is %v", err)
	}
	if err := p.Ping(t.Context(), s.Addr()); err != nil {
		t.Error(err)
	}
}

func TestUnreachableIsRetryable(t *testing.T) {
	s, p := serve(t, ServerConfig{})
	s.Close()
	_, err := p.Fetch(t.Context(), s.Addr(), physical.TaskID{}, 0, 0)
	if e := sqlerr.Find(err); e.Code != sqlerr.ConnectionFailure || !e.Retryable {
		t.Errorf("error is %#v", e)
	}
}

func TestSecret(t *testing.T) {
	s, p := serve(t, ServerConfig{Secret: "right", Control: func(*Link) error { return nil }})
	if err := p.Ping(t.Context(), s.Addr()); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"", "wrong"} {
		p := NewPool(wrong, nil)
		if err := p.Ping(t.Context(), s.Addr()); sqlerr.Code(err) != sqlerr.InvalidAuthorization {
			t.Errorf("error is %v", err)
		}
		if _, err := p.Fetch(t.Context(), s.Addr(), physical.TaskID{}, 0, 0); sqlerr.Code(err) != sqlerr.InvalidAuthorization {
			t.Errorf("error is %v", err)
		}
		l, err := p.Control(t.Context(), s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Recv(); sqlerr.Code(err) != sqlerr.InvalidAuthorization {
			t.Errorf("error is %v", err)
		}
		p.Close()
	}
}

// The end of the reader's context ends the stream on the server.
func TestCancelEndsStream(t *testing.T) {
	rec := strings1(1000, strings.Repeat("x", 1000))
	out := &batches{schema: rec.Schema(), records: []arrow.Record{rec}, endless: true, closed: make(chan struct{})}
	s, p := serve(t, ServerConfig{Open: func(context.Context, physical.TaskID, int) (Records, error) { return out, nil }})
	ctx, cancel := context.WithCancel(t.Context())
	st, err := p.Fetch(ctx, s.Addr(), physical.TaskID{}, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Next(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case <-out.closed:
	case <-time.After(10 * time.Second):
		t.Error("the server still sends")
	}
	for err == nil {
		_, err = st.Next(ctx)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestControlMessages(t *testing.T) {
	want := &Message{Kind: KindStart, Task: &physical.TaskID{Query: "q", Task: 1}, Body: []byte{0, 1, 255}}
	s, p := serve(t, ServerConfig{Control: func(l *Link) error {
		m, err := l.Recv()
		if err != nil || m.Kind != KindHello || m.Hello.Slots != 3 || l.Peer() == "" {
			t.Errorf("got %+v, %v", m, err)
		}
		l.Send(want)
		if m, err := l.Recv(); err != nil || m.Kind != KindDone {
			t.Errorf("got %+v, %v", m, err)
		}
		return sqlerr.New(sqlerr.AdminShutdown, "enough")
	}})
	l, err := p.Control(t.Context(), s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	l.Send(&Message{Kind: KindHello, Hello: &Hello{Slots: 3}})
	m, err := l.Recv()
	if err != nil || m.Kind != want.Kind || *m.Task != *want.Task || string(m.Body) != string(want.Body) {
		t.Errorf("got %+v, %v", m, err)
	}
	l.Send(&Message{Kind: KindDone})
	if _, err := l.Recv(); sqlerr.Code(err) != sqlerr.AdminShutdown {
		t.Errorf("error is %v", err)
	}
	<-l.Done()
}

func TestRecordBytes(t *testing.T) {
	rec := strings1(100, "abcdef")
	if n, want := RecordBytes(rec), int64(4*101+600); n != want {
		t.Errorf("%d bytes, not %d", n, want)
	}
	if n, want := RecordBytes(rec.NewSlice(10, 20)), int64(4*11+60); n != want {
		t.Errorf("a slice has %d bytes, not %d", n, want)
	}
	lists := array.NewListBuilder(memory.DefaultAllocator, sqltype.Text)
	lists.Append(true)
	lists.AppendNull()
	schema := arrow.NewSchema([]arrow.Field{{Name: "l", Type: lists.Type(), Nullable: true}}, nil)
	if n := RecordBytes(array.NewRecord(schema, []arrow.Array{lists.NewArray()}, 2)); n != 13 {
		t.Errorf("an empty list and a null have %d bytes", n)
	}
}

// A stream has a dictionary once, however many batches and slices of them it has.
func TestDictionaryIsSentOnce(t *testing.T) {
	const batches, rows = 3, 100_000 // a batch is larger than a message should be
	dict := strings1(50, strings.Repeat("value", 2000)).Column(0)
	others := strings1(rows, strings.Repeat("x", 100)).Column(0)
	indices := array.NewUint8Builder(memory.DefaultAllocator)
	for i := range rows {
		indices.Append(uint8(i % 50))
	}
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint8, ValueType: dict.DataType()}
	schema := arrow.NewSchema([]arrow.Field{{Name: "t", Type: typ}, {Name: "o", Type: others.DataType()}}, nil)
	rec := array.NewRecord(schema, []arrow.Array{array.NewDictionaryArray(typ, indices.NewArray(), dict), others}, rows)
	sink := &sent{}
	w := newWriter(sink, schema)
	for range batches {
		if err := w.write(rec.NewSlice(10, rows)); err != nil {
			t.Fatal(err)
		}
	}
	with := 0 // messages that have a dictionary
	for _, d := range sink.data {
		if strings.Contains(string(d.DataBody), "valuevalue") {
			with++
		}
	}
	if with != 1 || len(sink.data) < 2*batches {
		t.Errorf("%d of %d messages have the dictionary", with, len(sink.data))
	}
}

// FuzzStream changes a byte of a stream: the reader must notice, and above all
// live.
func FuzzStream(f *testing.F) {
	rec := strings1(3, "abc")
	sink := &sent{}
	w := newWriter(sink, rec.Schema())
	if err := w.write(rec); err != nil {
		f.Fatal(err)
	}
	for i := range 40 {
		f.Add(i%2, i%3, i*7, byte(1<<(i%8)))
	}
	f.Fuzz(func(t *testing.T, message, part, at int, flip byte) {
		var data []*arrowflight.FlightData
		for _, d := range sink.data {
			data = append(data, copied(d))
		}
		d := data[uint(message)%uint(len(data))]
		b := [][]byte{d.DataHeader, d.DataBody, d.AppMetadata}[uint(part)%3]
		if len(b) == 0 || flip == 0 {
			return
		}
		b[uint(at)%uint(len(b))] ^= flip
		st, err := newStream(&replayed{data: data}, &watchdog{ctx: t.Context(), cancel: func(error) {}, timer: time.NewTimer(time.Hour)})
		for err == nil {
			_, err = st.Next(t.Context())
		}
		if e := sqlerr.Find(err); e.Code != sqlerr.DataCorrupted || !e.Retryable {
			t.Errorf("error is %v", err)
		}
	})
}

func copied(d *arrowflight.FlightData) *arrowflight.FlightData {
	return &arrowflight.FlightData{DataHeader: bytes.Clone(d.DataHeader), DataBody: bytes.Clone(d.DataBody), AppMetadata: bytes.Clone(d.AppMetadata)}
}

type sent struct{ data []*arrowflight.FlightData }

func (s *sent) Send(d *arrowflight.FlightData) error {
	s.data = append(s.data, copied(d))
	return nil
}

type replayed struct {
	grpc.ClientStream
	data []*arrowflight.FlightData
}

func (r *replayed) Header() (metadata.MD, error) { return nil, nil }

func (r *replayed) Recv() (*arrowflight.FlightData, error) {
	if len(r.data) == 0 {
		return nil, io.EOF
	}
	d := r.data[0]
	r.data = r.data[1:]
	return d, nil
}
