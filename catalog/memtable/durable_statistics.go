package memtable

import (
	"encoding/json"

	"volley/catalog"
	"volley/sqlerr"
)

// statisticsPrefix begins the journal's names of tables' statistics; an ID follows.
const statisticsPrefix = "\x01"

// keptStatistics is what the journal says of an analyzed.
type keptStatistics struct {
	Changes int64
	Stats   json.RawMessage
}

// statisticsValues adds what the journal has to say of statistics to the values of a
// commit: those that the transaction has made, and that those of dropped tables are gone.
func (tx *Tx) statisticsValues(values map[string]json.RawMessage, dropped []string) error {
	for _, id := range dropped {
		values[statisticsPrefix+id] = nil
	}
	for t, a := range tx.newStats() {
		if t.dropped || isTemp(t.Definition().Schema) {
			continue
		}
		stats, err := catalog.EncodeStats(a.stats)
		if err == nil {
			values[statisticsPrefix+t.id], err = json.Marshal(keptStatistics{a.changes, stats})
		}
		if err != nil {
			return sqlerr.Wrap(err, sqlerr.InternalError, "could not encode the statistics of table \"%s\"", t.Definition().Name)
		}
	}
	return nil
}

// recoverStatistics gives the table of an ID its statistics. Those that it cannot read
// are left out, since a plan is only slower without them.
func (s *Store) recoverStatistics(id string, text []byte) {
	t := s.format.find(id)
	var kept keptStatistics
	if t == nil || json.Unmarshal(text, &kept) != nil {
		return
	}
	if stats := catalog.DecodeStats(kept.Stats, t.schema); stats != nil {
		t.analyzed.Store(&analyzed{stats, kept.Changes})
	}
}
