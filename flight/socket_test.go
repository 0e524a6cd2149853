package flight

import (
	"context"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/planner/physical"
	"volley/sqltype"
)

// ints is a record of n rows.
func ints(n int) arrow.Record {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range n {
		b.Append(int64(i))
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: sqltype.Int64}}, nil)
	return array.NewRecord(schema, []arrow.Array{b.NewArray()}, int64(n))
}

// tcpOnly hides that a listener is one of TCP, so that there is no socket beside it.
type tcpOnly struct{ net.Listener }

func (l tcpOnly) Addr() net.Addr { return named(l.Listener.Addr().String()) }

type named string

func (named) Network() string  { return "tcp" }
func (n named) String() string { return string(n) }

// A process of the same machine is read by its socket, and by TCP where it has none.
func TestSameMachineIsReadBySocket(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("abstract sockets are Linux's")
	}
	rec := ints(10_000)
	for _, c := range []struct {
		listen string
		socket bool
	}{{"127.0.0.1:0", true}, {"0.0.0.0:0", true}, {"127.0.0.1:0", false}} {
		l, err := net.Listen("tcp4", c.listen)
		if err != nil {
			t.Fatal(err)
		}
		address := strings.Replace(l.Addr().String(), "0.0.0.0", "127.0.0.1", 1)
		if !c.socket {
			l = tcpOnly{l}
		}
		s := Serve(l, ServerConfig{Secret: "s", Open: func(context.Context, physical.TaskID, int) (Records, error) {
			return &batches{schema: rec.Schema(), records: []arrow.Record{rec}}, nil
		}})
		p := NewPool("s", nil)
		st, err := p.Fetch(t.Context(), address, physical.TaskID{}, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := st.Next(t.Context())
		if err != nil || !array.RecordEqual(got, rec) {
			t.Errorf("%s: %v", c.listen, err)
		}
		if n := p.SocketBytes(); c.socket != (n > 80_000) {
			t.Errorf("%s, with a socket %v: %d bytes came by it", c.listen, c.socket, n)
		}
		st.Close()
		p.Close()
		s.Close()
		if _, err := dialSocket(t.Context(), socketNames(address)[0]); err == nil {
			t.Error("the socket is still there")
		}
	}
}

func TestSocketNames(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:7433": "@volley-flight/127.0.0.1/7433 @volley-flight/*/7433", "localhost:1": "@volley-flight/127.0.0.1/1 @volley-flight/*/1",
		"[::1]:5": "@volley-flight/::1/5 @volley-flight/*/5", "0.0.0.0:9": "@volley-flight/*/9",
		"192.0.2.1:7433": "", "elsewhere:7433": "", "nothing": "", // 192.0.2.0/24 is nobody's
	} {
		if got := strings.Join(socketNames(address), " "); got != want {
			t.Errorf("%s: %q", address, got)
		}
	}
}

// counting gives the same record forever and counts its bytes.
type counting struct {
	batches
	given *atomic.Int64
}

func (c *counting) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := c.batches.Next(ctx)
	if err == nil {
		c.given.Add(RecordBytes(rec))
	}
	return rec, err
}

// A reader that does not read stops the writer: what is on its way is never more
// than a window of the transport and a batch at each end.
func TestSlowReaderStopsTheWriter(t *testing.T) {
	rec := ints(64 << 10) // 512 kB
	size := RecordBytes(rec)
	const window = 16 << 20 // that the transport may come to use by itself
	var given atomic.Int64
	s, p := serve(t, ServerConfig{Open: func(context.Context, physical.TaskID, int) (Records, error) {
		return &counting{batches{schema: rec.Schema(), records: []arrow.Record{rec}, endless: true}, &given}, nil
	}})
	st, err := p.Fetch(t.Context(), s.Addr(), physical.TaskID{}, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for read := int64(0); read < 200*size; {
		if _, err := st.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		if read += size; read%(50*size) != 0 {
			continue
		}
		for before := int64(-1); before != given.Load(); time.Sleep(20 * time.Millisecond) {
			before = given.Load()
			if ahead := before - read; ahead > window+4*size {
				t.Fatalf("the writer is %d bytes ahead after %d", ahead, read)
			}
		}
	}
}

// A dictionary column is one on the other side, and its values are sent once for all
// batches that have the same ones.
func TestDictionaryStaysOne(t *testing.T) {
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint8, ValueType: sqltype.Text}
	b := array.NewDictionaryBuilder(memory.DefaultAllocator, typ).(*array.BinaryDictionaryBuilder)
	long := strings.Repeat("a long value ", 1000)
	for i := range 10_000 {
		if err := b.AppendString(string(rune('a'+i%4)) + long); err != nil {
			t.Fatal(err)
		}
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "d", Type: typ}}, nil)
	rec := array.NewRecord(schema, []arrow.Array{b.NewArray()}, 10_000)
	s, p := serve(t, ServerConfig{Open: func(context.Context, physical.TaskID, int) (Records, error) {
		return &batches{schema: schema, records: []arrow.Record{rec, rec, rec}}, nil
	}})
	st, err := p.Fetch(t.Context(), s.Addr(), physical.TaskID{}, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for range 3 {
		got, err := st.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d, ok := got.Column(0).(*array.Dictionary)
		if !ok || d.Dictionary().Len() != 4 || !array.RecordEqual(got, rec) {
			t.Fatalf("the column came as %s", got.Column(0).DataType())
		}
	}
	if n := p.SocketBytes(); runtime.GOOS == "linux" && n > 200_000 { // 390 MB of text
		t.Errorf("%d bytes came over", n)
	}
}
