package hive_test

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/hive"
	"volley/sqltype"
)

func TestWanted(t *testing.T) {
	fields := []arrow.Field{
		{Name: "year", Type: sqltype.Int64},
		{Name: "day", Type: sqltype.Date},
		{Name: "city", Type: sqltype.Text},
		{Name: "code", Type: sqltype.Text, Metadata: arrow.NewMetadata([]string{"length"}, []string{"3"})},
		{Name: "share", Type: sqltype.Decimal(5, 2)},
	}
	is := func(column, op string, values ...string) catalog.Condition {
		return catalog.Condition{Column: column, Op: op, Values: values}
	}
	for _, c := range []struct {
		dir  string
		on   catalog.Condition
		want bool
	}{
		{"s3://b/t/year=2015", is("year", "=", "2015"), true},
		{"s3://b/t/year=2014", is("year", "=", "2015"), false},
		{"s3://b/t/Year=02015", is("year", "=", "2015"), true},
		{"s3://b/t/year=2014/month=1", is("year", "=", "2015"), false},
		{"s3://b/t/month=1", is("year", "=", "2015"), true}, // it may be below
		{"s3://b/t/year=x", is("year", "=", "2015"), true},  // an error of the query's
		{"s3://b/t/year=__HIVE_DEFAULT_PARTITION__", is("year", "<=", "2015"), false},
		{"s3://b/t/year=2015", is("year", "<", "2015"), false},
		{"s3://b/t/year=2015", is("year", "<=", "2015"), true},
		{"s3://b/t/year=2015", is("year", ">", "2015"), false},
		{"s3://b/t/year=2015", is("year", ">=", "2015"), true},
		{"s3://b/t/year=900", is("year", ">", "1000"), false}, // as numbers, not as text
		{"s3://b/t/year=2015", is("year", "in", "2013", "2015"), true},
		{"s3://b/t/year=2014", is("year", "in", "2013", "2015"), false},
		{"s3://b/t/day=2015-02-01", is("day", ">=", "2015-02-02"), false},
		{"s3://b/t/day=2015-02-02", is("day", ">=", "2015-02-02"), true},
		{"s3://b/t/city=a%20b", is("city", "=", "a b"), true},
		{"s3://b/t/city=a", is("city", "=", "b"), false},
	} {
		wanted := hive.Wanted(fields, []catalog.Condition{c.on, is("other", "=", "1")})
		if wanted == nil || wanted(c.dir) != c.want {
			t.Errorf("%s, %v: want %t", c.dir, c.on, c.want)
		}
	}
	for _, c := range []catalog.Condition{is("other", "=", "1"), is("year", "=", "1.5"), is("year", "=", "x"), is("city", "<", "b"), is("code", "=", "b"), is("share", "=", "1.001")} {
		if hive.Wanted(fields, []catalog.Condition{c}) != nil {
			t.Errorf("%v tells directories apart", c)
		}
	}
	both := hive.Wanted(fields, []catalog.Condition{is("year", ">", "2010"), is("year", "<", "2012")})
	if both("d/year=2012") || !both("d/year=2011") || both("d/year=2010") {
		t.Error("two conditions")
	}
}
