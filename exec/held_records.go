package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// heldRecords are the records that an operator collects before it puts them
// together, text that comes encoded as numbers (textEncoder).
type heldRecords struct {
	text  *textEncoder
	recs  []arrow.Record
	bytes int64 // of recs
	next  arrow.Record
	// changed: some of recs have a column as numbers that next has plain.
	changed bool
}

func newHeldRecords(schema *arrow.Schema) *heldRecords {
	return &heldRecords{text: newTextEncoder(schema, KeepEncoded)}
}

// offer looks at a record, and gives how much memory all would take with it. take
// must follow, unless nothing is offered any more.
func (h *heldRecords) offer(rec arrow.Record) (bytes int64, err error) {
	if h.next, h.changed, err = h.text.encode(rec); err != nil {
		return 0, err
	}
	bytes = h.bytes + kernel.RecordBytes(h.next) + h.text.bytes()
	if h.changed {
		for _, r := range h.recs {
			bytes += h.text.growth(r)
		}
	}
	return bytes, nil
}

// take keeps the record that was offered last.
func (h *heldRecords) take() error {
	if h.changed {
		h.bytes = 0
		for i, r := range h.recs {
			var err error
			if h.recs[i], err = h.text.plainer(r); err != nil {
				return err
			}
			h.bytes += kernel.RecordBytes(h.recs[i])
		}
	}
	h.recs = append(h.recs, h.next)
	h.bytes += kernel.RecordBytes(h.next)
	h.next = nil
	return nil
}

// records are those kept, as operators take them.
func (h *heldRecords) records() []arrow.Record {
	out := make([]arrow.Record, len(h.recs))
	for i, r := range h.recs {
		out[i] = h.text.dictionaries(r)
	}
	return out
}

// together is all rows in one record.
func (h *heldRecords) together() (arrow.Record, error) {
	rec, err := kernel.ConcatRecords(h.text.schema, h.recs)
	if err != nil {
		return nil, err
	}
	return h.text.dictionaries(rec), nil
}
