package hive_test

import (
	"context"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/hive"
	"volley/sqltype"
)

// TestDirectories: what is known of the values in a directory's path.
func TestDirectories(t *testing.T) {
	fields := []arrow.Field{
		{Name: "year", Type: sqltype.Int64},
		{Name: "day", Type: sqltype.Date},
		{Name: "city", Type: sqltype.Text},
		{Name: "code", Type: sqltype.Text, Metadata: arrow.NewMetadata([]string{"length"}, []string{"3"})},
	}
	got := "not asked"
	tell := func(_ context.Context, values []arrow.Array) bool {
		got = ""
		for _, v := range values {
			if v == nil {
				got += "? "
			} else {
				got += v.ValueStr(0) + " "
			}
		}
		return false
	}
	wanted := hive.Directories(t.Context(), fields, tell)
	for dir, want := range map[string]string{
		"s3://b/t":                                     "not asked",
		"s3://b/t/month=1":                             "not asked",
		"s3://b/t/year=x":                              "not asked", // an error of whoever reads it
		"s3://b/t/code=a":                              "not asked", // could have lost blanks
		"s3://b/t/Year=02015":                          "2015 ? ? ? ",
		"s3://b/t/year=2015/year=2016/month=1":         "2015 ? ? ? ",
		"s3://b/t/year=__HIVE_DEFAULT_PARTITION__":     "(null) ? ? ? ",
		"s3://b/t/city=a%20b/day=2015-02-01":           "? 2015-02-01 a b ? ",
		"s3://b/city=/year=-1/day=2015-02-30/code=xyz": "-1 ?  ? ",
	} {
		got = "not asked"
		if is := wanted(dir); got != want || is != (want == "not asked") {
			t.Errorf("%s: %t, %q, want %q", dir, is, got, want)
		}
	}
	for _, c := range []func(string) bool{hive.Directories(t.Context(), nil, tell), hive.Directories(t.Context(), fields, nil)} {
		if c != nil {
			t.Error("directories are told apart by nothing")
		}
	}
}
