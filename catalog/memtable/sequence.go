package memtable

import (
	"context"
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
	Comment          string `json:",omitempty"`
}

// Sequence gives numbers. What was given is not taken back by a rollback. While a
// transaction changes it, others wait for its end. It is safe for concurrent use.
type Sequence struct {
	store *Store
	id    string
	lock  lock // of the transaction that changes it

	mu     sync.Mutex
	def    SequenceDefinition
	last   int64
	called bool // last has been given
	// Of a sequence that outlives the process: how its state is written, under which
	// key it was, and how many numbers further.
	save  save
	key   string
	ahead int64
	// changer is the transaction that has changed it, whose commit will write what it is.
	changer *Tx
	before  struct { // what others see meanwhile
		def    SequenceDefinition
		last   int64
		called bool
	}
}

// ID identifies the sequence among all of the process.
func (q *Sequence) ID() string { return q.id }

// Definition is what the sequence gives at present.
func (q *Sequence) Definition() SequenceDefinition {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.def
}

// Next takes the next number for a transaction, nil for none; 2200H at the end.
func (q *Sequence) Next(ctx context.Context, tx *Tx) (int64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.await(ctx, tx); err != nil {
		return 0, err
	}
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

// await waits for another transaction that changes the sequence. Under mu, which is open
// meanwhile.
func (q *Sequence) await(ctx context.Context, tx *Tx) error {
	for q.changer != nil && q.changer != tx {
		sequence := q.def.Name
		q.mu.Unlock()
		err := q.awaitLock(ctx, tx, sequence)
		q.mu.Lock()
		if err != nil {
			return err
		}
	}
	return nil
}

func (q *Sequence) awaitLock(ctx context.Context, tx *Tx, sequence string) error {
	if tx == nil {
		tx = q.store.Begin()
	}
	q.store.mu.Lock()
	defer q.store.mu.Unlock()
	if q.lock.holder == nil || q.lock.holder == tx {
		return nil
	}
	return tx.await(ctx, &q.lock, "sequence", sequence)
}

// lockSequence takes a sequence until the transaction ends.
func (tx *Tx) lockSequence(ctx context.Context, q *Sequence) error {
	sequence := q.Definition().Name
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	return tx.acquire(ctx, &q.lock, "sequence", sequence)
}

// Set makes v the last number; called tells whether it counts as given. tx is as for
// Next.
func (q *Sequence) Set(ctx context.Context, tx *Tx, v int64, called bool) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.await(ctx, tx); err != nil {
		return err
	}
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

// CreateSequence makes a sequence, as Create does a table; 42P07 when its name is taken.
func (tx *Tx) CreateSequence(ctx context.Context, d SequenceDefinition) (*Sequence, error) {
	s := tx.store
	s.mu.Lock()
	defer s.mu.Unlock()
	n := name{d.Schema, d.Name}
	if err := tx.claim(ctx, n); err != nil {
		return nil, err
	}
	q := &Sequence{store: s, id: strconv.FormatUint(s.format.lastID.Add(1), 10), def: d, last: d.Start}
	s.sequences[n] = q
	s.version.Add(1)
	tx.touch(q)
	tx.OnRollback(func() { s.setSequence(n, nil) })
	return q, nil
}

// DropSequence drops a sequence.
func (tx *Tx) DropSequence(ctx context.Context, q *Sequence) error {
	if err := tx.lockSequence(ctx, q); err != nil {
		return err
	}
	d := q.Definition()
	n := name{d.Schema, d.Name}
	tx.store.mu.Lock()
	tx.rename(n)
	tx.store.mu.Unlock()
	tx.store.setSequence(n, nil)
	tx.touch(q)
	tx.OnRollback(func() { tx.store.setSequence(n, q) })
	return nil
}

// AlterSequence changes what a sequence gives from now on, and where it goes on if
// restart is not nil. 22023 when that is out of its bounds. A rollback brings back what
// it was; numbers that the transaction has taken meanwhile come again.
func (tx *Tx) AlterSequence(ctx context.Context, q *Sequence, d SequenceDefinition, restart *int64) error {
	if err := tx.lockSequence(ctx, q); err != nil {
		return err
	}
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
	q.noteBefore()
	def, oldLast, oldCalled, ahead, changer := q.def, q.last, q.called, q.ahead, q.changer
	q.def, q.last, q.called, q.ahead, q.changer = d, last, called, 0, tx
	tx.touch(q)
	tx.OnRollback(func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.def, q.last, q.called, q.ahead, q.changer = def, oldLast, oldCalled, ahead, changer
	})
	return nil
}

// RenameSequence gives a sequence another name or schema.
func (tx *Tx) RenameSequence(ctx context.Context, q *Sequence, schema, sequence string) error {
	if err := tx.lockSequence(ctx, q); err != nil {
		return err
	}
	old := q.Definition()
	s := tx.store
	s.mu.Lock()
	err := tx.claim(ctx, name{schema, sequence})
	if err == nil {
		tx.rename(name{old.Schema, old.Name})
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	next := old
	next.Schema, next.Name = schema, sequence
	changer := q.rename(next, tx)
	move := func(from, to SequenceDefinition) {
		s.setSequence(name{from.Schema, from.Name}, nil)
		s.setSequence(name{to.Schema, to.Name}, q)
	}
	move(old, next)
	tx.touch(q)
	tx.OnRollback(func() {
		move(next, old)
		q.rename(old, changer)
	})
	return nil
}

// rename changes the definition and who has changed the sequence, and gives who had before.
// Where nobody has any more it is written, for the numbers that were taken meanwhile.
func (q *Sequence) rename(to SequenceDefinition, changer *Tx) (before *Tx) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.noteBefore()
	before, q.def, q.changer = q.changer, to, changer
	_ = q.record() // a journal that cannot be written fails the next commit too
	return before
}

// noteBefore keeps what others see while the sequence is being changed. Under mu.
func (q *Sequence) noteBefore() {
	if q.changer == nil {
		q.before.def, q.before.last, q.before.called = q.def, q.last, q.called
	}
}

// DescribeSequence gives a sequence's definition.
func (v Names) DescribeSequence(q *Sequence) SequenceDefinition {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.changer != nil && q.changer != v.tx {
		return q.before.def
	}
	return q.def
}

// SequenceState gives a sequence's last number, and whether it has been given.
func (v Names) SequenceState(q *Sequence) (last int64, called bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.changer != nil && q.changer != v.tx {
		return q.before.last, q.before.called
	}
	return q.last, q.called
}

// changed notes that whoever changed the sequence has committed.
func (q *Sequence) changed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.changer = nil
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
