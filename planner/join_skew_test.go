package planner

import (
	"context"
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/statistics"
	"volley/planner/physical"
)

// keys has values 0, 1, 2 … with these shares.
func keys(whole bool, shares ...float64) keyShares {
	b := array.NewInt64Builder(allocator)
	for i := range shares {
		b.Append(int64(i))
	}
	values := b.NewArray()
	k := keyShares{shares: shares, whole: whole}
	for i := range shares {
		p, _ := statistics.PointOf(values, i)
		k.values = append(k.values, p)
	}
	return k
}

func TestSkewMeets(t *testing.T) {
	for _, c := range []struct {
		name    string
		members []keyShares
		values  []float64
		want    float64
	}{
		{"the same value is common on both sides", []keyShares{keys(false, 0.1), keys(false, 0.2)}, []float64{1001, 1001}, 0.02 + 0.9*0.8/1000},
		{"on a third side too", []keyShares{keys(false, 0.1), keys(false, 0.2), keys(false, 0.5)}, []float64{1001, 1001, 1001}, 0.01 + 0.9*0.8*0.5/1e6},
		{"one side is a key", []keyShares{keys(false, 0.1, 0.05), {}, keys(true, 1)}, []float64{1000, 1000, 1000}, 0.1 / 1000},
		{"the value chosen is a common one", []keyShares{keys(false, 0.5, 0.3), keys(true, 1)}, []float64{10, 10}, 0.5},
		{"two of three are chosen", []keyShares{keys(false, 0.5, 0.3, 0.2), keys(true, 0.5, 0.5)}, []float64{3, 3}, 0.4},
		{"none is", []keyShares{keys(false, 0.5, 0.3), {whole: true, nulls: 1}}, []float64{10, 10}, 0},
	} {
		s := skewOf(c.members, c.values)
		if s == nil {
			t.Errorf("%s: not known", c.name)
			continue
		}
		all := make([]int, len(c.members))
		for i := range all {
			all[i] = i
		}
		if got := s.meet(all); math.Abs(got-c.want) > 1e-6+c.want/100 {
			t.Errorf("%s: %g, want %g", c.name, got, c.want)
		}
	}
	if skewOf([]keyShares{keys(false, 0.1), {}}, []float64{10, 10}) != nil {
		t.Error("one side's common values say nothing of a key of the other side")
	}
}

// More common values than are looked at one by one count with the others.
func TestSkewOfMany(t *testing.T) {
	shares := make([]float64, 2*maxSkewed)
	for i := range shares {
		shares[i] = 1 / float64(len(shares))
	}
	s := skewOf([]keyShares{keys(false, shares...), keys(false, shares...)}, []float64{float64(len(shares)), float64(len(shares))})
	if got, want := s.meet([]int{0, 1}), 1/float64(len(shares)); math.Abs(got-want) > want/50 {
		t.Errorf("%g, want %g", got, want)
	}
}

// TestKeyFilterEstimates: where the values of keys are known, filters are expected to
// give fewer rows than the scans below.
func TestKeyFilterEstimates(t *testing.T) {
	p, w := newPlanner(t), countedTables(t)
	found := 0
	for _, c := range goldenPlans(t, "testdata/runtime/key_filter.plan") {
		b, err := p.Bind(context.Background(), parseQuery(t, c.sql), w, BindOptions{})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := p.Plan(context.Background(), b, nil, PlanOptions{Slots: 4, Distributed: true, Estimates: true})
		if err != nil {
			t.Fatal(err)
		}
		var visit func(n physical.Node)
		visit = func(n physical.Node) {
			if f, ok := n.(*physical.KeyFilter); ok {
				in, out := plan.Estimates[f.Input], plan.Estimates[f]
				if out > in {
					t.Errorf("%s: the filter is expected to give %g of %g rows", c.sql, out, in)
				}
				if out < 0.9*in {
					found++
				}
			}
			for _, in := range n.Inputs() {
				visit(in)
			}
		}
		for _, st := range plan.Stages {
			visit(st.Root)
		}
	}
	if found == 0 {
		t.Error("no filter is expected to leave rows out")
	}
}
