package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// echoStore is a store, of S3's kind and a web server, that answers as it is told: with
// an object, or with an error whose text repeats all headers of the request.
type echoStore struct{ status atomic.Int64 }

func (s *echoStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Objects are listed all the same, so that readers meet the error too.
	if status := int(s.status.Load()); status != http.StatusOK && !r.URL.Query().Has("list-type") {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>Echo</Code><Message>%v %v</Message></Error>", r.URL, r.Header)
		return
	}
	if r.URL.Query().Has("list-type") {
		fmt.Fprint(w, `<ListBucketResult><Contents><Key>x.csv</Key><LastModified>2015-01-01T00:00:00Z</LastModified><ETag>"e"</ETag><Size>400000</Size></Contents></ListBucketResult>`)
		return
	}
	w.Header().Set("ETag", `"e"`)
	http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader(strings.Repeat("123\n", 100_000)))
}

// leakWatch runs statements and keeps all that they say.
type leakWatch struct {
	conn  *pgx.Conn
	shown strings.Builder
}

// run gives the SQLSTATE of a statement's error, "" for none.
func (l *leakWatch) run(sql string) string {
	results, err := l.conn.PgConn().Exec(context.Background(), sql).ReadAll()
	for _, r := range results {
		fmt.Fprintf(&l.shown, "%s %q\n", r.CommandTag, r.Rows)
	}
	return l.note(err)
}

func (l *leakWatch) note(err error) string {
	if err == nil {
		return ""
	}
	fmt.Fprintf(&l.shown, "%+v\n", err)
	e := (*pgconn.PgError)(nil)
	if !errors.As(err, &e) {
		return err.Error()
	}
	fmt.Fprintf(&l.shown, "%+v\n", *e)
	return e.Code
}

