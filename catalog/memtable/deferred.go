package memtable

import (
	"context"
	"maps"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// deferral is what SET CONSTRAINTS has said in a transaction.
type deferral struct {
	all   *bool         // nil: nothing of all of them
	named map[name]bool // of single ones since then
}

// of tells whether a deferrable constraint is checked at the transaction's end.
func (d *deferral) of(schema string, u *Unique) bool {
	if deferred, ok := d.named[name{schema, u.Name}]; ok {
		return deferred
	}
	if d.all != nil {
		return *d.all
	}
	return u.Deferred
}

// SetConstraints makes deferrable constraints, named in their schemas, be checked at
// the end of the transaction or of each statement. Those that are not deferred any more
// are to be checked now (CheckConstraints).
func (tx *Tx) SetConstraints(schema, constraint string, deferred bool) {
	tx.redefer(func(d *deferral) {
		d.named = maps.Clone(d.named)
		if d.named == nil {
			d.named = map[name]bool{}
		}
		d.named[name{schema, constraint}] = deferred
	})
}

// SetAllConstraints is SetConstraints for all.
func (tx *Tx) SetAllConstraints(deferred bool) {
	tx.redefer(func(d *deferral) { *d = deferral{all: &deferred} })
}

func (tx *Tx) redefer(change func(*deferral)) {
	before := tx.deferral
	change(&tx.deferral)
	tx.OnRollback(func() { tx.deferral = before })
}

// CheckConstraints is to be called at the end of each statement: 23505 where rows break
// a deferrable constraint that is not deferred.
func (tx *Tx) CheckConstraints() error { return tx.checkKeys(false) }

// checkKeys looks at the deferrable constraints of the tables that the transaction has
// changed, with those that wait for its end or without.
func (tx *Tx) checkKeys(end bool) error {
	for _, t := range tx.locked {
		if t.dropped {
			continue
		}
		for _, k := range t.keys {
			if len(k.extra) == 0 || !end && tx.deferral.of(t.Definition().Schema, &k.Unique) {
				continue
			}
			return k.broken(t.current())
		}
	}
	return nil
}

// broken is the error of rows of which some have the same key.
func (k *keyIndex) broken(rows *Snapshot) error {
	err := rows.each(context.Background(), func(rec arrow.Record, _ int64) error {
		cols := k.plainColumns(rec) // only constraints are deferrable
		for i := range int(rec.NumRows()) {
			if key, ok := k.key(&cols, i); ok && k.extra[string(key)] > 0 {
				return k.violated(&cols, i)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sqlerr.New(sqlerr.InternalError, "the keys of \"%s\" are not those of its rows", k.Name)
}
