package planner

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/statistics"
	"volley/planner/logical"
	"volley/sqltype"
)

// distribution is a table whose rows are known, for tests of estimates.
type distribution struct {
	name, columns string
	rows          int
	row           func(i int) []any // nil values are NULL
	key           []int
}

// table gives the table statistics of all its rows.
func (d distribution) table(t testing.TB) Object {
	t.Helper()
	schema := fields(d.columns)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range d.rows {
		for c, v := range d.row(i) {
			appendTo(t, b.Field(c), v)
		}
	}
	rec := b.NewRecord()
	stats := &catalog.Stats{Rows: int64(d.rows), Bytes: -1}
	for _, col := range rec.Columns() {
		s := statistics.Sample{Rows: float64(d.rows), Blocks: []arrow.Array{col}, Random: true}
		stats.Columns = append(stats.Columns, s.Column())
	}
	return Object{Schema: "public", Name: d.name, Stats: stats, Table: &catalog.TableDef{
		Format: "parquet", Location: d.name, Schema: schema, Key: d.key, Files: []catalog.FileInfo{{Path: "/" + d.name, Size: 1}},
	}}
}

func appendTo(t testing.TB, b array.Builder, v any) {
	switch b := b.(type) {
	case *array.Int64Builder:
		if v == nil {
			b.AppendNull()
			return
		}
		b.Append(int64(v.(int)))
	case *array.StringBuilder:
		if v == nil {
			b.AppendNull()
			return
		}
		b.Append(v.(string))
	case *array.Date32Builder:
		b.Append(arrow.Date32(v.(int)))
	case *array.BooleanBuilder:
		b.Append(v.(bool))
	case *array.Float64Builder:
		b.Append(v.(float64))
	default:
		t.Fatalf("no values for %T", b)
	}
}

// distributions: 10,000 items of 500 products in 8 colours, the first of which has
// half of them; every tenth has no note; products, of 20 kinds; lines of items.
func distributions() []distribution {
	colors := []string{"red", "green", "blue", "cyan", "pink", "gray", "gold", "lime"}
	return []distribution{
		{"items", "id bigint, product bigint, color text, made date, price double precision, sold boolean, note text", 10_000, func(i int) []any {
			color := colors[0]
			if i%2 == 1 {
				color = colors[1+i/2%7]
			}
			var note any = fmt.Sprintf("note %04d", i*7919%10_000)
			if i%10 == 0 {
				note = nil
			}
			return []any{i, i * 37 % 500, color, 10_957 + i*31%1000, float64(i * 7919 % 10_000), i%5 == 0, note}
		}, []int{0}},
		{"products", "id bigint, kind bigint, label text", 500, func(i int) []any {
			return []any{i, i % 20, fmt.Sprintf("%s product %d", colors[i%8], i)}
		}, []int{0}},
		{"kinds", "id bigint, name text", 20, func(i int) []any { return []any{i, fmt.Sprintf("kind %d", i)} }, []int{0}},
		{"lines", "item bigint, number bigint, quantity bigint", 40_000, func(i int) []any { return []any{i / 4, i % 4, i * 7 % 50} }, nil},
		{"notes", "item bigint, number bigint, text text", 20_000, func(i int) []any { return []any{i / 2, i % 2, "x"} }, nil},
	}
}

// estimated plans a query and gives the guess at its rows.
func estimated(t *testing.T, w *world, sql string) float64 {
	t.Helper()
	b, err := newPlanner(t).Bind(context.Background(), parseQuery(t, sql), w, BindOptions{})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	o := &optimizer{ctx: context.Background(), p: newPlanner(t)}
	return o.estimate.rows(o.optimize(b.Root))
}