// TestSecretsAreNowhere makes secrets of every kind, provokes errors of statements and of
// stores with them, in the coordinator and in workers, and looks for their values in all
// that clients and logs are told.
func TestSecretsAreNowhere(t *testing.T) {
	twoServers(t) // for its environment, which leads nowhere
	store := &echoStore{}
	store.status.Store(http.StatusOK)
	plain, safe := httptest.NewServer(store), httptest.NewTLSServer(store)
	t.Cleanup(plain.Close)
	t.Cleanup(safe.Close)
	dir := t.TempDir()
	noPEM := filepath.Join(dir, "no.pem")
	if err := os.WriteFile(noPEM, []byte("hidden-certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{
		"--cluster-secret", "hidden-cluster", "--log-level", "debug", "--s3-timeout", "1s",
		"--allow-path", "s3://leak/,s3://closed/,s3://tls/,s3://pem/,gs://leak/," + plain.URL + "," + safe.URL + "," + dir,
	}
	c := startServer(t, "coordinator", append(flags, "--data-dir", t.TempDir())...)
	processes := []*process{c.process, c.worker(t, append(flags, "--id", "w1")...), c.worker(t, append(flags, "--id", "w2")...)}
	watch := &leakWatch{conn: c.connect(t, 2)}
	const keys = "KEY_ID 'hidden-id', SECRET 'hidden-key', SESSION_TOKEN 'hidden-token'"
	secrets := []string{
		"CREATE PERSISTENT SECRET of_s3 (TYPE s3, " + keys + ", ENDPOINT '" + plain.URL + "', SCOPE 's3://leak')",
		"CREATE SECRET of_closed (TYPE s3, " + keys + ", ENDPOINT 'http://127.0.0.1:9', SCOPE 's3://closed')",
		"CREATE SECRET of_tls (TYPE s3, " + keys + ", ENDPOINT '" + safe.URL + "', SCOPE 's3://tls')",
		"CREATE SECRET of_pem (TYPE s3, " + keys + ", ENDPOINT '" + safe.URL + "', CA '" + noPEM + "', SCOPE 's3://pem')",
		"CREATE SECRET of_google (TYPE gcs, KEY_ID 'hidden-id', SECRET 'hidden-key', ENDPOINT '" + plain.URL + "')",
		"CREATE SECRET of_web (TYPE http, BEARER_TOKEN 'hidden-bearer', EXTRA_HTTP_HEADERS MAP {'X-Key': 'hidden-header'}, SCOPE '" + plain.URL + "')",
	}
	for _, sql := range secrets {
		if code := watch.run(sql); code != "" {
			t.Fatalf("%s: %s", sql, code)
		}
		// What is wrong with each, in words and in their order.
		for _, wrong := range []string{
			sql + " hidden", strings.Replace(sql, "(TYPE", "(TYPO", 1), strings.TrimSuffix(sql, ")"), strings.TrimSuffix(sql, "')"),
			strings.Replace(sql, "'hidden-", "hidden-", 1), strings.Replace(sql, "'hidden-", "E'\\u1hidden-", 1), "EXPLAIN " + sql, "PREPARE p AS " + sql,
			"SELECT 1/0; " + sql, "CREATE VIEW v AS " + sql, "DECLARE c CURSOR FOR " + sql, "COPY (" + sql + ") TO STDOUT", sql,
		} {
			if watch.run(wrong) == "" {
				t.Errorf("no error: %s", wrong)
			}
		}
		// As a driver prepares it.
		name := "prepared by a driver " + sql[:20]
		again := strings.Replace(sql, "CREATE ", "CREATE OR REPLACE ", 1)
		_, err := watch.conn.Prepare(context.Background(), name, again)
		watch.note(err)
		watch.run("TABLE pg_prepared_statements")
		if err == nil {
			_, err = watch.conn.Exec(context.Background(), name)
			watch.note(err)
		}
	}
	paths := []string{"s3://leak/*.csv", "gs://leak/*.csv", plain.URL + "/x.csv"}
	for _, path := range append(paths, "s3://closed/x.csv", "s3://tls/x.csv", "s3://pem/x.csv", safe.URL+"/x.csv") {
		reached := strings.Contains(strings.Join(paths, " "), path)
		query := "SELECT count(*), sum(column0) FROM read_csv('" + path + "', header = false)"
		for _, status := range []int{http.StatusOK, http.StatusForbidden, http.StatusUnauthorized, http.StatusNotFound, http.StatusBadRequest, http.StatusInternalServerError, http.StatusTeapot} {
			store.status.Store(int64(status))
			code := watch.run(query)
			if isOK := status == http.StatusOK && reached; isOK != (code == "") {
				t.Errorf("%s, status %d: %s", path, status, code)
			}
			watch.run("COPY (SELECT 1) TO '" + strings.ReplaceAll(path, "*", "new") + "'")
			for _, explain := range []string{"EXPLAIN (VERBOSE) ", "EXPLAIN (ANALYZE, VERBOSE, FORMAT json) "} {
				watch.run(explain + query)
			}
			if !reached { // each waits for its tries
				break
			}
		}
	}
	for _, sql := range []string{
		"TABLE volley.queries", "TABLE pg_stat_activity", "TABLE volley.secrets", "FROM duckdb_secrets()", "SHOW ALL", "TABLE pg_settings",
		"TABLE volley.workers", "TABLE pg_prepared_statements", "SELECT * FROM information_schema.tables", "DROP SECRET hidden_none", "DROP SECRET of_s3",
	} {
		watch.run(sql)
	}
	for _, page := range []string{"/", "/metrics", "/healthz", "/debug/pprof/cmdline"} {
		if resp, err := http.Get("http://" + c.http + page); err == nil {
			text, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			watch.shown.Write(text)
		}
	}
	_ = watch.conn.Close(context.Background())
	for _, p := range processes[1:] {
		p.signal(t, syscall.SIGTERM, 30*time.Second)
	}
	processes[0].signal(t, syscall.SIGTERM, 30*time.Second)
	for _, p := range processes {
		watch.shown.WriteString(p.log.String())
	}
	leaks := 0
	for _, line := range strings.Split(watch.shown.String(), "\n") {
		// The one that looks for a secret of that name is told it.
		if strings.Contains(strings.ReplaceAll(line, "hidden_none", ""), "hidden") && leaks < 20 {
			leaks++
			t.Errorf("shown: %.600s", line)
		}
	}
	if len(watch.shown.String()) < 10_000 || !strings.Contains(watch.shown.String(), "redacted") {
		t.Errorf("little was shown: %.2000s", watch.shown.String())
	}
}
