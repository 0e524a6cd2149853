package planner

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"volley/catalog"
	"volley/planner/logical"
	"volley/sqltype"
)

// starSchema has a table of sales with three dimensions, of which one has a parent,
// with the statistics that Parquet files and a sample of them give.
func starSchema() *world {
	w := &world{tables: map[string]Object{}}
	add := func(name, columns string, rows int64, distinct ...int64) {
		o := csvTable(name, columns, 1)
		o.Stats = &catalog.Stats{Rows: rows}
		for i, d := range distinct {
			c := catalog.ColumnStats{Distinct: d}
			if sqltype.Equal(o.Table.Schema.Field(i).Type, sqltype.Int64) {
				c.Min, c.Max = sqltype.Int64Scalar(1), sqltype.Int64Scalar(d)
			}
			o.Stats.Columns = append(o.Stats.Columns, c)
		}
		w.tables[name] = o
	}
	add("sales", "sid bigint, product bigint, store bigint, day bigint", 10_000_000, 10_000_000, 10_000, 500, 1000)
	add("products", "pid bigint, kind bigint, label text", 10_000, 10_000, 100, 10_000)
	add("kinds", "kid bigint, kind_name text", 100, 100, 100)
	add("stores", "stid bigint, city text", 500, 500, 200)
	add("days", "did bigint, month bigint", 1000, 1000, 33)
	add("returns", "rsale bigint, rproduct bigint, reason bigint", 100_000, 100_000, 8000, 20)
	return w
}

