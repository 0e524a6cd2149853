package memtable

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"volley/catalog/memtable/journal"
)

// numbersAhead is how many numbers of a sequence are taken from the journal at once:
// so many may be left out when the process is killed, as in PostgreSQL.
const numbersAhead = 32

// keptSequence is what the journal says of a sequence.
type keptSequence struct {
	ID         string
	Definition SequenceDefinition
	Last       int64
	Called     bool
}

// save writes a sequence's state to the journal.
type save func(keptSequence) error

func sequenceKey(d SequenceDefinition) string { return d.Schema + "\x00" + d.Name }

// saver writes sequences to the store's journal. Numbers that a transaction has taken
// are safe when that commits.
func (s *Store) saver() save {
	return func(k keptSequence) error {
		text, err := json.Marshal(k)
		if err != nil {
			return err
		}
		return s.durable.Commit(context.Background(), journal.Change{Values: map[string]json.RawMessage{sequenceKey(k.Definition): text}, Lazy: true})
	}
}

func (s *Store) recoverSequence(text []byte) error {
	var k keptSequence
	if err := json.Unmarshal(text, &k); err != nil {
		return err
	}
	id, err := strconv.ParseUint(k.ID, 10, 64)
	if err != nil {
		return err
	}
	s.format.used(id)
	q := &Sequence{store: s, id: k.ID, def: k.Definition, last: k.Last, called: k.Called, save: s.saver(), key: sequenceKey(k.Definition)}
	s.setSequence(name{k.Definition.Schema, k.Definition.Name}, q)
	return nil
}

// touch notes that the transaction makes, drops or changes a sequence.
func (tx *Tx) touch(q *Sequence) {
	if !slices.Contains(tx.sequences, q) {
		tx.sequences = append(tx.sequences, q)
	}
}

// sequenceValues are the states of the sequences that the transaction has made,
// dropped or changed. They give no numbers until done is called, with whether the
// values were written: what others take meanwhile would be missing from them.
func (tx *Tx) sequenceValues() (values map[string]json.RawMessage, done func(written bool), err error) {
	s := tx.store
	s.mu.Lock()
	known := map[*Sequence]bool{}
	for _, q := range s.sequences {
		known[q] = true
	}
	s.mu.Unlock()
	touched := slices.SortedFunc(slices.Values(tx.sequences), func(a, b *Sequence) int { return strings.Compare(a.id, b.id) })
	for _, q := range touched { // in one order, so that no two transactions wait for each other
		q.mu.Lock()
	}
	done = func(written bool) {
		for _, q := range touched {
			if written {
				q.written(known[q], s.saver())
			}
			q.mu.Unlock()
		}
	}
	values = map[string]json.RawMessage{}
	for _, q := range touched {
		if q.key != "" {
			values[q.key] = nil
		}
	}
	for _, q := range touched {
		if !known[q] || isTemp(q.def.Schema) {
			continue
		}
		if values[sequenceKey(q.def)], err = json.Marshal(q.state(q.ahead)); err != nil {
			done(false)
			return nil, nil, err
		}
	}
	return values, done, nil
}

// written notes that a commit has written what the sequence is, or that there is none
// any more. Under mu.
func (q *Sequence) written(known bool, by save) {
	q.changer, q.key, q.save = nil, "", nil
	if known && !isTemp(q.def.Schema) {
		q.key, q.save = sequenceKey(q.def), by
	}
}

// state is that after n more numbers. Under mu.
func (q *Sequence) state(n int64) keptSequence {
	return keptSequence{ID: q.id, Definition: q.def, Last: q.last + n*q.def.Increment, Called: q.called}
}

// reserve makes sure that a restart does not give the last number again. Under mu.
func (q *Sequence) reserve() error {
	if q.save == nil || q.changer != nil {
		return nil
	}
	if q.ahead > 0 {
		q.ahead--
		return nil
	}
	n, d := int64(numbersAhead-1), q.def
	if d.Increment > 0 && d.Increment > (d.Max-q.last)/(n+1) || d.Increment < 0 && d.Increment < (d.Min-q.last)/(n+1) {
		n = 0 // near its end
	}
	if err := q.save(q.state(n)); err != nil {
		return err
	}
	q.ahead = n
	return nil
}

// record writes a change of the sequence that is no number taken. Under mu.
func (q *Sequence) record() error {
	q.ahead = 0
	if q.save == nil || q.changer != nil {
		return nil
	}
	return q.save(q.state(0))
}

// settle writes exactly where sequences are, before the process ends.
func (s *Store) settle() error {
	values := map[string]json.RawMessage{}
	for _, q := range s.As(nil).Sequences() {
		q.mu.Lock()
		if q.save != nil && q.ahead > 0 && q.changer == nil {
			q.ahead = 0
			if text, err := json.Marshal(q.state(0)); err == nil {
				values[q.key] = text
			}
		}
		q.mu.Unlock()
	}
	if len(values) == 0 {
		return nil
	}
	return s.durable.Commit(context.Background(), journal.Change{Values: values})
}
