package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/net/http2/hpack"

	"volley/certfile"
	"volley/certfile/certtest"
)

// tlsFlags are the flags for files.
func tlsFlags(f certfile.Files) []string {
	return []string{"--cluster-tls-cert", f.Certificate, "--cluster-tls-key", f.Key, "--cluster-tls-ca", f.Authorities}
}

// nodeFlags are those for a new certificate of this machine.
func nodeFlags(t *testing.T, a *certtest.Authority) []string {
	t.Helper()
	return tlsFlags(a.Write(t, t.TempDir(), certtest.Certificate{}))
}

// waitLog waits until a process has logged a text.
func waitLog(t *testing.T, path, text string) string {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(log), text) {
			return string(log)
		}
		if time.Now().After(end) {
			t.Fatalf("%q is not in the log:\n%s", text, log)
		}
	}
}

// startLogged starts a process whose log is a file, to be read while it runs.
func startLogged(t *testing.T, args ...string) (*process, string) {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	p := newProcess(args...)
	p.cmd.Stderr = f
	p.run(t)
	_ = f.Close()
	return p, f.Name()
}

// spied is a cluster of two workers whose links all go through recording proxies.
type spied struct {
	*cluster
	proxies []*proxy
	workers []*process
	conn    *pgx.Conn
}

func startSpied(t *testing.T, flags func() []string) *spied {
	t.Helper()
	common := []string{"--cluster-secret", "hidden-cluster", "--allow-path", "/,s3://leak/"}
	s := &spied{cluster: startServer(t, "coordinator", append(flags(), common...)...)}
	control := startProxy(t, s.flight)
	s.proxies = []*proxy{control}
	for i := range 2 {
		address := freeAddress(t)
		outputs := startProxy(t, address)
		s.proxies = append(s.proxies, outputs)
		s.workers = append(s.workers, s.worker(t, append(append(flags(), common...), "--coordinator", control.address(),
			"--flight", address, "--advertise", outputs.address(), "--id", fmt.Sprintf("spied-%d", i))...))
	}
	for _, p := range s.proxies {
		p.record()
	}
	s.conn = s.connect(t, 2)
	return s
}

func (s *spied) carried(text string) bool {
	for _, p := range s.proxies {
		if p.carried(text) {
			return true
		}
	}
	return false
}

// TestClusterTLS reads what goes over the network while a query with a secret runs on two
// workers, of which one is killed: with TLS there is nothing to see.
func TestClusterTLS(t *testing.T) {
	twoServers(t) // for its environment, which leads nowhere
	store := &echoStore{}
	store.status.Store(http.StatusOK)
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	in := numbers(t, 2000)
	a := certtest.NewAuthority(t, "cluster")
	for name, flags := range map[string]func() []string{"plain": func() []string { return nil }, "tls": func() []string { return nodeFlags(t, a) }} {
		t.Run(name, func(t *testing.T) {
			s := startSpied(t, flags)
			ctx := context.Background()
			exec := func(sql string) {
				t.Helper()
				if _, err := s.conn.Exec(ctx, sql); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
			}
			exec("CREATE SECRET of_s3 (TYPE s3, KEY_ID 'hidden-id', SECRET 'hidden-key', ENDPOINT '" + server.URL + "', SCOPE 's3://leak')")
			exec("SELECT count(*), sum(column0) FROM read_csv('s3://leak/*.csv', header = false)")
			exec(`SELECT DISTINCT "Text" FROM '` + in + "'")
			for _, text := range []string{
				string(hpack.AppendHuffmanString(nil, "Bearer hidden-cluster")), // as HTTP/2 sends headers
				"hidden-key", "hidden-id", "column0", "row 777",
			} {
				if s.carried(text) != (name == "plain") {
					t.Errorf("%q was seen: %v", text, s.carried(text))
				}
			}
			if name == "plain" {
				return
			}
			go func() {
				time.Sleep(300 * time.Millisecond)
				_ = s.workers[0].cmd.Process.Kill()
			}()
			var rows, sum int
			query := "SELECT count(*), sum(s) FROM (SELECT n % 100 AS g, sum(slow(n)) AS s FROM '" + in + "' GROUP BY 1) t"
			if err := s.conn.QueryRow(ctx, query).Scan(&rows, &sum); err != nil || rows != 100 || sum != 2001000 {
				t.Errorf("%d rows, sum %d, %v", rows, sum, err)
			}
			select {
			case <-s.workers[0].done:
			default:
				t.Error("the query was over before the worker was killed")
			}
		})
	}
}

