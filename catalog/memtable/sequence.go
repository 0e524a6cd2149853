package memtable

import (
	"math"
	"strconv"
	"sync"

	"volley/sqlerr"
)

// SequenceExhausted is the SQLSTATE of a sequence at its end.
const SequenceExhausted = "2200H"

// SequenceDefinition says which numbers a sequence gives.
type SequenceDefinition struct {
	Schema, Name     string
	Temp             bool
	Start, Increment int64
	Min, Max         int64
	Cycle            bool
}

// Sequence gives numbers. What was given is not taken back by a rollback. It is
// safe for concurrent use.
type Sequence struct {
	id string

	mu     sync.Mutex
	def    SequenceDefinition
	last   int64
	called bool // last has been given
	// Of a sequence that outlives the process: how its state is written, under which
	// key it was, and how many numbers further.
	save  save
	key   string
	ahead int64
	// suspended: a transaction has changed it, and its commit will write what it is.
	suspended bool
}

// ID identifies the sequence among all of the process.
func (q *Sequence) ID() string { return q.id }

// Definition is what the sequence gives at present.
func (q *Sequence) Definition() SequenceDefinition {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.def
}

// State is the last number, and whether it has been given.
func (q *Sequence) State() (last int64, called bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last, q.called
}

// Next takes the next number; 2200H at the end.
func (q *Sequence) Next() (int64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.called {
		q.called = true
		return q.last, q.record()
	}
	d := &q.def
	next, up := q.last+d.Increment, d.Increment > 0
	if next <= d.Max && next >= d.Min && (next > q.last) == up { // the last: no overflow
		q.last = next
		return next, q.reserve()
	}
	switch {
	case !d.Cycle && up:
		return 0, sqlerr.New(SequenceExhausted, "nextval: reached maximum value of sequence \"%s\" (%d)", d.Name, d.Max)
	case !d.Cycle:
		return 0, sqlerr.New(SequenceExhausted, "nextval: reached minimum value of sequence \"%s\" (%d)", d.Name, d.Min)
	case up:
		q.last = d.Min
	default:
		q.last = d.Max
	}
	return q.last, q.record()
}

// Set makes v the last number; called tells whether it counts as given.
func (q *Sequence) Set(v int64, called bool) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if v < q.def.Min || v > q.def.Max {
		return sqlerr.New(sqlerr.NumericOutOfRange, "setval: value %d is out of bounds for sequence \"%s\" (%d..%d)", v, q.def.Name, q.def.Min, q.def.Max)
	}
	q.last, q.called = v, called
	return q.record()
}

// Bounds are the least and the largest number of a sequence of integers of so
// many bits that counts in a direction.
func Bounds(bits int, up bool) (low, high int64) {
	low, high = math.MinInt64, math.MaxInt64
	switch bits {
	case 16:
		low, high = math.MinInt16, math.MaxInt16
	case 32:
		low, high = math.MinInt32, math.MaxInt32
	}
	if up {
		return 1, high
	}
	return low, -1
}

// Sequence finds a sequence, nil when there is none.
func (s *Store) Sequence(schema, sequence string) *Sequence {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sequences[name{schema, sequence}]
}

// Sequences are all sequences, in no order.
func (s *Store) Sequences() []*Sequence {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*Sequence, 0, len(s.sequences))
	for _, q := range s.sequences {
		out = append(out, q)
	}
	return out
}

// CreateSequence makes a sequence; 42P07 when its name is taken.
func (tx *Tx) CreateSequence(d SequenceDefinition) (*Sequence, error) {
	s := tx.store
	s.mu.Lock()
	defer s.mu.Unlock()
	n := name{d.Schema, d.Name}
	if s.taken(n) {
		return nil, exists(d.Name)
	}
	q := &Sequence{id: strconv.FormatUint(s.format.lastID.Add(1), 10), def: d, last: d.Start}
	s.sequences[n] = q
	s.version.Add(1)
	tx.touch(q)
	tx.OnRollback(func() { s.setSequence(n, nil) })
	return q, nil
}

// DropSequence drops a sequence.
func (tx *Tx) DropSequence(q *Sequence) {
	d := q.Definition()
	n := name{d.Schema, d.Name}
	tx.store.setSequence(n, nil)
	tx.touch(q)
	tx.OnRollback(func() { tx.store.setSequence(n, q) })
}

// AlterSequence changes what a sequence gives from now on, and where it goes on if
// restart is not nil. 22023 when that is out of its bounds. A rollback brings back
// what it was; numbers that were taken meanwhile come again.
func (tx *Tx) AlterSequence(q *Sequence, d SequenceDefinition, restart *int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	last, called := q.last, q.called
	if restart != nil {
		last, called = *restart, false
	}
	if last < d.Min {
		return sqlerr.New(sqlerr.InvalidParameterValue, "RESTART value (%d) cannot be less than MINVALUE (%d)", last, d.Min)
	}
	if last > d.Max {
		return sqlerr.New(sqlerr.InvalidParameterValue, "RESTART value (%d) cannot be greater than MAXVALUE (%d)", last, d.Max)
	}
	def, oldLast, oldCalled, ahead, suspended := q.def, q.last, q.called, q.ahead, q.suspended
	q.def, q.last, q.called, q.ahead, q.suspended = d, last, called, 0, true
	tx.touch(q)
	tx.OnRollback(func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.def, q.last, q.called, q.ahead, q.suspended = def, oldLast, oldCalled, ahead, suspended
	})
	return nil
}

// RenameSequence gives a sequence another name or schema.
func (tx *Tx) RenameSequence(q *Sequence, schema, sequence string) error {
	old := q.Definition()
	s := tx.store
	s.mu.Lock()
	taken := s.taken(name{schema, sequence})
	s.mu.Unlock()
	if taken {
		return exists(sequence)
	}
	next := old
	next.Schema, next.Name = schema, sequence
	suspended := q.rename(next, true)
	move := func(from, to SequenceDefinition) {
		s.setSequence(name{from.Schema, from.Name}, nil)
		s.setSequence(name{to.Schema, to.Name}, q)
	}
	move(old, next)
	tx.touch(q)
	tx.OnRollback(func() {
		move(next, old)
		q.rename(old, suspended)
	})
	return nil
}

// rename changes the definition, and tells whether the sequence was suspended before.
// One that is not any more is written, for the numbers that were taken meanwhile.
func (q *Sequence) rename(to SequenceDefinition, suspend bool) (before bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	before, q.def, q.suspended = q.suspended, to, suspend
	_ = q.record() // a journal that cannot be written fails the next commit too
	return before
}

// setSequence gives a name a sequence, or none.
func (s *Store) setSequence(n name, q *Sequence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q == nil {
		delete(s.sequences, n)
	} else {
		s.sequences[n] = q
	}
	s.version.Add(1)
}
