package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// partitioner cuts a task's output for the consumer stage. Small pieces wait
// until they make a batch. Text of few values is numbers on the way through it,
// and dictionary arrays in what it writes.
type partitioner struct {
	out    physical.Partitioning
	keys   []*eval.Program
	next   int // RoundRobin: partition of the next batch
	hashes []uint64
	parts  [][]int32
	held   []batcher // by partition
	// ordered is the record that its maker has put in order, if it was one.
	ordered *orderedRows
	text    *textEncoder
	mem     reservation // of text
	// sampled: partitions have a row with a NULL key, and one without.
	sampled struct{ null, other bool }
}

// heldTexts is how many bytes of texts may wait for a partition, however many
// partitions there are.
const heldTexts = 64 << 10

// orderedRows is a record whose rows are in the order of the exchange's
// partitions, and where each one's rows end.
type orderedRows struct {
	rec  arrow.Record
	ends []int
}

func newPartitioner(t *task) (*partitioner, error) {
	p := &partitioner{out: t.frag.Output, ordered: &t.ordered, text: newTextEncoder(t.frag.Root.Schema(), t.env.Text)}
	p.mem = reservation{memory: t.memory, stats: new(OperatorStats)}
	n := 1
	if p.out.Kind == physical.Hash || p.out.Kind == physical.RoundRobin {
		n = max(p.out.Count, 1)
	}
	p.held = make([]batcher, n)
	for i := range p.held {
		p.held[i].target, p.held[i].most = t.rows/4, max(t.batchBytes()/int64(n), heldTexts)
		if _, ok := t.frag.Root.(*physical.EncodeText); ok {
			p.held[i].target = 1 // each row is a whole batch of text
		}
	}
	if p.out.Kind != physical.Hash || n == 1 {
		return p, nil
	}
	if err := allKeyable(p.out.Keys); err != nil {
		return nil, err
	}
	var err error
	p.keys, err = t.eval.CompileAll(p.out.Keys)
	p.parts = make([][]int32, n)
	return p, err
}

// write hands a batch to the sink, in pieces by partition.
func (p *partitioner) write(rec arrow.Record, sink Sink) error {
	if len(p.parts) <= 1 {
		at := p.next
		p.next = (p.next + 1) % len(p.held)
		rec, err := p.encode(rec, sink)
		if err != nil {
			return err
		}
		return p.writeTo(at, rec, sink)
	}
	if rec == p.ordered.rec {
		p.ordered.rec = nil
		rec, err := p.encode(rec, sink)
		if err != nil {
			return err
		}
		return p.writeSlices(rec, p.ordered.ends, sink)
	}
	if err := p.place(rec); err != nil {
		return err
	}
	rec, err := p.encode(rec, sink)
	if err != nil {
		return err
	}
	return p.writeParts(rec, sink)
}

// encode gives rec as it is to wait and be cut.
func (p *partitioner) encode(rec arrow.Record, sink Sink) (arrow.Record, error) {
	rec, changed, err := p.text.encode(rec)
	if err == nil && p.mem.resize(p.text.bytes()) != nil {
		p.text.giveUp()
		rec, err = p.text.plainer(rec)
		changed = true
	}
	if err == nil && changed { // what waits has another form
		err = p.flush(sink)
	}
	return rec, err
}

func (p *partitioner) writeTo(at int, rec arrow.Record, sink Sink) error {
	rec, err := p.held[at].add(rec)
	if err != nil || rec == nil {
		return err
	}
	return sink.Write(at, p.text.dictionaries(rec))
}

// place finds the rows of each partition.
func (p *partitioner) place(rec arrow.Record) error {
	n := int(rec.NumRows())
	keys, err := evalAll(p.keys, eval.NewBatch(rec))
	if err != nil {
		return err
	}
	if cap(p.hashes) < n {
		p.hashes = make([]uint64, n)
	}
	hashes := p.hashes[:n]
	rowkey.Hash(keys, n, hashes)
	for i := range p.parts {
		p.parts[i] = p.parts[i][:0]
	}
	var null kernel.Words
	if p.out.Nulls != physical.NullsHashed {
		null = kernel.WordsOf(nullKeys(keys, nil, n), n)
	}
	for i, h := range hashes {
		at := rowkey.Partition(h, len(p.parts))
		if null != nil {
			switch p.placeOf(null.Get(i)) {
			case nullFirst:
				at = 0
			case nullAll:
				for at := range p.parts {
					p.parts[at] = append(p.parts[at], int32(i))
				}
				continue
			}
		}
		p.parts[at] = append(p.parts[at], int32(i))
	}
	return nil
}

// nullPlace is where a row goes: to the partition of its hash, to the first one, to all.
type nullPlace uint8

const (
	nullHashed nullPlace = iota
	nullFirst
	nullAll
)

// placeOf tells where the next row goes, of which some key is NULL or not.
func (p *partitioner) placeOf(null bool) nullPlace {
	switch p.out.Nulls {
	case physical.NullsTogether:
		if null {
			return nullFirst
		}
	case physical.NullsEverywhere:
		if null {
			return nullAll
		}
	case physical.NullSamples:
		seen := &p.sampled.other
		if null {
			seen = &p.sampled.null
		}
		if !*seen {
			*seen = true
			return nullAll
		}
	}
	return nullHashed
}

// writeParts writes the rows of each partition.
func (p *partitioner) writeParts(rec arrow.Record, sink Sink) error {
	for at, rows := range p.parts {
		if len(rows) == 0 {
			continue
		}
		piece, err := kernel.TakeRecord(rec, rows)
		if err != nil {
			return err
		}
		if err := p.writeTo(at, piece, sink); err != nil {
			return err
		}
	}
	return nil
}

// writeSlices writes rows that are in the order of their partitions.
func (p *partitioner) writeSlices(rec arrow.Record, ends []int, sink Sink) error {
	lo := 0
	for at, hi := range ends {
		if hi > lo {
			if err := p.writeTo(at, rec.NewSlice(int64(lo), int64(hi)), sink); err != nil {
				return err
			}
		}
		lo = hi
	}
	return nil
}

// end writes what still waits, and gives memory back.
func (p *partitioner) end(sink Sink) error {
	err := p.flush(sink)
	p.mem.free()
	return err
}

// flush writes what waits.
func (p *partitioner) flush(sink Sink) error {
	for at := range p.held {
		piece, err := p.held[at].rest()
		if err != nil {
			return err
		}
		if piece != nil {
			if err := sink.Write(at, p.text.dictionaries(piece)); err != nil {
				return err
			}
		}
	}
	return nil
}

// batcher collects small records of one schema until they make a batch.
type batcher struct {
	target int
	most   int64 // bytes of texts that are a batch, however few rows they are
	held   []arrow.Record
	rows   int
	bytes  int64 // of texts
}

// add takes a record and gives a batch of about the target size, or nil while
// there are too few rows.
func (b *batcher) add(rec arrow.Record) (arrow.Record, error) {
	b.held = append(b.held, rec)
	b.rows += int(rec.NumRows())
	for _, c := range rec.Columns() {
		b.bytes += kernel.TextBytes(c)
	}
	if b.rows < b.target && b.bytes < b.most {
		return nil, nil
	}
	return b.rest()
}

// rest gives the rows that wait, or nil.
func (b *batcher) rest() (arrow.Record, error) {
	if b.rows == 0 {
		return nil, nil
	}
	rec, err := kernel.ConcatRecords(b.held[0].Schema(), b.held)
	b.held, b.rows, b.bytes = nil, 0, 0
	return rec, err
}