// TestClusterTLSRefuses has processes that do not fit together say why, once each.
func TestClusterTLSRefuses(t *testing.T) {
	ours, theirs := certtest.NewAuthority(t, "ours"), certtest.NewAuthority(t, "theirs")
	stranger := theirs.Write(t, t.TempDir(), certtest.Certificate{Name: "stranger"})
	stranger.Authorities = ours.Write(t, t.TempDir(), certtest.Certificate{}).Authorities
	listen, flight := freeAddress(t), freeAddress(t)
	_, log := startLogged(t, append(nodeFlags(t, ours), "coordinator", "--listen", listen, "--flight", flight, "--http", "")...)
	waitLog(t, log, "msg=ready")
	for name, tc := range map[string]struct {
		flags        []string
		heard, there string // by the worker, and by the coordinator
		ends         bool
	}{
		"no TLS":       {nil, "wants TLS, and this process has no certificate for the cluster", "came without TLS", false},
		"wrong CA":     {nodeFlags(t, theirs), "by CN=ours, which is no authority of --cluster-tls-ca", "refuses this process's certificate", false},
		"not trusted":  {tlsFlags(stranger), "refuses this process's certificate: tls: unknown certificate authority", "(CN=stranger) is by CN=theirs", false},
		"not its name": {append(nodeFlags(t, ours), "--advertise", "worker.example"), "not for worker.example", "not for worker.example", true},
	} {
		t.Run(name, func(t *testing.T) {
			p, own := startLogged(t, append([]string{"worker", "--coordinator", flight, "--threads", "1"}, tc.flags...)...)
			waitLog(t, own, tc.heard)
			waitLog(t, log, tc.there)
			if tc.ends {
				select {
				case <-p.done:
				case <-time.After(10 * time.Second):
					t.Error("it goes on")
				}
				return
			}
			time.Sleep(1500 * time.Millisecond) // it tries again meanwhile
			for path, text := range map[string]string{own: tc.heard, log: tc.there} {
				if said := waitLog(t, path, text); strings.Count(said, text) != 1 || strings.Contains(said, "level=ERROR") {
					t.Errorf("%q is said %d times:\n%s", text, strings.Count(said, text), said)
				}
			}
			p.signal(t, syscall.SIGTERM, 10*time.Second)
		})
	}
	for _, flags := range [][]string{
		tlsFlags(ours.Write(t, t.TempDir(), certtest.Certificate{Ended: true})), nodeFlags(t, ours)[:4], {"--cluster-tls-ca", "/nowhere"},
	} {
		if _, errs, code := volley(t, "", append(flags, "worker", "--coordinator", flight)...); code != 1 || !strings.Contains(errs, "ERROR") {
			t.Errorf("%v: exit %d, %s", flags, code, errs)
		}
	}
}

// TestClusterTLSRotates replaces the certificates and the authority of a running cluster.
func TestClusterTLSRotates(t *testing.T) {
	dir, in := t.TempDir(), numbers(t, 500)
	first, second := certtest.NewAuthority(t, "first"), certtest.NewAuthority(t, "second")
	flags := tlsFlags(first.Write(t, dir, certtest.Certificate{}))
	c := startServer(t, "coordinator", append(flags, "--allow-path", "/")...)
	w := c.worker(t, append(flags, "--allow-path", "/", "--id", "old")...)
	conn := c.connect(t, 1)
	sum := func() {
		t.Helper()
		var n int
		if err := conn.QueryRow(context.Background(), "SELECT sum(n) FROM '"+in+"'").Scan(&n); err != nil || n != 125250 {
			t.Fatal(n, err)
		}
	}
	sum()
	second.Write(t, dir, certtest.Certificate{})
	sum() // by the connections that stand
	c.worker(t, append(flags, "--allow-path", "/", "--id", "new")...)
	conn = c.connect(t, 2)
	sum()
	w.signal(t, syscall.SIGKILL, 10*time.Second)
	sum()
	// The certificates of the first authority count no more.
	_, log := startLogged(t, append([]string{"worker", "--coordinator", c.flight}, nodeFlags(t, first)...)...)
	waitLog(t, log, "by CN=second, which is no authority")
}

// TestCommandsOfOneMachineNeedNoTLS runs worker processes where the environment has
// certificates that are not for them.
func TestCommandsOfOneMachineNeedNoTLS(t *testing.T) {
	a := certtest.NewAuthority(t, "cluster")
	f := a.Write(t, t.TempDir(), certtest.Certificate{Hosts: []string{"elsewhere"}})
	t.Setenv("VOLLEY_CLUSTER_TLS_CERT", f.Certificate)
	t.Setenv("VOLLEY_CLUSTER_TLS_KEY", f.Key)
	t.Setenv("VOLLEY_CLUSTER_TLS_CA", f.Authorities)
	out, errs, code := volley(t, "", "sql", "--workers", "2", "--format", "csv", "-c", "SELECT sum(n) AS s FROM '"+numbers(t, 100)+"'")
	if code != 0 || out != "s\n5050\n" {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}
