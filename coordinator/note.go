package coordinator

import (
	"maps"
	"slices"

	"volley/catalog"
	"volley/planner/physical"
)

// tellNotes gives a NOTICE of each decision about a query's files that the files
// do not settle, as far as the query reads what was decided.
func (s *Session) tellNotes(plan *physical.Plan) {
	var specs map[int]*catalog.ScanSpec
	told := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(plan.Defs)) {
		def := plan.Defs[id]
		if len(def.Notes) == 0 {
			continue
		}
		if specs == nil {
			specs = scanSpecs(plan)
		}
		for _, n := range def.Notes {
			if reads(specs[id], n.Column) && !told[n.Text] {
				told[n.Text] = true
				s.notices = append(s.notices, *notice("00000", n.Text))
			}
		}
	}
}

// reads tells whether a scan gives a column; "" stands for any.
func reads(spec *catalog.ScanSpec, column string) bool {
	return spec != nil && (column == "" || slices.ContainsFunc(spec.Projection, func(c int) bool {
		return spec.Schema.Field(c).Name == column
	}))
}

// tellAllNotes is tellNotes for a table that is being made. The definition it
// gives has none: they are said once.
func (s *Session) tellAllNotes(def *catalog.TableDef) *catalog.TableDef {
	if len(def.Notes) == 0 {
		return def
	}
	for _, n := range def.Notes {
		s.notices = append(s.notices, *notice("00000", n.Text))
	}
	kept := *def
	kept.Notes = nil
	return &kept
}
