package worker

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"go.uber.org/goleak"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/mem"
	"volley/exec"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var schema = arrow.NewSchema([]arrow.Field{{Name: "n", Type: sqltype.Int64, Nullable: true}}, nil)

func numbers(from, to int64) arrow.Record {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for ; from < to; from++ {
		b.Append(from)
	}
	a := b.NewArray()
	return array.NewRecord(schema, []arrow.Array{a}, int64(a.Len()))
}

// runner is a Config.Run that a test writes itself.
type runner func(ctx context.Context, env *exec.Env, frag *physical.Fragment, sink exec.Sink) (exec.Report, error)

func fragment(query string, partitions int) *physical.Fragment {
	return &physical.Fragment{
		Task: physical.TaskID{Query: query}, Root: &physical.Values{Out: schema},
		Output: physical.Partitioning{Kind: physical.Hash, Count: partitions},
	}
}

func read(t *testing.T, op exec.Operator) []int64 {
	t.Helper()
	defer op.Close()
	var out []int64
	for {
		rec, err := op.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec.Column(0).(*array.Int64).Int64Values()...)
	}
}

func isLost(err error) bool {
	var lost *exec.LostSource
	return errors.As(err, &lost)
}

// Whatever does not fit into memory comes back from disk in the same order, and
// all memory is given back.
func TestOutputSpills(t *testing.T) {
	for _, limit := range []int64{0, 1, 5_000, 20_000} {
		dir := t.TempDir()
		budget := exec.NewMemory(nil, limit)
		var run runner = func(_ context.Context, _ *exec.Env, _ *physical.Fragment, sink exec.Sink) (exec.Report, error) {
			for i := range int64(100) {
				if err := sink.Write(int(i%2), numbers(i*50, i*50+50)); err != nil {
					return exec.Report{}, err
				}
			}
			return exec.Report{}, nil
		}
		w := New(Config{ID: "w", Memory: budget, SpillDir: dir, Run: run})
		report, err := w.Run(t.Context(), fragment("q", 2))
		if err != nil || report.Rows != 5_000 || report.Bytes != 40_000 {
			t.Fatalf("report is %+v, %v", report, err)
		}
		if budget.Used() > limit && limit > 0 {
			t.Errorf("%d of %d bytes are used", budget.Used(), limit)
		}
		for p := range int64(2) {
			op, err := w.Open(physical.TaskID{Query: "q"}, int(p))
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range read(t, op) {
				if want := int64(i/50*100+i%50) + p*50; v != want {
					t.Fatalf("row %d of partition %d is %d, not %d", i, p, v, want)
				}
			}
		}
		w.Drop("q")
		if budget.Used() != 0 {
			t.Errorf("%d bytes are still taken", budget.Used())
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("files are left: %v", left)
		}
	}
}

// An output is there when its attempt has succeeded, neither before nor
// otherwise.
func TestOutputIsAtomic(t *testing.T) {
	var w *Worker
	id := physical.TaskID{Query: "q"}
	fail := sqlerr.New(sqlerr.DivisionByZero, "division by zero")
	var outcome error
	var run runner = func(_ context.Context, _ *exec.Env, _ *physical.Fragment, sink exec.Sink) (exec.Report, error) {
		if err := sink.Write(0, numbers(0, 10)); err != nil {
			return exec.Report{}, err
		}
		if _, err := w.Open(id, 0); !isLost(err) {
			t.Errorf("the output can be opened while its task runs: %v", err)
		}
		return exec.Report{}, outcome
	}
	w = New(Config{ID: "w", Run: run})
	outcome = fail
	_, err := w.Run(t.Context(), fragment("q", 1))
	if e := sqlerr.Find(err); e.Code != fail.Code || e.Worker != "w" {
		t.Errorf("error is %#v", err)
	}
	if _, err := w.Open(id, 0); !isLost(err) {
		t.Errorf("a failed attempt has left an output: %v", err)
	}
	outcome = nil
	if _, err := w.Run(t.Context(), fragment("q", 1)); err != nil {
		t.Fatal(err)
	}
	// one partition is a broadcast: everybody reads it
	op, err := w.Open(id, 3)
	if err != nil || len(read(t, op)) != 10 {
		t.Errorf("error is %v", err)
	}
	w.Free(id)
	if _, err := w.Open(id, 0); !isLost(err) {
		t.Errorf("a freed output is still there: %v", err)
	}
}

