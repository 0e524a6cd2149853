package flight

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/physical"
	"volley/sqlerr"
)

// TestFetchLeavesOutWhatTheReaderHas reads an output whose second batch goes over
// the wire in slices, from every place at which a stream can break off.
func TestFetchLeavesOutWhatTheReaderHas(t *testing.T) {
	large := make([]byte, 1<<20)
	for i := range large {
		large[i] = 'x'
	}
	records := []arrow.Record{strings1(1, "a"), strings1(9, string(large)), strings1(2, "b")}
	s, p := serve(t, ServerConfig{Open: func(context.Context, physical.TaskID, int) (Records, error) {
		return &batches{schema: records[0].Schema(), records: records}, nil
	}})
	read := func(skip int) (rows []int64) {
		st, err := p.Fetch(t.Context(), s.Addr(), physical.TaskID{}, 0, skip)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		for {
			rec, err := st.Next(t.Context())
			if errors.Is(err, io.EOF) {
				return rows
			}
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, rec.NumRows())
		}
	}
	all := read(0)
	if len(all) < 4 {
		t.Fatalf("batches of %v rows: the second one was not cut", all)
	}
	for skip := range len(all) + 1 {
		rest := read(skip)
		if len(rest) != len(all)-skip {
			t.Fatalf("without the first %d of %v: %v", skip, all, rest)
		}
		for i, n := range rest {
			if n != all[skip+i] {
				t.Errorf("without the first %d of %v: %v", skip, all, rest)
			}
		}
	}
}

// TestASilentServerEndsTheStream: one that sends nothing may take its time as long
// as it answers, and no longer.
func TestASilentServerEndsTheStream(t *testing.T) {
	_, p := serve(t, ServerConfig{})
	ctx, cancel := context.WithCancelCause(t.Context())
	w := p.watch(ctx, cancel, "127.0.0.1:1") // nobody is there
	defer w.close()
	w.timer.Reset(time.Millisecond)
	<-ctx.Done()
	if err := w.reason(context.Canceled); sqlerr.Code(err) != sqlerr.ConnectionFailure || !sqlerr.Find(err).Retryable {
		t.Errorf("%v", err)
	}
	s, _ := serve(t, ServerConfig{})
	alive, stop := context.WithCancelCause(t.Context())
	w = p.watch(alive, stop, s.Addr())
	w.check(p, s.Addr())
	if alive.Err() != nil {
		t.Errorf("a server that answers: %v", context.Cause(alive))
	}
	w.close()
	if err := w.reason(context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("a stream that was closed: %v", err)
	}
}