// TestEstimates compares guesses with the rows that queries really have; within is
// the factor that they may be off.
func TestEstimates(t *testing.T) {
	w := &world{tables: map[string]Object{}}
	for _, d := range distributions() {
		w.tables[d.name] = d.table(t)
	}
	for _, c := range []struct {
		sql    string
		rows   float64
		within float64
	}{
		// equality: common values, keys, values that are not there
		{"SELECT 1 FROM items WHERE color = 'red'", 5000, 1.01},
		{"SELECT 1 FROM items WHERE color = 'green'", 715, 1.01},
		{"SELECT 1 FROM items WHERE color <> 'red'", 5000, 1.01},
		{"SELECT 1 FROM items WHERE id = 77", 1, 1.01},
		{"SELECT 1 FROM items WHERE product = 7", 20, 1.01},
		{"SELECT 1 FROM items WHERE id = -1", 0, 1.01},
		{"SELECT 1 FROM items WHERE id = product", 20, 50},
		// ranges: histograms, bounds
		{"SELECT 1 FROM items WHERE id < 2500", 2500, 1.02},
		{"SELECT 1 FROM items WHERE id >= 9000", 1000, 1.05},
		{"SELECT 1 FROM items WHERE price > 100 AND price < 300", 199, 1.1},
		{"SELECT 1 FROM items WHERE made BETWEEN DATE '2000-04-10' AND DATE '2000-07-18'", 1000, 1.1},
		{"SELECT 1 FROM items WHERE id > 100000", 0, 1.01},
		{"SELECT 1 FROM items WHERE note < 'note 5'", 4500, 1.05},
		// lists, NULLs, booleans
		{"SELECT 1 FROM items WHERE color IN ('red', 'blue')", 5714, 1.01},
		{"SELECT 1 FROM items WHERE color NOT IN ('red', 'blue')", 4286, 1.01},
		{"SELECT 1 FROM items WHERE note IS NULL", 1000, 1.01},
		{"SELECT 1 FROM items WHERE note IS NOT NULL", 9000, 1.01},
		{"SELECT 1 FROM items WHERE sold", 2000, 1.01},
		{"SELECT 1 FROM items WHERE NOT sold", 8000, 1.01},
		// patterns
		{"SELECT 1 FROM items WHERE note LIKE 'note 12%'", 90, 1.5},
		{"SELECT 1 FROM items WHERE color LIKE '%r%'", 6429, 1.01},
		{"SELECT 1 FROM items WHERE color NOT LIKE '%r%'", 3571, 1.01},
		{"SELECT 1 FROM products WHERE label LIKE 'red%'", 63, 1.3},
		{"SELECT 1 FROM products WHERE label LIKE '%product 1%'", 111, 1.5},
		// together
		{"SELECT 1 FROM items WHERE color = 'red' AND id < 5000", 2500, 1.02},
		{"SELECT 1 FROM items WHERE color = 'red' OR id < 5000", 7500, 1.02},
		{"SELECT 1 FROM items WHERE color = 'red' OR color = 'blue'", 5714, 1.01},
		{"SELECT 1 FROM items WHERE NOT (color = 'red' OR id < 5000)", 2500, 1.02},
		// groups
		{"SELECT color FROM items GROUP BY color", 8, 1.01},
		{"SELECT product FROM items GROUP BY product", 500, 1.01},
		{"SELECT DISTINCT id FROM items", 10_000, 1.01},
		{"SELECT color, sold FROM items GROUP BY color, sold", 16, 1.01},
		{"SELECT product, id FROM items GROUP BY product, id", 10_000, 1.01},
		{"SELECT product FROM items WHERE id < 100 GROUP BY product", 100, 1.2},
		{"SELECT product % 7 FROM items GROUP BY 1", 7, 72},
		{"SELECT extract(year FROM made) FROM items GROUP BY 1", 3, 1.4},
		{"SELECT note FROM items GROUP BY note", 9001, 1.01},
		{"SELECT product % 7 FROM items WHERE product % 7 IN (1, 3, 5) GROUP BY 1", 3, 1.01},
		{"SELECT upper(c), sum(n) FROM (SELECT color AS c, 1 AS n FROM items WHERE upper(color) IN ('RED', 'BLUE') AND sold) s GROUP BY 1", 2, 1.01},
		{"SELECT extract(year FROM made) FROM items WHERE made < '2000-06-01' GROUP BY 1", 1, 1.5},
		// joins
		{"SELECT 1 FROM items JOIN products ON product = products.id", 10_000, 1.01},
		{"SELECT 1 FROM items JOIN products ON product = products.id WHERE kind = 3", 500, 1.02},
		{"SELECT 1 FROM items JOIN products ON product = products.id JOIN kinds ON kind = kinds.id WHERE name = 'kind 3'", 500, 1.1},
		{"SELECT 1 FROM items JOIN lines ON item = id WHERE id < 100", 400, 1.1},
		{"SELECT 1 FROM lines l JOIN notes n ON l.item = n.item AND l.number = n.number", 20_000, 2.1},
		{"SELECT 1 FROM products p LEFT JOIN items i ON p.id = i.product AND i.id < 100", 500, 1.05},
		{"SELECT 1 FROM items i FULL JOIN products p ON p.id = i.product", 10_000, 1.01},
		{"SELECT 1 FROM items, kinds", 200_000, 1.01},
		{"SELECT 1 FROM items a JOIN items b ON a.id < b.id", 5e7, 1.5},
		// semi and anti joins
		{"SELECT 1 FROM items WHERE product IN (SELECT id FROM products WHERE kind = 3)", 500, 1.02},
		{"SELECT 1 FROM items WHERE EXISTS (SELECT 1 FROM lines WHERE item = id AND quantity < 10)", 6000, 1.4},
		{"SELECT 1 FROM items WHERE NOT EXISTS (SELECT 1 FROM products p WHERE p.id = product AND kind <> 3)", 500, 1.1},
		// groups of joins: a key of the other side decides the row
		{"SELECT item, made, color FROM lines JOIN items ON item = id GROUP BY item, made, color", 10_000, 1.05},
		{"SELECT kind, count(*) FROM items JOIN products ON product = products.id GROUP BY kind", 20, 1.01},
		// results of aggregates
		{"SELECT product FROM items GROUP BY product HAVING count(*) > 25", 60, 3},
		{"SELECT item FROM lines GROUP BY item HAVING sum(quantity) > 150", 2000, 2.5},
		{"SELECT n, count(*) FROM (SELECT product, count(*) AS n FROM items GROUP BY product) x GROUP BY n", 30, 2},
		// limits
		{"SELECT 1 FROM items LIMIT 10", 10, 1},
		{"SELECT 1 FROM items OFFSET 9000", 1000, 1},
		{"SELECT id FROM items UNION ALL SELECT id FROM kinds", 10_020, 1},
	} {
		got := estimated(t, w, c.sql)
		if off := max(max(got, 1)/max(c.rows, 1), max(c.rows, 1)/max(got, 1)); off > c.within {
			t.Errorf("%s: %g rows, guessed %g", c.sql, c.rows, got)
		}
	}
}

