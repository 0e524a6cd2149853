// Package volley holds the tests that concern the module as a whole.
package volley

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed is the architecture: which of Volley's own packages each package may
// import, tests excepted. Leaves that everybody may import are in leaves. A
// package that is not listed may import what the closest one above it may.
var allowed = map[string][]string{
	"sqlerr":                   {},
	"sqltype":                  {},
	"sqltype/jsontext":         {},
	"sqltype/textencoding":     {},
	"parser":                   {"parser/ast"},
	"parser/ast":               {},
	"udf":                      {"udf/vector"},
	"udf/builtin":              {"udf"},
	"udf/vector":               {},
	"udf/funcdoc":              {"udf"},
	"catalog/objstore":         {},
	"catalog/objstore/local":   {"catalog/objstore"},
	"catalog/objstore/mem":     {"catalog/objstore"},
	"catalog/objstore/https":   {"catalog/objstore"},
	"catalog/objstore/secret":  {"catalog/datadir"},
	"catalog/objstore/objtest": {"catalog/objstore"},
	"catalog/objstore/ahead":   {"catalog/objstore"},
	"catalog/objstore/cache":   {"catalog/objstore"},
	"catalog":                  {"catalog/objstore"},
	"catalog/datadir":          {},
	"catalog/csv":              {"catalog", "catalog/objstore", "catalog/hive"},
	"catalog/parquet":          {"catalog", "catalog/objstore", "catalog/hive", "exec/kernel"},
	"catalog/memtable":         {"catalog", "catalog/objstore", "exec/kernel"},
	"catalog/memtable/keyset":  {"catalog/memtable/block", "exec/spill"},
	"catalog/memtable/journal": {"catalog/datadir", "catalog/memtable/block", "exec/spill"},
	"catalog/memtable/block":   {"exec/kernel", "exec/spill"},
	"catalog/pgcatalog":        {"catalog", "catalog/objstore", "udf"},
	"catalog/hive":             {"catalog", "catalog/objstore"},
	"catalog/statistics":       {"catalog", "catalog/objstore", "exec/kernel"},
	"planner/expr":             {},
	"planner/logical":          {"planner/expr", "catalog"},
	"planner/physical":         {"planner/expr", "catalog"},
	"planner":                  {"parser", "catalog", "udf", "planner"},
	"exec/kernel":              {},              // arrays alone: readers of files may use it
	"exec/spill":               {"exec/kernel"}, // files alone: managed tables use it
	"exec":                     {"exec", "planner/physical", "planner/expr", "catalog", "udf"},
	"certfile":                 {},
	"certfile/certtest":        {"certfile"},
	"flight":                   {"planner/physical", "exec/kernel", "certfile"},
	"worker":                   {"flight", "exec", "planner/physical", "catalog", "udf"},
	"coordinator/sched":        {"exec", "flight", "catalog", "udf", "planner/physical", "planner/expr"},
	"coordinator/copyto":       {"catalog", "exec/kernel", "exec/textrow", "planner/physical"},
	"coordinator":              {"coordinator/sched", "coordinator/copyto", "parser", "planner", "exec", "flight", "catalog", "udf"},
	"pgwire":                   {},
	"sqltest":                  {},
	"app":                      {"*"},
	"cmd/volley":               {"app"},
	"bench":                    {"*"},
	"examples":                 {"app", "udf", "bench/taxi"},
	"internal":                 {"*"},
	"catalog/objstore/s3":      {"catalog/objstore"},
}

// leaves know none of Volley's packages but one another.
var leaves = []string{"sqlerr", "sqltype", "sqltype/jsontext", "sqltype/textencoding"}

func TestImportsFollowTheArchitecture(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		may, known := rule(pkg)
		if !known && pkg != "." {
			t.Errorf("package %s has no rule in this test", pkg)
			return nil
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			dep, own := strings.CutPrefix(name, "volley/")
			if !own || covers(leaves, dep) || within(dep, pkg) || covers(may, dep) {
				continue
			}
			t.Errorf("%s imports %s, which the architecture does not allow", path, dep)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rule finds the rule of a package or of the closest one above it.
func rule(pkg string) ([]string, bool) {
	for p := pkg; p != "." && p != "/"; p = filepath.ToSlash(filepath.Dir(p)) {
		if r, ok := allowed[p]; ok {
			return r, true
		}
	}
	return nil, false
}

// within reports whether dep is pkg's own, or below the same parent family.
func within(dep, pkg string) bool { return dep == pkg || strings.HasPrefix(dep, pkg+"/") }

// covers reports whether dep is one of the packages listed or below one.
func covers(list []string, dep string) bool {
	return slices.ContainsFunc(list, func(a string) bool { return a == "*" || within(dep, a) })
}
