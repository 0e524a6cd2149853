package app

import (
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestHTTPS reads what a web server has, in one process and on two workers; a server
// of ours reads only what it is allowed to.
func TestHTTPS(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("n\n")
	for n := range 3000 {
		fmt.Fprintln(&csv, n+1)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/data/numbers.csv", "/private/numbers.csv":
			http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader(csv.String()))
		case "/data/numbers.csv.gz": // no length, no ranges
			z := gzip.NewWriter(w)
			_, _ = z.Write([]byte(csv.String()))
			_ = z.Close()
		case "/data/away.csv":
			http.Redirect(w, r, "/private/numbers.csv", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(web.Close)
	for _, workers := range []string{"0", "2"} {
		for _, file := range []string{"/data/numbers.csv", "/data/numbers.csv?token=1", "/data/numbers.csv.gz", "/data/away.csv"} {
			out, errs, code := volley(t, "", "sql", "--workers", workers, "--format", "csv", "-c", "SELECT count(*), sum(n) FROM '"+web.URL+file+"'")
			if code != 0 || out != "count,sum\n3000,4501500\n" {
				t.Errorf("%s, %s workers: exit %d, %s%s", file, workers, code, out, errs)
			}
		}
	}
	allowed := []string{"sql", "--allow-path", web.URL + "/data/", "-c"}
	for file, want := range map[string]string{
		"/private/numbers.csv": "42501", "/data/away.csv": "42501", "/data/../private/numbers.csv": "42501",
		"/data/missing.csv": "58P01", "/data/*.csv": "0A000", "/data/numbers.csv": "",
	} {
		_, errs, code := volley(t, "", append(allowed, "SELECT count(*) FROM '"+web.URL+file+"'")...)
		if want == "" && code != 0 || want != "" && !strings.Contains(errs, "ERROR "+want) {
			t.Errorf("%s: exit %d, %s", file, code, errs)
		}
	}
}
