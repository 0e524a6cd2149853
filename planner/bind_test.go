package planner

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/logical"
	"volley/sqltype"
)

// signature is "name type, …" of a query's columns.
func signature(b *Bound) string {
	parts := make([]string, len(b.Names))
	for i, f := range b.Schema.Fields() {
		parts[i] = b.Names[i] + " " + sqltype.Name(f.Type)
	}
	return strings.Join(parts, ", ")
}

// Names and types are those PostgreSQL 15 gives.
func TestOutputColumns(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"SELECT 1, 1.50, 'x', NULL, true", "?column? integer, ?column? numeric(3,2), ?column? text, ?column? text, ?column? boolean"},
		{"SELECT 2147483647, 2147483648, -2147483648, 9223372036854775808", "?column? integer, ?column? bigint, ?column? integer, ?column? numeric(19,0)"},
		{"SELECT 0.05, .5, 1e3, 1e-3", "?column? numeric(2,2), ?column? numeric(1,1), ?column? numeric(4,0), ?column? numeric(3,3)"},
		{"SELECT 123456789012345678901234567890123456789", "?column? numeric"},
		{"SELECT id, id + 1, id AS x, t.vendor FROM trips t", "id bigint, ?column? bigint, x bigint, vendor text"},
		{"SELECT id::text, 1::int2, '5'::int8, CAST(fare AS double precision) FROM trips", "id text, int2 smallint, int8 bigint, fare double precision"},
		{"SELECT count(*), sum(id), avg(passenger_count), max(vendor), sum(distance) FROM trips", "count bigint, sum numeric, avg numeric, max text, sum double precision"},
		{"SELECT CASE WHEN id > 1 THEN 1 END, CASE WHEN true THEN 1 ELSE id END FROM trips", "case integer, id bigint"},
		{"SELECT coalesce(NULL, id, 1), nullif(vendor, 'x') FROM trips", "coalesce bigint, nullif text"},
		{"SELECT date '2015-01-01', interval '3' day, timestamp '2015-01-01 10:00'", "date date, interval interval, timestamp timestamp without time zone"},
		{"SELECT (SELECT max(id) FROM trips), EXISTS (SELECT 1)", "max bigint, exists boolean"},
		{"SELECT vendor = 'x', vendor LIKE 'a%', id IN (1, 2), id BETWEEN 1 AND 2, fare IS NULL FROM trips", "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean"},
		{"SELECT * FROM tiny", "a integer, b text, c double precision"},
		{"SELECT t.*, 1 AS one FROM tiny t", "a integer, b text, c double precision, one integer"},
		{"SELECT * EXCLUDE (b) FROM tiny", "a integer, c double precision"},
		{"SELECT * REPLACE (a + 1 AS a) FROM tiny", "a integer, b text, c double precision"},
		{"FROM tiny", "a integer, b text, c double precision"},
		{"SELECT * FROM trips JOIN vendors USING (vendor)", "vendor text, id bigint, passenger_count integer, distance double precision, fare numeric(10,2), picked_up timestamp without time zone, name text, founded date"},
		{"SELECT v.* FROM trips JOIN vendors v USING (vendor)", "vendor text, name text, founded date"},
		{"SELECT * FROM vendors NATURAL JOIN (SELECT 'a' AS vendor, 1 AS x) y", "vendor text, name text, founded date, x integer"},
		{"SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS v(n, s)", "n integer, s text"},
		{"VALUES (1), (2.5), (NULL)", "column1 numeric"},
		{"SELECT a FROM tiny UNION ALL SELECT id FROM trips", "a bigint"},
		{"SELECT 1 AS x UNION SELECT 2.5 UNION SELECT NULL", "x numeric"},
		{"SELECT '1' UNION ALL SELECT 2", "?column? integer"},
		{"WITH c(n) AS (SELECT a FROM tiny) SELECT n FROM c", "n integer"},
		{"SELECT n FROM busy", "n bigint"},
		{"SELECT trips.vendor FROM 'trips.csv' AS trips(id, vendor)", "vendor text"},
		{"SELECT sku FROM 'dir/in.csv'", "sku text"},
		{"SELECT \"in\".sku FROM 'dir/in.csv'", "sku text"},
		{"SELECT a AS vendor FROM tiny GROUP BY vendor", "vendor integer"},
		{"SELECT vendor, passenger_count, count(*) FROM trips GROUP BY ALL", "vendor text, passenger_count integer, count bigint"},
		{"SELECT upper(vendor) FROM trips GROUP BY upper(vendor) ORDER BY upper(vendor)", "upper text"},
		{"SELECT passenger_count + 1 FROM trips GROUP BY passenger_count", "?column? integer"},
		{"SELECT count(*) FILTER (WHERE id > 3) FROM trips", "count bigint"},
	} {
		b, err := bind(t, c.sql, BindOptions{})
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if got := signature(b); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.sql, got, c.want)
		}
	}
}