// TestNothingKnown: guesses about tables without statistics are PostgreSQL's.
func TestNothingKnown(t *testing.T) {
	w := &world{tables: map[string]Object{}}
	o := csvTable("t", "a bigint, b text, c boolean", 1)
	o.Stats = &catalog.Stats{Rows: 100_000}
	w.tables["t"] = o
	for sql, share := range map[string]float64{
		"a = 1":                   defaultEqual,
		"a > 1":                   defaultRange,
		"a > 1 AND a < 10":        defaultBetween,
		"a IS NULL":               defaultNull,
		"a IS NOT NULL":           1 - defaultNull,
		"c":                       defaultBool,
		"a IN (1, 2, 3)":          3 * defaultEqual,
		"a <> 1":                  1 - defaultEqual,
		"b = 'x' OR a = 2":        2*defaultEqual - defaultEqual*defaultEqual,
		"a = 1 AND b = 'x'":       defaultEqual * defaultEqual,
		"a > 1 AND b > 'x' AND c": defaultRange * defaultRange * math.Sqrt(defaultBool),
		"NOT (a = 1)":             1 - defaultEqual,
	} {
		got := estimated(t, w, "SELECT 1 FROM t WHERE "+sql) / 100_000
		if math.Abs(got-share) > 1e-6+share*1e-6 {
			t.Errorf("%s: share %g, want %g", sql, got, share)
		}
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		text, pattern string
		want          bool
	}{
		{"", "", true},
		{"", "%", true},
		{"abc", "abc", true},
		{"abc", "a%", true},
		{"abc", "%c", true},
		{"abc", "%b%", true},
		{"abc", "_b_", true},
		{"abc", "_b", false},
		{"abcbd", "%b_", true},
		{"a%c", `a\%c`, true},
		{"abc", `a\%c`, false},
		{"aaab", "%a_b", true},
		{strings.Repeat("a", 50), strings.Repeat("%a", 25) + "b", false},
	} {
		if got := like(c.text, c.pattern); got != c.want {
			t.Errorf("%q LIKE %q: %v", c.text, c.pattern, got)
		}
	}
}

// TestValuesLeft compares the formula with drawing rows.
func TestValuesLeft(t *testing.T) {
	for _, c := range []struct{ distinct, in, out, want float64 }{
		{100, 1000, 1000, 100}, {100, 1000, 0, 0}, {1000, 1000, 100, 100}, {100, 1000, 100, 65}, {2, 1000, 10, 2}, {0, 10, 5, 0},
	} {
		if got := valuesLeft(c.distinct, c.in, c.out); math.Abs(got-c.want) > 1 {
			t.Errorf("%g values in %g rows, of which %g are left: %g, want %g", c.distinct, c.in, c.out, got, c.want)
		}
	}
}

// sampler counts how often it is asked.
type sampler struct{ asked map[int]int }

func (s *sampler) Column(_ context.Context, c int) catalog.ColumnStats {
	s.asked[c]++
	return catalog.ColumnStats{NullCount: 0, Distinct: 50, Min: sqltype.Int64Scalar(1), Max: sqltype.Int64Scalar(50)}
}

// TestSampling: rows are looked at only where a plan depends on it, and once.
func TestSampling(t *testing.T) {
	s := &sampler{asked: map[int]int{}}
	w := &world{tables: map[string]Object{}}
	o := csvTable("t", "a bigint, b bigint, c bigint", 1)
	o.Stats = &catalog.Stats{Rows: 1000, Sampler: s}
	w.tables["t"] = o
	estimated(t, w, "SELECT b FROM t WHERE a = 1 ORDER BY c")
	if len(s.asked) > 0 {
		t.Errorf("columns %v were looked at in vain", s.asked)
	}
	if got := estimated(t, w, "SELECT count(*) FROM t GROUP BY a"); got != 50 {
		t.Errorf("%g groups, want 50", got)
	}
	if len(s.asked) != 1 || s.asked[0] != 1 {
		t.Errorf("columns were looked at so often: %v", s.asked)
	}
}

var _ logical.Node = unfiltered{}
