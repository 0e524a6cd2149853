package catalog

import (
	"bytes"
	"encoding/json"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
)

// storedStats are an Analyzed in the catalog's file.
type storedStats struct {
	Files   []FileInfo          `json:"files,omitempty"`
	Rows    int64               `json:"rows"`
	Bytes   int64               `json:"bytes"`
	Columns []storedColumnStats `json:"columns"`
}

// storedColumnStats are a ColumnStats; values are Arrow IPC streams of one column.
type storedColumnStats struct {
	Min          []byte    `json:"min,omitempty"`
	Max          []byte    `json:"max,omitempty"`
	Nulls        int64     `json:"nulls"`
	Distinct     int64     `json:"distinct"`
	Width        float64   `json:"width,omitempty"`
	Common       []byte    `json:"common,omitempty"`
	CommonShares []float64 `json:"common_shares,omitempty"`
	Bounds       []byte    `json:"bounds,omitempty"`
}

// EncodeStats is statistics as JSON, for DecodeStats.
func EncodeStats(s *Stats) ([]byte, error) { return json.Marshal(storeStats(&Analyzed{Stats: s})) }

// DecodeStats reads what EncodeStats gave; nil where that are not statistics of a table
// of such columns.
func DecodeStats(text []byte, schema *arrow.Schema) *Stats {
	var stored storedStats
	if json.Unmarshal(text, &stored) != nil {
		return nil
	}
	if a := stored.analyzed(schema); a != nil {
		return a.Stats
	}
	return nil
}

func storeStats(a *Analyzed) *storedStats {
	if a == nil {
		return nil
	}
	out := &storedStats{Files: a.Files, Rows: a.Stats.Rows, Bytes: a.Stats.Bytes}
	for _, c := range a.Stats.Columns {
		out.Columns = append(out.Columns, storedColumnStats{
			Min: encodeValues(c.Min), Max: encodeValues(c.Max), Nulls: c.NullCount, Distinct: c.Distinct, Width: c.Width,
			Common: encodeValues(c.Common), CommonShares: c.CommonShares, Bounds: encodeValues(c.Bounds),
		})
	}
	return out
}

// analyzed are the statistics as they were; nil where they do not fit the table's
// columns, since a plan is only slower without them.
func (s *storedStats) analyzed(schema *arrow.Schema) *Analyzed {
	if s == nil || schema == nil || len(s.Columns) != schema.NumFields() {
		return nil
	}
	stats := &Stats{Rows: s.Rows, Bytes: s.Bytes}
	for i, c := range s.Columns {
		t := schema.Field(i).Type
		out := ColumnStats{
			Min: decodeValues(c.Min, t), Max: decodeValues(c.Max, t), NullCount: c.Nulls, Distinct: c.Distinct, Width: c.Width,
			Common: decodeValues(c.Common, t), CommonShares: c.CommonShares, Bounds: decodeValues(c.Bounds, t),
		}
		if out.Common == nil || out.Common.Len() != len(out.CommonShares) {
			out.Common, out.CommonShares = nil, nil
		}
		stats.Columns = append(stats.Columns, out)
	}
	return &Analyzed{Files: s.Files, Stats: stats}
}

func encodeValues(a arrow.Array) []byte {
	if a == nil {
		return nil
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "v", Type: a.DataType(), Nullable: true}}, nil)
	var b bytes.Buffer
	w := ipc.NewWriter(&b, ipc.WithSchema(schema))
	if err := w.Write(array.NewRecord(schema, []arrow.Array{a}, int64(a.Len()))); err != nil {
		return nil
	}
	if err := w.Close(); err != nil {
		return nil
	}
	return b.Bytes()
}

// decodeValues is nil for what are not values of the type.
func decodeValues(b []byte, t arrow.DataType) (out arrow.Array) {
	if len(b) == 0 {
		return nil
	}
	defer func() {
		if recover() != nil { // arrow's reader panics on malformed streams
			out = nil
		}
	}()
	r, err := ipc.NewReader(bytes.NewReader(b))
	if err != nil || !r.Next() {
		return nil
	}
	if a := r.Record().Column(0); arrow.TypeEqual(a.DataType(), t) && a.Len() > 0 && a.NullN() == 0 {
		return a
	}
	return nil
}
