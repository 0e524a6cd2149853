package sched_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// joinPlan is SELECT * FROM probe JOIN build USING (n), both sides cut by hash.
func joinPlan(probe, build *catalog.TableDef, limit int64) *physical.Plan {
	l, r := scanOf(probe, 0), scanOf(build, 0)
	r.ID = 8
	key := []expr.Expr{&expr.Column{Index: 0, Name: "n", Type: sqltype.Int64}}
	hash := physical.Partitioning{Kind: physical.Hash, Keys: key, Count: 3}
	out := arrow.NewSchema([]arrow.Field{{Name: "n", Type: sqltype.Int64, Nullable: true}, {Name: "m", Type: sqltype.Int64, Nullable: true}}, nil)
	join := &physical.Join{
		Left: &physical.ExchangeSource{Stage: 0, Out: l.Schema()}, Right: &physical.ExchangeSource{Stage: 1, Out: r.Schema()},
		LeftKeys: key, RightKeys: key, Out: out,
	}
	return &physical.Plan{
		Stages: []*physical.Stage{
			{ID: 0, Root: l, Scan: 7, Output: hash},
			{ID: 1, Root: r, Scan: 8, Output: hash},
			{ID: 2, Root: join, Scan: -1, Tasks: 3, Output: physical.Partitioning{Kind: physical.Gather, Count: 1}},
			{ID: 3, Root: &physical.ExchangeSource{Stage: 2, Out: out}, Scan: -1, Tasks: 1, Output: physical.Partitioning{Count: 1}},
		},
		Defs: map[int]*catalog.TableDef{7: probe, 8: build}, Names: []string{"n", "m"}, BroadcastBytes: limit,
	}
}

// However a join is settled, in one process and over Flight, and when a worker
// dies after that, its rows are the same.
func TestAdaptiveJoin(t *testing.T) {
	for _, remote := range []int{0, 3} {
		for _, kill := range []bool{false, true} {
			if kill && remote == 0 {
				continue
			}
			for limit, changes := range map[int64][]string{0: nil, 1: {"partitions"}, 1 << 20: {"broadcast"}} {
				t.Run(fmt.Sprintf("%d workers, kill %v, limit %d", remote, kill, limit), func(t *testing.T) {
					cl := newCluster(t, max(2-remote, 0), remote)
					plan := joinPlan(table(6_000, map[string]string{"split": "10007", "batch": "200", "delay": "2ms"}), table(500, map[string]string{"split": "2003", "name": "b"}), limit)
					q, err := cl.start(t.Context(), plan)
					if err != nil {
						t.Fatal(err)
					}
					defer q.Close()
					var rows int64
					dead := !kill
					seen := map[int64]bool{}
					err = drain(t.Context(), q, func(rec arrow.Record) {
						for i := range int(rec.NumRows()) {
							seen[int64s(rec, 0)[i]] = int64s(rec, 0)[i] == int64s(rec, 1)[i]
						}
						if rows += rec.NumRows(); !dead {
							dead = true
							cl.nodes[1].kill()
						}
					})
					if err != nil {
						t.Fatal(err)
					}
					if rows != 500 || len(seen) != 500 || slices.Contains(slices.Collect(maps.Values(seen)), false) {
						t.Errorf("%d rows, %d different ones", rows, len(seen))
					}
					var got []string
					for _, c := range q.Changes() {
						got = append(got, [...]string{"broadcast", "sides", "partitions"}[c.Kind])
					}
					if !slices.Equal(got, changes) {
						t.Errorf("changes %v, not %v", got, changes)
					}
					if gone := q.Plan().Stages[0] == nil; gone != slices.Contains(changes, "broadcast") {
						t.Errorf("stage 0 is gone: %v", gone)
					}
				})
			}
		}
	}
}

func int64s(rec arrow.Record, column int) []int64 {
	return rec.Column(column).(*array.Int64).Int64Values()
}

// A side that has no splits at all keeps nobody waiting.
func TestAdaptiveJoinOfNothing(t *testing.T) {
	for _, rows := range [][2]int64{{100, 0}, {0, 100}, {0, 0}} {
		cl := newCluster(t, 2, 0)
		q, err := cl.start(t.Context(), joinPlan(table(rows[0], map[string]string{"split": "50"}), table(rows[1], map[string]string{"name": "b"}), 1<<20))
		if err != nil {
			t.Fatal(err)
		}
		if err := drain(t.Context(), q, func(rec arrow.Record) { t.Errorf("%d rows", rec.NumRows()) }); err != nil {
			t.Error(err)
		}
		q.Close()
	}
}
