package exec

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// TestLongTextsMakeSmallBatches: as many rows as fill a batch's share of the
// memory, not as many as usual, and not one by one either.
func TestLongTextsMakeSmallBatches(t *testing.T) {
	const rows, length = 2000, 10_000
	schema := schemaOf(sqltype.Int32)
	texts := make([]string, rows)
	for i := range texts {
		texts[i] = "10000"
	}
	made := call("repeat", sqltype.Text, lit(sqltype.Text, "x"), col(schema, 0))
	for name, root := range map[string]func(scan physical.Node) physical.Node{
		"projection": func(scan physical.Node) physical.Node {
			return &physical.Project{Names: []string{"t"}, Exprs: []expr.Expr{made}, Input: scan}
		},
		"sort": func(scan physical.Node) physical.Node {
			p := &physical.Project{Names: []string{"t"}, Exprs: []expr.Expr{made}, Input: scan}
			return &physical.Sort{Input: p, Keys: []physical.SortKey{{Expr: col(p.Schema(), 0)}}, Limit: -1}
		},
	} {
		w := newWorld()
		w.env.Memory, w.env.SpillDir = NewMemory(nil, 16<<20), t.TempDir()
		w.frag.Root = root(w.scan(schema, []arrow.Record{int32Record(texts...)}))
		out := collector{}
		if _, err := Run(t.Context(), &w.env, &w.frag, out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		n := 0
		for _, rec := range out[0] {
			n += int(rec.NumRows())
			if size := kernel.RecordBytes(rec); size > 2<<20 {
				t.Errorf("%s: a batch of %d rows has %d bytes", name, rec.NumRows(), size)
			}
		}
		if n != rows || len(out[0]) > rows*length/(256<<10) {
			t.Errorf("%s: %d rows in %d batches", name, n, len(out[0]))
		}
	}
}
