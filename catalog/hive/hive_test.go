package hive_test

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/hive"
	"volley/sqlerr"
	"volley/sqltype"
)

func files(paths ...string) []catalog.FileInfo {
	var out []catalog.FileInfo
	for _, p := range paths {
		out = append(out, catalog.FileInfo{Path: p})
	}
	return out
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		paths   []string
		options map[string]string
		want    string
		code    string
	}{
		{paths: []string{"/d/a.csv"}},
		{paths: []string{"/d/year=2024/m=01/a=b.csv", "/d/year=2025/m=12/b.csv"}, want: "year bigint, m bigint"},
		{paths: []string{"/d/day=2024-01-01/a", "/d/day=__HIVE_DEFAULT_PARTITION__/b"}, want: "day date"},
		{paths: []string{"/d/zip=00123/a"}, want: "zip text"},
		{paths: []string{"s3://b/x=%20y/a"}, want: "x text"},
		{paths: []string{"/d/k=1/a", "/d/a"}},
		{paths: []string{"/d/k=1/a", "/d/a"}, options: map[string]string{"hive_partitioning": "true"}, code: sqlerr.InvalidTableDefinition},
		{paths: []string{"/d/k=1/a"}, options: map[string]string{"hive_partitioning": "false"}},
		{paths: []string{"/d/k=1/a"}, options: map[string]string{"hive_types_autocast": "false"}, want: "k text"},
		{paths: []string{"/d/k=1/a"}, options: map[string]string{"hive_partitioning": "perhaps"}, code: sqlerr.InvalidParameterValue},
	} {
		fields, err := hive.Fields(files(c.paths...), catalog.Given{Options: c.options})
		got := ""
		for i, f := range fields {
			if i > 0 {
				got += ", "
			}
			got += f.Name + " " + sqltype.Name(f.Type)
		}
		if got != c.want || sqlerr.Code(err) != c.code {
			t.Errorf("%v %v: %q, %v; want %q", c.paths, c.options, got, err, c.want)
		}
	}
}

func TestValue(t *testing.T) {
	field := func(name string, dt arrow.DataType) arrow.Field { return arrow.Field{Name: name, Type: dt} }
	for _, c := range []struct {
		path  string
		field arrow.Field
		want  string
		code  string
	}{
		{"/d/k=1/a", field("k", sqltype.Int64), "1", ""},
		{"/d/K=a%2Fb/a", field("k", sqltype.Text), "a/b", ""},
		{"/d/k=__HIVE_DEFAULT_PARTITION__/a", field("k", sqltype.Date), "(null)", ""},
		{"/d/k=1.50/a", field("k", sqltype.Decimal(5, 2)), "1.5", ""},
		{"/d/k=x/a", field("k", sqltype.Int32), "", sqlerr.InvalidText},
		{"/d/a", field("k", sqltype.Int32), "", sqlerr.InvalidTableDefinition},
	} {
		v, err := hive.Value(c.path, c.field)
		if sqlerr.Code(err) != c.code {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if err == nil && (v.Len() != 1 || v.ValueStr(0) != c.want) {
			t.Errorf("%s: %v, want %s", c.path, v, c.want)
		}
		if err != nil {
			continue
		}
		for _, n := range []int{0, 1, 2, 1000} {
			r, err := hive.Repeat(v, n)
			if err != nil || r.Len() != n || n > 0 && r.ValueStr(n-1) != c.want {
				t.Errorf("Repeat %d: %v, %v", n, r, err)
			}
		}
	}
}
