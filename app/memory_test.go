package app

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestMemoryIsGivenBack holds that statements that end, by whatever way, leave
// no memory taken: joins whose build side is broadcast, failures, huge values.
func TestMemoryIsGivenBack(t *testing.T) {
	path := numbers(t, 5_000)
	c := startServer(t, "serve", "--threads", "2", "--memory", "256MB", "--allow-path", path[:strings.LastIndex(path, "/")])
	conn := c.connect(t, 0)
	for _, sql := range []string{
		fmt.Sprintf("SELECT count(*) FROM '%[1]s' a JOIN '%[1]s' b ON a.n = b.n", path),
		fmt.Sprintf("SELECT count(*) FROM '%[1]s' a JOIN '%[1]s' b ON a.n = b.n WHERE 1 / (a.n - 4000 + b.n - 4000) > 5", path),
		fmt.Sprintf("SELECT max(repeat('x', 1000000) || n) FROM '%s'", path),
		"SELECT length(repeat('x', 2000000000))",
	} {
		_, _ = conn.Exec(t.Context(), sql)
	}
	res, err := http.Get("http://" + c.http + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(text), "\nvolley_memory_used_bytes 0\n") {
		_, after, _ := strings.Cut(string(text), "\nvolley_memory_used_bytes")
		t.Errorf("memory used:%.30s %v", after, err)
	}
}

func TestBudgetThatCannotBeKeptIsRefused(t *testing.T) {
	for _, c := range []struct {
		memory string
		code   int
	}{{"64MB", 1}, {"127999999", 1}, {"128MB", 0}} {
		_, errs, code := volley(t, "", "sql", "--memory", c.memory, "-c", "SELECT 1")
		if code != c.code || code == 1 && (!strings.Contains(errs, "22023") || !strings.Contains(errs, "at least 128 MB")) {
			t.Errorf("%s: exit %d: %s", c.memory, code, errs)
		}
	}
}

// TestWorkersThatCannotKeepTheirShare: the command says so itself, at once, and starts
// none of them.
func TestWorkersThatCannotKeepTheirShare(t *testing.T) {
	out, errs, code := volley(t, "", "sql", "--workers", "4", "--memory", "511MB", "-c", "SELECT 1")
	if code != 1 || out != "" || strings.Count(errs, "ERROR") != 1 || !strings.Contains(errs, "22023") || !strings.Contains(errs, "at least 512 MB for 4 workers") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}
