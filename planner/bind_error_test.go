package planner

import (
	"strings"
	"testing"

	"volley/sqlerr"
)

// The mark ^ in a query is where the error's position must be.
func TestBindErrors(t *testing.T) {
	for _, c := range []struct{ sql, code, message, hint string }{
		{"SELECT ^x FROM trips", "42703", `column "x" does not exist`, ""},
		{"SELECT ^distnace FROM trips", "42703", `column "distnace" does not exist`, `Did you mean "distance"?`},
		{"SELECT ^t.nope FROM trips t", "42703", `column t.nope does not exist`, ""},
		{"SELECT ^u.id FROM trips t", "42P01", `missing FROM-clause entry for table "u"`, ""},
		{"SELECT * FROM ^trps", "42P01", `relation "trps" does not exist`, `Did you mean "trips"?`},
		{"SELECT ^vendor FROM trips, vendors", "42702", `column reference "vendor" is ambiguous`, ""},
		{"SELECT * FROM trips t, ^vendors t", "42712", `table name "t" specified more than once`, ""},
		{"SELECT ^vendor, count(*) FROM trips", "42803", `column "trips.vendor" must appear in the GROUP BY clause or be used in an aggregate function`, ""},
		{"SELECT t.vendor, ^t.fare FROM trips t GROUP BY t.vendor", "42803", `column "t.fare" must appear in the GROUP BY clause or be used in an aggregate function`, ""},
		{"SELECT vendor FROM trips GROUP BY vendor ORDER BY ^fare", "42803", `column "trips.fare" must appear in the GROUP BY clause or be used in an aggregate function`, ""},
		{"SELECT 1 FROM trips WHERE ^count(*) > 1", "42803", "aggregate functions are not allowed in WHERE", ""},
		{"SELECT 1 FROM trips GROUP BY ^sum(fare)", "42803", "aggregate functions are not allowed in GROUP BY", ""},
		{"SELECT sum(^max(fare)) FROM trips", "42803", "aggregate function calls cannot be nested", ""},
		{"SELECT vendor FROM trips ORDER BY ^2", "42P10", "ORDER BY position 2 is not in select list", ""},
		{"SELECT vendor FROM trips GROUP BY ^0", "42P10", "GROUP BY position 0 is not in select list", ""},
		{"SELECT DISTINCT vendor FROM trips ORDER BY ^fare", "42P10", "for SELECT DISTINCT, ORDER BY expressions must appear in select list", ""},
		{"SELECT 1 FROM trips WHERE ^id", "42804", "argument of WHERE must be type boolean, not type bigint", ""},
		{"SELECT 1 FROM trips WHERE id = 1 AND ^vendor", "42804", "argument of AND must be type boolean, not type text", ""},
		{"SELECT CASE WHEN true THEN 1 ELSE ^vendor END FROM trips", "42804", "CASE types integer and text cannot be matched", ""},
		{"SELECT id FROM trips UNION ALL ^SELECT vendor FROM trips", "42804", "UNION types bigint and text cannot be matched", ""},
		{"SELECT 1 UNION ^SELECT 1, 2", "42601", "each UNION query must have the same number of columns", ""},
		{"SELECT id ^+ vendor FROM trips", "42883", "operator does not exist: bigint + text", ""},
		{"SELECT ^nofunc(id) FROM trips", "42883", "function nofunc(bigint) does not exist", ""},
		{"SELECT * FROM trips WHERE id = ^'abc'", "22P02", `invalid input syntax for type bigint: "abc"`, ""},
		{"SELECT ^'x'::integer", "22P02", `invalid input syntax for type integer: "x"`, ""},
		{"SELECT id^::date FROM trips", "42846", "cannot cast type bigint to date", ""},
		{"SELECT 1::^nosuch", "42704", `type "nosuch" does not exist`, ""},
		{"VALUES (1), (^1, 2)", "42601", "VALUES lists must all be the same length", ""},
		{"SELECT 1 LIMIT ^'x'", "22P02", `invalid input syntax for type bigint: "x"`, ""},
		{"SELECT id FROM trips LIMIT ^id", "42P10", "argument of LIMIT must not contain variables", ""},
		{"SELECT ^(SELECT id, vendor FROM trips LIMIT 1)", "42601", "subquery must return only one column", ""},
		{"SELECT * FROM trips ^JOIN vendors USING (name)", "42703", `column "name" specified in USING clause does not exist in left table`, ""},
		{"WITH a AS (SELECT 1), ^a AS (SELECT 2) SELECT 1", "42712", `WITH query name "a" specified more than once`, ""},
		{"SELECT * FROM ^tiny AS t(a, b, c, d)", "42P10", `table "t" has 3 columns available but 4 columns specified`, ""},
		{"SELECT ^upper(DISTINCT vendor) FROM trips", "42809", "DISTINCT specified, but upper is not an aggregate function", ""},
		{"SELECT 1 FROM trips WHERE ^sum(fare) OVER () > 1", "42P20", "window functions are not allowed in WHERE", ""},
		{"SELECT sum(^rank() OVER ()) FROM trips", "42803", "aggregate function calls cannot contain window function calls", ""},
		{"SELECT rank() OVER ^w FROM trips", "42704", `window "w" does not exist`, ""},
		{"SELECT rank() OVER (ORDER BY fare GROUPS 1 PRECEDING), rank() OVER (^GROUPS 1 PRECEDING) FROM trips", "42P20", "GROUPS mode requires an ORDER BY clause", ""},
		{"SELECT (SELECT count(*) FROM tiny WHERE a > ^t.nope) FROM trips t", "42703", `column t.nope does not exist`, ""},
		{"SELECT vendor, (SELECT max(a) FROM tiny WHERE a > ^t.id) FROM trips t GROUP BY vendor", "42803", `subquery uses ungrouped column "t.id" from outer query`, ""},
		{"SELECT id FROM trips t WHERE (SELECT ^sum(t.id) FROM tiny) > 1", "42803", "aggregate functions are not allowed in WHERE", ""},
		{"SELECT * FROM ^broken", "42703", `view "broken": column "nothing" does not exist`, ""},
		{"SELECT * FROM ^loop", "42P17", `infinite recursion detected in rules for relation "loop"`, ""},
		{"SELECT * EXCLUDE (nope) FROM tiny", "42703", `column "nope" does not exist`, ""},
		{"SELECT vendor FROM ^'missing.csv'", "58P01", `no file "missing.csv"`, ""},
		{"SELECT a FROM tiny UNION SELECT a FROM tiny ORDER BY a ^+ 1", "0A000", "invalid UNION/INTERSECT/EXCEPT ORDER BY clause", ""},
	} {
		want := strings.Index(c.sql, "^")
		sql := strings.Replace(c.sql, "^", "", 1)
		_, err := bind(t, sql, BindOptions{})
		if err == nil {
			t.Errorf("%s: no error, want %s %s", sql, c.code, c.message)
			continue
		}
		e := sqlerr.Find(err)
		if e.Code != c.code || !strings.HasSuffix(e.Message, c.message) || c.hint != "" && e.Hint != c.hint {
			t.Errorf("%s:\n got %s %s (%s)\nwant %s %s (%s)", sql, e.Code, e.Message, e.Hint, c.code, c.message, c.hint)
		}
		if want >= 0 && e.Position != want+1 {
			t.Errorf("%s: position %d, want %d", sql, e.Position, want+1)
		}
	}
}
