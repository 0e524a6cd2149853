package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"volley/catalog/objstore/s3/s3test"
)

// examples are the blocks of a language in a page of the documentation.
func examples(t *testing.T, page, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, after := range strings.Split(string(text), "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(after, "\n```\n")
		out = append(out, block)
	}
	return out
}

// settingsOf are the settings that the tables of a page have, by kind: of secrets, and
// of the environment.
func settingsOf(t *testing.T, page string) (secrets, environment []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		for _, name := range strings.Split(first, ", ") {
			bare := strings.Trim(name, "`")
			switch {
			case !strings.HasPrefix(line, "| `") || bare != strings.ToUpper(bare):
			case strings.HasPrefix(bare, "AWS_"), strings.HasPrefix(bare, "…"):
				environment = append(environment, strings.TrimPrefix(bare, "…"))
			default:
				secrets = append(secrets, bare)
			}
		}
	}
	if len(secrets) < 15 || len(environment) < 19 {
		t.Errorf("only %d and %d settings were found", len(secrets), len(environment))
	}
	return secrets, environment
}

// mustBeIn has every setting be in one of the examples, with a value after it.
func mustBeIn(t *testing.T, settings, examples []string, value string) {
	t.Helper()
	all := strings.Join(examples, "\n")
	for _, name := range settings {
		if !strings.Contains(all, name+value) {
			t.Errorf("setting %s is in no example", name)
		}
	}
}

// TestObjectStoreExamples runs what docs/object-stores.md shows, on objects like those
// that it speaks of.
func TestObjectStoreExamples(t *testing.T) {
	server := s3test.Start(t)
	server.Setenv(t)
	server.MakeBucket(t, "trips")
	dir := t.TempDir()
	certificates := filepath.Join(dir, "lab.pem")
	if err := os.WriteFile(certificates, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := volley(t, "", "sql", "-c", `
		COPY (SELECT n % 3 AS passenger_count, n / 7.0 AS distance FROM generate_series(1, 30) n) TO 's3://trips/2015/01/green.csv' (FORMAT csv, HEADER);
		COPY (SELECT n AS passenger_count FROM generate_series(1, 4) n) TO 's3://trips/parquet/1.parquet'`); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	ran := 0
	settings, _ := settingsOf(t, "object-stores.md")
	mustBeIn(t, settings, examples(t, "object-stores.md", "sql"), " ")
	for _, sql := range examples(t, "object-stores.md", "sql") {
		args := []string{"sql", "--format", "csv", "--data-dir", filepath.Join(dir, "data")}
		if strings.Contains(sql, "CREATE SECRET") { // they lead to other servers than this one
			args[len(args)-1] = filepath.Join(dir, "secrets")
			sql = strings.ReplaceAll(sql, "/etc/ssl/lab.pem", certificates)
		}
		out, errs, code := volley(t, sql, args...)
		if code != 0 || errs != "" {
			t.Errorf("exit %d\n%s\n%s%s", code, sql, out, errs)
		}
		ran++
	}
	for _, text := range examples(t, "object-stores.md", "yaml") {
		file := filepath.Join(dir, "secrets.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		keeper, err := (&nodeOptions{secretsFile: file}).openSecrets()
		if err != nil || len(keeper.Set().List()) != 1 {
			t.Errorf("%s: %v", text, err)
		}
		ran++
	}
	if ran < 4 {
		t.Errorf("only %d examples were found", ran)
	}
	out, errs, code := volley(t, "", "sql", "--format", "csv", "-c", "SELECT count(*), sum(passenger_count) FROM 's3://trips/sorted.parquet'")
	if code != 0 || !strings.HasSuffix(out, "\n4,10\n") {
		t.Errorf("what an example wrote: exit %d, %s%s", code, out, errs)
	}
	for explain, want := range map[string]string{
		"EXPLAIN ANALYZE":                "Planning Requests: 1 for names of objects",
		"EXPLAIN (ANALYZE, FORMAT json)": `"Listings": 1`,
	} {
		out, errs, code := volley(t, "", "sql", "-c", explain+" SELECT count(*) FROM 's3://trips/2015/**/*.csv'")
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, %s%s", explain, code, out, errs)
		}
	}
}
