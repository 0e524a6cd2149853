package csv

import (
	"context"

	"volley/catalog"
	"volley/catalog/objstore"
)

// textPerByte is how much text a byte of a compressed file is worth, about.
const textPerByte = 4

// Stats guesses how many rows there are by the length of the records that were
// sampled when the table's dialect was decided.
func (Format) Stats(_ context.Context, _ objstore.Store, def *catalog.TableDef) (catalog.Stats, error) {
	out := catalog.Stats{Rows: -1}
	o, err := parseOptions(def.Options)
	if err != nil {
		return out, err
	}
	text := int64(0)
	for _, f := range def.Files {
		out.Bytes += f.Size
		if compressionOf(o, f.Path) == "none" {
			text += f.Size
		} else {
			text += f.Size * textPerByte
		}
	}
	if def.Options[optRowBytes] != "" {
		out.Rows = int64(float64(text) / o.rowBytes)
	}
	return out, nil
}
