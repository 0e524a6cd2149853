package planner

import (
	"bytes"
	"testing"

	"volley/planner/physical"
)

// checkCodec sends every stage of a plan over the wire and back.
func checkCodec(t *testing.T, p *physical.Plan) {
	t.Helper()
	for _, s := range p.Stages {
		b, err := physical.Encode(&physical.Fragment{Root: s.Root, Output: s.Output})
		if err != nil {
			t.Fatal(err)
		}
		f, err := physical.Decode(b)
		if err != nil {
			t.Fatalf("stage %d: %v", s.ID, err)
		}
		again, err := physical.Encode(f)
		if err != nil || !bytes.Equal(b, again) {
			t.Errorf("stage %d changes on the wire (%v)", s.ID, err)
		}
		one := &physical.Plan{Stages: []*physical.Stage{{Root: s.Root, Scan: -1}}}
		two := &physical.Plan{Stages: []*physical.Stage{{Root: f.Root, Scan: -1}}}
		if one.String() != two.String() {
			t.Errorf("stage %d on the wire:\n%s\nwant\n%s", s.ID, two, one)
		}
	}
}