// After Drop nothing of the query comes back, not even from tasks on the way.
func TestDropIsFinal(t *testing.T) {
	var w *Worker
	budget := exec.NewMemory(nil, 0)
	ctx, cancel := context.WithCancel(t.Context())
	var run runner = func(_ context.Context, _ *exec.Env, _ *physical.Fragment, sink exec.Sink) (exec.Report, error) {
		err := sink.Write(0, numbers(0, 10))
		cancel()
		w.Drop("q")
		return exec.Report{}, err
	}
	w = New(Config{ID: "w", Run: run, Memory: budget})
	if _, err := w.Run(ctx, fragment("q", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if _, err := w.Run(ctx, fragment("q", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if w.Busy() || w.Outputs() != 0 || budget.Used() != 0 || len(w.queries) != 0 {
		t.Error("the worker still holds something of the query")
	}
}

// What tasks share, such as a broadcast join's hash table, is nobody's to free:
// it goes with the query.
func TestDropFreesWhatTasksShare(t *testing.T) {
	budget := exec.NewMemory(nil, 0)
	var w *Worker
	late := false
	var run runner = func(_ context.Context, env *exec.Env, _ *physical.Fragment, _ exec.Sink) (exec.Report, error) {
		if late {
			w.Drop("q")
		}
		return exec.Report{}, env.Memory.Reserve(1000)
	}
	w = New(Config{ID: "w", Run: run, Memory: budget})
	for _, late = range []bool{false, true} {
		if _, err := w.Run(t.Context(), fragment("q", 1)); (err != nil) != late {
			t.Fatal(err)
		}
		w.Drop("q")
		if budget.Used() != 0 {
			t.Errorf("late %v: %d bytes are still taken", late, budget.Used())
		}
	}
}

func TestPanicIsAnError(t *testing.T) {
	var run runner = func(context.Context, *exec.Env, *physical.Fragment, exec.Sink) (exec.Report, error) { panic("oh") }
	w := New(Config{ID: "w", Run: run})
	if _, err := w.Run(t.Context(), fragment("q", 1)); sqlerr.Code(err) != sqlerr.InternalError {
		t.Errorf("error is %v", err)
	}
}

// opener is a format of which Open is told.
type opener struct {
	catalog.Format
	opened chan string
	closed atomic.Int64
}

func (o *opener) Open(_ context.Context, _ objstore.Store, _ *catalog.ScanSpec, s catalog.Split) (catalog.Reader, error) {
	o.opened <- s.File.Path
	return &openedReader{of: o}, nil
}

type openedReader struct {
	catalog.Reader
	of *opener
}

func (r *openedReader) Close() error {
	r.of.closed.Add(1)
	return nil
}

// TestFilesOfWaiting: while a fragment waits for a slot its remote files are open, and
// it has them when it runs. One that is cancelled meanwhile closes them.
func TestFilesOfWaiting(t *testing.T) {
	format := &opener{opened: make(chan string, 10)}
	running, end := make(chan *exec.Env, 3), make(chan struct{})
	var run runner = func(ctx context.Context, env *exec.Env, frag *physical.Fragment, _ exec.Sink) (exec.Report, error) {
		running <- env
		<-end
		return exec.Report{}, nil
	}
	w := New(Config{ID: "w", Slots: 1, Store: mem.New(), Formats: map[string]catalog.Format{"f": format}, Run: run})
	of := func(query string) *physical.Fragment {
		frag := fragment(query, 1)
		frag.Root = &physical.Scan{ID: 1, Spec: catalog.ScanSpec{Format: "f", Schema: schema, Projection: []int{0}}}
		frag.Splits = map[int][]catalog.Split{1: {{File: catalog.FileInfo{Path: "s3://b/" + query}}}}
		return frag
	}
	done := make(chan error, 3)
	start := func(ctx context.Context, query string) {
		go func() {
			_, err := w.Run(ctx, of(query))
			done <- err
		}()
	}
	start(t.Context(), "first")
	if env := <-running; env.Opened != nil {
		t.Error("files were opened for a fragment that has not waited")
	}
	ctx, cancel := context.WithCancel(t.Context())
	start(ctx, "canceled")
	if path := <-format.opened; path != "s3://b/canceled" {
		t.Errorf("%s was opened", path)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled fragment ends with %v", err)
	}
	if n := format.closed.Load(); n != 1 {
		t.Errorf("%d files were closed", n)
	}
	start(t.Context(), "second")
	if path := <-format.opened; path != "s3://b/second" {
		t.Errorf("%s was opened", path)
	}
	if n := w.Running(); n != 1 {
		t.Errorf("%d fragments run in one slot", n)
	}
	close(end)
	if env := <-running; env.Opened == nil {
		t.Error("a fragment that has waited has not what was opened")
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := format.closed.Load(); n != 2 {
		t.Errorf("%d files were closed of two", n)
	}
}
