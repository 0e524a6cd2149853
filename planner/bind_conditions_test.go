package planner

import (
	"fmt"
	"testing"

	"volley/parser"
	"volley/parser/ast"
)

func TestConditionsOn(t *testing.T) {
	for where, want := range map[string]string{
		"year = 2015 AND t.month IN (1, '2') AND u.day = 3":   "[{year = [2015]} {month in [1 2]}]",
		"2015 <= year AND (day < date '2015-01-01' AND true)": "[{year >= [2015]} {day < [2015-01-01]}]",
		"year BETWEEN -1 AND 7 AND lower(x) = 'a'":            "[{year >= [-1]} {year <= [7]}]",
		"year = 2015 OR month = 1":                            "[]",
		"NOT (year = 2015)":                                   "[]",
		"year <> 2015 AND year NOT IN (1) AND year IS NULL":   "[]",
		"year NOT BETWEEN 1 AND 2 AND year = month":           "[]",
		"year = $1 AND year IN (1, month) AND year = NULL":    "[]",
		"year = 1.5 AND s.t.year = 1":                         "[]",
		"year IN (SELECT 1) AND year + 1 = 2":                 "[]",
	} {
		st, err := parser.ParseOne("SELECT 1 FROM t WHERE " + where)
		if err != nil {
			t.Fatal(err)
		}
		sel := st.(*ast.Query).Body.(*ast.Select)
		if got := fmt.Sprint(conditionsOn(nil, "t", sel.Where)); got != want && !(got == "[]" && want == "[]") {
			t.Errorf("%s: %s, want %s", where, got, want)
		}
	}
}