// ordered gives the joins of a query as (probe ⋈ build), and how many were looked
// at.
func ordered(t *testing.T, w *world, sql string) (tree string, looked int) {
	t.Helper()
	p := newPlanner(t)
	b, err := p.Bind(context.Background(), parseQuery(t, sql), w, BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := &optimizer{ctx: context.Background(), p: p}
	o.estimate.ctx = o.ctx
	n := b.Root
	for _, r := range rules {
		if r.name == "order joins" {
			break
		}
		n = r.apply(o, n)
	}
	for {
		if region := o.collectRegion(n); region != nil {
			s := newJoinSearch(region)
			top := s.order()
			return joinText(s, top), s.looked
		}
		if len(n.Inputs()) != 1 {
			t.Fatalf("%s joins nothing", sql)
		}
		n = n.Inputs()[0]
	}
}

func joinText(s *joinSearch, t *joinTree) string {
	if t.left == nil {
		n := s.leaves[t.rel]
		for {
			if scan, ok := n.(*logical.Scan); ok {
				return scan.Table
			}
			n = n.Inputs()[0]
		}
	}
	return fmt.Sprintf("(%s ⋈ %s)", joinText(s, t.left), joinText(s, t.right))
}

func TestJoinOrder(t *testing.T) {
	w := starSchema()
	for _, c := range []struct{ why, sql, want string }{
		{
			"one kind has a hundredth of the products, and so of the sales: it comes first",
			"SELECT 1 FROM sales, products, kinds WHERE product = pid AND kind = kid AND kind_name = 'x'",
			"(sales ⋈ (products ⋈ kinds))",
		},
		{
			"the stores of a city have one sale of 200, a month one of 33: the city first",
			"SELECT 1 FROM sales, days, stores WHERE day = did AND store = stid AND month = 3 AND city = 'x'",
			"((sales ⋈ stores) ⋈ days)",
		},
		{
			"nothing leaves anything out: the three small tables are built, the sales pass by all of them",
			"SELECT 1 FROM days, products, stores, sales WHERE product = pid AND store = stid AND day = did",
			"(((sales ⋈ products) ⋈ stores) ⋈ days)",
		},
		{
			"returns are few, and each is of one sale: they are joined before the products",
			"SELECT 1 FROM sales, products, returns WHERE product = pid AND rsale = sid",
			"((sales ⋈ returns) ⋈ products)",
		},
		{
			"no condition connects kinds with stores: the cross product is last, though both are small",
			"SELECT 1 FROM kinds, sales, stores WHERE store = stid AND stid = 7",
			"((sales ⋈ stores) ⋈ kinds)",
		},
		{
			"a condition on three tables waits for all; the two with the fewest pairs of rows are crossed first",
			"SELECT 1 FROM days, kinds, sales WHERE did + kid = day AND sid < 10",
			"((kinds ⋈ sales) ⋈ days)",
		},
	} {
		if got, _ := ordered(t, w, c.sql); got != c.want {
			t.Errorf("%s\n%s\ngot  %s\nwant %s", c.why, c.sql, got, c.want)
		}
	}
}

// joinsOf is a query over n tables in a shape.
func joinsOf(n int, connected func(i, j int) bool) (*world, string) {
	w := &world{tables: map[string]Object{}}
	var from, where []string
	for i := range n {
		var columns []string
		for j := range n {
			columns = append(columns, fmt.Sprintf("c%d_%d bigint", i, j))
		}
		name := fmt.Sprintf("t%d", i)
		o := csvTable(name, strings.Join(columns, ", "), 1)
		o.Stats = &catalog.Stats{Rows: int64(100 + i*i)}
		w.tables[name] = o
		from = append(from, name)
		for j := range i {
			if connected(i, j) {
				where = append(where, fmt.Sprintf("c%d_%d = c%d_%d", i, j, j, i))
			}
		}
	}
	return w, "SELECT 1 FROM " + strings.Join(from, ", ") + " WHERE " + strings.Join(where, " AND ")
}

// TestJoinSearchWork counts the joins that are looked at: as many as there are pairs
// of connected sets of relations (the formulas of Ono and Lohman, "Measuring the
// Complexity of Join Enumeration in Query Optimization", 1990) up to twelve, and
// less than the cube of their number beyond.
func TestJoinSearchWork(t *testing.T) {
	chain := func(i, j int) bool { return i-j == 1 }
	star := func(_, j int) bool { return j == 0 }
	clique := func(int, int) bool { return true }
	for _, c := range []struct {
		shape     string
		n         int
		connected func(i, j int) bool
		want      int
	}{
		{"chain", 5, chain, (125 - 5) / 6},
		{"chain", 12, chain, (12*12*12 - 12) / 6},
		{"star", 5, star, 4 << 3},
		{"star", 12, star, 11 << 10},
		{"clique", 5, clique, 90},
		{"clique", 8, clique, 3025},
	} {
		w, sql := joinsOf(c.n, c.connected)
		if _, looked := ordered(t, w, sql); looked != c.want {
			t.Errorf("%s of %d: %d joins looked at, want %d", c.shape, c.n, looked, c.want)
		}
	}
	for shape, connected := range map[string]func(i, j int) bool{"chain": chain, "star": star, "clique": clique} {
		w, sql := joinsOf(64, connected)
		tree, looked := ordered(t, w, sql)
		if strings.Count(tree, "⋈") != 63 || looked > 64*64*64/2 {
			t.Errorf("%s of 64: %d joins, %d looked at", shape, strings.Count(tree, "⋈"), looked)
		}
	}
}

// TestRowsDoNotDependOnOrder: any tree of the same relations has as many rows.
func TestRowsDoNotDependOnOrder(t *testing.T) {
	w := starSchema()
	p := newPlanner(t)
	b, err := p.Bind(context.Background(), parseQuery(t, "SELECT 1 FROM sales, products, returns WHERE product = pid AND rproduct = pid"), w, BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := &optimizer{ctx: context.Background(), p: p}
	region := o.collectRegion(pushFilters(o, b.Root).Inputs()[0])
	if region == nil {
		t.Fatal("no region")
	}
	s := newJoinSearch(region)
	a, c, d := s.leaf[0], s.leaf[1], s.leaf[2]
	want := s.join(s.join(a, c), d).rows
	for _, tree := range []*joinTree{s.join(s.join(a, d), c), s.join(a, s.join(c, d))} {
		if math.Abs(tree.rows-want) > want*1e-9 {
			t.Errorf("%s has %g rows, want %g", joinText(s, tree), tree.rows, want)
		}
	}
}