func TestParameters(t *testing.T) {
	for _, c := range []struct {
		sql      string
		declared []arrow.DataType
		want     string
	}{
		{"SELECT $1", nil, "text"},
		{"SELECT $1::int", nil, "integer"},
		{"SELECT * FROM trips WHERE id = $1 AND vendor = $2", nil, "bigint, text"},
		{"SELECT * FROM trips WHERE id IN ($1, $2) AND picked_up > $3", nil, "bigint, bigint, timestamp without time zone"},
		{"SELECT * FROM trips LIMIT $1 OFFSET $2", nil, "bigint, bigint"},
		{"SELECT $1 + 1", nil, "integer"},
		{"SELECT $1 + $1", []arrow.DataType{sqltype.Float64}, "double precision"},
		{"SELECT * FROM trips WHERE id = $1", []arrow.DataType{sqltype.Int32}, "integer"},
		{"SELECT coalesce($1, fare) FROM trips", nil, "numeric"},
		{"SELECT CASE WHEN $1 THEN $2 ELSE 1 END", nil, "boolean, integer"},
		{"VALUES ($1), (1)", nil, "integer"},
		{"SELECT $2::text", nil, "text, text"},
	} {
		b, err := bind(t, c.sql, BindOptions{ParamTypes: c.declared})
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		names := make([]string, len(b.Params))
		for i, p := range b.Params {
			names[i] = sqltype.Name(p)
		}
		if got := strings.Join(names, ", "); got != c.want {
			t.Errorf("%s: parameters %s, want %s", c.sql, got, c.want)
		}
	}
}

func TestParametersBecomeLiterals(t *testing.T) {
	p, w := newPlanner(t), newWorld(t)
	b, err := p.Bind(context.Background(), parseQuery(t, "SELECT vendor FROM trips WHERE id = $1 LIMIT $2"), w, BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	before := logical.Format(b.Root)
	for _, id := range []string{"5", "6"} {
		var params []arrow.Array
		for _, v := range []string{id, "3"} {
			a, err := sqltype.Scalar(sqltype.Int64, v)
			if err != nil {
				t.Fatal(err)
			}
			params = append(params, a)
		}
		plan, err := p.Plan(context.Background(), b, params, PlanOptions{Slots: 2, Distributed: true})
		if err != nil {
			t.Fatal(err)
		}
		if text := Explain(plan); !strings.Contains(text, "pruning=[id = "+id+"]") || !strings.Contains(text, "Limit 3") {
			t.Errorf("plan for %s:\n%s", id, text)
		}
	}
	if after := logical.Format(b.Root); after != before {
		t.Errorf("planning changed the bound query:\n%s\nbefore:\n%s", after, before)
	}
}

func TestTargetsOfInsert(t *testing.T) {
	targets := []arrow.DataType{sqltype.Date, sqltype.Int16, sqltype.Decimal(8, 2)}
	for _, sql := range []string{"VALUES ('2015-01-01', 1, 2.5), (NULL, 2, 3)", "SELECT '2015-01-01', 7::bigint, 1.25", "SELECT DISTINCT founded, 1, 2 FROM vendors"} {
		b, err := bind(t, sql, BindOptions{Targets: targets})
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		for i, f := range b.Schema.Fields() {
			if !sqltype.Equal(f.Type, targets[i]) {
				t.Errorf("%s: column %d is %s", sql, i+1, f.Type)
			}
		}
	}
	if _, err := bind(t, "SELECT true, 1, 2", BindOptions{Targets: targets}); err == nil {
		t.Error("a boolean was assigned to a date")
	}
}

func TestTimeZoneOfLiterals(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Skip(err)
	}
	b, err := bind(t, "SELECT timestamptz '2015-07-01 12:00'", BindOptions{TimeZone: paris})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := newPlanner(t).Plan(context.Background(), b, nil, PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if text := Explain(plan); !strings.Contains(text, "10:00:00") {
		t.Errorf("12:00 in Paris is not 10:00 UTC in %s", text)
	}
}

// Long chains and deep nesting end in a plan or in 54001, never in a crash.
func TestLargeQueries(t *testing.T) {
	or := "SELECT 1 FROM trips WHERE " + strings.Repeat("id = 1 OR ", 5000) + "id = 2"
	if _, err := bind(t, or, BindOptions{}); err != nil {
		t.Errorf("5,000 ORs: %v", err)
	}
	union := strings.Repeat("SELECT 1 UNION ALL ", 500) + "SELECT 2"
	if _, err := bind(t, union, BindOptions{}); err != nil {
		t.Errorf("500 UNIONs: %v", err)
	}
	doubling := func(how string) string {
		with := "WITH c0 AS (SELECT 1 AS x)"
		for i := range 40 {
			with += fmt.Sprintf(", c%d AS %s (SELECT a.x FROM c%d a, c%d b)", i+1, how, i, i)
		}
		return with + " SELECT * FROM c40"
	}
	if _, err := bind(t, doubling("NOT MATERIALIZED"), BindOptions{}); err == nil {
		t.Error("2^40 operators were planned")
	}
	if _, err := bind(t, doubling(""), BindOptions{}); err != nil {
		t.Errorf("40 shared queries: %v", err)
	}
}
