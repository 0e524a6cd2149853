package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"volley/catalog/objstore/s3/s3test"
	"volley/sqlerr"
)

// twoServers are S3 servers with keys of their own, which both have a bucket "shared":
// the first one the numbers 1 to 3 below left/, the second one 2 to 4 below right/.
// The environment leads to neither.
func twoServers(t *testing.T) (left, right *s3test.Server) {
	t.Helper()
	left = s3test.StartWith(t, "left-id", "left-hidden-key")
	right = s3test.StartWith(t, "right-id", "right-hidden-key")
	for i, s := range []*s3test.Server{left, right} {
		dir := filepath.Join(s.Dir, "shared", []string{"left", "right"}[i])
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for n := 1 + i; n <= 3+i; n++ {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("number %d.csv", n)), fmt.Appendf(nil, "n\n%d\n", n), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9") // nobody is there
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	return left, right
}

func createSecret(name, kind, scope string, s *s3test.Server) string {
	return fmt.Sprintf("CREATE %s SECRET %s (TYPE s3, KEY_ID '%s', SECRET '%s', ENDPOINT '%s', USE_SSL false, URL_STYLE 'path', REGION 'us-east-1', SCOPE '%s')",
		kind, name, s.AccessKey, s.SecretKey, strings.TrimPrefix(s.Endpoint, "http://"), scope)
}

const joinOfBoth = "SELECT count(*), sum(l.n) FROM 's3://shared/left/*.csv' l JOIN 's3://shared/right/*.csv' r ON l.n = r.n"

// TestSecrets has one statement read prefixes of a bucket on two servers, by keys of
// each, and looks for the keys in everything that comes out.
func TestSecrets(t *testing.T) {
	left, right := twoServers(t)
	data := t.TempDir()
	flags := []string{"--data-dir", data, "--cluster-secret", "cluster-hidden", "--allow-path", "s3://shared/"}
	c := startServer(t, "coordinator", flags...)
	workers := []*process{
		c.worker(t, "--id", "w1", "--cluster-secret", "cluster-hidden", "--allow-path", "s3://shared/"),
		c.worker(t, "--id", "w2", "--cluster-secret", "cluster-hidden", "--allow-path", "s3://shared/"),
	}
	conn := c.connect(t, 2)
	ctx := context.Background()
	var shown strings.Builder
	run := func(sql string) string {
		t.Helper()
		results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
		if err != nil {
			pe := (*pgconn.PgError)(nil)
			if !errors.As(err, &pe) {
				t.Fatal(err)
			}
			fmt.Fprintf(&shown, "%+v\n", *pe)
			return pe.Code
		}
		var rows []string
		for _, r := range results {
			for _, row := range r.Rows {
				var fields []string
				for _, f := range row {
					fields = append(fields, string(f))
				}
				rows = append(rows, strings.Join(fields, "|"))
			}
		}
		out := strings.Join(rows, "\n")
		shown.WriteString(out + "\n")
		return out
	}
	expect := func(sql, want string) {
		t.Helper()
		if got := run(sql); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
	expect(createSecret("of_left", "PERSISTENT", "s3://shared/left", left), "")
	expect(createSecret("everything", "", "s3://shared", right), "")
	expect(joinOfBoth, "2|5")
	expect(createSecret("of_left", "", "s3://shared/left", right), "42710")
	expect("SELECT name, type, provider, persistent, storage, scope FROM duckdb_secrets() ORDER BY name",
		"everything|s3|config|f|memory|{s3://shared}\nof_left|s3|config|t|local_file|{s3://shared/left}")
	expect("SELECT count(*) FROM volley.secrets WHERE secret_string LIKE '%key_id=redacted;secret=redacted%'", "2")
	expect("COPY (SELECT 7 AS n) TO 's3://shared/left/number 7.csv' (HEADER)", "")
	if _, err := os.Stat(filepath.Join(left.Dir, "shared", "left", "number 7.csv")); err != nil {
		t.Error(err)
	}
	for _, sql := range []string{
		"EXPLAIN " + joinOfBoth, "EXPLAIN (ANALYZE, VERBOSE) " + joinOfBoth, "EXPLAIN (FORMAT json) " + joinOfBoth,
		"TABLE volley.secrets", "FROM duckdb_secrets()", "TABLE volley.queries", "SELECT * FROM pg_stat_activity", "SHOW ALL",
	} {
		if out := run(sql); len(out) < 10 {
			t.Errorf("%s: %s", sql, out)
		}
	}
	for sql, code := range map[string]string{
		createSecret("x", "", "s3://shared/left", left) + " 'left-hidden-key'":      "42601",
		"CREATE SECRET x (TYPE s3, SECRET 'left-hidden-key":                         "42601",
		"CREATE SECRET x (TYPE s3, SECRET 'left-hidden-key')":                       "22023",
		"CREATE SECRET x (TYPE 'left-hidden-key')":                                  "22023",
		"CREATE SECRET x (TYPE s3, 'left-hidden-key' 1)":                            "22023",
		"CREATE SECRET x (TYPE s3, SECRET upper('left-hidden-key'))":                "42601",
		"BEGIN; " + createSecret("x", "", "s3://x", left):                           "25001",
		"EXPLAIN " + createSecret("x", "", "s3://x", left):                          "0A000",
		"PREPARE x AS " + createSecret("x", "", "s3://x", left):                     "42601",
		"SELECT * FROM 's3://shared/left/missing.csv'":                              "58P01",
		"SELECT * FROM read_csv('s3://shared/left/*.csv', columns = {'n': 'date'})": "22007",
	} {
		expect(sql, code)
		if strings.HasPrefix(sql, "BEGIN") {
			run("ROLLBACK")
		}
	}
	wrong := *left
	wrong.SecretKey = "wrong-hidden-key"
	expect(strings.Replace(createSecret("of_left", "", "s3://shared/left", &wrong), "CREATE", "CREATE OR REPLACE", 1), "")
	expect(joinOfBoth, "42501")
	if !strings.Contains(shown.String(), "secret \"of_left\"") {
		t.Error("the error does not say which secret was used")
	}
	expect(strings.Replace(createSecret("of_left", "PERSISTENT", "s3://shared/left", left), "CREATE", "CREATE OR REPLACE", 1), "")
	expect("DROP SECRET everything", "")
	expect("DROP SECRET everything", "42704")
	expect("DROP SECRET IF EXISTS everything", "")
	expect("SELECT count(*) FROM 's3://shared/left/*.csv'", "4")
	_ = conn.Close(ctx)
	for _, p := range append(workers, c.process) {
		p.signal(t, syscall.SIGTERM, 30*time.Second)
		shown.WriteString(p.log.String())
	}
	if info, err := os.Stat(filepath.Join(data, "secrets.json")); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file of persistent secrets: %v, %v", info, err)
	}
	if strings.Contains(shown.String(), "hidden") {
		for _, line := range strings.Split(shown.String(), "\n") {
			if strings.Contains(line, "hidden") {
				t.Errorf("a key is shown: %.500s", line)
			}
		}
	}
	out, errs, code := volley(t, "", "sql", "--data-dir", data, "--format", "csv", "-c", "SELECT count(*) FROM 's3://shared/left/*.csv'")
	if code != 0 || out != "count\n4\n" {
		t.Errorf("after a restart: exit %d, %s%s", code, out, errs)
	}
}

// TestSecretsNeedTheClusterSecret: a worker that need not show who it is gets none.
func TestSecretsNeedTheClusterSecret(t *testing.T) {
	left, _ := twoServers(t)
	c := startServer(t, "coordinator", "--allow-path", "s3://shared/")
	c.worker(t, "--allow-path", "s3://shared/")
	conn := c.connect(t, 1)
	ctx := context.Background()
	if _, err := conn.Exec(ctx, createSecret("of_left", "", "s3://shared/left", left)); err != nil {
		t.Fatal(err)
	}
	var n int
	err := conn.QueryRow(ctx, "SELECT count(*) FROM 's3://shared/left/*.csv'").Scan(&n)
	if pe := (*pgconn.PgError)(nil); !errors.As(err, &pe) || pe.Code != "42501" || !strings.Contains(pe.Hint, "--cluster-secret") {
		t.Errorf("got %d, %v", n, err)
	}
}

// TestSecretsFile reads settings from a file, which others must not read.
func TestSecretsFile(t *testing.T) {
	left, right := twoServers(t)
	file := filepath.Join(t.TempDir(), "secrets.yaml")
	text := fmt.Sprintf("left: {type: s3, scope: 's3://shared/left', key_id: %s, secret: %s, endpoint: '%s'}\n"+
		"right:\n  type: s3\n  scope: ['s3://other', 's3://shared/right']\n  key_id: %s\n  secret: %s\n  endpoint: '%s'\n",
		left.AccessKey, left.SecretKey, left.Endpoint, right.AccessKey, right.SecretKey, right.Endpoint)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []string{"0", "2"} {
		out, errs, code := volley(t, "", "sql", "--secrets-file", file, "--workers", workers, "--format", "csv", "-c", joinOfBoth)
		if code != 0 || out != "count,sum\n2,5\n" {
			t.Errorf("%s workers: exit %d, %s%s", workers, code, out, errs)
		}
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := volley(t, "", "sql", "--secrets-file", file, "-c", "SELECT 1"); code == 0 || !strings.Contains(errs, "0600") {
		t.Errorf("a file that others may read: exit %d, %s", code, errs)
	}
	if err := os.WriteFile(file, []byte("left: {type: s3, secret: 'hidden\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := volley(t, "", "sql", "--secrets-file", file, "-c", "SELECT 1"); code == 0 || strings.Contains(errs, "hidden") {
		t.Errorf("no YAML: exit %d, %s", code, errs)
	}
}

// TestSecretsFileWithNumbers: what YAML takes for a number would be another key.
func TestSecretsFileWithNumbers(t *testing.T) {
	for value, right := range map[string]bool{"0123456": false, "1e10": false, "2015-01-01": false, "[a, 7]": false, "'0123456'": true, "1e10x": true} {
		file := filepath.Join(t.TempDir(), "secrets.yaml")
		if err := os.WriteFile(file, []byte("left: {type: s3, key_id: id, secret: "+value+"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := (&nodeOptions{secretsFile: file}).openSecrets()
		if (err == nil) != right || err != nil && (sqlerr.Code(err) != sqlerr.InvalidParameterValue || strings.Contains(err.Error(), value)) {
			t.Errorf("%s: %v", value, err)
		}
	}
}
