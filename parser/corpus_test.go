package parser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpora is where other projects' test files may be found; nothing of it is
// part of this project.
const corpora = "../../shared/corpora"

// corpus gives the files that match a pattern, or skips the test.
func corpus(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpora, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no %s: the corpora are not here", filepath.Join(corpora, pattern))
	}
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestQueryCorpora parses query sets that PostgreSQL or DuckDB accept whole.
func TestQueryCorpora(t *testing.T) {
	for _, pattern := range []string{
		"tpch/queries/*.sql", "tpcds/queries/*.sql", "tpch/schema.sql",
		"clickbench/benchmark/clickbench/queries/q*.sql", "h2o/benchmark/h2oai/*/queries/*.sql",
		"nyc-taxi-billion/benchmark/taxi/*.sql",
	} {
		t.Run(pattern, func(t *testing.T) {
			for _, f := range corpus(t, pattern) {
				if _, err := Parse(read(t, f)); err != nil {
					t.Errorf("%s: %v", filepath.Base(f), err)
				}
			}
		})
	}
}

// TestMetaQueries parses what psql's backslash commands ask.
func TestMetaQueries(t *testing.T) {
	blocks := strings.Split(read(t, corpus(t, "dialect/psql_meta_queries.sql")[0]), "-- END\n")
	n := 0
	for _, b := range blocks {
		if strings.TrimSpace(b) == "" {
			continue
		}
		n++
		if _, err := ParseOne(b); err != nil {
			t.Errorf("%v\n%s", err, b)
		}
	}
	if n != 150 {
		t.Errorf("%d queries, want 150", n)
	}
}

// TestPrecedenceCorpus parses expressions that PostgreSQL gives a value for.
func TestPrecedenceCorpus(t *testing.T) {
	lines := strings.Split(read(t, corpus(t, "dialect/precedence.tsv")[0]), "\n")
	for _, line := range lines[1:] {
		expr, want, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		_, err := ParseExpr(expr)
		if syntax := want == "ERROR 42601"; (err != nil) != syntax {
			t.Errorf("%s: got %v, PostgreSQL says %s", expr, err, want)
		}
	}
}

// TestClientQueries parses what drivers and tools ask at connect and to list
// tables.
func TestClientQueries(t *testing.T) {
	text := read(t, corpus(t, "client_queries.sql")[0])
	pieces, err := Split(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pieces {
		_, err := Parse(p.Text)
		switch {
		case err == nil:
		case code(err) == "0A000" && strings.HasPrefix(p.Text, "alter "):
		case strings.HasPrefix(p.Text, "WITH \njennifer_0"): // its parentheses do not match
		default:
			t.Errorf("%v\n%.300s", err, p.Text)
		}
	}
}

// TestConstructCorpus parses one example of every construct of the dialect.
// Those listed are refused: not supported, or not PostgreSQL's.
func TestConstructCorpus(t *testing.T) {
	refused := map[string]string{
		"GROUPING()":  "42601", // GROUP BY … WITH ROLLUP is MySQL's
		"CREATE ROLE": "0A000",
	}
	for _, line := range strings.Split(read(t, corpus(t, "dialect/constructs.tsv")[0]), "\n") {
		name, sql, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		if _, err := Parse(sql); code(err) != refused[name] {
			t.Errorf("%s: %v\n\t%s", name, err, sql)
		}
	}
}
