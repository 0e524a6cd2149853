package exec

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/exec/window"
	"volley/planner/physical"
	"volley/sqlerr"
)

// windowOp computes window functions over input that comes sorted by partition
// and order. It collects whole partitions, at least a batch of rows, and
// computes every column for all of them at once. A partition that memory is
// refused for goes to disk (window_spill.go).
type windowOp struct {
	task      *task
	node      *physical.Window
	input     Operator
	partition sortKeys
	order     sortKeys
	calls     []*windowFunc
	mem       reservation
	stats     *OperatorStats

	held    []arrow.Record // rows read and not computed
	newPart []bool         // of the rows held: a partition begins here
	newPeer []bool
	begin   int           // row at which the last partition begins
	peer    int           // row at which the last group of peers begins; with byRows, the last row
	streams bool          // partitions need not be held whole
	byRows  bool          // nor groups of peers
	before  window.Before // of the first partition held, computed already
	bytes   int64         // of the rows held
	last    windowKeys
	eof     bool
	refused bool           // memory for what is held
	spilled *spilledWindow // a partition that is on disk; nil: none
	out     arrow.Record   // computed rows
	at      int64
}

// windowKeys are the keys of the last row read.
type windowKeys struct{ partition, order []byte }

func newWindow(t *task, n *physical.Window, c *counted) (Operator, error) {
	w := &windowOp{task: t, node: n, input: c.inputs[0], mem: t.reserve(c), stats: &c.stats}
	if s, ok := c.inputs[0].op.(*sorter); ok {
		s.ceiling = t.env.Memory.lowest() / sortShare
	}
	var err error
	if w.partition, err = t.compileSortKeys(partitionKeys(n)); err != nil {
		return nil, err
	}
	if w.order, err = t.compileSortKeys(n.OrderBy); err != nil {
		return nil, err
	}
	for i := range n.Calls {
		f, err := newWindowFunc(t, n, &n.Calls[i], &w.mem)
		if err != nil {
			return nil, placedAt(err, n.Calls[i].Pos)
		}
		w.calls = append(w.calls, f)
	}
	w.byRows = true
	for _, f := range w.calls {
		w.byRows = w.byRows && f.byRows()
	}
	w.streams = true
	for _, f := range w.calls {
		w.streams = w.streams && (w.byRows || f.streams() && len(n.OrderBy) > 0)
	}
	for _, f := range w.calls {
		f.agg.Resumable = w.streams
	}
	return w, nil
}

// sortShare is which part of the memory the sort below a window may fill before
// it spills.
const sortShare = 6

func partitionKeys(n *physical.Window) []physical.SortKey {
	keys := make([]physical.SortKey, len(n.PartitionBy))
	for i, e := range n.PartitionBy {
		keys[i] = physical.SortKey{Expr: e}
	}
	return keys
}

func (w *windowOp) Schema() *arrow.Schema { return w.node.Out }

func (w *windowOp) Next(ctx context.Context) (arrow.Record, error) {
	for {
		if w.spilled != nil {
			rec, err := w.spilled.next(ctx)
			if err != io.EOF {
				return rec, err
			}
			if err := w.endSpilled(); err != nil {
				return nil, err
			}
		}
		if w.out != nil {
			if lo := w.at; lo < w.out.NumRows() {
				w.at = min(lo+int64(w.task.rows), w.out.NumRows())
				return sliceRecord(w.out, lo, w.at), nil
			}
			w.out = nil
			if err := w.reserve(); err != nil {
				return nil, err
			}
		}
		if w.eof && len(w.newPart) == 0 {
			return nil, io.EOF
		}
		if err := w.read(ctx); err != nil {
			return nil, err
		}
		if err := w.compute(ctx); err != nil {
			return nil, err
		}
	}
}

// streamBatches is how many batches of one partition are computed at once when
// it need not be held whole.
const streamBatches = 4

