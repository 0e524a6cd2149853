package planner

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"volley/catalog"
)

// benchmarkPlan measures the way from text to plan.
func benchmarkPlan(b *testing.B, w *world, sql string) {
	p := newPlanner(b)
	b.ReportAllocs()
	for b.Loop() {
		bound, err := p.Bind(context.Background(), parseQuery(b, sql), w, BindOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.Plan(context.Background(), bound, nil, PlanOptions{Slots: 4, Distributed: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSelectOne(b *testing.B) { benchmarkPlan(b, newWorld(b), "SELECT 1") }

func BenchmarkGroupBy(b *testing.B) {
	benchmarkPlan(b, newWorld(b), "SELECT passenger_count, count(*) FROM trips WHERE fare > 2 GROUP BY 1 ORDER BY 2 DESC LIMIT 10")
}

func BenchmarkInList(b *testing.B) {
	w := newWorld(b)
	for _, n := range []int{1000, 10_000, 100_000} {
		items := make([]string, n)
		for i := range items {
			items[i] = strconv.Itoa(i)
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			benchmarkPlan(b, w, "SELECT id FROM trips WHERE id IN ("+strings.Join(items, ",")+")")
		})
	}
}

// BenchmarkLogic has as many terms in one AND or OR, and BenchmarkColumns in one
// select list.
func BenchmarkLogic(b *testing.B) {
	w := newWorld(b)
	for _, op := range []string{" OR ", " AND "} {
		for _, n := range []int{1000, 10_000, 100_000} {
			b.Run(strings.TrimSpace(op)+"/"+strconv.Itoa(n), func(b *testing.B) {
				benchmarkPlan(b, w, "SELECT id FROM trips WHERE id > 0"+strings.Repeat(op+"fare <> 7", n-1))
			})
		}
	}
}

func BenchmarkColumns(b *testing.B) {
	w := newWorld(b)
	for _, n := range []int{1000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			benchmarkPlan(b, w, "SELECT id"+strings.Repeat(", fare + id", n-1)+" FROM trips")
		})
	}
}

func BenchmarkTPCH(b *testing.B) {
	files, _ := filepath.Glob("../../shared/corpora/tpch/queries/*.sql")
	if len(files) == 0 {
		b.Skip("no TPC-H queries: the corpora are not here")
	}
	w := newWorld(b)
	w.define(tpchTables, 1<<30)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.TrimSuffix(filepath.Base(f), ".sql"), func(b *testing.B) {
			benchmarkPlan(b, w, strings.TrimSuffix(strings.TrimSpace(string(text)), ";"))
		})
	}
}

// manyJoins gives tables t1, … of three columns and a query that joins them all in
// a chain, the conditions in any order, or as the points of a star.
func manyJoins(b *testing.B, n int, star bool) (*world, string) {
	b.Helper()
	w := newWorld(b)
	random := rand.New(rand.NewSource(1))
	var from, where []string
	for i := 1; i <= n; i++ {
		name := "t" + strconv.Itoa(i)
		o := csvTable(name, fmt.Sprintf("a%d integer, b%d integer, x%d text", i, i, i), 1000)
		o.Stats = &catalog.Stats{Rows: 10, Bytes: 200}
		w.tables[name] = o
		from = append(from, name)
		if i > 1 {
			hub := i - 1
			if star {
				hub = 1
			}
			where = append(where, fmt.Sprintf("a%d = b%d", hub, i))
		}
	}
	where = append(where, "a3 = 7")
	random.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	random.Shuffle(len(where), func(i, j int) { where[i], where[j] = where[j], where[i] })
	return w, "SELECT x1, x2 FROM " + strings.Join(from, ", ") + " WHERE " + strings.Join(where, " AND ")
}

func BenchmarkJoins(b *testing.B) {
	for _, n := range []int{10, 64, 200, 1000} {
		for shape, star := range map[string]bool{"chain": false, "star": true} {
			w, sql := manyJoins(b, n, star)
			b.Run(shape+"/"+strconv.Itoa(n), func(b *testing.B) { benchmarkPlan(b, w, sql) })
		}
	}
}
