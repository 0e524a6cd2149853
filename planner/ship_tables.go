package planner

import (
	"volley/planner/logical"
	"volley/planner/physical"
)

// ships tells whether workers read a table of the coordinator: it is small enough
// that its rows go with the tasks.
func (s *stager) ships(n *logical.Scan) bool {
	return n.Def.Portable && s.opts.ShipBytes > 0 && s.estimate.size(n).bytes <= float64(s.opts.ShipBytes)
}

// pins notes that a scan reads rows which only the coordinator has.
func (s *stager) pins(n *physical.Scan) {
	if !s.plan.Defs[n.ID].Local {
		return
	}
	if s.pinnedScans == nil {
		s.pinnedScans = map[int]bool{}
	}
	s.pinnedScans[n.ID] = true
}