// read collects rows until there are whole partitions of a batch's size, or some
// batches of whole peers, or all, or memory is refused.
func (w *windowOp) read(ctx context.Context) error {
	for !w.eof && !w.refused && w.begin < w.task.rows && !(w.streams && w.peer >= streamBatches*w.task.rows) {
		rec, err := w.input.Next(ctx)
		if err == io.EOF {
			w.eof = true
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.add(rec); err != nil {
			return err
		}
		if err := w.reserve(); err != nil {
			return err
		}
	}
	return nil
}

// reserve takes memory for the rows held. That it was refused is only an error
// where nothing can be spilled.
func (w *windowOp) reserve() error {
	err := w.mem.resize(w.size())
	if w.refused = err != nil; w.refused && !w.task.spill.Usable() {
		return w.tooLarge(err, "", len(w.newPart)-w.begin, w.size())
	}
	return nil
}

// tooLarge is the error where memory for n rows of one partition, or for what is
// kept of them, was refused by cause: so many bytes.
func (w *windowOp) tooLarge(cause error, kept string, n int, size int64) error {
	e := sqlerr.Wrap(cause, sqlerr.OutOfMemory, "window: %sthe %d rows of one partition would take %d bytes", kept, n, size)
	if w.task.spill.Usable() {
		return e.WithHint("Raise --memory.")
	}
	return e.WithHint("Raise --memory, or give --spill-dir so that operators can spill.")
}

// add holds the rows of a batch and marks where partitions and peers begin.
func (w *windowOp) add(rec arrow.Record) error {
	n := int(rec.NumRows())
	b := eval.NewBatch(rec)
	base := len(w.newPart)
	first := base == 0 && w.last.partition == nil
	w.newPart, w.newPeer = append(w.newPart, make([]bool, n)...), append(w.newPeer, make([]bool, n)...)
	if err := markChanges(w.partition, b, &w.last.partition, w.newPart[base:]); err != nil {
		return err
	}
	if err := markChanges(w.order, b, &w.last.order, w.newPeer[base:]); err != nil {
		return err
	}
	if first {
		w.newPart[base] = true
	}
	for i := base; i < len(w.newPart); i++ {
		if w.newPart[i] {
			w.begin, w.newPeer[i] = i, true
		}
		if w.newPeer[i] || w.byRows {
			w.peer = i
		}
	}
	w.held = append(w.held, rec)
	w.bytes += kernel.RecordBytes(rec)
	return nil
}

// markChanges marks the rows whose keys differ from the row before, the first
// one's being last.
func markChanges(keys sortKeys, b *eval.Batch, last *[]byte, changed []bool) error {
	if len(keys.exprs) == 0 {
		*last = []byte{}
		return nil
	}
	cols, err := evalAll(keys.exprs, b)
	if err != nil {
		return err
	}
	var k rowkey.Keys
	k.Append(cols, keys.orders, b.Len())
	before := *last
	for i := range changed {
		key := k.Key(i)
		changed[i] = before == nil || !bytes.Equal(key, before)
		before = key
	}
	*last = bytes.Clone(before)
	return nil
}

// rowBytes is what computing takes for each row besides the columns: layout,
// frames and results' row numbers.
const rowBytes = 32

// size is the memory for the rows held and for computing their columns.
func (w *windowOp) size() int64 {
	n := int64(len(w.newPart))
	return 2*w.bytes + n*(rowBytes+int64(len(w.calls))*24)
}

// compute takes the whole partitions out of what is held and computes them. One
// that memory has no room for is spilled.
func (w *windowOp) compute(ctx context.Context) error {
	n := w.begin
	switch {
	case w.eof:
		n = len(w.newPart)
	case w.streams && (n < w.task.rows || w.refused):
		n = max(n, w.peer)
	}
	if n == 0 && !w.refused {
		return nil
	}
	for n > 0 {
		err := w.computeRows(n)
		if err == nil || sqlerr.Code(err) != sqlerr.OutOfMemory || !w.task.spill.Usable() {
			return err
		}
		n = w.largest(n)
	}
	return w.spill(ctx)
}

// largest is where the largest partition, or group of peers, of the first n rows
// begins.
func (w *windowOp) largest(n int) int {
	at, size, begin := 0, 0, 0
	for i := 1; i <= n; i++ {
		if i < n && !w.ends(i) {
			continue
		}
		if i-begin > size {
			at, size = begin, i-begin
		}
		begin = i
	}
	return at
}

// ends tells whether rows before row i can be computed without it and those that
// follow.
func (w *windowOp) ends(i int) bool { return w.newPart[i] || w.streams && w.newPeer[i] }

// computeRows computes the first n rows held. After an error they are as before.
func (w *windowOp) computeRows(n int) (err error) {
	reserved := w.mem.taken
	carried := make([]window.Running, len(w.calls))
	for i, f := range w.calls {
		carried[i] = f.agg.Carry
	}
	defer func() {
		for i, f := range w.calls {
			if err != nil {
				f.agg.Carry = carried[i]
			}
		}
		if err != nil { // with what was reserved for columns
			err = errors.Join(err, w.mem.resize(reserved))
		}
	}()
	all, err := kernel.ConcatRecords(w.input.Schema(), w.held)
	if err != nil {
		return err
	}
	rec := sliceRecord(all, 0, int64(n))
	chunk := &windowChunk{batch: eval.NewBatch(rec), layout: window.NewLayout(w.newPart[:n], w.newPeer[:n])}
	if !w.newPart[0] {
		chunk.layout.Continue(w.before)
	} else {
		w.startPartition()
	}
	cols := append([]arrow.Array(nil), rec.Columns()...)
	for _, f := range w.calls {
		c, err := f.compute(chunk)
		if err != nil {
			return placedAt(err, f.call.Pos)
		}
		cols = append(cols, c)
	}
	w.out, w.at = kernel.Record(w.node.Out, cols, n), 0
	w.before = chunk.layout.End()
	w.hold(sliceRecord(all, int64(n), all.NumRows()), n)
	return nil
}

// hold makes rest what is held, which n rows are no more.
func (w *windowOp) hold(rest arrow.Record, n int) {
	w.held, w.bytes = nil, 0
	if rest.NumRows() > 0 {
		w.held, w.bytes = []arrow.Record{rest}, kernel.RecordBytes(rest)
	}
	w.newPart, w.newPeer = w.newPart[n:], w.newPeer[n:]
	w.begin, w.peer = max(w.begin-n, 0), max(w.peer-n, 0)
}

// startPartition forgets what was carried.
func (w *windowOp) startPartition() {
	for _, f := range w.calls {
		f.agg.Carry = window.Running{}
	}
}

func (w *windowOp) Close() error {
	w.mem.free()
	w.held, w.out = nil, nil
	if w.spilled == nil {
		return nil
	}
	s := w.spilled
	w.spilled = nil
	return s.close()
}
