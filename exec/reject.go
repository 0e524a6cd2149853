package exec

import (
	"volley/catalog"
)

// SplitRejects are the rejects of one split of one scan. A task has several of
// the same split when it has read it several times.
type SplitRejects struct {
	Scan    int              `json:"scan"` // physical.Scan.ID
	Split   int              `json:"split"`
	Rejects *catalog.Rejects `json:"rejects"`
}

// Rejects are those of the operators that Build made, so far.
func Rejects(op Operator) []SplitRejects {
	if t, ok := op.(*task); ok {
		return t.rejects
	}
	return nil
}

// rejected takes the rejects of the reader, which is at its end.
func (s *scan) rejected() {
	r, ok := s.reader.(catalog.Rejecter)
	if !ok {
		return
	}
	if list := r.Rejects(); list != nil {
		s.task.rejects = append(s.task.rejects, SplitRejects{s.node.ID, s.splits[s.at].Index, list})
	}
}
