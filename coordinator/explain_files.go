package coordinator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"volley/planner/physical"
	"volley/sqltype"
)

// decidedOptions are those of delimited files that EXPLAIN shows, in this order:
// what was sniffed, unless the user has said it.
var decidedOptions = []string{"delim", "quote", "escape", "new_line", "header", "skip", "comment", "inline_comments", "compression", "encoding", "nullstr", "dateformat", "timestampformat", "on_error"}

// explainFiles tells, for each scan of delimited files, how they are read: the
// dialect and the columns with their types.
func explainFiles(plan *physical.Plan) string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(plan.Defs)) {
		def := plan.Defs[id]
		if def.Format != "csv" {
			continue
		}
		var parts []string
		for _, name := range decidedOptions {
			if v, ok := def.Options[name]; ok && (v != "" || name == "quote") {
				parts = append(parts, fmt.Sprintf("%s = %s", name, shownOption(v)))
			}
		}
		fmt.Fprintf(&b, "Files of scan #%d: %d; %s\n", id, len(def.Files), strings.Join(parts, ", "))
		columns := make([]string, def.Schema.NumFields())
		for i, f := range def.Schema.Fields() {
			columns[i] = f.Name + " " + sqltype.Name(f.Type)
		}
		fmt.Fprintf(&b, "  Columns: %s\n", strings.Join(columns, ", "))
	}
	return b.String()
}

// shownOption is a value as one can write it in read_csv; a tab as \t.
func shownOption(v string) string {
	if v == "true" || v == "false" || v != "" && strings.Trim(v, "0123456789") == "" {
		return v
	}
	return "'" + strings.NewReplacer("'", "''", "\t", `\t`, "\x01", `\x01`).Replace(v) + "'"
}
